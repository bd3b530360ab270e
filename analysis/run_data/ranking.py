"""The best recorded draws ranked on fresh seeds, best first: fair, where the score recorded in the search flatters."""

from typing import NamedTuple

import numpy as np

from analysis.run_data.candidates import Recorded, best_draws, recorded
from analysis.run_data.fresh_seeds import Fair, Fresh, Scores, fair
from engine.results.run_record import Run
from engine.types import Floats, Integers

TOP, SEEDS = 200, 30
LEADERS = 20  # simulated a second time, on MORE times as many seeds
MORE = 10


class Ranking(NamedTuple):
    """The best recorded draws, ranked by their fair mean, the best first."""

    draws: Recorded
    place: Integers  # of each in ``draws``
    seeds: int
    fair: Fair  # on ``seeds`` fresh seeds
    again: Fair  # of the first LEADERS only, on MORE times as many other seeds: the choice among them flatters no mean

    @property
    def recorded(self) -> Floats:
        """Return the score that the search saw, of each."""
        return self.draws.score[self.place]

    @property
    def lucky_gap(self) -> Floats:
        """Return recorded score minus fair mean, of each."""
        return self.recorded - self.fair.mean


def ranked(run: Run, top: int = TOP, seeds: int = SEEDS, seed: int = 0) -> Ranking:
    """Return the ``top`` best draws of a run, ranked; raise DataError if it holds none."""
    return rank(recorded(run), Fresh(run, seed), top, seeds)


def rank(draws: Recorded, scores: Scores, top: int = TOP, seeds: int = SEEDS) -> Ranking:
    """Return the ``top`` best of ``draws``, ranked by their mean over ``seeds`` scores each; a failed draw last."""
    place = best_draws(draws, top)
    found = fair(scores(draws.points[place], seeds))
    order = np.argsort(-found.mean, kind="stable")
    place = place[order]
    again = fair(scores(draws.points[place[:LEADERS]], MORE * seeds))
    return Ranking(draws, place, seeds, Fair(found.mean[order], found.error[order]), again)
