"""Points on fresh seeds: seeds that no search has chosen among, so that what they come to flatters no point."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from calibrate.objective.further import held
from calibrate.objective.likelihood import log_likelihoods, of_points
from calibrate.objective.objectives import Objective, ranked_by
from calibrate.objective.score import Score
from engine.cli.compile_notice import tell_of_compiling
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.seeds import seed_from
from engine.simulation import Batch, simulate_batch
from engine.types import Floats

# From points (n, parameters), in the order of the scenario's names, and a number of seeds: scores (n, seeds); or
# log-likelihoods by size k, (n, seeds, sizes).
Scores = Callable[[Floats, int], Floats]

SHOWN = 2_000  # runs between two steps of the bar
STAGES = (6, 24, 60)  # seeds of a point: 6, 30 or 90 in all
SURE = 2.0  # standard errors


class Fair(NamedTuple):
    """What each point is worth over fresh seeds, and the standard error.

    That is the mean of its scores; or the logarithm of its mean likelihood, at the size k that is best for the point.
    """

    mean: Floats
    error: Floats


class Fresh:
    """The worth of any points of a run's scenario, each time on seeds not used before, neither here nor by the run."""

    def __init__(self, run: Run, seed: int = 0, shown: bool = True) -> None:
        self._hidden = None if shown else True  # None: shown on a terminal
        self.scenario, self._score = run.scenario, Score(run.scenario)
        self._objective = ranked_by(run)
        # Both in the hash: whatever the two are, no address is one of the run's (but for a chance of 2**-63).
        self._seed = seed_from(seed, run.record.seed)
        self.simulated = 0

    def __call__(self, points: Floats, seeds: int) -> Floats:
        """Return what ``points`` are worth on so many fresh seeds each, as in Scores.

        What was asked for before decides the seeds, the number of threads does not. NaN for a draw that failed.
        """
        rows = np.repeat(points, seeds, axis=0)
        found = []
        tell_of_compiling("batch.run_each")
        with tqdm(total=len(rows), unit=" runs", disable=self._hidden, leave=False) as bar:
            for start in range(0, len(rows), SHOWN):
                here = rows[start : start + SHOWN]
                found.append(self._worth(here))
                bar.update(len(here))
        whole = np.concatenate(found) if found else np.zeros(0)
        return whole.reshape(len(points), seeds, *whole.shape[1:])

    def _worth(self, rows: Floats) -> Floats:
        first, self.simulated = self.simulated, self.simulated + len(rows)
        batch = simulate_batch(self.scenario, rows, self._seed, iteration=first, score=self._score)
        return worth_of(self.scenario, self._objective, batch)


def worth_of(scenario: Scenario, objective: Objective, batch: Batch) -> Floats:
    """Return what the runs of a batch, which has scores, are worth: (runs,), or (runs, sizes) of log-likelihoods."""
    if objective.column == "score":
        return batch.score
    further = held(scenario, batch.tallies, batch.weeks_run)[1]
    return log_likelihoods(scenario, batch.by_year, batch.weeks_run) + further[:, 1:]


def fair(scores: Floats) -> Fair:
    """Return what each point is worth by ``scores``, (points, seeds) or (points, seeds, sizes), with standard error."""
    seeds = scores.shape[1]
    if scores.ndim == 2:
        return Fair(scores.mean(axis=1), scores.std(axis=1, ddof=1) / np.sqrt(seeds))
    mean, size = of_points(scores)
    best = np.take_along_axis(scores, size[:, None, None], axis=2)[:, :, 0]
    # The logarithm's error is the likelihood's, as a share of its mean.
    share = np.exp(best - mean[:, None])
    return Fair(mean, share.std(axis=1, ddof=1) / np.sqrt(seeds))


def settled(scores: Scores, points: Floats, threshold: float) -> Fair:
    """Return the worth of each point, on as many seeds as it takes to see on which side of ``threshold`` it lies.

    A point is simulated on the first of STAGES seeds and given up there if its mean lies more than SURE standard
    errors below the threshold. All others go on to the second stage, and if their mean is still within SURE standard
    errors of the threshold, to the third.
    """
    found = scores(points, STAGES[0])
    mean, error = fair(found)
    doubtful = np.flatnonzero(mean > threshold - SURE * error)
    found = found[doubtful]
    for seeds in STAGES[1:]:
        if not doubtful.size:
            break
        found = np.concatenate([found, scores(points[doubtful], seeds)], axis=1)
        mean[doubtful], error[doubtful] = fair(found)
        near = np.abs(mean[doubtful] - threshold) < SURE * error[doubtful]
        doubtful, found = doubtful[near], found[near]
    return Fair(mean, error)
