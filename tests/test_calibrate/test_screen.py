"""``python -m calibrate --screen N``: an even spread over the box, stored as a search is, however it is cut."""

import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.walk_double import QUICK, parts

import calibrate.cli
import calibrate.session.threads
from calibrate.methods.base import NOTHING, START
from calibrate.methods.screen import Screen, sobol_points
from calibrate.session.dask import Order, do_turn, origin_of
from calibrate.session.plan import share_of
from calibrate.store.parts import sealed
from engine import load_scenario
from engine.__main__ import main as engine_main
from engine.results.run_record import read_record

FIXED = ["parameters.visibility=0.25", "parameters.memory_weeks={low: 20, high: 24}"]


@pytest.fixture
def screened(tmp_path: Path, seed: int) -> Path:
    """A finished screen of 3 chains of 64 draws."""
    assert calibrate.cli.main(command(tmp_path, seed, "--screen", "192")) == 0
    return tmp_path


def command(out: Path, seed: int, *more: str) -> list[str]:
    return ["--config", QUICK, "--chains", "3", "--seed", str(seed), "--quiet", "--out", str(out), *more]


def rows_of(run: Path, chain: int) -> list[dict[str, object]]:
    tables = [pq.read_table(part, partitioning=None) for part in parts(run) if f"chain={chain:02d}" in str(part)]
    return [row for table in tables for row in table.to_pylist()]


def test_every_slice_of_the_box_holds_one_draw_of_a_chain(seed: int) -> None:
    """A scrambled Sobol sequence is a net in each direction: of 64 draws, one in each 64th of every range.

    On the scale that is walked. Uniform draws, the negative control, leave about 64·(1 - 1/64)^64 = 23 empty.
    """
    screen = Screen(load_scenario(QUICK), seed)
    space = screen.space
    points = screen.step(1, 0, 64, START)[0].points[:, space.place]
    walked = np.where(space.log, np.log(np.where(space.log, points, 1.0)), points)
    unit = (walked - space.low) / (space.high - space.low)
    for row in np.flatnonzero(~space.integer):
        assert np.bincount((64 * unit[:, row]).astype(int), minlength=64).tolist() == [1] * 64
    uniform = np.random.default_rng(seed).random(64)
    assert np.count_nonzero(np.bincount((64 * uniform).astype(int), minlength=64) == 0) > 8


def test_integers_are_as_likely_at_their_ends_and_what_is_held_stays(seed: int) -> None:
    """Five whole numbers share 1,280 draws of a net evenly, 256 each, give or take the edges of the net."""
    screen = Screen(load_scenario(QUICK, FIXED), seed)
    scenario_points = screen.step(0, 0, 1280, START)[0].points
    values, counts = np.unique(scenario_points[:, 8], return_counts=True)
    assert values.tolist() == [20, 21, 22, 23, 24]
    assert np.abs(counts - 256).max() <= 3
    assert set(scenario_points[:, 7]) == {0.25}


@pytest.mark.parametrize("cuts", [[1], [13, 30], [64], [63, 64, 65]])
def test_a_chain_is_the_same_however_it_is_cut(seed: int, cuts: list[int]) -> None:
    screen = Screen(load_scenario(QUICK), seed)
    whole, state = screen.step(2, 0, 100, START)
    borders = [0, *cuts, 100]
    pieces = [screen.step(2, first, after - first, START)[0] for first, after in pairwise(borders)]
    for name in whole._fields:
        assert np.array_equal(getattr(whole, name), np.concatenate([getattr(piece, name) for piece in pieces])), name
    assert state == START, "no draw depends on another"
    assert whole.accepted.all()


def test_chains_and_seeds_are_screens_of_their_own(seed: int) -> None:
    points = [sobol_points(one, chain, 0, 16, 3) for one, chain in ((seed, 0), (seed, 1), (seed + 1, 0))]
    assert len({point.tobytes() for point in points}) == 3


