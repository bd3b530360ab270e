"""The comparison of two laws: its false-alarm rate is what it says, and it sees what it should."""

import numpy as np
import pytest
from scipy.stats import binom
from support.statistics_of_law import compare, statistics_of
from twins.country import Record

SURE = 1e-6  # false-alarm rate of each test in this file that rests on chance


def awkward(rng: np.random.Generator, runs: int, shift: float = 0.0, stretch: float = 1.0) -> np.ndarray:
    """Runs of five statistics as a cascade makes them: skewed, rare, whole, tied, constant, and dependent."""
    size = np.exp(rng.standard_normal(runs) * 1.5 * stretch + shift)
    columns = [size, size + rng.standard_normal(runs), rng.poisson(0.1 * size), size > 5, np.full(runs, 3)]
    return np.column_stack(columns).astype(float)


@pytest.mark.parametrize(("false_alarm", "repeats", "permutations"), [(0.05, 800, 199), (0.01, 1500, 299)])
def test_false_alarms_come_at_the_stated_rate(false_alarm: float, repeats: int, permutations: int, seed: int) -> None:
    """Unequal small samples of one awkward law: a binomial number of alarms, which ties can only lower."""
    rng = np.random.default_rng(seed)
    alarms = sum(
        compare(awkward(rng, 15), awkward(rng, 45), rng, permutations=permutations).differs(false_alarm)
        for _ in range(repeats)
    )
    assert alarms <= binom.isf(SURE, repeats, false_alarm)
    assert alarms >= binom.ppf(SURE, repeats, false_alarm / 2)  # not a test that never speaks


@pytest.mark.parametrize("change", [{"shift": 2.0}, {"stretch": 0.2}])
def test_another_level_and_another_spread_are_seen(change: dict[str, float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert compare(awkward(rng, 100), awkward(rng, 100, **change), rng).differs()


def test_z_scores_worked_by_hand() -> None:
    # 0, 0 against 1, 1: pooled mean 1/2, standard deviation 1/2, standardised −1, −1, 1, 1. The first two add
    # up to −2, with variance 2·2/3 = 4/3 over permutations, so z = −√3. Two of six splits are as far.
    first, second = np.array([[0.0], [0.0]]), np.array([[1.0], [1.0]])
    comparison = compare(first, second, np.random.default_rng(1), permutations=1999)
    assert comparison.level == pytest.approx([-np.sqrt(3)])
    # Ranks 1.5, 1.5, 3.5, 3.5 say the same, and all are 1 from the middle.
    assert comparison.rank == pytest.approx([-np.sqrt(3)])
    assert comparison.spread == pytest.approx([0.0])
    # 2000 draws at 1/3: standard error 0.0105, five of them (6e-7).
    assert comparison.chance == pytest.approx(1 / 3, abs=0.053)


def test_two_constants_that_differ_are_two_laws() -> None:
    first, second = np.full((20, 2), 65.0), np.tile([65.0, 64.0], (20, 1))
    comparison = compare(first, second, np.random.default_rng(1), names=("weeks run", "silent weeks"))
    assert comparison.differs()
    assert comparison.level[0] == 0.0
    assert str(comparison).split(": ")[1].startswith("silent weeks +")


def test_too_few_permutations_for_a_rate_are_refused() -> None:
    comparison = compare(np.zeros((3, 1)), np.zeros((3, 1)), np.random.default_rng(1), permutations=99)
    with pytest.raises(ValueError, match="more permutations"):
        comparison.differs(1e-3)


def test_statistics_of_a_run_count_only_weeks_that_ran() -> None:
    attempts = np.array([[3, 0], [1, 2], [0, 0], [0, 0]])
    record = Record(
        attempts=attempts,
        escapes=np.array([[1, 0], [1, 1], [0, 0], [0, 0]]),
        known=np.array([[2, 0], [0, 2], [0, 0], [0, 0]]),
        known_repressed=np.array([[1, 0], [0, 1], [0, 0], [0, 0]]),
        repression=np.array([[0.5, 0.5], [0.6, 0.4], [9.0, 9.0], [9.0, 9.0]]),
        weeks_run=2,
        stopped=True,
    )
    numbers = statistics_of(record, weeks_per_year=2)
    wanted = {
        "weeks run": 2,
        "stopped": 1,
        "attempts": 6,
        "share escaped": 3 / 6,
        "share known": 4 / 6,
        "share repressed of known": 2 / 4,
        "busiest week": 3,
        "silent weeks": 1,
        "attempts squared": 9 + 1 + 4,
        "week after week": 3 * 3,
        "weeks raised": 1,
        "last repression": 0.5,
        "unequal repression": 0.1,
        "attempts in year 0": 6,
        "attempts in year 1": 0,
        "attempts in province 0": 4,
    }
    assert {name: numbers[name] for name in wanted} == pytest.approx(wanted)
