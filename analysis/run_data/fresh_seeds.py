"""Scores of points on fresh seeds: seeds that no search has chosen among, so that their mean flatters no point."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from calibrate.objective.score import Score
from engine.cli.compile_notice import tell_of_compiling
from engine.results.run_record import Run
from engine.simulation import Batch, simulate_batch
from engine.types import Floats

# From points (n, 12), in the order of engine.parameters.NAMES, and a number of seeds: scores (n, seeds).
Scores = Callable[[Floats, int], Floats]

SHOWN = 2_000  # runs between two steps of the bar
STAGES = (6, 24, 60)  # seeds of a point: 6, 30 or 90 in all
SURE = 2.0  # standard errors


class Fair(NamedTuple):
    """Mean score of each point over fresh seeds, and its standard error."""

    mean: Floats
    error: Floats


class Fresh:
    """The scores of any points of a run's scenario, each time on seeds not used before, neither here nor by the run."""

    def __init__(self, run: Run, seed: int = 0) -> None:
        self.scenario, self._score = run.scenario, Score(run.scenario)
        # Both in the hash: whatever the two are, no address is one of the run's (but for a chance of 2**-63).
        words = np.random.SeedSequence([seed, run.record.seed]).generate_state(1, np.uint64)
        self._seed = int(words[0] >> np.uint64(1))
        self.simulated = 0

    def __call__(self, points: Floats, seeds: int) -> Floats:
        """Return the scores of ``points`` on so many fresh seeds each, (points, seeds).

        What was asked for before decides the seeds, the number of threads does not. NaN for a draw that failed.
        """
        rows = np.repeat(points, seeds, axis=0)
        scores = np.zeros(len(rows))
        tell_of_compiling("batch.run_each")
        with tqdm(total=len(rows), unit=" runs", disable=None, leave=False) as bar:
            for start in range(0, len(rows), SHOWN):
                here = slice(start, start + SHOWN)
                scores[here] = self._batch(rows[here]).score
                bar.update(len(rows[here]))
        return scores.reshape(len(points), seeds)

    def _batch(self, rows: Floats) -> Batch:
        first, self.simulated = self.simulated, self.simulated + len(rows)
        return simulate_batch(self.scenario, rows, self._seed, iteration=first, score=self._score)


def fair(scores: Floats) -> Fair:
    """Return the mean of each row of ``scores``, (points, seeds), and its standard error."""
    return Fair(scores.mean(axis=1), scores.std(axis=1, ddof=1) / np.sqrt(scores.shape[1]))


def settled(scores: Scores, points: Floats, threshold: float) -> Fair:
    """Return the fair mean of each point, on as many seeds as it takes to see on which side of ``threshold`` it lies.

    A point is simulated on the first of STAGES seeds and given up there if its mean lies more than SURE standard
    errors below the threshold. All others go on to the second stage, and if their mean is still within SURE standard
    errors of the threshold, to the third.
    """
    total, squares, count = np.zeros((3, len(points)))
    doubtful = np.arange(len(points))
    for stage, seeds in enumerate(STAGES):
        above = scores(points[doubtful], seeds) - threshold
        total[doubtful] += above.sum(axis=1)
        squares[doubtful] += (above**2).sum(axis=1)
        count[doubtful] += seeds
        mean = total / count
        error = np.sqrt(np.maximum(squares / count - mean**2, 0.0) / (count - 1))
        doubtful = np.flatnonzero((mean > -SURE * error) if stage == 0 else (np.abs(mean) < SURE * error))
    return Fair(mean + threshold, error)