def test_a_screen_is_a_run_like_any_other(screened: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    record = read_record(screened)
    assert (record.method, record.chains, record.iters, record.status) == ("screen", 3, 64, "finished")
    assert json.loads((screened / "summary.json").read_text())["all"]["draws"] == 192
    block, _ = Screen(load_scenario(QUICK), seed).step(1, 0, 64, START)
    assert [row["score"] for row in rows_of(screened, 1)] == block.score.tolist()
    assert calibrate.cli.main(["verify", str(screened), "--sample", "192"]) == 0
    assert "192 draws of 3 chains in 3 parts are sound, 192 of them were simulated again" in capsys.readouterr().out
    assert engine_main(["--draw", str(screened), "2", "41"]) == 0


def test_cut_and_resumed_by_any_workers_it_is_the_same(
    tmp_path: Path, screened: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    monkeypatch.setattr(calibrate.store.parts, "PART_DRAWS", 23)
    assert calibrate.cli.main(command(other, seed, "--screen", "48", "--workers", "1")) == 0
    assert calibrate.cli.main(["--resume", "--screen", "192", "--quiet", "--out", str(other)]) == 0
    assert len(parts(other)) > len(parts(screened))
    for chain in range(3):
        assert rows_of(other, chain) == rows_of(screened, chain)
    assert calibrate.cli.main(["verify", str(other), "--sample", "9"]) == 0


def test_more_chains_leave_those_that_are_there(screened: Path, seed: int) -> None:
    before = rows_of(screened, 1)
    assert calibrate.cli.main(["--resume", "--chains", "4", "--quiet", "--out", str(screened)]) == 0
    assert rows_of(screened, 1) == before
    assert len(rows_of(screened, 3)) == 64


def test_a_worker_elsewhere_makes_the_same_draws(screened: Path, seed: int) -> None:
    made = do_turn(Order(origin_of(read_record(screened)), 2, 16, START, NOTHING, 64, 60.0))[0]
    table = pq.read_table(pa.BufferReader(made.content))
    assert table.to_pylist() == rows_of(screened, 2)[16:]


def test_verify_tells_a_row_that_no_screen_has(screened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = parts(screened)[1]
    table = pq.read_table(part, partitioning=None)
    accepted = table["accepted"].to_numpy().copy()
    accepted[5] = False
    place = table.column_names.index("accepted")
    part.write_bytes(sealed(table.set_column(place, table.field(place), pa.array(accepted)), START, 1))
    assert calibrate.cli.main(["verify", str(screened), "--sample", "0"]) == 3
    assert f"{part}: row 5, iteration 5: not accepted, as every draw of a screen is" in capsys.readouterr().err


def test_verify_takes_no_search_for_a_screen(screened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The points of a screen are no walk's: with another method in run.json it fails."""
    record = json.loads((screened / "run.json").read_text())
    assert record["method"] == "screen"
    (screened / "run.json").write_text(json.dumps(record | {"method": "walk"}))
    assert calibrate.cli.main(["verify", str(screened)]) == 3
    assert "accepted, though far too much worse" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--screen", "192", "--iters", "64"], "--screen --iters: give one of them"),
        (["--screen", "0"], "--screen 0: give a whole number from 1 to 1073741824"),
        (["--screen", "some"], "--screen some: give a whole number"),
        (["--resume", "--iters", "100"], "method: was screen, now population"),
        (["--resume", "--screen", "100"], "--screen 100: OUT holds 64 draws of a chain; give as many or more"),
    ],
)
def test_what_will_not_do_is_told(
    screened: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert calibrate.cli.main([*arguments, "--out", str(screened)]) == 2
    assert said.replace("OUT", str(screened)) in capsys.readouterr().err


def test_a_search_is_not_resumed_as_a_screen(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate.cli.main(command(tmp_path, seed, "--iters", "20")) == 0
    assert read_record(tmp_path).method == "population"
    assert calibrate.cli.main(["--resume", "--screen", "192", "--out", str(tmp_path)]) == 2
    assert "method: was population, now screen" in capsys.readouterr().err


def test_a_rehearsal_writes_nothing(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calibrate.session.threads, "TRIAL_SECONDS", 0.02)
    assert calibrate.cli.main(command(tmp_path / "none", seed, "--screen", "192", "--dry-run")) == 0
    assert re.search(r"# 3 chains of 64 draws on \d workers", capsys.readouterr().out)
    assert not (tmp_path / "none").exists()


def test_draws_are_shared_out_and_an_uneven_share_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    assert share_of(None, 8) is None
    assert [share_of(draws, 8) for draws in (65536, 8, 1)] == [8192, 1, 1]
    assert capsys.readouterr().err == ""
    assert share_of(1000, 8) == 125
    told = capsys.readouterr().err
    assert told == "note: 125 draws a chain; Sobol points are evenest at a power of two: 128\n"
