"""The score: worked by hand, held against a slow twin, and at the two ends that the scale was made for."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import gammaln
from support.places import CONFIGS

from calibrate.objective.score import Yardstick, make_yardstick, score_run
from engine.scenario import load_scenario
from engine.scenario.target import weekly_target

DPRK = make_yardstick(load_scenario(CONFIGS / "dprk.yaml"))

# Three years of two weeks.
SIX_WEEKS = Yardstick(
    target=np.array([3.0, 3.0, 5.0, 5.0, 2.5, 0.0]),
    weeks_per_year=2,
    cap=10.0,
    squared=False,
    run_weight=12.0,
    active_weight=9.0,
    stop_penalty=0.0,
)


class Scored(NamedTuple):
    score: float
    distance: float
    active_years: int
    by_year: list[int]


def scored(weekly: NDArray[np.int64] | list[int], weeks_run: int, yardstick: Yardstick = SIX_WEEKS) -> Scored:
    """What the compiled score says of a run; ``by_year`` begins as rubbish, as it may in a block."""
    escapes = np.array(weekly, dtype=np.int64)
    by_year = np.full(len(escapes) // yardstick.weeks_per_year, -7, dtype=np.int64)
    return Scored(*score_run(escapes, weeks_run, yardstick, by_year), by_year.tolist())


def scored_slowly(weekly: NDArray[np.int64], weeks_run: int, yardstick: Yardstick) -> Scored:
    """The same from model.md's sentences alone, with NumPy."""
    by_year = weekly.reshape(-1, yardstick.weeks_per_year).sum(axis=1)
    gaps = np.minimum(np.abs(weekly - yardstick.target), yardstick.cap)[:weeks_run]
    distance = float(np.sqrt(np.mean(gaps**2)) if yardstick.squared else np.mean(gaps))
    run_points = yardstick.run_weight * weeks_run / len(weekly)
    active_points = yardstick.active_weight * np.mean(by_year > 0)
    active_years = int(np.count_nonzero(by_year))
    penalty = yardstick.stop_penalty * (weeks_run < len(weekly))
    return Scored(-distance + run_points + active_points - penalty, distance, active_years, by_year.tolist())


def stopped_run(rng: np.random.Generator, yardstick: Yardstick, weeks_run: int) -> NDArray[np.int64]:
    """A run about the target, with silent stretches and explosions; nothing after ``weeks_run``."""
    mean = yardstick.target * rng.choice([0.0, 0.5, 1.0, 30.0], p=[0.4, 0.2, 0.3, 0.1], size=yardstick.target.size)
    weekly = rng.poisson(mean).astype(np.int64)
    weekly[weeks_run:] = 0
    return weekly


def test_a_full_run_by_hand() -> None:
    # Gaps |4-3| 1, |0-3| 3, |5-5| 0, |45-5| 40 capped at 10, |0-2.5| 2.5, |0-0| 0: 16.5 in six weeks is 2.75.
    # All weeks run: 12 points. Somebody escaped in two of three years: 6 points.
    assert scored([4, 0, 5, 45, 0, 0], 6) == (-2.75 + 12 + 6, 2.75, 2, [4, 50, 0])


def test_root_mean_square_by_hand() -> None:
    # Squares of the same gaps, the cap first: 1 + 9 + 0 + 100 + 6.25 + 0 = 116.25, a sixth of it 19.375.
    run = scored([4, 0, 5, 45, 0, 0], 6, SIX_WEEKS._replace(squared=True))
    assert run.distance == pytest.approx(19.375**0.5, rel=1e-15)
    assert run.score == pytest.approx(18 - 19.375**0.5, rel=1e-15)


def test_a_run_stopped_early_is_judged_on_what_it_ran() -> None:
    # Stopped by the 33 of week 3: gaps 2, 0 and 10, the cap, mean 4. Half of the weeks give 6 points, two of
    # the three years 6.
    assert scored([5, 3, 33, 0, 0, 0], 3) == (-4.0 + 6 + 6, 4.0, 2, [8, 33, 0])
    # Stopped in its first week: gap 10, a sixth of 12 points and a third of 9.
    assert scored([600, 0, 0, 0, 0, 0], 1) == (-10.0 + 2 + 3, 10.0, 1, [600, 0, 0])


def test_silence_by_hand() -> None:
    # Gaps 3, 3, 5, 5, 2.5, 0: mean 18.5/6. All weeks run, no year with an escape.
    assert scored([0] * 6, 6) == (-18.5 / 6 + 12, 18.5 / 6, 0, [0, 0, 0])


def test_silence_on_the_real_target_scores_about_two_and_a_half() -> None:
    # Table 1 has 26,945 arrivals in 1992-2014, 22.53 a week; 25 points for the run: 2.47.
    silent = scored(np.zeros(1196, np.int64), 1196, DPRK)
    assert silent.score == pytest.approx(25 - 26945 / 1196, abs=1e-9)
    assert silent.score == pytest.approx(2.5, abs=0.1)


