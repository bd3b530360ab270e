"""The paper's score: closeness to the target, and points for a long run and for years in which somebody escaped.

    score = -D + run_weight·(weeks run / weeks) + active_weight·(years with an escape / years)

Paper, section "Results" and note 6: vertical distance, points for running longer and for having defectors.
Choice: the paper gives no weights; the scenario does.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.numerics.jit import compiled
from engine.scenario import Scenario
from engine.scenario.target import weekly_target


class Yardstick(NamedTuple):
    """What a run is measured against."""

    target: NDArray[np.float64]  # (weeks,): escapes a week
    weeks_per_year: int
    cap: float  # the most that one week can add to the distance, escapes a week
    squared: bool  # root mean square instead of mean absolute distance
    run_weight: float
    active_weight: float


def make_yardstick(scenario: Scenario) -> Yardstick:
    """Return the target and weights of a scenario."""
    return Yardstick(
        target=weekly_target(scenario),
        weeks_per_year=scenario.weeks_per_year,
        cap=scenario.score.distance_cap,
        squared=scenario.score.distance == "root_mean_square",
        run_weight=scenario.score.run_weight,
        active_weight=scenario.score.active_weight,
    )


@compiled
def score_run(weekly_escapes, weeks_run, yardstick, escapes_by_year):
    """Return (score, distance, active years) of a run, and fill ``escapes_by_year``, (years,).

    ``weekly_escapes`` is (weeks,); only the first ``weeks_run`` count for the distance, which is in escapes a week. A
    run stopped early is so judged on what it ran, and loses the points of the weeks and years it did not.
    """
    total = 0.0
    for week in range(weeks_run):
        gap = min(abs(weekly_escapes[week] - yardstick.target[week]), yardstick.cap)
        total += gap * gap if yardstick.squared else gap
    distance = total / weeks_run
    if yardstick.squared:
        distance = math.sqrt(distance)
    weeks, years = weekly_escapes.size, escapes_by_year.size
    active = 0
    for year in range(years):
        escapes = 0
        for week in range(year * yardstick.weeks_per_year, (year + 1) * yardstick.weeks_per_year):
            escapes += weekly_escapes[week]
        escapes_by_year[year] = escapes
        active += escapes > 0
    score = -distance + yardstick.run_weight * (weeks_run / weeks) + yardstick.active_weight * (active / years)
    return score, distance, active
