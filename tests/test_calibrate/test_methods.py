"""The walks in company and begun anew: same draws for any workers and cuts, what they tell one another, their rules."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from support import places
from support.names import NAMES
from support.short_posterior import BEGUN
from support.walk_double import table_in

from calibrate import search
from calibrate.methods.archive import MOST_PLACES, archive_of
from calibrate.methods.base import NOTHING, START, Columns
from calibrate.methods.population import Population
from calibrate.methods.posterior import Posterior
from calibrate.methods.restart import Restart
from calibrate.methods.tempered import Tempered, rungs_of
from calibrate.methods.walk import Walk, state_of
from calibrate.store.columns import columns_of, table_of
from calibrate.store.verify import verified
from engine.errors import DataError, UsageError
from engine.results.columns import schema_of
from engine.scenario import Scenario, load_scenario

CHAINS, DRAWS = 10, 130  # a group of eight and one of two; a cut chain has barriers behind it and before it


def quick(*changes: str) -> Scenario:
    """The small country, its chains soon stale, and the beginning of a posterior."""
    return load_scenario(places.QUICK, ["search.patience=20", *BEGUN, *changes])


def searched(out: Path, method: str, seed: int, **given: int | bool | float) -> pa.Table:
    """The draws of a small run."""
    wanted: dict[str, int | bool | float] = {"chains": CHAINS, "iters": DRAWS, "workers": 2, "seed": seed} | given
    search(quick(), out=out, method=method, **wanted)  # type: ignore[arg-type]
    return table_in(out)


@pytest.mark.parametrize("method", ["population", "tempered", "restart", "posterior"])
def test_the_same_draws_for_any_workers_and_cuts(method: str, tmp_path: Path, seed: int) -> None:
    whole = searched(tmp_path / "one", method, seed, workers=1)
    assert whole.num_rows == CHAINS * DRAWS
    assert searched(tmp_path / "three", method, seed, workers=3).equals(whole)
    for iters in (37, 75, 101):
        cut = searched(tmp_path / "cut", method, seed, iters=iters, resume=iters > 37)
        assert cut.num_rows == CHAINS * iters
    # As after a kill: of the second chain what lies past the first barriers never reached the disk.
    for part in sorted((tmp_path / "cut" / "draws" / "chain=01").glob("part-*"))[1:]:
        part.unlink()
    assert searched(tmp_path / "cut", method, seed, resume=True).equals(whole)
    assert "200 of them were simulated again" in verified(tmp_path / "cut", 200)
    assert not searched(tmp_path / "other", method, seed + 1).equals(whole), "the control"


@pytest.mark.parametrize("method", ["population", "tempered", "posterior"])
def test_verify_notices_draws_that_were_told_something_else(
    method: str, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose chains never met, sealed as if they had."""
    kind = {"population": Population, "tempered": Tempered, "posterior": Posterior}[method]
    with monkeypatch.context() as patch:
        patch.setattr(kind, "meet", lambda *_: NOTHING)
        searched(tmp_path, method, seed)
    with pytest.raises(DataError, match="simulated again"):
        verified(tmp_path, CHAINS * DRAWS)


def test_chains_in_company_are_the_plain_walk_until_they_meet(seed: int) -> None:
    walk, population = Walk(quick(), seed), Population(quick(), seed)
    assert np.array_equal(walk.step(3, 0, 25, START)[0].points, population.step(3, 0, 25, START)[0].points)


def states_at(worth: list[float]) -> list[bytes]:
    """Chains at points that carry their number, of this worth."""
    return [state_of(np.full(len(NAMES), chain), value) for chain, value in enumerate(worth)]


@pytest.mark.parametrize("chains", [1, 5, 8])
def test_an_archive_tells_of_the_recent_half_and_stays_short(chains: int, seed: int) -> None:
    population, told = Population(quick(), seed), NOTHING
    for barrier in range(1, 1001):
        states = [state_of(np.full(len(NAMES), barrier), chain) for chain in range(chains)]
        told = population.meet(told, 0, barrier, states)
        spacing, archive = archive_of(told, len(NAMES))
        last = barrier - barrier % spacing
        kept = {place for place in range(spacing, last + 1, spacing) if 2 * place > last}
        assert set(archive[:, 0].tolist()) == kept
        assert len(archive) == chains * len(kept) <= MOST_PLACES
        assert len(archive) >= MOST_PLACES // 2 - chains or spacing == 1
    # By hand: of the last 500 barriers one chain's 250 places at every other, and 31 each of more chains at every 16th.
    assert spacing == {1: 2, 5: 16, 8: 16}[chains]
    assert len(archive) == chains * {1: 250, 5: 31, 8: 31}[chains]


def test_jumps_go_along_what_the_archive_differs_in(seed: int) -> None:
    """An archive that differs in one parameter alone, by up to a fifth of its range: no other moves, none jumps out."""
    population = Population(quick(), seed)
    _, state = population.step(0, 0, 1, START)
    here = np.frombuffer(state, "<f8")[: len(NAMES)]
    archive = np.tile(here, (20, 1))
    row = list(NAMES).index("utility_slope")
    archive[:, row] = np.linspace(5, 9, 20)
    told = np.append(archive, 1).astype("<f8").tobytes()
    population.moves = population.moves._replace(jumps=1.0, temperature=1e-9)
    points = np.concatenate([population.step(chain, 25, 1, state, told)[0].points for chain in range(200)])
    others = np.delete(np.arange(len(NAMES)), row)
    assert points[:, others] == pytest.approx(np.tile(here[others], (200, 1)), rel=1e-12)
    moved = np.unique(np.abs(points[:, row] - here[row]).round(9))
    length = 2.38 / np.sqrt(2 * len(population.space.place))
    wanted = np.outer([length, 1.0], np.arange(1, 20) * 4 / 19).round(9)
    assert set(moved) <= set(wanted.ravel())
    assert len(moved) > 19


