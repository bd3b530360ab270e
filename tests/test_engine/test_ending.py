"""How commands end where standard output takes no more, and what they print at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.one_point import ONE_POINT
from support.places import ROOT
from support.short_runs import searched

import analysis.__main__
from engine.cli.arguments import whole
from engine.errors import DataError, UsageError, counted, first_of


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    """A short run."""
    return searched(tmp_path_factory.mktemp("ending") / "run", seed, chains=1, iters=60)


@pytest.mark.parametrize(("where", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")])
@pytest.mark.parametrize("module", ["engine", "calibrate", "calibrate verify", "analysis.best", "analysis", "help"])
def test_output_that_takes_no_more_is_one_line(run: Path, tmp_path: Path, module: str, where: str, why: str) -> None:
    words = {
        "engine": ["engine", *ONE_POINT],
        "calibrate": ["calibrate", "--resume", "--out", str(run), "--progress", "none"],
        "calibrate verify": ["calibrate", "verify", str(run), "--sample", "1"],
        "analysis.best": ["analysis.best", str(run), "--top", "2", "--out", str(tmp_path)],
        "analysis": ["analysis"],
        "help": ["calibrate", "--help"],
    }[module]
    line = f'"$@" {where}'
    done = subprocess.run(
        ["bash", "-c", line, "bash", sys.executable, "-m", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    told = [line for line in done.stderr.splitlines() if not line.startswith(("in the middle", "1 chain of"))]
    assert told == [f"standard output: cannot be written ({why}); what was stored is safe"]
    assert done.returncode == 3


def test_notes_that_nobody_takes_end_nothing(run: Path) -> None:
    for where in "2>/dev/full", "2>&-":
        words = [sys.executable, "-m", "calibrate", "--resume", "--out", str(run)]
        done = shell(where, words)
        assert done.returncode == 0
        assert "nothing was left to draw" in done.stdout


def shell(where: str, words: list[str]) -> "subprocess.CompletedProcess[str]":
    """What a command came to whose standard error goes ``where``, where Python may hold back what it writes."""
    held_back = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = ["bash", "-c", f'"$@" {where}', "bash", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT, env=held_back)


@pytest.mark.parametrize(("ending", "code"), [("exit_code_of(work, '')", 0), ("work()", 120)], ids=["ours", "control"])
def test_half_a_line_that_nobody_takes_is_no_failure(ending: str, code: int) -> None:
    """Python itself leaves with 120 where it holds what it cannot write."""
    script = "import sys\nfrom engine.cli.ending import exit_code_of\n"
    script += f"def work():\n    sys.stderr.write('half')\n    return 0\nsys.exit({ending})\n"
    assert shell("2>/dev/full", [sys.executable, "-c", script]).returncode == code


def test_analysis_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(analysis.__file__).parent
    commands = {path.parent.name for path in folder.glob("*/__main__.py")} | {"best"}
    assert set(analysis.__main__.COMMANDS) == commands
    assert analysis.__main__.main([]) == 0
    told = capsys.readouterr().out
    assert all(f"python -m analysis.{name} " in told for name in commands)
    for word in "importance", "analysis.importance":
        assert analysis.__main__.main([word, "results/"]) == 2
        assert capsys.readouterr().err == f"{word}: is a command of its own; type python -m analysis.importance\n"
    assert analysis.__main__.main(["importanse"]) == 2
    assert "importanse: no such argument" in capsys.readouterr().err


@pytest.mark.parametrize("error", [UsageError, DataError])
def test_twenty_mistakes_are_told_and_the_others_counted(error: type[ValueError]) -> None:
    lines = [f"mistake {number}" for number in range(550_000)]
    told = str(error("\n".join(lines))).split("\n")
    assert told == [*lines[:20], "... and 549,980 more"]
    assert str(error("\n".join(told))).split("\n") == told, "what was cut is not cut again"
    assert str(error("\n".join(lines[:21]))).split("\n") == lines[:21], "a line is not longer than its count"
    assert first_of(lines, 10)[10] == "... and 549,990 more"


def test_counted() -> None:
    assert [counted(number, "chain") for number in (0, 1, 2, 1000)] == [
        "0 chains",
        "1 chain",
        "2 chains",
        "1,000 chains",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("100000", 100_000),
        ("100,000", 100_000),
        ("1e5", 100_000),
        ("1.5E+6", 1_500_000),
        ("9223372036854775807", 2**63 - 1),
        ("1.50e1", 15),
        *((text, None) for text in ("", "-1", "1.5", "1.25e1", "1e", "e5", "1,00", "1_000", "1e999", "0x5", "٣")),
    ],
)
def test_a_whole_number_is_one_however_it_is_written(text: str, value: int | None) -> None:
    assert whole(text) == value
