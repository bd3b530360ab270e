"""The pages of docs hold what they promise: every element of the protocol, parameter, key, function and library."""

import importlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support.places import DPRK, ROOT
from support.told import leaves, part, rows

from analysis.figures.exhibits import NAMES as FIGURES
from engine import Scenario, load_scenario
from engine.parameters import domain_of, names_of
from engine.results.columns import OUTCOMES
from engine.results.run_record import RunRecord
from engine.scenario.validation import Section

MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
# Grimm et al. (2020), Journal of Artificial Societies and Social Simulation 23(2) 7.
ELEMENTS = [
    "1. Purpose and patterns",
    "2. Entities, state variables and scales",
    "3. Process overview and scheduling",
    "4. Design concepts",
    "5. Initialization",
    "6. Input data",
    "7. Submodels",
]
CONCEPTS = [
    "Basic principles",
    "Emergence",
    "Adaptation",
    "Objectives",
    "Learning",
    "Prediction",
    "Sensing",
    "Interaction",
    "Stochasticity",
    "Collectives",
    "Observation",
]


def missing_keys(page: str, keys: set[str]) -> set[str]:
    """Return which of the keys stand in no row of the page's table of keys."""
    told = {key for row in rows(part(page, "### Scenario keys")) for key in re.findall(r"`([^`]+)`", row[0])}
    return keys - told


def test_the_model_is_told_by_the_protocol() -> None:
    assert re.findall(r"^## (\d.*)", MODEL, re.MULTILINE) == ELEMENTS
    assert re.findall(r"^### (.*)", part(MODEL, "## 4. Design concepts"), re.MULTILINE) == CONCEPTS
    for concept in CONCEPTS:
        assert len(part(MODEL, f"### {concept}").split()) > 8, concept


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))])
def test_every_table_has_a_head(page: str) -> None:
    """An empty line in a table makes text of the rows below it."""
    for block in re.findall(r"(?:^\| .*\n)+(?:^\|.*\n)*", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE):
        lines = block.splitlines()
        assert len(lines) > 1, block
        assert set(lines[1]) <= set("|-: "), block


def test_every_parameter_is_told_as_it_is() -> None:
    ranges = load_scenario(DPRK).parameters
    told = {row[0].strip("`"): row[1:] for row in rows(part(MODEL, "### Parameters"))[1:]}
    assert tuple(told) == names_of(["famine"])
    for name in told:
        domain = domain_of(name)
        entry, (symbol, unit, _, searched, scale, possible) = ranges[name], told[name]
        assert (symbol, unit, possible) == (domain.symbol, domain.unit, f"{domain.low:g} – {domain.high:g}"), name
        held = f"held at {entry.middle:g}"
        assert searched == (held if entry.fixed is not None else f"{entry.low:g} – {entry.high:g}"), name
        assert scale == ("" if entry.fixed is not None else entry.scale), name


def test_every_key_of_a_scenario_is_told() -> None:
    keys = set(leaves(Scenario))
    assert {"name", "population.shares", "impacts.*.*.ability", "parameters.*.low", "events.*.years"} <= keys
    assert missing_keys(MODEL, keys) == set()


def test_a_key_that_is_not_told_is_missed() -> None:
    class Wind(Section):
        """A made-up part."""

        from_the_north: float

    class Other(Scenario):
        """A scenario with it."""

        wind: dict[str, Wind]

    assert missing_keys(MODEL, set(leaves(Other))) == {"wind.*.from_the_north"}
    assert missing_keys(MODEL.replace("`stop_above`", "stop_above"), set(leaves(Scenario))) == {"stop_above"}


def test_what_is_on_disk_is_told() -> None:
    told = {key for row in rows(part(ARCHITECTURE, "## What is on disk")) for key in re.findall(r"`(\w+)`", row[0])}
    assert set(RunRecord.model_fields) <= told
    text = part(ARCHITECTURE, "## What is on disk")
    assert [name for name in (*OUTCOMES, "iteration", "chain") if f"`{name}`" not in text] == []


def test_every_figure_and_command_of_analysis_is_told() -> None:
    page = (ROOT / "docs" / "looking.md").read_text(encoding="utf-8")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"].values()
    commands = {re.match(r"analysis(\.(?!__)\w+)?", script)[0] for script in scripts if script.startswith("analysis")}  # type: ignore[index]
    assert [name for name in FIGURES if f"`{name}`" not in page] == []
    assert [command for command in sorted(commands) if not re.search(rf"python -m {command}[ `]", page)] == []


def test_every_function_in_the_table_of_the_paper_is_there() -> None:
    table = rows(part(MODEL, "## Where the paper is in the code"))[1:]
    assert len(table) > 20
    for _, file, functions in table:
        path = file.strip("`")
        assert (ROOT / path).is_file(), path
        for name in re.findall(r"`(\w+)`", functions) if path.endswith(".py") else ():
            module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
            assert hasattr(module, name), f"{path} has no {name}"


def test_every_place_that_the_pages_name_is_there() -> None:
    named = re.compile(r"`((?:engine|calibrate|analysis|tests|scripts|configs|docs)/[\w./-]*)`")
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
    wrong = {
        f"{page.name}: {place}"
        for page in pages
        for place in named.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / place).exists()
    }
    assert wrong == set()


def test_every_library_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {extra: libraries_of(wanted) for extra, wanted in project["optional-dependencies"].items()}
    told = [row for row in rows(part(ARCHITECTURE, "## Why each library")) if row[0] != "library"]
    assert {row[0] for row in told if len(row) == 2} == libraries_of(project["dependencies"])
    optional = {row[0]: set(re.findall(r"`(\w+)`", row[1])) for row in told if len(row) == 3}
    assert optional == {
        name: {extra for extra in extras if name in extras[extra]} for name in set().union(*extras.values())
    }
    assert all(len(row[-1]) > 4 for row in told)


def libraries_of(wanted: list[str]) -> set[str]:
    """Return the names of requirements."""
    return {re.split("[<>=]", name)[0].lower() for name in wanted}


def built(root: Path) -> subprocess.CompletedProcess[str]:
    """Return how the site of the pages in ``root`` was built; any warning is an error."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", root / "site"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    shutil.copy(ROOT / "mkdocs.yml", tmp_path / "mkdocs.yml")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    done = built(tmp_path)
    assert (done.returncode, "WARNING" in done.stdout + done.stderr) == (0, False), done.stdout + done.stderr
    pages = {path.stem for path in (tmp_path / "docs").glob("*.md")}
    site = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "site").glob("*.html")}
    assert pages <= set(site)
    from_elsewhere = re.compile(r"<(?:script|link|img)\b[^>]*(?:src|href)=\"(?:https?:)?//")
    assert [page for page, text in site.items() if from_elsewhere.search(text)] == []
    front = tmp_path / "docs" / "index.md"
    front.write_text(f"{front.read_text(encoding='utf-8')}\n[a](nowhere.md) [b](model.md#nothing)\n", encoding="utf-8")
    wrong = built(tmp_path)
    assert wrong.returncode != 0
    assert "nowhere.md" in wrong.stderr
    assert "model.md#nothing" in wrong.stderr