def test_a_perfect_mean_scores_about_46_on_the_real_target(seed: int) -> None:
    # Mean distance of a Poisson number from its mean m: 2 exp(-m) m^(n+1) / n!, n the whole part of m.
    # It is 3.25 in the mean over the weeks: 50 - 3.25 = 46.75. The mean distance of one run has a standard
    # deviation of 0.083; 0.45 is more than five of them (6e-7).
    mean = DPRK.target
    whole = np.floor(mean)
    distance = 2 * np.exp(-mean + (whole + 1) * np.log(mean) - gammaln(whole + 1))
    assert 50 - distance.mean() == pytest.approx(46, abs=1)
    rng = np.random.default_rng(seed)
    perfect = scored(rng.poisson(mean).astype(np.int64), 1196, DPRK)
    assert perfect.active_years == 23
    assert perfect.score == pytest.approx(50 - distance.mean(), abs=0.45)
    # Control: twice the mean is another curve.
    assert scored(rng.poisson(2 * mean).astype(np.int64), 1196, DPRK).score < 30


def test_an_explosion_of_any_size_counts_as_the_cap() -> None:
    assert scored([4, 0, 5, 10**12, 0, 0], 6).score == scored([4, 0, 5, 15, 0, 0], 6).score
    assert scored([4, 0, 5, 14, 0, 0], 6).score > scored([4, 0, 5, 15, 0, 0], 6).score


def test_a_stop_costs_its_penalty_before_the_last_week_alone() -> None:
    punished = SIX_WEEKS._replace(stop_penalty=4.0)
    run = [3, 3, 5, 5, 9, 0]
    assert [scored(run, weeks, SIX_WEEKS).score - scored(run, weeks, punished).score for weeks in (1, 5, 6)] == [
        4,
        4,
        0,
    ]


@pytest.mark.parametrize("squared", [False, True])
def test_the_slow_twin_agrees(seed: int, squared: bool) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(200):
        yardstick = DPRK._replace(
            squared=squared,
            cap=float(rng.choice([1.0, 30.0, 100.0, 1e6])),
            run_weight=float(rng.uniform(0, 50)),
            active_weight=float(rng.uniform(0, 50)),
            stop_penalty=float(rng.uniform(0, 50)),
        )
        weeks_run = int(rng.choice([1, 2, 51, 52, 53, 600, 1195, 1196]))
        weekly = stopped_run(rng, yardstick, weeks_run)
        fast, slow = scored(weekly, weeks_run, yardstick), scored_slowly(weekly, weeks_run, yardstick)
        assert fast[2:] == slow[2:]
        assert fast[:2] == pytest.approx(slow[:2], rel=1e-12, abs=1e-12)


def test_the_scenario_sets_the_yardstick() -> None:
    keys = ["distance=root_mean_square", "distance_cap=40", "run_weight=3", "active_weight=0", "stop_penalty=4"]
    scenario = load_scenario(CONFIGS / "quick.yaml", [f"score.{key}" for key in keys])
    yardstick = make_yardstick(scenario)
    assert yardstick[1:] == (52, 40.0, True, 3.0, 0.0, 4.0)
    np.testing.assert_array_equal(yardstick.target, weekly_target(scenario))
    assert DPRK[1:] == (52, 100.0, False, 25.0, 25.0, 0.0)


counts = st.lists(st.integers(0, 80), min_size=6, max_size=6)
any_yardstick = st.builds(
    lambda target, squared: SIX_WEEKS._replace(target=np.array(target), squared=squared),
    st.lists(st.floats(0, 60), min_size=6, max_size=6),
    st.booleans(),
)


@settings(deadline=None)
@given(any_yardstick, st.integers(1, 5), st.integers(0, 12))
def test_a_longer_run_of_the_same_distance_scores_higher(yardstick: Yardstick, weeks: int, gap: int) -> None:
    target = np.round(yardstick.target)
    weekly = (target + gap).astype(np.int64)
    yardstick = yardstick._replace(target=target)
    shorter = scored(np.where(np.arange(6) < weeks, weekly, 0), weeks, yardstick)
    longer = scored(np.where(np.arange(6) < weeks + 1, weekly, 0), weeks + 1, yardstick)
    assert shorter.distance == pytest.approx(longer.distance, abs=1e-12)
    assert longer.score >= shorter.score + 12 / 6 - 1e-9  # the points of one more week in six


@settings(deadline=None)
@given(any_yardstick, counts, st.integers(1, 6), st.integers(0, 5))
def test_a_week_nearer_the_target_scores_no_less(
    yardstick: Yardstick, weekly: list[int], weeks_run: int, week: int
) -> None:
    run = np.where(np.arange(6) < weeks_run, weekly, 0)
    nearer = run.copy()
    gap = yardstick.target[week] - run[week]
    if run[week] > 1 and abs(gap) > 1:  # a single escape taken away may cost a year's points
        nearer[week] += int(np.sign(gap))
    assert scored(nearer, weeks_run, yardstick).score >= scored(run, weeks_run, yardstick).score - 1e-12


@settings(deadline=None)
@given(any_yardstick, counts, st.integers(1, 6))
def test_a_score_has_bounds(yardstick: Yardstick, weekly: list[int], weeks_run: int) -> None:
    run = np.where(np.arange(6) < weeks_run, weekly, 0)
    result = scored(run, weeks_run, yardstick)
    assert 0 <= result.distance <= yardstick.cap
    assert -yardstick.cap < result.score <= yardstick.run_weight + yardstick.active_weight
    assert sum(result.by_year) == run.sum()
    assert result.active_years == np.count_nonzero(result.by_year)
    # A mean of squares weighs its largest gap most: the root mean square is never the smaller distance.
    mean, root = (scored(run, weeks_run, yardstick._replace(squared=squared)) for squared in (False, True))
    assert root.distance >= mean.distance - 1e-12
