"""``python -m calibrate``: every way in, every refusal, every way out, with a walk that is no model."""

import errno
import json
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from support.walk_double import QUICK, WalkDouble, draws_in, record_in

import calibrate.cli
import calibrate.session.plan
import calibrate.session.session
import engine.cli.compile_notice
from calibrate.methods.registry import METHODS
from calibrate.settings import DEFAULT_METHOD
from engine.results.provenance import OUR_CODE
from engine.scenario import load_scenario

RESULTS = Path("results")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """``python -m calibrate`` on the quick country, small, into a fresh folder; later arguments win."""
    monkeypatch.setitem(METHODS, DEFAULT_METHOD, WalkDouble)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str, config: str | None = QUICK) -> int:
        given = ["--config", config] if config else []
        return calibrate.cli.main([*given, "--chains", "2", "--iters", "40", *arguments])

    return command


def test_a_run_tells_what_it_came_to(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--seed", "11") == 0
    told = capsys.readouterr()
    assert re.search(r"^ +0 +40 ", told.out, re.MULTILINE), "a line for each chain"
    assert re.search(r"^ +all +80 ", told.out, re.MULTILINE)
    assert "seed 11, stored in results" in told.out
    assert told.out.endswith("Next: python -m analysis.importance results/\n")
    assert "2 chains of 40 draws" in told.err
    assert draws_in(RESULTS) == 80
    record = record_in(RESULTS)
    assert (record["status"], record["seed"], record["chains"], record["iters"]) == ("finished", 11, 2, 40)
    assert record["source_digest"] == OUR_CODE
    assert record["scenario"] == load_scenario(QUICK).resolved()
    assert str(record["end"]) >= str(record["start"])


def test_a_seed_is_drawn_printed_and_stored(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--out", "one") == 0
    assert command("--out", "other") == 0
    seeds = [record_in(Path(name))["seed"] for name in ("one", "other")]
    assert seeds[0] != seeds[1]
    told = capsys.readouterr().out
    assert all(f"seed {seed}," in told for seed in seeds)


def test_quiet_says_nothing(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not even that it compiles, where no machine code is kept."""
    monkeypatch.setattr(engine.cli.compile_notice, "CACHE", tmp_path)
    assert command("--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert command("--overwrite") == 0
    assert "compiling the model" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("mode", "shown"),
    [("plain", "80 of 80 draws"), ("auto", "80 of 80 draws"), ("bar", "80/80"), ("none", None)],
)
def test_progress_is_on_stderr(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], mode: str, shown: str | None
) -> None:
    assert command("--progress", mode) == 0
    told = capsys.readouterr()
    assert "best score" in told.out
    if shown is None:
        assert "simulations" not in told.err
    else:
        assert shown in told.err
        assert "best score" in told.err
        assert "accepted" in told.err


def test_a_full_directory_is_refused_with_both_ways_out(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--seed", "1") == 0
    before = {path: path.stat().st_mtime_ns for path in Path("results").rglob("*")}
    capsys.readouterr()
    assert command("--seed", "1") == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert "--resume" in told
    assert "--overwrite" in told
    assert {path: path.stat().st_mtime_ns for path in Path("results").rglob("*")} == before
    assert command("--seed", "2", "--overwrite", "--iters", "10") == 0
    assert (record_in(RESULTS)["seed"], draws_in(RESULTS)) == (2, 20)


def test_resume_takes_from_the_record_what_is_not_said(command: Callable[..., int]) -> None:
    assert command("--seed", "5", "--set", "search.step=0.07") == 0
    started = record_in(RESULTS)["start"]
    assert calibrate.cli.main(["--resume", "--iters", "60"]) == 0
    record = record_in(RESULTS)
    assert (record["iters"], record["seed"], record["start"], draws_in(RESULTS)) == (60, 5, started, 120)
    assert command("--resume", "--iters", "70", "--set", "search.step=0.07", "--seed", "5") == 0
    assert calibrate.cli.main(["--resume", "--set", "search.step=0.07"]) == 0, "of the run's own scenario"
    assert calibrate.cli.main(["--resume", "--set", "search.step=0.08"]) == 2
    assert calibrate.cli.main(["--resume"]) == 0
    assert (record_in(RESULTS)["iters"], draws_in(RESULTS)) == (70, 140)


def test_resuming_another_run_is_refused_line_by_line(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("--seed", "5") == 0
    before = record_in(RESULTS)
    capsys.readouterr()
    assert command("--resume", "--seed", "6", "--chains", "1", "--set", "search.step=0.07") == 2
    head, *lines = capsys.readouterr().err.splitlines()
    assert head.startswith("results: holds another run")
    assert lines == [
        "seed: was 5, now 6",
        "scenario.search.step: was 0.05, now 0.07",
        "chains: was 2, now 1; give as many or more",
    ]
    assert command("--resume", "--iters", "39") == 2
    assert "--iters 39: results holds 40 draws" in capsys.readouterr().err
    monkeypatch.setattr(calibrate.session.plan, "OUR_CODE", "0" * 64)
    assert calibrate.cli.main(["--resume"]) == 2
    assert "source_digest: was " in capsys.readouterr().err
    assert record_in(RESULTS) == before


def test_other_libraries_are_noted(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command() == 0
    monkeypatch.setattr(calibrate.session.plan, "versions", lambda: {"numba": "99"})
    assert calibrate.cli.main(["--resume"]) == 0
    assert '"99"; the last digits' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["--chain", "3"], ["--chain: no such argument; did you mean --chains?"]),
        (["results"], ["results: no such argument; see"]),
        (["--frobnicate"], ["--frobnicate: no such argument; see python -m calibrate --help"]),
        (["--chains", "0", "--seed", "-1"], ["--chains 0: give a whole", "--seed -1: give a whole"]),
        (["--iters", "1.5"], ["--iters 1.5: give a whole number"]),
        (["--seed", "9" * 5000], ["--seed 999"]),
        (["--workers", "many"], ["--workers many: give a whole number"]),
        (["--max-time", "3"], ["--max-time 3: give a number and s, m or h"]),
        (["--scheduler", "host"], ["--scheduler host: give the address as Dask prints it, tcp://host:8786"]),
        (["--scheduler", "tls://h:1", "--workers", "2"], ["--workers --scheduler: give one of them"]),
        (["--resume", "--overwrite"], ["--resume --overwrite: give one of them"]),
        (["--progress", "loud"], ["argument --progress: invalid choice"]),
        (["--seed"], ["argument --seed: expected one argument"]),
        (["--resume"], ["results: holds no run to resume"]),
        (["--config", "nowhere.yaml"], ["nowhere.yaml"]),
        (["--set", "search.stepp=1"], ["search.stepp"]),
    ],
)
def test_bad_usage_is_told_in_a_line_each_and_changes_nothing(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], arguments: list[str], lines: list[str]
) -> None:
    assert command(*arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    for line, wanted in zip(told.err.splitlines(), lines, strict=True):
        assert line.startswith(wanted) or wanted in line
    assert list(Path().iterdir()) == []


def test_a_rehearsal_prints_a_scenario_that_loads_and_writes_nothing(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--dry-run", "--seed", "3", "--set", "search.step=0.07") == 0
    told = capsys.readouterr().out
    assert list(Path().iterdir()) == []
    assert "# 2 chains of 40 draws" in told
    assert re.search(r"# about .* by the speed of the first draws", told)
    assert yaml.safe_load(told)["search"]["step"] == 0.07
    Path("again.yaml").write_text(told)
    again = load_scenario("again.yaml")
    assert again == load_scenario(QUICK, ["search.step=0.07"])


def test_a_rehearsal_of_a_resume_reads_the_run(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command() == 0
    before = {path: path.stat().st_mtime_ns for path in Path("results").rglob("*")}
    assert calibrate.cli.main(["--resume", "--dry-run"]) == 0
    assert "# about 0 s" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in Path("results").rglob("*")} == before


def test_damage_ends_with_three(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command() == 0
    part = Path("results/draws/chain=01/part-00000.parquet")
    part.write_bytes(part.read_bytes()[:500])
    capsys.readouterr()
    assert command("--resume", "--iters", "60") == 3
    told = capsys.readouterr().err
    assert told.startswith(f"{part}: is damaged")
    assert len(told.splitlines()) == 1
    part.unlink()
    assert command("--resume", "--iters", "60") == 0
    assert draws_in(RESULTS) == 120
    Path("results/run.json").write_text("{")
    assert command("--resume") == 3
    assert "run.json: is not JSON" in capsys.readouterr().err


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_place_ends_with_three(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    Path().chmod(0o500)
    assert command() == 3
    assert "Permission denied" in capsys.readouterr().err


def test_what_cannot_be_written_ends_with_three(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--out", "/proc/nowhere/results") == 3
    told = capsys.readouterr().err
    assert told == (
        "/proc/nowhere: No such file or directory; give another directory with --out; what was written before is safe\n"
    )


@pytest.mark.parametrize(
    ("number", "remedy", "goes_on"),
    [
        (errno.ENOSPC, "make room", True),
        (errno.EDQUOT, "make room", True),
        (errno.EACCES, "allow writing there", True),
        (errno.EROFS, "give another directory with --out", False),
        (errno.EIO, "give another directory with --out", False),
    ],
)
def test_what_a_disk_refuses_is_told_with_what_would_do(
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    remedy: str,
    goes_on: bool,
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number), "results/draws")

    assert command("--seed", "3") == 0
    capsys.readouterr()
    monkeypatch.setattr(calibrate.session.session, "clear", refuse)
    assert command("--seed", "4", "--overwrite", "--quiet") == 3
    told = f"results/draws: {os.strerror(number)}; {remedy}; what was written before is safe\n"
    assert capsys.readouterr().err == told, "not how to go on with the run that was to be replaced"
    monkeypatch.setattr(calibrate.session.session, "write_part", refuse)
    assert command("--resume", "--iters", "60", "--quiet") == 3
    advice = "Go on with: python -m calibrate --resume --out results/\n" if goes_on else ""
    assert capsys.readouterr().err == told + advice


def test_nothing_left_to_do_is_said(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--seed", "3") == 0
    assert "simulations per second" in capsys.readouterr().out
    assert command("--resume") == 0
    assert "\nnothing was left to draw, seed 3, stored in results\n" in capsys.readouterr().out


def test_numbers_may_be_written_as_we_print_them(command: Callable[..., int]) -> None:
    assert command("--iters", "1e1", "--seed", "1,000") == 0
    assert (record_in(RESULTS)["iters"], record_in(RESULTS)["seed"]) == (10, 1000)


def test_one_chain_is_one_chain(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("--chains", "1", "--workers", "3", "--seed", "3") == 0
    told = capsys.readouterr().err
    assert "note: 3 workers for 1 chain: only as many" in told
    assert "1 chain of 40 draws, 1 worker, seed 3, to results" in told


def test_an_installed_command_suggests_what_is_installed(
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr("sys.argv", [str(folder / "defection-calibrate")])
    monkeypatch.setenv("PATH", "/nowhere")
    assert command("--seed", "3") == 0
    assert capsys.readouterr().out.endswith(f"Next: {folder}/defection-importance results/\n")
    (folder / "defection-importance").touch(0o700)
    monkeypatch.setenv("PATH", str(folder))
    assert command("--resume") == 0
    assert capsys.readouterr().out.endswith("Next: defection-importance results/\n")


def test_without_the_checkout_a_scenario_is_asked_for(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(config=None) == 2
    assert capsys.readouterr().err == (
        "configs/dprk.yaml: is not here; name a scenario with --config FILE, begin one of your own with "
        "python -m calibrate init NAME, or go to the checkout, which has that one\n"
    )


def test_a_time_limit_ends_cleanly(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WalkDouble, "seconds", 0.005)
    assert command("--max-time", "0.2s", "--iters", "100000", "--seed", "8") == 0
    told = capsys.readouterr().out
    assert told.endswith("Go on with: python -m calibrate --resume --out results/\n")
    assert record_in(RESULTS)["status"] == "interrupted"
    assert 0 < draws_in(RESULTS) < 1000
    assert json.loads(Path("results/summary.json").read_text())["all"]["draws"] == draws_in(RESULTS)


def test_no_thread_is_left_behind(command: Callable[..., int]) -> None:
    assert command() == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("walk-")]
