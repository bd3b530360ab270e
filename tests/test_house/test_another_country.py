"""The page on another country, run line by line from an empty folder: its commands, its tables, its changes."""

import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support.places import ROOT

import calibrate.session.threads
from engine import load_scenario

PAGE = (ROOT / "docs" / "another-country.md").read_text(encoding="utf-8")
FEW = {  # appended, since later options win
    "calibrate": ["--iters", "300"],
    "analysis.leavers": ["--seeds", "2"],
}


class Step(NamedTuple):
    """A block of the page, and the file that the text above it names last."""

    language: str
    text: str
    file: Path


def steps(page: str) -> Iterator[Step]:
    """Yield the blocks of a page in their order."""
    file, above = Path(), 0
    for block in re.finditer(r"^```(\w+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        named = re.findall(r"`([\w/.-]+\.(?:csv|yaml))`", page[above : block.start()])
        if named:
            file = Path(named[-1])
        above = block.end()
        yield Step(block[1], block[2], file)


def run(line: str) -> int:
    """Return the exit code of ``python -m MODULE ARGUMENTS``."""
    python, option, module, *arguments = shlex.split(line)
    assert (python, option) == ("python", "-m")
    few = [] if arguments[0] == "init" else FEW.get(module, [])
    name = module if module == "analysis.best" else f"{module}.__main__"
    return int(importlib.import_module(name).main([*arguments, *few]) or 0)


def change(file: Path, lines: str) -> None:
    """Put the lines with + in place of those with - above them; these stand in the file just so, each once."""
    text, place = file.read_text(encoding="utf-8"), 0
    for removed, added in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)+)", lines, re.MULTILINE):
        old, new = (re.sub("^[-+]", "", part, flags=re.MULTILINE) for part in (removed, added))
        assert text.count(f"\n{old}") == 1, f"{file} has not once:\n{old}"
        text, place = text.replace(f"\n{old}", f"\n{new}"), place + 1
    assert place > 0
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, entered."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(calibrate.session.threads, "TRIAL_SECONDS", 0.02)
    return tmp_path


def test_the_page_leads_from_an_empty_folder_to_a_report(
    empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes: dict[str, list[int]] = {}
    told = ""
    for step in steps(PAGE):
        file = step.file if step.file.parent != Path() else "westmark" / step.file
        if step.language == "sh":
            for line in step.text.splitlines():
                codes.setdefault(line, []).append(run(line))
            told = capsys.readouterr().err
        elif step.language == "text":
            assert [line for line in step.text.splitlines() if line not in told.splitlines()] == []
        elif step.language == "csv":
            empty = file.read_text(encoding="utf-8").splitlines()
            written = step.text.splitlines()
            assert (written[0], len(written)) == (empty[0], len(empty)), "the table that init made, filled in"
            file.write_text(step.text, encoding="utf-8")
        else:
            assert step.language == "diff"
            change(file, step.text)
    rehearsal = "python -m calibrate --config westmark/westmark.yaml --dry-run"
    assert codes.pop(rehearsal) == [2, 2], "cells are empty, and then one"
    assert {code for each in codes.values() for code in each} == {0}
    assert len(codes) == 6
    assert (empty_folder / "results-westmark/analysis/report.html").stat().st_size > 100_000
    scenario = load_scenario("westmark/westmark.yaml")
    assert scenario.yearly_target().sum() == 3680, "as the page says"
    assert (round(3680 / scenario.weeks), scenario.score.run_weight) == (6, 6)
    assert "drought_effect" in scenario.free_names
    assert scenario.population.traits["language"] == ("western", "eastern")
    assert [figure.observed for figure in scenario.target.also["women"].figures(1971, 12)] == [0.58, 0.66]


def test_a_page_that_is_out_of_date_is_noticed(empty_folder: Path) -> None:
    Path("a.yaml").write_text("first: 1\nsecond: 2\n")
    with pytest.raises(AssertionError, match="has not once"):
        change(Path("a.yaml"), "-third: 3\n+third: 4\n")
    change(Path("a.yaml"), "-second: 2\n+second: 3\n+third: 4\n")
    assert Path("a.yaml").read_text() == "first: 1\nsecond: 3\nthird: 4\n"
