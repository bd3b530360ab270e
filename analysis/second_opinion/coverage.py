"""Which weight of the energy score gives intervals that cover: made records whose points are known.

A pool of a posterior's own points is taken as what is held likely before. A record is made at one of them, missed as
the real one is; exp(-w S) weighs the others; and nine in ten of the central nine tenths should hold the point. All
weights use the same runs, so no chain is walked for it (the idea: Syring and Martin 2019, who scale a posterior until
its intervals cover). At a weight of 0 the pool itself is what is believed, and covers; so what is looked for is the
largest weight at which intervals still do.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist, pdist

from analysis.posterior.predictive import new_records
from analysis.posterior.sample import Sample
from calibrate.objective.likelihood import means
from engine.seeds import seed_from
from engine.simulation import simulate_batch
from engine.types import Floats, Integers

WANTED = 0.9
POINTS, RUNS, RECORDS = 1_000, 16, 200
FACTORS = np.geomspace(1 / 16, 16, 17)  # times the weight of the pool's run
ENOUGH = 30.0  # independent points that the weights must leave, in the median over records


class Coverage(NamedTuple):
    """How often intervals hold, by weight: (weights,) but where another shape is said."""

    weight: Floats
    share: Floats  # of the intervals that hold their point
    by_name: Floats  # (weights, parameters)
    effective: Floats  # independent points that the weights leave: median over records
    names: tuple[str, ...]
    records: int

    @property
    def told(self) -> np.ndarray:
        """Return whether there are points enough to tell, (weights,)."""
        there: np.ndarray = self.effective >= ENOUGH
        return there

    @property
    def least(self) -> float:
        """Return the share below which too few hold: nine tenths less a standard error."""
        return WANTED - math.sqrt(WANTED * (1.0 - WANTED) / self.records)

    @property
    def chosen(self) -> float | None:
        """Return the largest weight at which enough hold, None if no weight that can be told, or the last, is it."""
        weight, share = np.log(self.weight[self.told]), self.share[self.told]
        enough = np.flatnonzero(share >= self.least)
        if not len(enough) or enough[-1] + 1 == len(share):
            return None
        place = enough[-1]
        ends = share[[place + 1, place]], weight[[place + 1, place]]
        return float(np.exp(np.interp(self.least, *ends)))


def coverage_of(sample: Sample, miss: float) -> Coverage:
    """Return the coverage of intervals by weight, for points of an energy score's posterior and records so missed."""
    scenario = sample.scenario
    seed = seed_from(sample.run.record.seed, 7)
    rng = np.random.default_rng(seed)
    # Where a chain stayed counts once: a record's own point must not be in its pool a second time.
    unlike = np.unique(sample.points.reshape(-1, sample.points.shape[-1]), axis=0)
    points = unlike[rng.permutation(len(unlike))[:POINTS]]
    batch = simulate_batch(scenario, np.repeat(points, RUNS + 1, axis=0), seed)
    people = means(scenario, batch.by_year, batch.weeks_run)[:, : scenario.fitted_years]
    runs = people.reshape(len(points), RUNS + 1, -1)
    truths = rng.choice(len(points), min(RECORDS, len(points)), replace=False)
    records = new_records(rng, runs[truths, RUNS], np.full(len(truths), miss))
    places = [scenario.names.index(name) for name in scenario.free_names]
    scores = energy_scores(np.log1p(runs[:, :RUNS]), np.log1p(records))
    return covered(points[:, places], truths, scores, sample.scenario.posterior.weight * FACTORS, scenario.free_names)


def energy_scores(runs: Floats, records: Floats) -> Floats:
    """Return S of each point at each record, (records, points); of runs, (points, runs, years), in logarithms.

    As calibrate.objective.energy has it, but of all records at once.
    """
    found = [cdist(records, of_point).mean(axis=1) - 0.5 * pdist(of_point).mean() for of_point in runs]
    return np.array(found).T


def covered(points: Floats, truths: Integers, scores: Floats, weights: Floats, names: tuple[str, ...]) -> Coverage:
    """Return how often the weighted central nine tenths of ``points`` hold the points ``truths`` of the records.

    ``scores``, (records, points), is S of each point at each record; a record's own point is left out of its pool.
    """
    order = np.argsort(points, axis=0, kind="stable")
    held = np.zeros((len(weights), len(truths), points.shape[1]))
    effective = np.zeros((len(weights), len(truths)))
    for place, weight in enumerate(weights):
        for row, truth in enumerate(truths):
            share = np.exp(-weight * (scores[row] - scores[row].min()))
            share[truth] = 0.0
            share /= share.sum()
            effective[place, row] = 1.0 / (share**2).sum()
            for column in range(points.shape[1]):
                held[place, row, column] = inside(points[:, column], order[:, column], share, points[truth, column])
    return Coverage(
        weights, held.mean(axis=(1, 2)), held.mean(axis=1), np.median(effective, axis=1), names, len(truths)
    )


def inside(values: Floats, order: Integers, share: Floats, truth: float) -> bool:
    """Return whether the central nine tenths of weighted ``values`` hold ``truth``."""
    ends = np.searchsorted(np.cumsum(share[order]), [(1 - WANTED) / 2, (1 + WANTED) / 2])
    low, high = values[order[np.minimum(ends, len(order) - 1)]]
    return bool(low <= truth <= high)
