"""The compiled walk: where it settles on a known density, and that a draw is its address and nothing else."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
import numpy as np
import pytest
from goodness import fits
from numpy.typing import NDArray
from scipy.stats import kstest, norm

import calibrate.walk
from calibrate.score import score_run
from calibrate.space import make_space
from calibrate.walk import Block, ChainState, Rule, Walk, advance, make_block, propose
from engine import simulate
from engine.jit import internal
from engine.parameters import NAMES
from engine.scenario import Scenario, load_scenario
from engine.simulate import Outcome

CONFIGS = Path(__file__).parents[1] / "configs"
RARE = 1e-6  # false-alarm rate of one comparison
RATE, VISIBILITY, WEEKS = (NAMES.index(name) for name in ("adjustment_rate", "visibility", "memory_weeks"))

# The known density, on the scales walked. The simulator's double scores temperature times its logarithm:
# ln rate is normal, cut off at ln 1e-4 and ln 5e-2; visibility grows as exp(3 v) up to 1, weeks as exp(0.4 k), 3 to 9.
MIDDLE, SPREAD, SLOPE, GROWTH = -8.0, 1.5, 3.0, 0.4
TEMPERATURE = 0.25
THIN = 100


def quick(*overrides: str) -> Scenario:
    return load_scenario(CONFIGS / "quick.yaml", overrides)


@internal
def run_double(inputs, point, seed, chain, iteration, work, weekly_escapes, record):
    normal = (math.log(point[RATE]) - MIDDLE) / SPREAD
    work[0] = TEMPERATURE * (SLOPE * point[VISIBILITY] + GROWTH * point[WEEKS] - 0.5 * normal**2)
    return Outcome(1, False, 0, 0)


@internal
def score_double(weekly_escapes, weeks_run, yardstick, escapes_by_year):
    return yardstick[0], 0.0, 0


@internal
def taken_always(new, old, temperature, rng):
    return True


@internal
def taken_too_rarely(new, old, temperature, rng):
    return calibrate.walk.is_taken(new + min(0.0, new - old), old, temperature, rng)  # exp(2·difference/T)


@internal
def clipped(value, low, high):
    return min(max(value, low), high)


def with_names(function: Any, **names: Any) -> FunctionType:
    """The same lines of code, with other functions for some of those that they call."""
    return FunctionType(function.py_func.__code__, {**vars(calibrate.walk), **names})


def proposing_with_clips() -> Any:
    maybe_move = internal(with_names(calibrate.walk._maybe_move, reflected=clipped))
    return internal(with_names(propose, _maybe_move=maybe_move))


def walk_of_double(**names: Any) -> Callable[..., float]:
    """``advance``, line by line, with the double for the simulator and its score."""
    lines = with_names(advance, run=run_double, score_run=score_double, **names)
    compiled: Callable[..., float] = numba.jit(**advance.targetoptions)(lines)
    return compiled


def stands(block: Block) -> NDArray[np.int64]:
    """The row that a chain stands at after each draw; -1 before the block's first accepted one."""
    return np.maximum.accumulate(np.where(block.accepted, np.arange(len(block.score)), -1))


def places(walk: Callable[..., float], seed: int, draws: int, thin: int = THIN) -> NDArray[np.float64]:
    """Where the walk over the known density stands at every ``thin``-th draw, (draws / thin, 12)."""
    free = {"adjustment_rate", "visibility", "memory_weeks"}
    held = [f"parameters.{name}={{fixed: 1}}" for name in NAMES if name not in free]
    space = make_space(quick("parameters.memory_weeks={low: 3, high: 9}", *held))
    rule = Rule(step=0.3, subset=0.5, temperature=TEMPERATURE)
    here, score, points = np.zeros(len(NAMES)), 0.0, []
    work, nothing, rng, block = np.zeros(1), np.zeros(1, np.int64), np.zeros(4, np.uint64), make_block(50_000, 1)
    for first in range(0, draws, 50_000):
        before = here.copy()
        score = walk(0, space, work, rule, seed, 0, first, here, score, work, nothing, nothing, rng, block)
        rows = stands(block)[::thin]
        points.append(np.where(rows[:, None] < 0, before, block.points[rows]))
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
    points = places(walk_of_double(propose=proposing_with_clips()), seed, 2_000_000)
    assert max(chances(points)) < RARE
    # Rounded weeks pile up at their two ends, whose stretches end half a week further on.
    assert not weeks_fit(points)


