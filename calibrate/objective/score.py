"""The paper's score: closeness to the target, and points for a long run and for years in which somebody escaped.

    score = -D + run_weight·(weeks run / weeks) + active_weight·(years with an escape / years) - stop_penalty·(stopped)

Paper, section "Results" and note 6: vertical distance, points for running longer and for having defectors, and "whether
this stopping mechanism was triggered", which a run that stops in its last week is not punished for.
Choice: the paper gives no weights; the scenario does.
"""

import math
from typing import NamedTuple

import numpy as np

from calibrate.objective.further import held
from engine.numerics.jit import compiled
from engine.scenario import Scenario, expect_scenario
from engine.scenario.kept import kept
from engine.scenario.target import weekly_target
from engine.types import Floats, Integers


class Yardstick(NamedTuple):
    """What a run is measured against."""

    target: Floats  # (weeks that are to be met,): people a week
    weeks_per_year: int
    cap: float  # the most that one week can add to the distance, people a week
    squared: bool  # root mean square instead of mean absolute distance
    run_weight: float
    active_weight: float
    stop_penalty: float


@kept
def make_yardstick(scenario: Scenario) -> Yardstick:
    """Return the target and weights of a scenario, made once."""
    return Yardstick(
        target=weekly_target(scenario)[: scenario.fitted_years * scenario.weeks_per_year],
        weeks_per_year=scenario.weeks_per_year,
        cap=scenario.score.distance_cap,
        squared=scenario.score.distance == "root_mean_square",
        run_weight=scenario.score.run_weight,
        active_weight=scenario.score.active_weight,
        stop_penalty=scenario.score.stop_penalty,
    )


@compiled
def score_run(weekly: Integers, weeks_run: int, yardstick: Yardstick, by_year: Integers) -> tuple[float, float, int]:
    """Return (score, distance, active years) of a run, and fill ``by_year``, (years,).

    ``weekly``, (weeks,), has the escapes, or the attempts if these are compared with the target; only the first
    ``weeks_run`` count for the distance, which is in people a week. A run stopped early is so judged on what it ran,
    and loses the points of the weeks and years it did not. Weeks and years after those that are to be met count for
    ``by_year`` and for the active years, and move no score.
    """
    total = 0.0
    weeks = yardstick.target.size
    met = min(weeks_run, weeks)
    for week in range(met):
        gap = min(abs(weekly[week] - yardstick.target[week]), yardstick.cap)
        total += gap * gap if yardstick.squared else gap
    distance = total / met
    if yardstick.squared:
        distance = math.sqrt(distance)
    years = weeks // yardstick.weeks_per_year
    active, active_met = 0, 0
    for year in range(by_year.size):
        people = 0
        for week in range(year * yardstick.weeks_per_year, (year + 1) * yardstick.weeks_per_year):
            people += weekly[week]
        by_year[year] = people
        active += people > 0
        active_met += people > 0 and year < years
    score = -distance + yardstick.run_weight * (met / weeks) + yardstick.active_weight * (active_met / years)
    if met < weeks:
        score -= yardstick.stop_penalty
    return score, distance, active


@compiled
def score_each(weekly: Integers, weeks_run: Integers, yardstick: Yardstick, by_year: Integers, scores: Floats) -> None:
    """Fill ``scores``, (runs,), of the runs in ``weekly``, (runs, weeks); ``by_year``, (years,), is scratch."""
    for row in range(scores.size):
        scores[row] = score_run(weekly[row], weeks_run[row], yardstick, by_year)[0]


class Score:
    """The paper's score of runs of a scenario, as ``engine.simulate_batch`` takes one."""

    def __init__(self, scenario: Scenario) -> None:
        expect_scenario(scenario)
        self._yardstick, self._scenario = make_yardstick(scenario), scenario

    def __call__(self, weekly: Integers, weeks_run: Integers, tallies: Floats | None = None) -> Floats:
        """Return the scores, (runs,), of runs that ran so many weeks.

        ``weekly``, (runs, weeks), has their escapes, or their attempts if target.compares says so; without ``tallies``,
        as a batch has them, the further series of target.also take nothing off.
        """
        scores = np.zeros(len(weeks_run))
        score_each(weekly, weeks_run, self._yardstick, np.zeros(self._scenario.years, np.int64), scores)
        return scores if tallies is None else scores - held(self._scenario, tallies, weeks_run)[1][:, 0]
