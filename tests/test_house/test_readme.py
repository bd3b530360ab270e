"""The README: its commands run, its Python runs, and what it names is there."""

import importlib
import re
import shlex
import shutil
from pathlib import Path

import pytest
from support.places import ROOT

import calibrate.session.threads

README = (ROOT / "README.md").read_text(encoding="utf-8")
# Set-up, which has tests of its own.
NOT_RUN_HERE = {
    "scripts/test",
    ". .venv/bin/activate",
    "python3 -m venv ~/defection",
    "~/defection/bin/pip install .",
}
# Appended, since later options win: the small country, few draws, few trees.
SMALL = {
    "calibrate": ["--config", "configs/quick.yaml", "--chains", "4", "--iters", "2000", "--quiet"],
    "analysis.best": [],
    "analysis.diagnostics": [],
    "analysis.figures": [],
    "analysis.importance": ["--trees", "10"],
    "analysis.leavers": ["--seeds", "2"],
    "analysis.regions": ["--sample", "60"],
    "analysis.report": [],
    "analysis.reproduction": [],
    "engine": [],
}


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def run(line: str) -> int:
    """Return the exit code of ``python -m MODULE ARGUMENTS``, made small."""
    _, _, module, *arguments = shlex.split(line)
    name = module if "." in module else f"{module}.__main__"
    if arguments[:1] != ["verify"]:
        if module == "calibrate" and "--resume" not in arguments and "--dry-run" not in arguments:
            arguments.append("--overwrite")  # two of the lines search into the default directory
        if "--screen" not in arguments or module != "calibrate":  # a screen has no --iters
            arguments += SMALL[module]
    try:
        return int(importlib.import_module(name).main(arguments) or 0)
    except SystemExit as leaving:
        return int(leaving.code or 0)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with the scenarios, entered."""
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(calibrate.session.threads, "TRIAL_SECONDS", 0.02)
    return tmp_path


def test_every_command_runs(checkout: Path) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert [line for line in lines if line.startswith(tuple(NOT_RUN_HERE))] != []
    codes = {}
    for line in lines:
        if line not in NOT_RUN_HERE:
            codes[line] = run(line.replace("scripts/calibrate", "python -m calibrate"))
    assert {line: code for line, code in codes.items() if code != 0} == {}
    assert len(codes) > 10
    assert (checkout / "draw.png").stat().st_size > 10_000


def test_every_piece_of_python_runs(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    years, repression, weeks, mean = capsys.readouterr().out.splitlines()
    assert len(years.strip("[]").split()) == 4
    assert len(repression.strip("[]").split()) == 2
    assert weeks == "208 False"
    assert float(mean) > 0


def test_every_function_in_the_table_of_the_paper_is_there() -> None:
    rows = re.findall(r"\| `((?:engine|calibrate|analysis)/\w+)\.py` \| (.*?) \|$", README, re.MULTILINE)
    assert len(rows) > 15
    for file, functions in rows:
        module = importlib.import_module(file.replace("/", "."))
        for name in re.findall(r"`(\w+)`", functions):
            assert hasattr(module, name), f"{file}.py has no {name}"


def test_every_link_leads_somewhere() -> None:
    headings = {re.sub(r"[^a-z ]", "", line.lower()).strip() for line in re.findall("^#+ (.*)", README, re.MULTILINE)}
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / link).is_file() or link.removeprefix("#").replace("-", " ") in headings, link


def test_every_library_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = re.search(r"^dependencies = \[(.*?)\]", project, re.MULTILINE | re.DOTALL)
    assert wanted
    names = set(re.findall(r'"([a-z0-9-]+)', wanted[1]))
    table = README.partition("## Why each library")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| ([a-z0-9-]+) \|", table, re.MULTILINE)) - {"library"} == names