@numba.jit(**advance.targetoptions)
def times_taken(new, old, temperature, rng, tries):
    taken = 0
    for _ in range(tries):
        taken += calibrate.walk.is_taken(new, old, temperature, rng)
    return taken


def test_the_rule_at_its_ends(seed: int) -> None:
    rng = np.random.default_rng(seed).integers(1, 2**63, 4).astype(np.uint64)
    for new in (3.0, 3.5, 1e9, math.inf):
        assert times_taken(new, 3.0, 0.25, rng, 1000) == 1000, "better or as good: always"
    for new in (-math.inf, math.nan, -1e9):
        assert times_taken(new, 3.0, 0.25, rng, 1000) == 0, "a chain never stands at what is no number"
    assert times_taken(2.0, 3.0, 1e-300, rng, 1000) == 0
    # Worse by 0.5 at temperature 0.25: exp(-2).
    taken = times_taken(2.5, 3.0, 0.25, rng, 100_000)
    assert fits([taken, 100_000 - taken], [100_000 * math.exp(-2), 100_000 * (1 - math.exp(-2))])


@pytest.fixture(scope="module")
def chains(seed: int) -> list[Block]:
    walk = Walk(quick(), seed)
    return [walk.advance(chain, 0, 3000, None)[0] for chain in range(8)]


def test_worse_draws_are_taken_as_often_as_their_scores_say(chains: list[Block]) -> None:
    """The real thing: given the scores, each choice is a coin of known bias, so the number taken is normal."""
    new = np.concatenate([block.score[1:] for block in chains])
    old = np.concatenate([block.score[stands(block)[:-1]] for block in chains])
    taken = np.concatenate([block.accepted[1:] for block in chains])
    assert taken[new >= old].all()
    worse = new < old
    chance = np.exp((new - old)[worse] / 0.25)
    bins = np.digitize(chance, [0.02, 0.1, 0.25, 0.5, 0.75])

    def oddness(chance: NDArray[np.float64]) -> list[float]:
        gaps, room = taken[worse] - chance, chance * (1 - chance)
        return [abs(gaps[bins == b].sum()) / math.sqrt(room[bins == b].sum()) for b in range(1, 6)]

    assert min(np.bincount(bins)) > 200
    assert max(oddness(chance)) < 5, "five standard errors: 6e-7 each"
    assert min(oddness(chance**2)) > 5, "the control"


def test_every_draw_replays_alone(chains: list[Block], seed: int) -> None:
    check_replay(quick(), seed, 5, Block(*(column[:250] for column in chains[5])))


def test_draws_of_other_scenarios_replay(seed: int) -> None:
    national = quick("parameters.economy_effect={low: -5, high: 5}", "belief.scope=nation", "stop_above=null")
    for scenario in (load_scenario(CONFIGS / "dprk.yaml"), national):
        block, _ = Walk(scenario, seed).advance(2**31 - 1, 0, 40, None)
        check_replay(scenario, seed, 2**31 - 1, block)
        assert len(set(block.points[:, 11])) == (1 if "economy_effect" not in scenario.column_names else 40)


