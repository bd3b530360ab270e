"""What ``python -m engine`` stores: whole files or none, and pictures of the numbers in the table."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from support.one_point import ONE_POINT, POINT
from support.walk_double import quick

import engine
import engine.__main__
import engine.cli.compile_notice
from engine.__main__ import main
from engine.cli.compile_notice import tell_of_compiling
from engine.cli.run_figure import run_figure
from engine.cli.yearly_table import as_csv, as_text, gather, stop_line, table_of_years
from engine.simulation import Trajectory

SIGNS = {".png": b"\x89PNG", ".svg": b"<?xml", ".PDF": b"%PDF"}
YEARS, WEEKS = quick().years, quick().weeks


def stopped_run(weeks_run: int, escapes: int) -> Trajectory:
    """A run of one escape a week until it explodes in its last week."""
    counts = np.zeros((WEEKS, 2), np.int64)
    counts[:weeks_run, 0] = 1
    counts[weeks_run - 1, 1] = escapes
    return Trajectory(3 * counts, counts, counts, counts, np.full((WEEKS, 2), 0.5), weeks_run, True, 52, 2001)


def full_run() -> Trajectory:
    """A run of two escapes a week at falling repression."""
    counts = np.ones((WEEKS, 2), np.int64)
    level = np.repeat(np.linspace(1.0, 0.0, WEEKS)[:, None], 2, axis=1)
    return Trajectory(2 * counts, counts, counts, counts, level, WEEKS, False, 52, 2001)


def test_the_table_of_years_is_that_of_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int) -> None:
    assert main([*ONE_POINT, "--seed", str(seed), "--out", str(tmp_path / "years.csv")]) == 0
    out = capsys.readouterr().out
    trajectory = engine.simulate(quick(), POINT, seed)
    rows = list(csv.DictReader((tmp_path / "years.csv").read_text().splitlines()))
    assert [int(row["year"]) for row in rows] == quick().calendar
    assert [int(row["target"]) for row in rows] == quick().yearly_target().tolist()
    assert [int(row["escapes"]) for row in rows] == trajectory.escapes_by_year().tolist()
    assert [int(row["attempts"]) for row in rows] == trajectory.attempts_by_year().tolist()
    assert [int(row["known"]) for row in rows] == trajectory.by_year(trajectory.known).tolist()
    levels = trajectory.repression.reshape(quick().years, -1).mean(axis=1)
    assert [float(row["mean_repression"]) for row in rows] == pytest.approx(levels, rel=1e-12)
    assert f"{trajectory.escapes.sum():,}" in next(line for line in out.splitlines() if line.startswith(" all"))
    assert out.endswith(f"stored {tmp_path / 'years.csv'}\n")


def test_many_runs_are_those_of_the_seeds_in_a_row(tmp_path: Path, seed: int) -> None:
    arguments = ["--seed", str(seed), "--runs", "70", "--out", str(tmp_path / "years.csv")]
    assert main([*ONE_POINT, *arguments]) == 0
    trajectories = engine.simulate_many(quick(), POINT, range(seed, seed + 70))
    assert not any(trajectory.stopped for trajectory in trajectories)
    escapes = np.array([trajectory.escapes_by_year() for trajectory in trajectories])
    rows = list(csv.DictReader((tmp_path / "years.csv").read_text().splitlines()))
    wanted = {"escapes": escapes.mean(axis=0), "runs": [70] * quick().years}
    wanted |= {f"escapes_p{share:02}": np.percentile(escapes, share, axis=0) for share in (5, 95)}
    for name, values in wanted.items():
        assert [float(row[name]) for row in rows] == pytest.approx(values, rel=1e-12), name


def test_years_that_a_run_did_not_reach_have_no_numbers() -> None:
    # 60 weeks: all 52 of 2001 and eight of 2002, the last with 900 escapes more.
    runs = gather(quick(), [stopped_run(60, 900)])
    columns = table_of_years(quick(), runs)
    assert as_csv(columns).decode().splitlines() == [
        "year,population,target,escapes,attempts,known,mean_repression",
        "2001,200000,100,52,156,52,0.5",
        "2002,201000,260,908,2724,908,0.5",
        "2003,202000,520,,,,",
        "2004,203000,360,,,,",
    ]
    assert as_text(columns).splitlines()[3] == ("2003     202,000     520        -         -      -                -")
    assert stop_line(quick(), runs) == ("stopped after week 60 of 208, in 2002: more than 60 escapes in a week (901)")


def test_a_year_counts_the_runs_that_began_it() -> None:
    runs = gather(quick(), [full_run(), stopped_run(60, 900), full_run()])
    columns = {column.name: column for column in table_of_years(quick(), runs)}
    assert columns["runs"].values.tolist() == [3, 3, 2, 2]
    # 2001: 104, 52, 104. 2002: 104, 908, 104. Then 104, 104.
    assert columns["escapes"].values.tolist() == pytest.approx([260 / 3, 1116 / 3, 104, 104])
    assert columns["escapes_p95"].values.tolist() == pytest.approx([104, 104 + 0.9 * 804, 104, 104])
    assert columns["escapes"].total == pytest.approx((416 + 960 + 416) / 3)
    assert runs.by_province[59].tolist() == pytest.approx([(2 * (1 - 59 / 207) + 0.5) / 3] * 2)
    assert stop_line(quick(), runs).startswith("1 of 3 runs stopped early: more than 60 escapes in a week")


def test_what_stopped_a_run_is_told() -> None:
    scenario = quick().changed(["stop_counts=attempts"])
    # One escape and 900 more, and three times as many attempts: 2,703.
    told = [stop_line(one, gather(one, [stopped_run(60, 900)])) for one in (quick(), scenario)]
    assert told[0].endswith(": more than 60 escapes in a week (901)")
    assert told[1].endswith(": more than 60 attempts in a week (2,703)")


@pytest.mark.parametrize("compared", ["escapes", "attempts"])
def test_the_picture_shows_the_numbers_of_the_table(compared: str, seed: int) -> None:
    scenario = quick().changed([f"target.compares={compared}"])
    runs = gather(scenario, engine.simulate_many(scenario, POINT, range(seed, seed + 9)))
    columns = {column.name: column.values for column in table_of_years(scenario, runs)}
    by_year, by_week, repression = run_figure(scenario, runs, "nine runs").axes
    assert [bar.get_bbox().height for bar in by_year.patches[:YEARS] if isinstance(bar, Rectangle)] == columns[
        "target"
    ].tolist()
    line, _, (whiskers,) = by_year.containers[1]
    assert line.get_ydata().tolist() == columns[compared].tolist()
    ends = np.array([segment[:, 1] for segment in whiskers.get_segments()])
    assert ends[:, 0].tolist() == pytest.approx(columns[f"{compared}_p05"])
    assert ends[:, 1].tolist() == pytest.approx(columns[f"{compared}_p95"])
    weekly = np.asarray(by_week.lines[0].get_ydata()).reshape(YEARS, -1).sum(axis=1)
    assert weekly.tolist() == pytest.approx(columns[compared])
    assert len(repression.lines) == len(quick().provinces)
    for axes, unit in (
        (by_year, f"{compared} a year"),
        (by_week, f"{compared} a week"),
        (repression, "repression (%"),
    ):
        assert axes.get_ylabel().startswith(unit)


@pytest.mark.parametrize(("escapes", "told"), [(10**6, "off the scale: up to 1,000,001"), (0, "")])
def test_an_explosion_does_not_flatten_the_target(escapes: int, told: str) -> None:
    by_week = run_figure(quick(), gather(quick(), [stopped_run(60, escapes)]), "one run").axes[1]
    assert by_week.get_title(loc="right") == told
    assert by_week.get_ylim()[1] < 5 * np.max(np.asarray(by_week.lines[1].get_ydata()))


def test_pictures_of_every_kind_are_stored_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for ending, sign in SIGNS.items():
        file = tmp_path / f"run{ending}"
        assert main([*ONE_POINT, "--plot", str(file)]) == 0
        assert file.read_bytes().startswith(sign)
        assert capsys.readouterr().out.endswith(f"stored {file}\n")
    assert {path.suffix for path in tmp_path.iterdir()} == set(SIGNS)


def test_a_file_is_replaced_only_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "years.csv"
    file.write_text("mine")
    assert main([*ONE_POINT, "--out", str(file)]) == 2
    assert capsys.readouterr().err == (f"--out {file}: exists; replace it with --overwrite, or give another file\n")
    assert file.read_text() == "mine"
    assert main([*ONE_POINT, "--out", str(file), "--overwrite"]) == 0
    assert file.read_text().startswith("year,population,")


def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "years.csv"
    file.write_text("mine")
    monkeypatch.setattr(os, "fsync", refuse)
    assert main([*ONE_POINT, "--out", str(file), "--overwrite"]) == 2
    assert capsys.readouterr().err == (
        f"--out {file}: cannot be written (No space left on device); give another file\n"
    )
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", *ONE_POINT], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait() == 141


def test_ctrl_c_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine.__main__, "simulate_many", interrupt)
    assert main(ONE_POINT) == 130
    assert capsys.readouterr().err == "stopped before the end\n"


def test_who_must_wait_for_the_compiler_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine.cli.compile_notice, "CACHE", tmp_path)
    tell_of_compiling("run.run")
    assert "about half a minute" in capsys.readouterr().err
    (tmp_path / "engine_1").mkdir()
    (tmp_path / "engine_1" / "run.run-41.nbi").touch()
    tell_of_compiling("run.run")
    assert capsys.readouterr().err == ""
    tell_of_compiling("walk.advance")
    assert "about half a minute" in capsys.readouterr().err
