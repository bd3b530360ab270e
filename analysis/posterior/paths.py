"""What happened unseen in some draws of a posterior: their runs, lived again and observed."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from analysis.posterior.sample import Sample
from analysis.run_data.beliefs import beliefs
from engine.processors import available_processors
from engine.results.replay import Draw, read_draw
from engine.scenario import Scenario
from engine.scenario.cells import build_cells
from engine.simulation import Trajectory, simulate
from engine.types import Floats

PATHS = 200  # draws that are lived again, spread evenly over all


class Paths(NamedTuple):
    """By year, (paths, years): means over the weeks, of the country by people; a draw that stands twice is there twice.

    NaN after an early stop, and of a belief where each kind of person has one of its own.
    """

    repression: Floats
    expected: Floats  # repression, as citizens believe it to be
    attempts: Floats
    known: Floats  # attempts that citizens learned of
    kinds: Floats  # (paths, levels): share of the escapes, of each level of kinds_of
    homes: Floats  # (paths, provinces): share of the escapes that was each province's


def kinds_of(scenario: Scenario) -> list[tuple[str, str]]:
    """Return the traits and levels of whose share there is a record, each once."""
    known = [(fact.trait, level) for fact in scenario.reference.leavers or () for level in fact.each]
    traits = scenario.population.traits
    return [(trait, level) for trait, level in dict.fromkeys(known) if level in traits.get(trait, ())]


def paths_of(sample: Sample, count: int = PATHS) -> Paths:
    """Return what happened in ``count`` draws; errors as in read_draw."""
    chain, draw = sample.some(count)
    addresses = list(zip(np.array(sample.chains)[chain].tolist(), sample.iteration[chain, draw].tolist(), strict=True))
    unlike = list(dict.fromkeys(addresses))
    draws = [read_draw(sample.run, *address) for address in unlike]
    first = [observed(sample.scenario, one) for one in draws[:1]]  # compiles before there are threads
    with ThreadPoolExecutor(available_processors()) as pool:
        rest = list(pool.map(lambda one: observed(sample.scenario, one), draws[1:]))
    place = {address: number for number, address in enumerate(unlike)}
    rows = [(first + rest)[place[address]] for address in addresses]
    return Paths(*(np.array(values) for values in zip(*rows, strict=True)))


def observed(scenario: Scenario, draw: Draw) -> tuple[Floats | float, ...]:
    """Return a row of Paths."""
    chances = draw.row["chance_by_year"]
    run = simulate(draw.scenario, draw.parameters, *draw.address, by_cell=True, chance_by_year=chances)
    people = np.array([province.population for province in scenario.population.provinces], dtype=np.float64)
    share = people / people.sum()
    expected = np.full(scenario.weeks, np.nan)
    if not scenario.belief.by_category:
        alpha, beta = beliefs(scenario, draw.parameters, run)
        expected[: len(alpha)] = (alpha / (alpha + beta)) @ share
    cells, escapes = build_cells(scenario), run.escapes_by_cell.sum(axis=0).astype(np.float64)
    total = max(escapes.sum(), 1.0)
    kinds = np.array([escapes[cells.are(trait, [level])].sum() for trait, level in kinds_of(scenario)]) / total
    homes = np.bincount(cells.province, escapes, len(people)) / total
    counts = (run.by_year(values).astype(np.float64) for values in (run.attempts, run.known))
    return by_year(run, run.repression @ share), by_year(run, expected), *counts, kinds, homes


def by_year(run: Trajectory, weekly: Floats) -> Floats:
    """Return the mean of a weekly series over each year, NaN from the year of an early stop on."""
    whole = run.weeks_run // run.weeks_per_year
    yearly = weekly[: len(weekly) // run.weeks_per_year * run.weeks_per_year].reshape(-1, run.weeks_per_year)
    found: Floats = yearly.mean(axis=1)
    found[whole:] = np.nan
    return found
