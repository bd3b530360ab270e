"""The run directory: the same rows however they were made, one owner, nothing removed that is not a run's."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import walk_double
from support.names import NAMES, REQUIRED
from support.walk_double import WalkDouble, quick, record_in, table_in

import calibrate.session.session
import calibrate.session.threads
from calibrate.methods.base import START
from calibrate.methods.walk import standing
from calibrate.store.directory import check_usable, clear, owned
from calibrate.store.parts import read_position
from engine.errors import UsageError, on_command_line
from engine.results.columns import schema_of
from engine.results.run_record import fingerprint, read_record


@pytest.fixture
def search(seed: int, tmp_path: Path) -> Callable[..., pa.Table]:
    """``search(name, ...)``: the run of that name, begun or gone on with, and its whole table."""
    return lambda name, **wanted: walk_double.search(tmp_path / name, seed, **wanted)


def stop_after(blocks: int) -> Callable[[], bool]:
    asked = iter(range(blocks))
    return lambda: next(asked, None) is None


def test_a_row_is_what_the_contract_says(search: Callable[..., pa.Table]) -> None:
    table = search("results")
    measures = [
        "score",
        "log_likelihood",
        "distance",
        "weeks_run",
        "stopped",
        "active_years",
        "escapes_total",
        "attempts_total",
    ]
    wanted = ["iteration", *REQUIRED, *measures, "accepted", "escapes_by_year", "chain"]
    assert table.column_names == wanted
    assert table.schema.field("memory_weeks").type == pa.int32()
    assert table.schema.field("escapes_by_year").type == pa.list_(pa.int64(), quick().years)
    assert table["chain"].to_pylist() == [chain for chain in range(3) for _ in range(300)]
    assert table["iteration"].to_pylist() == 3 * list(range(300))
    assert 0 < np.mean(table["accepted"].to_numpy()) < 1, "rejected proposals are rows too"


def test_a_row_holds_the_numbers_of_its_draw(search: Callable[..., pa.Table], seed: int) -> None:
    row = search("results").to_pylist()[300 + 41]
    block, _ = WalkDouble(quick(), seed).step(1, 0, 42, START)
    assert [row[name] for name in REQUIRED] == block.points[41, : len(REQUIRED)].tolist()
    assert row["score"] == block.score[41]
    assert row["escapes_by_year"] == block.by_year[41].tolist()
    assert row["accepted"] == block.accepted[41]


def test_pandas_and_pyarrow_read_the_folder_as_one_table(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    rows = search("results").num_rows
    draws = tmp_path / "results" / "draws"
    frame = pd.read_parquet(draws)
    assert len(frame) == rows
    assert sorted(frame["chain"].astype(int).unique()) == [0, 1, 2]
    assert pq.read_table(draws).num_rows == rows
    assert len(pd.read_parquet(draws, columns=["chain", "score"], filters=[("chain", "==", 1)])) == 300
    assert all(path.suffix == ".parquet" for path in draws.rglob("*") if path.is_file()), "Polars wants this"
    assert {path.name for path in draws.parent.iterdir()} == {"draws", "run.json", "summary.json", ".lock"}


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_same_rows_for_any_number_of_workers_and_any_division(
    search: Callable[..., pa.Table], workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = search("whole", workers=1)
    monkeypatch.setattr(calibrate.session.threads, "TURN_SECONDS", 0.001)
    monkeypatch.setattr(calibrate.store.parts, "PART_SECONDS", 0.001)
    monkeypatch.setattr(calibrate.session.threads, "LARGEST_BLOCK", 7 * workers)
    assert search("divided", workers=workers) == whole


def test_another_seed_is_another_table(seed: int) -> None:
    # The control of the comparison above.
    one, other = (WalkDouble(quick(), seed + shift).step(0, 0, 5, START)[0] for shift in (0, 1))
    assert not np.array_equal(one.score, other.score)


def test_resuming_equals_running_longer(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    whole = search("whole", iters=300)
    assert search("resumed", iters=150).num_rows == 450
    assert search("resumed", iters=300) == whole
    summary = json.loads((tmp_path / "resumed" / "summary.json").read_text())
    best = max(whole.to_pylist(), key=lambda row: row["score"])
    assert summary["all"]["draws"] == 900
    assert (summary["all"]["best_score"], summary["all"]["best_iteration"]) == (
        best["score"],
        best["iteration"],
    )
    assert summary["all"]["acceptance"] == pytest.approx(np.mean(whole["accepted"].to_numpy()))


def test_stopping_anywhere_loses_nothing(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    whole = search("whole")
    for blocks in (0, 1, 2, 3):
        search("stopped", stop=stop_after(blocks), workers=1)
        assert read_record(tmp_path / "stopped").status == "interrupted"
    assert search("stopped") == whole
    assert read_record(tmp_path / "stopped").status == "finished"


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("blocks", [5, 40, 100, 300])
def test_a_cut_at_any_time_leaves_chains_of_about_equal_length(
    search: Callable[..., pa.Table], tmp_path: Path, workers: int, blocks: int
) -> None:
    drawn = search("cut", chains=12, iters=10**6, workers=workers, stop=stop_after(blocks))
    lengths = np.bincount(drawn["chain"].to_numpy(), minlength=12)
    longest = lengths.max()
    assert longest > 0
    if lengths.sum() < 12 * 16:
        assert longest == 16, "none has a second block before all have their first"
    # Each worker has one chain in hand, which may be behind.
    assert (lengths < longest / 1.25 - 16).sum() <= workers
    assert {int(path.name.removeprefix("chain=")) for path in (tmp_path / "cut" / "draws").iterdir()} == set(
        np.flatnonzero(lengths).tolist()
    ), "a chain without a draw has no folder"


def test_a_clock_that_goes_backwards_moves_nothing(
    search: Callable[..., pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = search("whole", iters=40)
    stamps = (f"2026-01-{day:02d}T00:00:00+00:00" for day in range(28, 0, -1))
    monkeypatch.setattr(calibrate.session.session, "_now", lambda: next(stamps))
    search("results", iters=20)
    assert search("results", iters=40) == whole
    record = record_in(tmp_path / "results")
    assert record["end"] >= record["start"]


def test_chains_and_draws_can_be_added(search: Callable[..., pa.Table]) -> None:
    search("grown", chains=2, iters=100)
    assert search("grown", chains=12, iters=200) == search("whole", chains=12, iters=200)


def test_a_part_holds_the_state_after_it(search: Callable[..., pa.Table], seed: int, tmp_path: Path) -> None:
    """The state of a walk is where it stands, which is the last row that was accepted."""
    rows = search("results", iters=200).to_pylist()[200:400]
    schema = schema_of(quick(), fingerprint(read_record(tmp_path / "results")))
    position = read_position(tmp_path / "results" / "draws" / "chain=01", schema)
    assert (position.iteration, position.part) == (200, 1)
    assert position.state == WalkDouble(quick(), seed).step(1, 0, 200, START)[1]
    point, score = standing(position.state)
    last = [row for row in rows if row["accepted"]][-1]
    assert score == last["score"]
    assert point[: len(REQUIRED)].tolist() == [last[name] for name in REQUIRED]
    assert len(point) == len(NAMES)


def test_a_failing_worker_ends_the_run_and_leaves_no_gap(
    search: Callable[..., pa.Table], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(calibrate.session.threads, "LARGEST_BLOCK", 16)
    monkeypatch.setattr(WalkDouble, "fails_at", (1, 200))
    with pytest.raises(RuntimeError, match="planted failure"):
        search("results")
    assert read_record(tmp_path / "results").status == "interrupted"
    assert table_in(tmp_path / "results").num_rows >= 192, "what was made before the failure is kept"
    monkeypatch.setattr(WalkDouble, "fails_at", None)
    assert search("results") == search("whole")


def test_one_owner_at_a_time(tmp_path: Path) -> None:
    with (
        owned(tmp_path),
        pytest.raises(UsageError, match=f"in use by process {os.getpid()} on "),
        owned(tmp_path),
    ):
        pass
    (tmp_path / ".lock").write_text("process 1 on a machine that crashed")
    with owned(tmp_path):
        pass


def test_a_directory_that_is_no_run_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    for ways in ((False, False), (True, False), (False, True)):
        with pytest.raises(UsageError, match=r"thesis\.tex.*left as it is"):
            check_usable(tmp_path, *ways)
    with pytest.raises(UsageError, match="is a file"):
        check_usable(tmp_path / "thesis.tex", False, True)


def test_overwriting_removes_only_what_a_run_wrote(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    search("results", iters=5)
    directory = tmp_path / "results"
    with on_command_line(), pytest.raises(UsageError, match=r"--resume.*--overwrite.*--out"):
        check_usable(directory, False, False)
    with pytest.raises(UsageError, match=r"resume=True.*overwrite=True.* out"):
        check_usable(directory, False, False)
    kept = [directory / "importance.png", directory / "draws" / "chain=01" / "notes.txt"]
    for path in kept:
        path.write_text("mine")
    clear(directory)
    assert sorted(path for path in directory.rglob("*") if path.is_file()) == sorted([directory / ".lock", *kept])