def test_neighbours_change_places_by_the_rule(seed: int) -> None:
    """Gap and temperatures such that every other exchange is taken; 2,000 meetings, false alarm 1e-6 (4.9 sigma)."""
    method = Tempered(quick(), seed)
    cold, hot = method.temperature_of(0), method.temperature_of(1)
    gap = np.log(2) / (1 / cold - 1 / hot)
    told = [rungs_of(method.meet(NOTHING, group, 2, states_at([gap, 0.0])), 2) for group in range(2000)]
    taken = sum(rungs.tolist() == [1, 0] for rungs in told)
    assert abs(taken - 1000) < 4.9 * np.sqrt(500)
    assert abs(taken - 2000 * np.exp(-gap / cold)) > 4.9 * np.sqrt(500), "the control: the rule of a plain walk"
    better = method.meet(NOTHING, 0, 2, states_at([0.0, 1.0]))
    assert rungs_of(better, 2).tolist() == [1, 0], "a better hot chain always cools"


def test_rungs_stay_a_ladder_and_good_chains_cool(seed: int) -> None:
    method, told = Tempered(quick(), seed), NOTHING
    for barrier in range(1, 60):
        told = method.meet(told, 0, barrier, states_at([0.0, 0, 0, 0, 0, 0, 0, 1e6]))
        assert sorted(rungs_of(told, 8).tolist()) == list(range(8))
    assert rungs_of(told, 8)[7] == 0
    moves, _ = method.moves_of(7, told)
    assert moves.temperature == pytest.approx(0.35 * quick().search.temperature)
    assert method.moves_of(int(rungs_of(told, 8).argmax()), told)[0].temperature == method.hottest


def test_a_chain_begins_anew_when_it_is_stale(seed: int) -> None:
    """Patience 2: the draw after two that were no better than their start's best."""
    method = Restart(quick("search.patience=2"), seed)
    worth = np.array([1.0, 2.0, 1.5, 2.0, 0.5, 0.4, 0.6, 0.6, 0.1, 7.0])
    #                 new  best           new             best           new
    assert method.starts(worth).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2]


def columns_from(block: pa.Table, first: int) -> Columns:
    """The draws as a part has them."""
    return columns_of(table_of([block], first, schema_of(quick(), ""), NAMES))


def test_a_state_of_a_walk_begun_anew_is_found_in_its_draws(seed: int) -> None:
    method = Restart(quick(), seed)
    _, before = method.step(1, 0, 70, START)
    block, after = method.step(1, 70, 90, before)
    columns = columns_from(block, 70)
    for row in range(1, 90, 8):
        assert method.state_at(columns, row, before) == method.step(1, 70, row, before)[1]
    assert method.state_at(columns, 90, before) == after
    assert not any(wrong.any() for wrong, _ in method.rules(columns, before))
    # Controls: a start that is not taken, and a better draw that is not.
    for worth in (-1e9, 1e9):
        broken = {name: values.copy() for name, values in columns.items()}
        broken["accepted"][5:] = False
        broken["score"][5:] = worth
        assert any(wrong.any() for wrong, _ in method.rules(broken, before))


def test_a_lucky_point_is_simulated_again(seed: int) -> None:
    walk = Walk(quick("search.rescore=10"), seed)
    block, _ = walk.step(0, 0, 200, START)
    plain = Walk(quick(), seed).step(0, 0, 200, START)[0]
    columns = columns_from(block, 0)
    again = np.arange(200) % 10 == 0
    again[0] = False
    assert block.accepted[again].all()
    stands = np.maximum.accumulate(np.where(block.accepted, np.arange(200), -1))
    assert all(np.array_equal(block.points[row], block.points[stands[row - 1]]) for row in np.flatnonzero(again))
    assert not any(wrong.any() for wrong, _ in walk.rules(columns, START))
    assert np.array_equal(block.points[:10], plain.points[:10])
    assert not np.array_equal(block.points[10], plain.points[10]), "the control: off for the plain walk"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"method": "metropolis"}, "method: 'metropolis': give one of population, walk, tempered, restart"),
        ({"method": "walk", "screen": 64}, "method, screen: give one of them"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told):
        search(quick(), out=tmp_path / "run", **given)  # type: ignore[arg-type]
    assert not (tmp_path / "run").exists()


def test_a_run_stays_of_its_method_and_its_groups(tmp_path: Path, seed: int) -> None:
    before = searched(tmp_path, "population", seed, iters=20)
    with pytest.raises(UsageError, match="method: was population, now walk"):
        search(quick(), out=tmp_path, method="walk", resume=True)
    with pytest.raises(UsageError, match="the last of 10 chains of method population form a group of fewer than 8"):
        search(quick(), out=tmp_path, chains=12, resume=True)
    assert table_in(tmp_path).equals(before)
