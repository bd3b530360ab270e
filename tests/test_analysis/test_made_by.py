"""The command that a page prints makes the same draws again; where none is known to, no command is printed."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from support.places import PAPERS, QUICK

from analysis.regions.__main__ import main as regions
from analysis.report.run_facts import exhibits as run_facts
from analysis.reproduction.__main__ import main as reproduction
from analysis.run_data.made_by import made_by
from calibrate import search
from calibrate.cli import main as calibrate
from engine import load_scenario
from engine.results.run_record import Run, open_run

LITTLE = ["--trees", "5", "--sample", "10"]
NARROW, HUNGRY = "parameters.visibility={low: 0.1, high: 0.6, scale: linear}", "famine.years=[2002, 2003]"
NO_FILE = "It does not name a scenario file: the run was made from Python, or by version 0.1."


def page_of(results: Path) -> str:
    assert reproduction([str(results), *LITTLE]) == 0
    return (results / "analysis" / "reproduction.md").read_text(encoding="utf-8")


def commands_on(page: str) -> list[str]:
    """Return the lines of the page that are to be typed."""
    (block,) = re.findall(r"```sh\n(.*?)\n```", page, re.DOTALL)
    return str(block).split("\n")


def told_in_the_report(run: Run) -> str:
    """Return what the report says the run was made by."""
    facts = run_facts(run)[0].table
    assert facts is not None
    (told,) = [str(value) for what, value in facts.rows if what == "made by"]
    return told


def typed(command: str, out: Path) -> Run:
    """Return what the command makes when it is typed with another directory."""
    *words, option, _ = shlex.split(command)
    assert (words[:3], option) == (["python", "-m", "calibrate"], "--out")
    assert calibrate([*words[3:], "--quiet", "--out", str(out)]) == 0
    return open_run(out)


def other_columns(one: Run, two: Run) -> list[str]:
    """Return the columns in which two runs differ; every one that there is, where they have not as many draws."""
    left, right = one.draws(), two.draws()
    assert left.column_names == right.column_names
    return [name for name in left.column_names if not left[name].equals(right[name])]


def zoomed_config(tmp_path: Path) -> list[str]:
    """Return the words for a scenario that zooms in on a region; the search is one that is known to find some."""
    wide, file = tmp_path / "wide", tmp_path / "a folder" / "region [1].yaml"
    options = ["--config", str(QUICK), "--method", "walk", "--chains", "2", "--iters", "600", "--seed", "7"]
    options += ["--out", str(wide)]
    assert calibrate([*options, "--quiet"]) == 0
    assert regions([str(wide), "--sample", "60", "--above", "4", "--write-config", str(file)]) == 0
    return ["--config", str(file), "--iters", "40"]


def begun(kind: str, tmp_path: Path) -> list[str]:
    """Return the words that begin a run of some kind."""
    quick = ["--config", str(QUICK)]
    return {
        "plain": lambda: [*quick, "--iters", "60"],
        "walk": lambda: [*quick, "--method", "walk", "--iters", "60"],
        "default": lambda: ["--iters", "30"],  # no --config: the paper's case
        "set": lambda: [*quick, "--set", NARROW, "--set", HUNGRY, "--iters", "60"],
        "screen": lambda: [*quick, "--screen", "101"],  # 51 draws for each of two chains
        "screen, set": lambda: [*quick, "--set", HUNGRY, "--screen", "64"],
        "zoomed": lambda: zoomed_config(tmp_path),
    }[kind]()


@pytest.mark.parametrize("kind", ["plain", "walk", "default", "set", "screen", "screen, set", "zoomed"])
def test_the_printed_command_makes_the_same_draws(kind: str, tmp_path: Path, seed: int) -> None:
    results = tmp_path / "a run"
    words = [*begun(kind, tmp_path), "--set", PAPERS, "--chains", "2", "--seed", str(seed)]
    assert calibrate([*words, "--quiet", "--out", str(results)]) == 0
    run = open_run(results)
    command, *others = commands_on(page_of(results))
    assert shlex.split(command)[-2:] == ["--out", "a run/"]
    assert [shlex.split(other)[-1] for other in others] == ["a run/"]
    assert other_columns(run, typed(command, tmp_path / "again")) == []
    assert made_by(run, "a run/") == (command, [])
    assert other_columns(run, typed(told_in_the_report(run), tmp_path / "and again")) == []


def test_a_command_that_leaves_something_out_makes_other_draws(tmp_path: Path, seed: int) -> None:
    """The control: each --set, the method, the seed and the screen decide the draws, and the comparison sees it."""
    words = ["--config", str(QUICK), "--set", NARROW, "--set", HUNGRY, "--method", "walk", "--chains", "2"]
    words += ["--iters", "60"]
    assert calibrate([*words, "--seed", str(seed), "--quiet", "--out", str(tmp_path / "run")]) == 0
    run = open_run(tmp_path / "run")
    command, _ = made_by(run, "run/")
    for number, (text, instead) in enumerate(
        [
            (f"--set {shlex.quote(NARROW)} ", ""),
            (f"--set {shlex.quote(HUNGRY)} ", ""),
            ("--method walk ", ""),
            (f"--seed {seed}", f"--seed {seed + 1}"),
            ("--method walk --chains 2 --iters 60", "--chains 2 --screen 120"),
        ]
    ):
        assert text in command
        assert other_columns(run, typed(command.replace(text, instead), tmp_path / str(number)))


def test_a_run_that_was_interrupted_and_went_on_with_more_is_made_in_one_go(tmp_path: Path, seed: int) -> None:
    out = ["--method", "walk", "--quiet", "--out", str(tmp_path / "run")]
    assert calibrate(["--config", str(QUICK), "--chains", "1", "--iters", "20", "--seed", str(seed), *out]) == 0
    assert calibrate(["--resume", "--chains", "3", "--iters", "50", *out]) == 0
    run = open_run(tmp_path / "run")
    assert other_columns(run, typed(made_by(run, "run/")[0], tmp_path / "again")) == []


def no_command(results: Path) -> str:
    """Return what the page says in place of the command, which is a line; the report says the same."""
    page = page_of(results)
    assert commands_on(page) == [f"python -m analysis.reproduction {results.name}/"]
    assert "python -m calibrate" not in page
    run = open_run(results)
    command, (note,) = made_by(run, f"{results.name}/")
    assert command == ""
    assert note in page.splitlines()
    assert told_in_the_report(run) == note
    return note


def test_a_run_of_a_scenario_from_python_has_no_command(tmp_path: Path, seed: int) -> None:
    run = search(load_scenario(QUICK, [HUNGRY, PAPERS]), out=tmp_path / "run", chains=2, iters=40, seed=seed)
    assert no_command(run.directory) == NO_FILE


def test_a_run_of_a_file_from_python_has_the_command_of_that_file(tmp_path: Path, seed: int) -> None:
    run = search(QUICK, out=tmp_path / "run", chains=2, iters=40, seed=seed)
    command, notes = made_by(run, "run/")
    assert notes == []
    assert other_columns(run, typed(command, tmp_path / "again")) == []


@pytest.fixture
def of_a_copy(tmp_path: Path, seed: int) -> tuple[Path, Path]:
    """A run, and the copy of the scenario that it was made from."""
    file = tmp_path / "case.yaml"
    shutil.copy(QUICK, file)
    words = ["--config", str(file), "--set", HUNGRY, "--set", PAPERS, "--chains", "2", "--iters", "40"]
    words += ["--seed", str(seed)]
    assert calibrate([*words, "--quiet", "--out", str(tmp_path / "run")]) == 0
    return tmp_path / "run", file


def test_a_file_that_is_gone_is_said_to_be_so(of_a_copy: tuple[Path, Path]) -> None:
    results, file = of_a_copy
    file.unlink()
    assert str(file) in (told := no_command(results))
    assert told.endswith("what was run is the scenario in run.json.")


def test_a_file_that_is_no_scenario_any_more_is_told_in_one_line(of_a_copy: tuple[Path, Path]) -> None:
    results, file = of_a_copy
    file.write_text("yeers: 3\nname: [1]\nfirst: no\n")
    assert "cannot be used here" in no_command(results)


def test_a_file_that_has_changed_is_said_to_have(of_a_copy: tuple[Path, Path]) -> None:
    results, file = of_a_copy
    text = file.read_text()
    file.write_text(f"# a remark changes nothing\n{text}")
    assert made_by(open_run(results), "run/")[0] != ""
    file.write_text(text.replace("run_weight: 6", "run_weight: 5"))
    assert file.read_text() != text
    assert no_command(results) == (
        f"{file}, which the run was made from, has changed since; what was run is the scenario in run.json."
    )
