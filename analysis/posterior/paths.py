"""What happened unseen in some draws of a posterior: their runs, lived again and watched."""

from functools import partial
from typing import NamedTuple

import numpy as np

from analysis.posterior.lived import DRAWS, lived_again, whole_years
from analysis.posterior.sample import Sample
from analysis.run_data.beliefs import beliefs
from engine.results.replay import Draw
from engine.scenario import Scenario
from engine.scenario.cells import build_cells
from engine.simulation import Trajectory
from engine.types import Floats


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


def paths_of(sample: Sample, count: int = DRAWS) -> Paths:
    """Return what happened in ``count`` draws; errors as in read_draw."""
    rows = lived_again(sample, partial(observed, sample.scenario), by_cell=True, count=count)
    return Paths(*(np.array(values) for values in zip(*rows, strict=True)))


def observed(scenario: Scenario, draw: Draw, run: Trajectory) -> tuple[Floats, ...]:
    """Return a row of Paths."""
    people = np.array([province.population for province in scenario.population.provinces], dtype=np.float64)
    share = people / people.sum()
    expected = np.full(scenario.weeks, np.nan)
    if not scenario.belief.by_category:
        alpha, beta = beliefs(scenario, draw.parameters, run)
        expected = (alpha / (alpha + beta)) @ share
    cells, escapes = build_cells(scenario), run.escapes_by_cell.sum(axis=0).astype(np.float64)
    total = max(escapes.sum(), 1.0)
    kinds = np.array([escapes[cells.are(trait, [level])].sum() for trait, level in kinds_of(scenario)]) / total
    homes = np.bincount(cells.province, escapes, len(people)) / total
    levels = (weekly.reshape(scenario.years, -1).mean(axis=1) for weekly in (run.repression @ share, expected))
    counts = (run.by_year(weekly).astype(np.float64) for weekly in (run.attempts, run.known))
    return (*(whole_years(run, yearly) for yearly in (*levels, *counts)), kinds, homes)
