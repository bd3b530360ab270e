"""Nothing is read that is no regular file, or far too large: told in a line, at once, whoever reads."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.scenario_files import complaints, edit
from support.short_runs import searched
from support.walk_double import parts

import calibrate.cli
from analysis import best
from engine.__main__ import main as engine_main
from engine.errors import DataError
from engine.reading import MEGABYTE
from engine.results.run_record import open_run
from engine.scenario.document import MOST_KEYS

Make = Callable[[Path], object]
KINDS: list[tuple[Make, str]] = [
    (os.mkfifo, "is a pipe"),
    (lambda path: path.symlink_to("/dev/zero"), "is a device"),
    (Path.mkdir, "is a directory"),
]


@pytest.fixture(params=KINDS, ids=["pipe", "device", "directory"])
def kind(request: pytest.FixtureRequest) -> tuple[Make, str]:
    """How to make what is no regular file, and what it is called."""
    made: tuple[Make, str] = request.param
    return made


def test_a_scenario_file(tmp_path: Path, kind: tuple[Make, str], capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "scenario.yaml"
    kind[0](path)
    for main in calibrate.cli.main, engine_main:
        assert main(["--config", str(path)]) == 2
        assert capsys.readouterr().err == f"{path}: {kind[1]}; give a file that can be read\n"


def test_a_table(tmp_path: Path, kind: tuple[Make, str]) -> None:
    edit(tmp_path, "name: quick", "name: {file: table.csv, column: a}")
    kind[0](tmp_path / "table.csv")
    (line,) = complaints(tmp_path / "quick.yaml")
    # A link that leads away from the scenario's folder is refused before it is followed.
    wanted = "leaves the scenario's folder" if kind[1] == "is a device" else f"table.csv: {kind[1]}; give a file"
    assert wanted in line


@pytest.fixture
def run(tmp_path: Path, seed: int) -> Path:
    """A run of one chain."""
    return searched(tmp_path / "run", seed, chains=1, iters=20)


@pytest.mark.parametrize("name", ["run.json", "part"])
def test_what_is_in_a_run(run: Path, kind: tuple[Make, str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = run / "run.json" if name == "run.json" else parts(run)[0]
    path.unlink()
    kind[0](path)
    for main, words in (
        (best.main, [str(run)]),
        (engine_main, ["--draw", str(run), "0", "3"]),
        (calibrate.cli.main, ["verify", str(run), "--sample", "0"]),
        (calibrate.cli.main, ["--resume", "--out", str(run)]),
    ):
        assert main(words) == 3
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"{path}: cannot be read ({kind[1]}); ")


def test_a_summary(run: Path, kind: tuple[Make, str], capsys: pytest.CaptureFixture[str]) -> None:
    (run / "summary.json").unlink()
    kind[0](run / "summary.json")
    assert calibrate.cli.main(["verify", str(run), "--sample", "0"]) == 3
    assert f"summary.json: cannot be read ({kind[1]}); " in capsys.readouterr().err


def test_what_is_too_large_is_told_with_the_limit(tmp_path: Path, run: Path) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.touch()
    os.truncate(scenario, 48 * MEGABYTE)
    limit = "has 48.0 MB, and may have 0.5 MB at most"
    assert complaints(scenario) == [f"{scenario}: {limit}; give a file that can be read"]
    os.truncate(parts(run)[0], 3_000 * MEGABYTE)
    with pytest.raises(DataError, match=r"part-00000\.parquet: .*has 3,000\.0 MB, and may have 2,000\.0 MB at most"):
        open_run(run).draws(["score"])
    os.truncate(run / "run.json", 48 * MEGABYTE)
    with pytest.raises(DataError, match=r"run\.json: .*has 48\.0 MB, and may have 16\.0 MB at most"):
        open_run(run)


def test_very_many_keys_are_one_line(tmp_path: Path) -> None:
    edit(tmp_path, "name: quick", "".join(f"k{number}: 1\n" for number in range(MOST_KEYS)) + "name: quick")
    (line,) = complaints(tmp_path / "quick.yaml")
    assert line.startswith(f"{tmp_path}/quick.yaml: 2,0")
    assert line.endswith(f" keys; give {MOST_KEYS:,} at most")


def test_of_many_mistakes_twenty_are_told_and_the_others_counted(tmp_path: Path) -> None:
    edit(tmp_path, "name: quick", "".join(f"k{number}: 1\n" for number in range(1_500)) + "name: quick")
    lines = complaints(tmp_path / "quick.yaml")
    assert all(f" k{number}: unknown key" in line for number, line in enumerate(lines[:-1]))
    assert lines[20:] == ["... and 1,480 more"]
