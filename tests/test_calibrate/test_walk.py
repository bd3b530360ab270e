"""The compiled walk on real scenarios: a draw is its address and nothing else, and is recorded as it was."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from support.names import NAMES, PLAIN, REQUIRED
from support.places import CONFIGS

from calibrate.methods.base import START
from calibrate.methods.walk import Walk, advance, standing
from calibrate.objective.draw import Block
from calibrate.objective.score import Score, make_yardstick, score_run
from engine import simulate, simulate_batch
from engine.results.columns import parameter_columns
from engine.scenario import Scenario, load_scenario

RARE = 1e-6  # false-alarm rate of one comparison


def quick(*overrides: str) -> Scenario:
    return load_scenario(CONFIGS / "quick.yaml", overrides)


def stands(block: Block) -> NDArray[np.int64]:
    """The row that a chain stands at after each draw, for a block from iteration 0 on."""
    return np.maximum.accumulate(np.where(block.accepted, np.arange(len(block.score)), 0))


@pytest.fixture(scope="module")
def chains(seed: int) -> list[Block]:
    walk = Walk(quick(), seed)
    return [walk.step(chain, 0, 3000, START)[0] for chain in range(8)]


def test_worse_draws_are_taken_as_often_as_their_scores_say(chains: list[Block]) -> None:
    """The real thing: given the scores, each choice is a coin of known bias, so the number taken is normal."""
    new = np.concatenate([block.score[1:] for block in chains])
    old = np.concatenate([block.score[stands(block)[:-1]] for block in chains])
    taken = np.concatenate([block.accepted[1:] for block in chains])
    assert taken[new >= old].all()
    worse = new < old
    chance = np.exp((new - old)[worse] / quick().search.temperature)
    bins = np.digitize(chance, [0.02, 0.1, 0.25, 0.5, 0.75])

    def oddness(chance: NDArray[np.float64]) -> list[float]:
        gaps, room = taken[worse] - chance, chance * (1 - chance)
        return [abs(gaps[bins == b].sum()) / math.sqrt(room[bins == b].sum()) for b in range(1, 6)]

    assert min(np.bincount(bins)) > 200
    assert max(oddness(chance)) < 5, "five standard errors: 6e-7 each"
    assert max(oddness(chance**2)) > 5, "the control"


def test_draws_replay_alone(chains: list[Block], seed: int) -> None:
    rows = range(0, 3000, 71)
    taken = {check_replay(quick(), seed, chain, block, row) for chain, block in enumerate(chains) for row in rows}
    assert taken == {True, False}, "rejected proposals are recorded with their own numbers"


def test_draws_of_other_scenarios_replay(seed: int) -> None:
    national = quick("parameters.economy_effect={low: -5, high: 5}", "belief.scope=nation", "stop_above=null")
    assert parameter_columns(national.names, national.free_names) == PLAIN
    ranges = [f"parameters.{name}={{low: -2, high: 2}}" for name in NAMES if name not in REQUIRED]
    dated = "regime.schedule=[{first_week_of: 2002-03-01, direction: 1}]"
    moved = quick("regime.behaviour=valve_of_discontent", dated, *ranges)
    assert parameter_columns(moved.names, moved.free_names) == NAMES
    attempts = quick("target.compares=attempts")
    for scenario, draws in ((load_scenario(CONFIGS / "dprk.yaml"), 20), (attempts, 50), (moved, 50), (national, 200)):
        block, _ = Walk(scenario, seed).step(2**31 - 1, 0, draws, START)
        for row in range(draws):
            check_replay(scenario, seed, 2**31 - 1, block, row)
    assert len(set(block.points[:, NAMES.index("economy_effect")])) > 20


def check_replay(scenario: Scenario, seed: int, chain: int, block: Block, row: int) -> bool:
    """The row of a block from iteration 0 on holds what the engine says of its own point at its own address.

    Returns whether it was taken.
    """
    values = {
        name: block.points[row, NAMES.index(name)] for name in parameter_columns(scenario.names, scenario.free_names)
    }
    run = simulate(scenario, values, seed, chain, row)
    by_year = np.zeros(scenario.years, np.int64)
    compared = run.attempts if scenario.target.compares == "attempts" else run.escapes
    scored = score_run(compared.sum(axis=1), run.weeks_run, make_yardstick(scenario), by_year)
    assert scored == (block.score[row], block.distance[row], block.active_years[row])
    assert (run.weeks_run, run.stopped) == (block.weeks_run[row], block.stopped[row])
    assert (run.escapes.sum(), run.attempts.sum()) == (block.escapes_total[row], block.attempts_total[row])
    assert run.by_year(compared).tolist() == block.by_year[row].tolist() == by_year.tolist()
    return bool(block.accepted[row])


def bytes_of(*blocks: Block) -> list[bytes]:
    """All that blocks in a row hold, column by column."""
    return [np.concatenate(columns).tobytes() for columns in zip(*blocks, strict=True)]


def in_pieces(walk: Walk, chain: int, cuts: list[int], end: int) -> tuple[list[Block], bytes]:
    blocks, state = [], START
    for first, last in zip([0, *cuts], [*cuts, end], strict=True):
        block, state = walk.step(chain, first, last - first, state)
        blocks.append(block)
    return blocks, state


def test_pieces_equal_the_whole(seed: int) -> None:
    walk = Walk(quick(), seed)
    whole, state = walk.step(3, 0, 400, START)
    last = stands(whole)[-1]
    point, score = standing(state)
    assert (point.tolist(), score) == (whole.points[last].tolist(), whole.score[last])
    random_cuts = sorted(np.random.default_rng(seed).choice(np.arange(1, 400), 20, replace=False).tolist())
    for cuts in ([1], [200], [399], [int(last), int(last) + 1], list(range(1, 400)), random_cuts):
        blocks, end = in_pieces(Walk(quick(), seed), 3, cuts, 400)
        assert bytes_of(*blocks) == bytes_of(whole)
        assert end == state
    for other, chain in ((seed + 1, 3), (seed, 4)):
        assert bytes_of(Walk(quick(), other).step(chain, 0, 400, START)[0]) != bytes_of(whole), "the control"


def test_the_state_of_any_draw_is_found_in_the_rows_before_it(seed: int) -> None:
    """What verify starts from: the state before each row of a part that begins at iteration 150."""
    walk = Walk(quick(), seed)
    before = walk.step(3, 0, 150, START)[1]
    block, after = walk.step(3, 150, 100, before)
    columns = {name: block.points[:, place] for place, name in enumerate(REQUIRED)}
    columns |= {"accepted": block.accepted, "score": block.score}
    for row in range(100):
        assert walk.state_at(columns, row, before) == walk.step(3, 150, row, before)[1], row
    assert walk.state_at(columns, 100, before) == after != before


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
    _, state = walk.step(0, 0, 1, START)
    with pytest.raises(ValueError, match="iteration 0 of chain 0 needs no state"):
        walk.step(0, 0, 1, state)
    with pytest.raises(ValueError, match="iteration 5 of chain 2 needs a state"):
        walk.step(2, 5, 1, START)


def test_one_machine_code_for_every_scenario() -> None:
    held = [f"parameters.{name}={{fixed: 1}}" for name in PLAIN]
    rms = ["score.distance=root_mean_square", "score.distance_cap=10", "stop_above=null", "search.temperature=1"]
    for scenario in (quick(), quick(*held), quick(*rms), load_scenario(CONFIGS / "dprk.yaml")):
        for seed in (0, np.int64(7), 2**63 - 1):
            walk = Walk(scenario, seed)
            _, state = walk.step(0, 0, 2, START)
            walk.step(np.int64(1), np.int64(2), 2, state)
    assert len(advance.signatures) == 1


def test_a_point_given_is_drawn_as_the_walk_draws_it(seed: int) -> None:
    """simulate_batch at a chain's addresses: all that the walk recorded of them, the score too."""
    block, _ = Walk(quick(), seed).step(3, 0, 150, START)
    batch = simulate_batch(quick(), block.points, seed, chain=3, score=Score(quick()))
    for name in set(batch._fields) - {"tallies"}:
        assert np.array_equal(getattr(batch, name), getattr(block, name)), name
    other = simulate_batch(quick(), block.points, seed + 1, chain=3, score=Score(quick()))
    assert not np.array_equal(other.score, block.score), "the control"
