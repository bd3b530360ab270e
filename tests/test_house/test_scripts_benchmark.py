"""scripts/benchmark: it measures, says what it measured, and its points have the traits they are named for."""

import os
import subprocess
import sys
from pathlib import Path

import pyperf
import pytest
from support.places import ROOT

SCRIPTS = ROOT / "scripts"


@pytest.fixture
def scripts_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test import what lies beside scripts/benchmark.py."""
    monkeypatch.syspath_prepend(str(SCRIPTS))


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(SCRIPTS / "benchmark.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_quick_look_prints_a_table_and_writes_both_files(tmp_path: Path) -> None:
    values, figure = tmp_path / "values.json", tmp_path / "growth.png"
    given = ("--quick", "--only", "quiet", "--only", "growth", "--json", str(values), "--plot", str(figure))
    done = benchmark(*given)
    assert (done.returncode, done.stderr) == (0, "")
    assert "cpu_count" in done.stdout
    table = [line.split("  ")[0] for line in done.stdout.splitlines()]
    suite = pyperf.BenchmarkSuite.load(str(values))
    assert suite.get_benchmark_names() == [name for name in table if name in suite.get_benchmark_names()]
    ratio = suite.get_benchmark("quiet: twin / engine")
    pair = [suite.get_benchmark(f"quiet: {name}").get_values() for name in ("twin", "engine")]
    assert ratio.get_values() == pytest.approx([twin / engine for twin, engine in zip(*pair, strict=True)])
    assert suite.get_benchmark("quiet: engine").get_metadata()["target"] == "<= 0.05 ms"
    assert figure.stat().st_size > 10_000


def test_a_search_is_watched_to_its_end(tmp_path: Path) -> None:
    done = benchmark("--quick", "--only", "search", "--json", str(tmp_path / "values.json"))
    assert (done.returncode, done.stderr) == (0, "")
    suite = pyperf.BenchmarkSuite.load(str(tmp_path / "values.json"))
    measured = {name.partition(": ")[2]: suite.get_benchmark(name).median() for name in suite.get_benchmark_names()}
    assert 0 < measured["Python and storage"] < measured["the same, start and end too"] < 100
    assert 0 < measured["start and end"] < measured["wall"]
    assert 50e6 < measured["most memory"] < 4e9


def test_memory_is_that_of_the_search_and_not_of_who_started_it() -> None:
    child = f"import sys; sys.path.append({str(SCRIPTS)!r}); import benchmark_processes as b; print(b.most_memory())"
    parent = f"import subprocess, sys; held = b'1' * 600_000_000; subprocess.run([sys.executable, '-c', {child!r}])"
    done = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=True)
    assert 20e6 < int(done.stdout) < 500e6


def test_a_figure_without_what_it_shows_is_refused(tmp_path: Path) -> None:
    done = benchmark("--only", "quiet", "--plot", str(tmp_path / "growth.png"))
    assert done.returncode == 2
    assert "add --only growth" in done.stderr


@pytest.mark.usefixtures("scripts_at_hand")
def test_the_points_have_the_traits_they_are_named_for() -> None:
    from benchmark_points import POINTS, kind_of, portrait

    traits = {
        "quiet": lambda run: run.attempts == 0 and run.weeks == 1196,
        "busy": lambda run: 1_700 <= run.changes <= 2_000 and run.weeks == 1196,
        "many": lambda run: run.attempts >= 150_000 and run.weeks == 1196,
        "binding": lambda run: run.over > 3_000 and run.weeks == 1196,
        "spike": lambda run: run.weeks <= 8 and run.escapes > 10_000,
    }
    runs = {name: portrait(name) for name in POINTS}
    assert {name: run for name, run in runs.items() if not traits[kind_of(name)](run)} == {}


@pytest.mark.usefixtures("scripts_at_hand")
def test_medians_are_held_against_targets() -> None:
    from benchmark_rows import Row, line, ratio

    slow, fast = Row("slow", "ms", [6.0, 9.0, 8.0]), Row("fast", "ms", [2.0, 2.0, 4.0], at_most=1.9)
    assert (fast.verdict, slow.verdict) == ("missed", "")
    assert ratio("both", slow, fast, at_least=3.0) == Row("both", "x", [3.0, 4.5, 2.0], at_least=3.0)
    assert line(ratio("both", slow, fast, at_least=3.0)).split()[1:] == ["3", "2", "4.5", "x", ">=", "3", "x", "met"]


@pytest.mark.usefixtures("scripts_at_hand")
def test_a_larger_country_is_more_of_the_same() -> None:
    from benchmark_growth import MORE
    from benchmark_points import load

    from engine.kernel_inputs import make_inputs

    inputs = make_inputs(load())
    people = inputs.heads.sum()
    sizes = {axis: more(inputs, 2)[0] for axis, (more, _) in MORE.items()}
    assert {axis: round(float(grown.heads.sum() / people), 9) for axis, grown in sizes.items()} == {
        "weeks": 2,
        "provinces": 2,
        "groups": 1,
        "attempts": 2,
    }
    known = MORE["attempts"][0](inputs, 2)[1].visibility * sizes["attempts"].heads.sum()
    assert known == pytest.approx(MORE["groups"][0](inputs, 2)[1].visibility * people)


def test_the_script_is_a_program() -> None:
    assert os.access(SCRIPTS / "benchmark", os.X_OK)
