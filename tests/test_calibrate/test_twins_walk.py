"""The plain walk: its steps worked by hand, and where it spends its time."""

import math

import numpy as np
import pytest
from scipy.stats import kstest
from twins.walk import Axis, goes, proposal, reflected, walk

RARE = 1e-6  # false-alarm rate of each test below that rests on chance


@pytest.mark.parametrize(
    ("coordinate", "wanted"), [(1.1, 0.9), (-0.25, 0.25), (2.3, 0.3), (-2.3, 0.3), (3.25, 0.75), (0.4, 0.4)]
)
def test_steps_bounce_off_both_ends(coordinate: float, wanted: float) -> None:
    assert reflected(coordinate, 0.0, 1.0) == pytest.approx(wanted)


def test_values_and_coordinates_of_axes() -> None:
    decades = Axis(1e-5, 1e-2, log=True)
    assert decades.value(math.log(1e-3)) == pytest.approx(1e-3)
    assert decades.ends() == pytest.approx((math.log(1e-5), math.log(1e-2)))
    weeks = Axis(52, 1196, integer=True)
    assert weeks.ends() == (51.5, 1196.5)
    assert [weeks.value(x) for x in (51.5, 52.49, 52.5, 1196.5)] == [52, 52, 53, 1196]


def test_better_or_equal_is_always_taken_and_worse_by_chance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert all(goes(new, 3.0, 0.01, rng) for new in (3.0, 3.1, 1e9))
    # Worse by 2 at temperature 2: exp(−1) of 20,000; five standard errors are 0.017 (6e-7).
    taken = np.mean([goes(1.0, 3.0, 2.0, rng) for _ in range(20_000)])
    assert taken == pytest.approx(math.exp(-1), abs=0.017)


def test_some_of_the_parameters_move_and_never_none(seed: int) -> None:
    # Two axes, chance q = 0.3 each: exactly one moves with 2q(1−q) + (1−q)² = 0.91, both with q² = 0.09.
    rng = np.random.default_rng(seed)
    axes = [Axis(0.0, 1.0), Axis(0.0, 1.0)]
    moved = [np.count_nonzero(np.array(proposal((0.5, 0.5), axes, 0.05, 0.3, rng)) != 0.5) for _ in range(20_000)]
    assert min(moved) == 1
    # Five standard errors of 0.09 in 20,000 are 0.010 (6e-7).
    assert np.mean(np.array(moved) == 2) == pytest.approx(0.09, abs=0.010)


def test_a_step_is_a_normal_share_of_the_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = [proposal((50.0,), [Axis(0.0, 100.0)], 0.05, 1.0, rng)[0] - 50.0 for _ in range(5000)]
    assert kstest(steps, "norm", args=(0.0, 5.0)).pvalue > RARE
    # In log the range is that of the logarithm: 1 to 10,000 is 4 decades, a step of 0.05 is 0.2 of one.
    steps = [math.log10(proposal((100.0,), [Axis(1.0, 1e4, log=True)], 0.05, 1.0, rng)[0]) for _ in range(5000)]
    assert kstest(steps, "norm", args=(2.0, 0.2)).pvalue > RARE


def ends_of_walks(slope: float, axis: Axis, seed: int, temperature: float = 1.0) -> list[float]:
    """Where 600 short independent walks over one axis stand at the end; the score grows along the axis."""
    places = []
    for chain in range(600):
        rng = np.random.default_rng([seed, chain])
        draws = walk(lambda point: slope * point[0], [axis], 60, rng, step=0.5, temperature=temperature)
        places.append(next(draw.point[0] for draw in reversed(draws) if draw.accepted))
    return places


def test_walks_settle_where_exp_score_says_and_not_elsewhere(seed: int) -> None:
    """Score 3x on [0, 1] at temperature 1: density ∝ exp(3x). Control: the same walks at temperature 2."""

    def wanted(x: np.ndarray) -> np.ndarray:
        return np.expm1(3 * x) / np.expm1(3)

    assert kstest(ends_of_walks(3.0, Axis(0.0, 1.0), seed), wanted).pvalue > RARE
    assert kstest(ends_of_walks(3.0, Axis(0.0, 1.0), seed, temperature=2.0), wanted).pvalue < RARE


def test_under_a_flat_score_every_whole_number_is_as_likely(seed: int) -> None:
    places = ends_of_walks(0.0, Axis(3, 6, integer=True), seed)
    counts = np.bincount(np.array(places, dtype=int), minlength=7)[3:]
    # 600 draws over four numbers: 150 each, standard deviation 10.6; five of them 53 (6e-7 each).
    assert counts.sum() == 600
    assert abs(counts - 150).max() < 53


def test_under_a_flat_score_a_log_axis_is_even_in_decades(seed: int) -> None:
    places = np.log10(ends_of_walks(0.0, Axis(1e-5, 1e-2, log=True), seed))
    assert kstest(places, "uniform", args=(-5, 3)).pvalue > RARE


def test_rejected_proposals_are_kept_with_their_own_score(seed: int) -> None:
    axes = [Axis(0.0, 1.0), Axis(1, 9, integer=True)]
    draws = walk(lambda point: -40 * (point[0] - 0.5) ** 2, axes, 300, np.random.default_rng(seed))
    assert len(draws) == 300
    assert draws[0].accepted
    assert {draw.accepted for draw in draws} == {True, False}
    assert all(draw.score == -40 * (draw.point[0] - 0.5) ** 2 for draw in draws)
