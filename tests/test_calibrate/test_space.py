"""The space that is searched: its bounds and scales, where chains start, how far and along which axes they step."""

import math

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, kstest, norm
from support.goodness import fits
from support.names import NAMES, PLAIN
from support.places import CONFIGS
from twins import walk as twin_walk
from twins.walk import Axis

from calibrate.methods.base import START
from calibrate.methods.moves import reflected
from calibrate.methods.space import make_space
from calibrate.methods.walk import Walk, advance, standing
from calibrate.objective.draw import Block
from engine.parameters import domain_of
from engine.scenario import Scenario, load_scenario

RARE = 1e-6  # false-alarm rate of one comparison

# Twelve parameters move: economy_effect is free, and few values of memory_weeks, so that its ends are seen.
TWELVE = (
    "parameters.economy_effect={low: 0.1, high: 10, scale: log}",
    "parameters.memory_weeks={low: 13, high: 20}",
)


def quick(*overrides: str) -> Scenario:
    return load_scenario(CONFIGS / "quick.yaml", overrides)


def holding(*names: str) -> tuple[str, ...]:
    """Overrides that hold parameters at 1."""
    return tuple(f"parameters.{name}={{fixed: 1}}" for name in names)


def axes_of(scenario: Scenario) -> dict[str, Axis]:
    """The twin's own axes of the free parameters."""
    ranges = {name: scenario.parameters[name] for name in scenario.free_names}
    return {name: Axis(r.low, r.high, r.scale == "log", r.integer) for name, r in ranges.items()}


def coordinates(axis: Axis, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([axis.coordinate(value) for value in values])


def column(points: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    return points[:, NAMES.index(name)]


def steps_of(block: Block) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the chain stood before each proposal but the first, and the proposals."""
    last = np.maximum.accumulate(np.where(block.accepted, np.arange(len(block.score)), 0))
    return block.points[last[:-1]], block.points[1:]


def landing(axis: Axis, step: float, here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float64]:
    """The chance that a step from ``here`` ends at or below ``there``, both on the walked scale.

    What ends within y of the low end was going to within y of it or of one of its images, 2·width apart.
    """
    low, high = axis.ends()
    width = high - low
    total = np.zeros(len(here))
    for turn in range(-4, 5):
        image = low + 2 * turn * width
        for sign in (1, -1):
            total += sign * norm.cdf((image + sign * (there - low) - here) / (step * width))
    return total


def ranks(
    axis: Axis, step: float, here: NDArray[np.float64], there: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Each step as its rank among all that might have been: even on (0, 1) if steps are as the twin's.

    A whole number owns the stretch of ranks of all that is rounded to it; it gets a random one of them.
    """
    below, above = (landing(axis, step, here, there + 0.5 * side * axis.integer) for side in (-1, 1))
    return below + rng.random(len(here)) * (above - below)


@pytest.fixture(scope="module")
def starts(seed: int) -> NDArray[np.float64]:
    """First points of 4,000 chains."""
    walk = Walk(quick(*TWELVE), seed)
    return np.concatenate([walk.step(chain, 0, 1, START)[0].points for chain in range(4000)])


def test_bounds_and_scales() -> None:
    scenario = load_scenario(CONFIGS / "dprk.yaml", ["parameters.utility_intercept=-3"])
    space = make_space(scenario)
    assert [NAMES[place] for place in space.place] == [*NAMES[:2], *NAMES[3:11]]
    free = {name: row for row, name in enumerate(scenario.free_names)}
    assert (space.low[free["utility_slope"]], space.high[free["utility_slope"]]) == (0, 20)
    # ln 1 = 0, ln 500 = 6.2146.
    assert (space.low[free["tolerance"]], space.high[free["tolerance"]]) == pytest.approx((0, 6.2146), abs=1e-4)
    # Five to two noughts before the 1: ln 1e-5 = -11.513, ln 1e-2 = -4.605.
    row = free["adjustment_rate"]
    assert (space.low[row], space.high[row]) == pytest.approx((-11.513, -4.605), abs=1e-3)
    assert (space.least[row], space.largest[row]) == (1e-5, 1e-2)
    assert np.flatnonzero(space.log).tolist() == [free["tolerance"], row, free["visibility"]]
    row = free["memory_weeks"]
    assert (space.low[row], space.high[row], space.least[row], space.largest[row]) == (51.5, 1196.5, 52, 1196)
    assert np.flatnonzero(space.integer).tolist() == [row]
    assert space.held.tolist() == [0, 0, -3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]


def test_the_twins_axes_have_the_same_ends() -> None:
    scenario = quick(*TWELVE)
    space = make_space(scenario)
    ends = [axis.ends() for axis in axes_of(scenario).values()]
    np.testing.assert_array_equal(np.stack([space.low, space.high], axis=1), ends)


@numba.jit(**advance.targetoptions)
def bounce(values, low, high):
    for row in range(values.size):
        values[row] = reflected(values[row], low, high)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-11.5, -4.6), (12.5, 208.5)])
def test_mirrors_are_the_twins(seed: int, low: float, high: float) -> None:
    width = high - low
    values = np.random.default_rng(seed).uniform(low - 5 * width, high + 5 * width, 2000)
    values = np.append(values, [low, high, low - width, high + width, low + 6 * width])
    wanted = [twin_walk.reflected(value, low, high) for value in values]
    bounce(values, low, high)
    assert values.min() >= low
    assert values.max() <= high
    np.testing.assert_allclose(values, wanted, rtol=0, atol=1e-12 * abs(values).max())


