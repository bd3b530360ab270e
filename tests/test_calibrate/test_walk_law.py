"""Where the walk settles: its own lines of code on a known density, with a double in the simulator's place."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import kstest, norm
from support.compiled_lines import with_names
from support.goodness import fits
from support.names import NAMES, PLAIN
from support.places import QUICK

import calibrate.methods.moves
import calibrate.methods.walk
from calibrate.methods.moves import Moves, propose, propose_in_company
from calibrate.methods.space import Space, make_space
from calibrate.methods.walk import NOWHERE, advance
from calibrate.objective.draw import make_block
from engine.numerics.jit import internal
from engine.scenario import load_scenario

pytestmark = pytest.mark.law

RARE = 1e-6  # false-alarm rate of one comparison
RATE, VISIBILITY, WEEKS = (NAMES.index(name) for name in ("adjustment_rate", "visibility", "memory_weeks"))

# The known density, on the scales walked. The simulator's double scores temperature times its logarithm:
# ln rate is normal, cut off at ln 1e-4 and ln 5e-2; visibility grows as exp(3 v) up to 1, weeks as exp(0.4 k), 3 to 9.
MIDDLE, SPREAD, SLOPE, GROWTH = -8.0, 1.5, 3.0, 0.4
TEMPERATURE = 0.25
THIN = 100


class BenchDouble(NamedTuple):
    rng: NDArray[np.uint64]


@internal
def draw_double(bench, seed, chain, iteration, block, row):
    point = block.points[row]
    normal = (math.log(point[RATE]) - MIDDLE) / SPREAD
    return TEMPERATURE * (SLOPE * point[VISIBILITY] + GROWTH * point[WEEKS] - 0.5 * normal**2)


@internal
def taken_always(new, old, temperature, rng):
    return True


@internal
def taken_too_rarely(new, old, temperature, rng):
    return calibrate.methods.walk.is_taken(new + min(0.0, new - old), old, temperature, rng)  # exp(2·difference/T)


@internal
def clipped(value, low, high):
    return min(max(value, low), high)


def proposing_with_clips() -> Any:
    move_by = internal(with_names(calibrate.methods.moves._move_by, reflected=clipped))
    maybe_move = internal(with_names(calibrate.methods.moves._maybe_move, _move_by=move_by))
    return internal(with_names(propose_in_company, propose=internal(with_names(propose, _maybe_move=maybe_move))))


def walk_of_double(**names: Any) -> Callable[..., float]:
    """``advance``, line by line, with the double for the simulator and its score."""
    lines = with_names(advance, **{"make_draw": draw_double, **names})
    compiled: Callable[..., float] = numba.jit(**advance.targetoptions)(lines)
    return compiled


def known_space() -> Space:
    free = {"adjustment_rate", "visibility", "memory_weeks"}
    held = [f"parameters.{name}={{fixed: 1}}" for name in PLAIN if name not in free]
    return make_space(load_scenario(QUICK, ["parameters.memory_weeks={low: 3, high: 9}", *held]))


def places(
    walk: Callable[..., float], seed: int, draws: int, thin: int = THIN, archive: NDArray[np.float64] = NOWHERE
) -> NDArray[np.float64]:
    """Where the walk over the known density stands at every ``thin``-th draw, (draws / thin, 12)."""
    space = known_space()
    moves = Moves(
        step=0.3,
        subset=0.5,
        temperature=TEMPERATURE,
        rescore=0,
        jumps=JUMPS if len(archive) else 0.0,
        shortest=1.0,
        folds=False,
    )
    here, score, points = np.zeros(len(NAMES)), 0.0, []
    bench, block = BenchDouble(np.zeros(4, np.uint64)), make_block(50_000, 1, len(NAMES))
    for first in range(0, draws, 50_000):
        before = here.copy()
        score = walk(bench, space, moves, seed, 0, first, here, score, archive, block)
        rows = np.maximum.accumulate(np.where(block.accepted, np.arange(50_000), -1))[::thin]
        points.append(np.where(rows[:, None] < 0, before, block.points[rows]))  # -1: none of this block was taken yet
    return np.concatenate(points)


def chances(points: NDArray[np.float64]) -> tuple[float, float]:
    """How often draws of the known density look as odd as these (KS): rate, visibility."""
    low, high = norm.cdf((np.log([1e-4, 5e-2]) - MIDDLE) / SPREAD)
    rate = (norm.cdf((np.log(points[:, RATE]) - MIDDLE) / SPREAD) - low) / (high - low)
    visibility = np.expm1(SLOPE * points[:, VISIBILITY]) / np.expm1(SLOPE)
    return kstest(rate, "uniform").pvalue, kstest(visibility, "uniform").pvalue


def weeks_fit(points: NDArray[np.float64]) -> bool:
    weights = np.exp(GROWTH * np.arange(3, 10))
    counts = np.bincount(points[:, WEEKS].astype(int), minlength=10)[3:]
    return fits(counts, len(points) * weights / weights.sum())


def test_the_walk_settles_where_exp_score_says(seed: int) -> None:
    """Every hundredth of 2 million draws; the KS and chi-square tests want them unrelated, and they are.

    At ten draws apart the correlation is measured below 0.35; so it is below 0.35^10 = 3e-5 at a hundred.
    """
    walk = walk_of_double()
    all_draws = places(walk, seed, 200_000, thin=1)
    for values in (np.log(all_draws[:, RATE]), all_draws[:, VISIBILITY], all_draws[:, WEEKS]):
        assert 0 < np.corrcoef(values[:-10], values[10:])[0, 1] < 0.35
    points = places(walk, seed, 2_000_000)
    assert len(points) == 20_000
    assert min(chances(points)) > RARE
    assert weeks_fit(points)
    # The three are independent in the density: 5.5 standard errors are 4e-8.
    related = np.corrcoef(points[:, [RATE, VISIBILITY, WEEKS]], rowvar=False) - np.eye(3)
    assert abs(related).max() < 5.5 / math.sqrt(20_000)


@pytest.mark.parametrize(
    "names", [{"is_taken": taken_always}, {"is_taken": taken_too_rarely}], ids=["always taken", "twice the difference"]
)
def test_it_settles_elsewhere_by_a_wrong_rule(seed: int, names: dict[str, Any]) -> None:
    points = places(walk_of_double(**names), seed, 2_000_000)
    assert max(chances(points)) < RARE
    assert not weeks_fit(points)


def test_it_settles_elsewhere_by_clips_for_mirrors(seed: int) -> None:
    points = places(walk_of_double(propose_in_company=proposing_with_clips()), seed, 2_000_000)
    assert max(chances(points)) < RARE
    # Rounded weeks pile up at their two ends, whose stretches end half a week further on.
    assert not weeks_fit(points)


JUMPS, PLACES = 0.7, 8


def archive(seed: int) -> NDArray[np.float64]:
    """A few places all over the known space, where the three parameters go together."""
    rng = np.random.default_rng(seed)
    found = np.tile(known_space().held, (PLACES, 1))
    along = rng.uniform(0, 1, PLACES)
    found[:, RATE] = np.exp(np.log(1e-4) + along * np.log(500))
    found[:, VISIBILITY] = 0.7 * along + 0.3 * rng.uniform(0, 1, PLACES)
    found[:, WEEKS] = np.floor(3 + 6 * along + rng.uniform(0, 1, PLACES))
    return found


def draw_where_jumps_leave(places: NDArray[np.float64]) -> Any:
    """The double, with a density of so much more where a proposal more often leaves the space.

    A walk that is at x as often as the density times the chance that a proposal from x stays inside is then again at
    the known one. All pairs of places are counted, by hand, from the article's two lengths.
    """
    space = known_space()
    walked = places[:, [RATE, VISIBILITY, WEEKS]]
    walked[:, 0] = np.log(walked[:, 0])
    order = np.array([list(space.place).index(row) for row in (RATE, VISIBILITY, WEEKS)])
    low, high = space.low[order], space.high[order]
    pairs = np.array([one - other for i, one in enumerate(walked) for j, other in enumerate(walked) if i != j])
    short, whole = 2.38 / math.sqrt(6) * pairs, pairs

    @internal
    def staying(jumps, at):
        inside = 0
        for jump in range(len(jumps)):
            stays = True
            for row in range(3):
                stays &= low[row] <= at[row] + jumps[jump, row] <= high[row]
            inside += stays
        return inside / len(jumps)

    @internal
    def double(bench, seed, chain, iteration, block, row):
        point = block.points[row]
        at = (math.log(point[RATE]), point[VISIBILITY], point[WEEKS])
        stays = 1 - JUMPS + JUMPS * (0.9 * staying(short, at) + 0.1 * staying(whole, at))
        return draw_double(bench, seed, chain, iteration, block, row) - TEMPERATURE * math.log(stays)

    return double


def test_with_jumps_it_settles_where_exp_score_and_what_stays_inside_say(seed: int) -> None:
    """As without jumps, at the same false-alarm rates; the control is a walk that takes no notice of what leaves."""
    places_told = archive(seed)
    walk = walk_of_double(make_draw=draw_where_jumps_leave(places_told))
    points = places(walk, seed, 2_000_000, archive=places_told)
    assert min(chances(points)) > RARE
    assert weeks_fit(points)
    points = places(walk_of_double(), seed, 2_000_000, archive=places_told)
    assert min(chances(points)) < RARE


@numba.jit(**advance.targetoptions)
def times_taken(new, old, temperature, rng, tries):
    taken = 0
    for _ in range(tries):
        taken += calibrate.methods.walk.is_taken(new, old, temperature, rng)
    return taken


def test_the_rule_at_its_ends(seed: int) -> None:
    rng = np.random.default_rng(seed).integers(1, 2**63, 4).astype(np.uint64)
    for new in (3.0, 3.5, 1e9, math.inf):
        assert times_taken(new, 3.0, 0.25, rng, 1000) == 1000, "better or as good: always"
    for new in (-math.inf, math.nan, -1e9):
        assert times_taken(new, 3.0, 0.25, rng, 1000) == 0, "a chain never stands at what is no number"
    for old in (-math.inf, math.inf, math.nan):
        assert times_taken(-1e9, old, 0.25, rng, 1000) == 1000, "a chain that began there leaves at once"
    assert times_taken(2.0, 3.0, 1e-300, rng, 1000) == 0
    # Worse by 0.5 at temperature 0.25: exp(-2).
    taken = times_taken(2.5, 3.0, 0.25, rng, 100_000)
    assert fits([taken, 100_000 - taken], [100_000 * math.exp(-2), 100_000 * (1 - math.exp(-2))])
