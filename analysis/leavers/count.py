"""Who escaped in some draws of a run: cell by cell, as shares of the levels of each trait, beside the record."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from engine.results.replay import read_draw
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.scenario.cells import Cells, build_cells
from engine.scenario.reference import KnownShare
from engine.simulation import simulate_many
from engine.types import Floats

Address = tuple[int, int]  # chain, iteration


class Leavers(NamedTuple):
    """Escapes of some draws by cell, each the mean over fresh seeds."""

    scenario: Scenario
    cells: Cells
    draws: Sequence[Address]
    seeds: int
    attempts: Floats  # (draws, years, cells): people
    escapes: Floats

    def share(self, trait: str, levels: Sequence[str]) -> Floats:
        """Return the share of these levels in the escapes of each draw, (draws,); NaN where nobody escaped."""
        return self.share_in(self.escapes.sum(axis=1), trait, levels)

    def share_in(self, people: Floats, trait: str, levels: Sequence[str]) -> Floats:
        """Return the share of these levels in ``people``, (rows, cells)."""
        chosen = self.cells.are(trait, levels)
        here, total = people[:, chosen].sum(axis=1), people.sum(axis=1)
        shares: Floats = np.divide(here, total, out=np.full(len(people), np.nan), where=total > 0)
        return shares

    def population(self, trait: str, levels: Sequence[str]) -> float:
        """Return the share of these levels in the population, mean over the years."""
        return float(self.share_in(self.cells.heads.astype(np.float64), trait, levels).mean())


class Share(NamedTuple):
    """One line of the table: some levels of a trait; shares as fractions, None where nothing is known."""

    trait: str
    levels: tuple[str, ...]
    population: float
    escapes: float  # mean over the draws
    lowest: float  # of the draws
    highest: float
    record: float | None
    source: str  # of the record


def simulated(run: Run, draws: Sequence[Address], seeds: int) -> Leavers:
    """Return who left in these draws of a run, on so many fresh seeds each; errors as in read_draw."""
    scenario = run.scenario
    cells = build_cells(scenario)
    first = run.record.seed + 1  # any but the run's own, so that chance is fresh
    found: list[list[Floats]] = [[], []]
    for chain, iteration in tqdm(draws, unit="draw", disable=None, leave=False):
        point = read_draw(run, chain, iteration).parameters
        many = simulate_many(scenario, point, [(first + number) % 2**63 for number in range(seeds)], by_cell=True)
        found[0].append(np.mean([one.attempts_by_cell for one in many], axis=0))
        found[1].append(np.mean([one.escapes_by_cell for one in many], axis=0))
    return Leavers(scenario, cells, draws, seeds, np.array(found[0]), np.array(found[1]))


def lines(leavers: Leavers, record: Sequence[KnownShare]) -> list[Share]:
    """Return the table, trait by trait and the provinces last; levels are put together where the record does so.

    That is where the record has all of a trait's levels, each once; else the levels stand alone, beside what it has.
    """
    known = {(fact.trait, fact.each): fact for fact in record}
    table = []
    for trait in (*leavers.scenario.population.traits, "province"):
        levels: list[tuple[str, ...]] = [(level,) for level in leavers.cells.labels[trait]]
        grouped = [fact.each for fact in record if fact.trait == trait]
        if sorted(level for group in grouped for level in group) == sorted(leavers.cells.labels[trait]):
            levels = grouped
        for these in levels:
            fact = known.get((trait, these))
            beside = (None, "") if fact is None else (fact.share, fact.source)
            ours = spread(leavers.share(trait, these))
            table.append(Share(trait, these, leavers.population(trait, these), *ours, *beside))
    return table


def spread(shares: Floats) -> tuple[float, float, float]:
    """Return mean, lowest and highest of those that are numbers; NaN if none is."""
    there = shares[~np.isnan(shares)]
    return (float(there.mean()), float(there.min()), float(there.max())) if there.size else (np.nan,) * 3
