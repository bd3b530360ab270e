"""What the commands of analysis have in common."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.places import CONFIGS
from support.short_runs import searched

from analysis import best
from analysis.diagnostics import __main__ as diagnostics
from analysis.figures import __main__ as figures
from analysis.importance import __main__ as importance
from analysis.leavers import __main__ as leavers
from analysis.regions import __main__ as regions
from analysis.report import __main__ as report
from analysis.reproduction import __main__ as reproduction
from calibrate.cli import main as calibrate

COMMANDS = [best, diagnostics, figures, importance, leavers, regions, report, reproduction]


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_not_there_is_told_in_a_line(command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path / "nothing")]) == 3
    assert capsys.readouterr().err.startswith(str(tmp_path / "nothing"))
    assert command.main([str(tmp_path), "--ou", "here"]) == 2
    assert "--ou: no such argument; did you mean --out?" in capsys.readouterr().err


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