def test_chains_start_evenly_on_the_walked_scale(starts: NDArray[np.float64]) -> None:
    for name, axis in axes_of(quick(*TWELVE)).items():
        values = column(starts, name)
        if axis.integer:
            counts = np.bincount(values.astype(int), minlength=21)[13:]
            assert fits(counts, np.full(8, 500.0)), "the ends 13 and 20 as often as the others"
            # Control: rounding from 13 to 20 would give the ends half of the others' share.
            assert not fits(counts, 4000 / 7 * np.array([0.5, 1, 1, 1, 1, 1, 1, 0.5]))
        else:
            low, high = axis.ends()
            assert kstest(coordinates(axis, values), "uniform", args=(low, high - low)).pvalue > RARE, name
    rates = column(starts, "adjustment_rate")
    assert kstest(rates, "uniform", args=(1e-4, 5e-2 - 1e-4)).pvalue < RARE, "the control: not even itself"


def test_starts_are_unrelated(starts: NDArray[np.float64]) -> None:
    """Between parameters, and between a chain and the next: 276 pairs, each wrongly found related with 4e-8."""
    together = np.column_stack([starts[:-1, : len(PLAIN)], starts[1:, : len(PLAIN)]])
    related = np.corrcoef(together, rowvar=False) - np.eye(24)
    assert abs(related).max() < 5.5 / math.sqrt(4000)


@pytest.mark.parametrize("step", [0.05, 0.4])
def test_steps_are_normal_and_mirrored(seed: int, step: float) -> None:
    scenario = quick(*TWELVE, "search.subset=1", f"search.step={step}")
    before, after = steps_of(Walk(scenario, seed).step(0, 0, 4000, START)[0])
    rng = np.random.default_rng(seed)
    found, longer = [], []
    for name, axis in axes_of(scenario).items():
        here, there = coordinates(axis, column(before, name)), coordinates(axis, column(after, name))
        found.append(ranks(axis, step, here, there, rng))
        longer.append(ranks(axis, 1.25 * step, here, there, rng))
        assert kstest(found[-1], "uniform").pvalue > RARE, name
    assert kstest(np.concatenate(found), "uniform").pvalue > RARE
    assert kstest(np.concatenate(longer), "uniform").pvalue < RARE, "the control"
    related = np.corrcoef(found) - np.eye(12)
    assert abs(related).max() < 5.5 / math.sqrt(4000), "each by its own chance"


def test_each_parameter_moves_by_chance_and_never_none(seed: int) -> None:
    # A step of a whole number may end where it began; the other ten parameters always move when they are to.
    scenario = quick(*holding("memory_weeks"), "search.subset=0.3")
    blocks = [Walk(scenario, seed).step(chain, 0, 5001, START)[0] for chain in range(4)]
    places = [NAMES.index(name) for name in scenario.free_names]
    moved = np.concatenate([np.not_equal(*steps_of(block))[:, places] for block in blocks])
    number = moved.sum(axis=1)
    assert number.min() == 1
    law = binom.pmf(np.arange(11), 10, 0.3)
    forced = np.concatenate([[0.0, law[0] + law[1]], law[2:]])  # if none would, one does
    assert fits(np.bincount(number, minlength=11), 20_000 * forced)
    assert not fits(np.bincount(number, minlength=11), 20_000 * law)
    each = 0.3 + law[0] / 10
    for count in moved.sum(axis=0):
        assert fits([count, 20_000 - count], [20_000 * each, 20_000 * (1 - each)])
    alone = moved[number == 1]
    assert fits(alone.sum(axis=0), np.full(10, len(alone) / 10)), "which one is drawn evenly"


@pytest.mark.parametrize("file", ["quick.yaml", "dprk.yaml"])
def test_bounds_are_kept_by_the_longest_steps(seed: int, file: str) -> None:
    scenario = load_scenario(CONFIGS / file, ["search.step=1", "search.subset=1", "parameters.utility_slope=4"])
    points = Walk(scenario, seed).step(0, 0, 1000, START)[0].points
    for name, entry in scenario.parameters.items():
        values = column(points, name)
        if entry.fixed is not None:
            assert set(values) == {entry.fixed}
        else:
            assert values.min() >= entry.low
            assert values.max() <= entry.high
            assert len(set(values)) > (50 if entry.integer else 900)
            assert not entry.integer or np.array_equal(values, np.round(values))


def test_a_range_as_wide_as_the_domain_gives_numbers(seed: int) -> None:
    ranges = [f"parameters.{name}={{low: {d.low}, high: {d.high}}}" for name in PLAIN for d in [domain_of(name)]]
    block, state = Walk(quick(*ranges, "search.step=1"), seed).step(0, 0, 1000, START)
    assert np.isfinite(block.score).all()
    assert np.isfinite(block.points).all()
    assert math.isfinite(standing(state)[1])


@pytest.mark.parametrize("free", ["visibility", "adjustment_rate", "memory_weeks"])
def test_one_free_parameter_always_moves(seed: int, free: str) -> None:
    scenario = quick(*holding(*(name for name in PLAIN if name != free)))
    assert scenario.free_names == (free,)
    block, _ = Walk(scenario, seed).step(0, 0, 300, START)
    before, after = steps_of(block)
    others = [NAMES.index(name) for name in PLAIN if name != free]
    assert (block.points[:, others] == 1).all()
    if free != "memory_weeks":  # a step of less than half a week ends where it began
        assert (column(before, free) != column(after, free)).all()
    assert len(set(column(after, free))) > 20


def test_nothing_free_is_one_point_simulated_anew(seed: int) -> None:
    block, _ = Walk(quick(*holding(*PLAIN)), seed).step(0, 0, 50, START)
    assert (block.points[:, : len(PLAIN)] == 1).all()
    assert len(set(block.attempts_total)) > 10
