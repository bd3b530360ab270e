"""What the commands of analysis have in common."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.places import CONFIGS
from support.short_runs import searched

from analysis import best
from analysis.diagnostics import __main__ as diagnostics
from analysis.figures import __main__ as figures
from analysis.forecast import __main__ as forecast
from analysis.importance import __main__ as importance
from analysis.inverse import __main__ as inverse
from analysis.leavers import __main__ as leavers
from analysis.posterior import __main__ as posterior
from analysis.profile import __main__ as profile
from analysis.regions import __main__ as regions
from analysis.report import __main__ as report
from analysis.reproduction import __main__ as reproduction
from analysis.sensitivity import __main__ as sensitivity
from analysis.volume import __main__ as volume
from calibrate.cli import main as calibrate

COMMANDS = [
    best,
    diagnostics,
    figures,
    forecast,
    importance,
    inverse,
    leavers,
    posterior,
    profile,
    regions,
    report,
    reproduction,
    sensitivity,
    volume,
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    """A short run."""
    return searched(tmp_path_factory.mktemp("command") / "run", seed, chains=1, iters=60)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_not_there_is_told_in_a_line(command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path / "nothing")]) == 3
    assert capsys.readouterr().err.startswith(str(tmp_path / "nothing"))
    assert command.main([str(tmp_path), "--ou", "here"]) == 2
    assert "--ou: no such argument; did you mean --out?" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_place_that_takes_nothing_is_told_before_there_is_work(
    command, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    def never(_: object) -> None:
        raise AssertionError("work before the place was tried")

    (tmp_path / "full").mkdir()
    monkeypatch.setattr(os, "fsync", refuse)
    monkeypatch.setattr(command, "work", never)
    assert command.main([str(finished), "--out", str(tmp_path / "full")]) == 2
    told = f"--out {tmp_path / 'full'}: cannot be written (No space left on device); give another directory\n"
    assert capsys.readouterr().err == told
    assert list((tmp_path / "full").iterdir()) == []


def test_a_file_beside_is_tried_too(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(diagnostics, "occupied_points", None)
    monkeypatch.setattr(regions, "Fresh", None)
    for command, option in (diagnostics, "--netcdf"), (regions, "--write-config"):
        place = tmp_path / "file" / "below" / "it"
        assert command.main([str(finished), option, str(place)]) == 2
        assert capsys.readouterr().err.startswith(f"{option} {place}: cannot be written (")


def test_a_place_that_got_nothing_is_not_left(finished: Path, tmp_path: Path) -> None:
    assert figures.main([str(finished), "--draw", "99", "0", "--out", str(tmp_path / "new")]) == 2
    assert not (tmp_path / "new").exists()


def test_a_reader_that_has_gone_is_no_traceback(tmp_path: Path, seed: int) -> None:
    run = searched(tmp_path / "quick", seed, chains=1, iters=60)
    line = f"{sys.executable} -m analysis.best {run} | :"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_a_screen_is_no_walk(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "screen"
    options = ["--config", str(CONFIGS / "quick.yaml"), "--seed", str(seed), "--out", str(out), "--quiet"]
    assert calibrate([*options, "--screen", "1024"]) == 0
    assert diagnostics.main([str(out)]) == 3
    assert f"{out}: is a screen, its draws are no walk; give the run of a search" in capsys.readouterr().err
    assert figures.main([str(out), "--only", "record", "--only", "traces"]) == 0
    assert sorted(path.name for path in (out / "analysis").iterdir()) == ["record.csv", "record.png", "record.svg"]
