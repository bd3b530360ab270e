"""What the parts of a report share is made once: the run opened, its draws read, ranked, measured, put into regions."""

import html
import re
import shlex
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from io import BufferedReader
from pathlib import Path
from typing import Any

import pytest
from support.places import PAPERS
from support.short_runs import searched

import analysis.importance.exhibits
import analysis.regions.exhibits
import analysis.run_data.ranking
import engine.results.directory
import engine.results.run_record
from analysis.leavers.exhibits import exhibits as leavers
from analysis.report.__main__ import main
from analysis.report.sections import PROVENANCE, sections_of
from calibrate.cli import main as calibrate
from engine.results.run_record import open_run

# Of a part: which draws there are; what each chain came to; score and parameters; acceptance; its first and last draw;
# and three draws simulated again: the best of its chain beside the record, in close-up, and by who leaves.
MOST_READS = 8
SHARED = {
    "opened": (engine.results.run_record, "read_record"),
    "ranked": (analysis.run_data.ranking, "best_draws"),
    "measured": (analysis.importance.exhibits, "measure"),
    "put into regions": (analysis.regions.exhibits, "find_regions"),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    """A run of three chains in two parts each."""
    out = searched(tmp_path_factory.mktemp("once") / "results", seed, "--set", PAPERS, iters=150)
    assert calibrate(["--resume", "--iters", "300", "--quiet", "--out", str(out)]) == 0
    assert len(list(out.rglob("*.parquet"))) == 6
    return out


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each thing in SHARED was done, and each part read."""
    counted: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*given: Any, **named: Any) -> Any:
            counted[name] += 1
            return function(*given, **named)

        return wrapped

    for name, (module, function) in SHARED.items():
        monkeypatch.setattr(module, function, counting(name, getattr(module, function)))
    open_regular = engine.results.directory.open_regular

    def look_into(path: Path, most: int) -> BufferedReader:
        counted[str(path)] += 1
        return open_regular(path, most)

    monkeypatch.setattr(engine.results.directory, "open_regular", look_into)
    return counted


def test_a_report_opens_ranks_and_measures_once(results: Path, counts: Counter[str], tmp_path: Path) -> None:
    assert main([str(results), "--out", str(tmp_path)]) == 0
    assert '<p class="warn">' not in (tmp_path / "report.html").read_text()
    assert {name: counts[name] for name in SHARED} == dict.fromkeys(SHARED, 1)
    parts = {str(part) for part in results.rglob("*.parquet")}
    assert set(counts) - set(SHARED) == parts
    assert {part: counts[part] for part in parts if counts[part] > MOST_READS} == {}


def test_what_is_made_alone_is_ranked_for_itself(results: Path, counts: Counter[str]) -> None:
    """The control: the counters see a ranking that nobody handed over, and a run opened a second time."""
    leavers(open_run(results), seeds=1)
    assert counts["ranked"] == 1
    leavers(open_run(results), seeds=1)
    assert (counts["ranked"], counts["opened"]) == (2, 2)


def alone(command: str, out: Path) -> None:
    """Do what a command of the page says, its files in another directory."""
    python, option, module, *words = shlex.split(command)
    assert (python, option) == ("python", "-m")
    package = import_module(module)
    main_of = package.main if hasattr(package, "main") else import_module(f"{module}.__main__").main
    assert main_of([*words, "--out", str(out)]) == 0


def test_each_exhibit_is_made_alone_by_its_command_with_the_same_numbers(results: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    assert main([str(results), "--out", str(whole)]) == 0
    page = (whole / "report.html").read_text()
    commands = {html.unescape(re.sub("<.*?>", "", line)) for line in re.findall(r"Made by\n<code>(.*?)</code>", page)}
    assert {command.split()[2].removeprefix("analysis.") for command in commands} == {
        *(
            "best",
            "counterfactual",
            "diagnostics",
            "figures",
            "importance",
            "leavers",
            "regions",
            "report",
            "reproduction",
        )
    }
    for command in commands - {f"python -m analysis.report {shlex.quote(str(results))}"}:
        alone(command, tmp_path / "alone")
    tables = {path.name for path in whole.glob("*.csv")} - {"run.csv", "chains.csv", "ranges.csv"}  # the report's own
    assert tables == {path.name for path in (tmp_path / "alone").glob("*.csv")}
    assert len(tables) > 15
    other = [name for name in tables if (whole / name).read_bytes() != (tmp_path / "alone" / name).read_bytes()]
    assert other == []


def test_a_screen_beside_the_run_is_opened_once_too(
    results: Path, counts: Counter[str], tmp_path: Path, seed: int
) -> None:
    screen = tmp_path / "screen"
    options = [
        "--config",
        "configs/quick.yaml",
        "--set",
        PAPERS,
        "--screen",
        "64",
        "--chains",
        "2",
        "--seed",
        str(seed),
        "--quiet",
    ]
    assert calibrate([*options, "--out", str(screen)]) == 0
    counts.clear()
    assert main([str(results), "--out", str(tmp_path / "out"), "--screen", str(screen)]) == 0
    assert {name: counts[name] for name in SHARED} == {"opened": 2, "ranked": 1, "measured": 2, "put into regions": 1}


def test_nothing_is_made_before_a_section_asks_for_it(results: Path, counts: Counter[str]) -> None:
    run = open_run(results)
    sections = dict(sections_of(run, None))
    assert counts == {"opened": 1}
    sections[PROVENANCE]()
    assert counts["ranked"] == 0
    for _ in range(2):
        sections["The best draws"]()
        assert counts["ranked"] == 1
