"""What citizens believe in a run, worked out again from its record, and the threshold it is held against."""

import numpy as np
import pytest
from scipy.stats import beta
from support.one_point import POINT
from support.places import QUICK

from analysis.run_data.beliefs import beliefs, thresholds
from engine import Parameters, load_scenario, simulate
from engine.scenario.cells import build_cells
from engine.simulation import Trajectory
from engine.types import Floats

SCENARIO = load_scenario(QUICK)
AT = Parameters.from_mapping(POINT)


def heard(week: int, known: list[int], repressed: list[int]) -> Trajectory:
    """A run in which attempts become known in one week only, by province."""
    nothing = np.zeros((SCENARIO.weeks, 2), np.int64)
    told, stopped = nothing.copy(), nothing.copy()
    told[week], stopped[week] = known, repressed
    level, years = np.full((SCENARIO.weeks, 2), 0.5), (52, SCENARIO.first_year)
    return Trajectory(told, told - stopped, told, stopped, level, SCENARIO.weeks, False, *years)


def test_a_public_that_hears_of_nothing_never_changes_its_mind() -> None:
    alpha, other = beliefs(SCENARIO, AT, heard(0, [0, 0], [0, 0]))
    assert np.all(alpha == 64.5)
    assert np.all(other == 40.25)


def test_what_is_heard_counts_from_the_next_week_until_it_is_forgotten() -> None:
    # Week 10: five known in River, two of them repressed; memory of three weeks: it counts in weeks 11, 12 and 13.
    alpha, other = beliefs(SCENARIO, AT.replaced(memory_weeks=3), heard(10, [5, 1], [2, 0]))
    assert (alpha[9:15, 0] - 64.5).tolist() == [0, 0, 2, 2, 2, 0]
    assert (other[9:15, 0] - 40.25).tolist() == [0, 0, 3, 3, 3, 0]
    assert (other[9:15, 1] - 40.25).tolist() == [0, 0, 1, 1, 1, 0]


def test_a_nation_hears_of_all_provinces() -> None:
    nation = SCENARIO.model_copy(update={"belief": SCENARIO.belief.model_copy(update={"scope": "nation"})})
    alpha, other = beliefs(nation, AT, heard(10, [5, 1], [2, 0]))
    assert (alpha[11] - 64.5).tolist() == [2, 2]
    assert (other[11] - 40.25).tolist() == [4, 4]


def test_without_traits_and_slope_the_threshold_is_a_third() -> None:
    # Utility σ(0) = 1/2 for everybody, so x = (1/2)/(3/2).
    plain = AT.replaced(utility_intercept=0.0, utility_slope=0.0)
    assert thresholds(SCENARIO, plain, build_cells(SCENARIO), 0) == pytest.approx(1 / 3)


def expected_attempts(year_shown: int | None, run: Trajectory, at: Parameters) -> Floats:
    """Expected attempts by week, (weeks,), with the thresholds of each week's year or of one year."""
    cells = build_cells(SCENARIO)
    alpha, other = beliefs(SCENARIO, at, run)
    expected = np.zeros(SCENARIO.weeks)
    for week in range(SCENARIO.weeks):
        year = week // SCENARIO.weeks_per_year
        own = thresholds(SCENARIO, at, cells, year if year_shown is None else year_shown)
        chance = beta.cdf(own, alpha[week, cells.province], other[week, cells.province])
        expected[week] = (chance * cells.heads[year]).sum()
    return expected


def test_the_attempts_of_a_run_are_those_that_belief_and_threshold_let_expect(seed: int) -> None:
    # Given the weeks before, a week's attempts are a sum of rare events, so their sum over the weeks less its
    # expectation is about normal with that variance: beyond 5 deviations once in 1.7 million runs.
    at = AT.replaced(visibility=0.02, famine_effect=3.0)
    run = simulate(SCENARIO, at, seed)
    assert not run.stopped
    assert run.attempts.sum() > 500

    def deviations(expected: Floats) -> float:
        return float(abs(run.attempts.sum() - expected.sum()) / np.sqrt(expected.sum()))

    assert deviations(expected_attempts(None, run, at)) < 5
    assert deviations(expected_attempts(1, run, at)) > 5, "the famine all the time must be noticed"
    assert deviations(expected_attempts(None, run, at.replaced(prior_alpha=65.5))) > 5, "and one more seen repressed"