def check_replay(scenario: Scenario, seed: int, chain: int, block: Block) -> None:
    """Each row, taken or not, holds what the engine says of its own point at its own address."""
    yardstick = Walk(scenario, seed).yardstick
    assert {True, False} == set(block.accepted.tolist())
    for row, point in enumerate(block.points):
        values = {name: point[NAMES.index(name)] for name in scenario.column_names}
        run = simulate(scenario, values, seed, chain, row)
        weekly, by_year = run.escapes.sum(axis=1), np.zeros(scenario.years, np.int64)
        recorded = (block.score[row], block.distance[row], block.active_years[row])
        assert recorded == score_run(weekly, run.weeks_run, yardstick, by_year)
        assert (block.weeks_run[row], block.stopped[row]) == (run.weeks_run, run.stopped)
        assert (block.escapes_total[row], block.attempts_total[row]) == (run.escapes.sum(), run.attempts.sum())
        assert block.escapes_by_year[row].tolist() == run.escapes_by_year().tolist() == by_year.tolist()


def bytes_of(*blocks: Block) -> list[bytes]:
    """All that blocks in a row hold, column by column."""
    return [np.concatenate(columns).tobytes() for columns in zip(*blocks, strict=True)]


def in_pieces(walk: Walk, chain: int, cuts: list[int], end: int) -> tuple[list[Block], ChainState | None]:
    blocks, state = [], None
    for first, last in zip([0, *cuts], [*cuts, end], strict=True):
        given = None if state is None else ChainState(state.point.copy(), state.score)
        block, after = walk.advance(chain, first, last - first, state)
        if given is not None:
            assert state is not None
            assert state.point.tobytes() == given.point.tobytes(), "what was handed in is left alone"
        blocks.append(block)
        state = after
    return blocks, state


def test_pieces_equal_the_whole(seed: int) -> None:
    walk = Walk(quick(), seed)
    whole, state = walk.advance(3, 0, 400, None)
    last = stands(whole)[-1]
    assert (state.point.tolist(), state.score) == (whole.points[last].tolist(), whole.score[last])
    random_cuts = sorted(np.random.default_rng(seed).choice(np.arange(1, 400), 20, replace=False).tolist())
    for cuts in ([1], [200], [399], [int(last), int(last) + 1], list(range(1, 400)), random_cuts):
        blocks, end = in_pieces(Walk(quick(), seed), 3, cuts, 400)
        assert bytes_of(*blocks) == bytes_of(whole)
        assert end is not None
        assert (end.point.tobytes(), end.score) == (state.point.tobytes(), state.score)
    for other, chain in ((seed + 1, 3), (seed, 4)):
        assert bytes_of(Walk(quick(), other).advance(chain, 0, 400, None)[0]) != bytes_of(whole), "the control"


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_any_thread_gives_the_same_bytes(chains: list[Block], seed: int, workers: int) -> None:
    walk = Walk(quick(), seed)
    walk.compile()
    with ThreadPoolExecutor(workers) as pool:
        pieces = pool.map(lambda chain: in_pieces(walk, chain, [700, 1900], 3000)[0], reversed(range(8)))
        for chain, blocks in zip(reversed(range(8)), pieces, strict=True):
            assert bytes_of(*blocks) == bytes_of(chains[chain])


def test_a_state_belongs_to_a_later_draw_and_only_to_one(seed: int) -> None:
    walk = Walk(quick(), seed)
    _, state = walk.advance(0, 0, 1, None)
    with pytest.raises(ValueError, match="iteration 0 of chain 0 needs no state"):
        walk.advance(0, 0, 1, state)
    with pytest.raises(ValueError, match="iteration 5 of chain 2 needs a state"):
        walk.advance(2, 5, 1, None)


def test_one_machine_code_for_every_scenario() -> None:
    held = [f"parameters.{name}={{fixed: 1}}" for name in NAMES]
    rms = ["score.distance=root_mean_square", "score.distance_cap=10", "stop_above=null", "search.temperature=1"]
    for scenario in (quick(), quick(*held), quick(*rms), load_scenario(CONFIGS / "dprk.yaml")):
        for seed in (0, np.int64(7), 2**63 - 1):
            walk = Walk(scenario, seed)
            _, state = walk.advance(0, 0, 2, None)
            state.point.flags.writeable = False
            walk.advance(np.int32(1), np.int64(2), 2, ChainState(state.point, np.float64(state.score)))
    assert len(advance.signatures) == 1
