"""``python -m analysis.compare``: runs of one country or of several, side by side."""

import csv
from pathlib import Path

import numpy as np
import pytest
from support.places import PAPERS, QUICK, SMALL
from support.short_runs import searched

from analysis.compare import __main__ as command
from analysis.compare.differences import lines_of
from analysis.reproduction import __main__ as reproduction
from analysis.run_data.skill import skill
from engine.results.run_record import Run, RunRecord, open_run
from engine.scenario import load_scenario

LATER = ["target.until=2003", "belief.scope=nation", "parameters.visibility=0.3"]


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, seed: int) -> list[Path]:
    """Two runs of the small country, unlike in three keys, and one of another country."""
    folder = tmp_path_factory.mktemp("compare")
    country = folder / "drought.yaml"  # with an event of its own
    country.write_text(SMALL.read_text(encoding="utf-8").replace("famine", "drought"), encoding="utf-8")
    sets = [word for text in LATER for word in ("--set", text)]
    other = ["--config", str(country)]
    return [
        searched(folder / "a", seed, chains=2, iters=200),
        searched(folder / "b", seed + 1, *sets, chains=2, iters=200),
        searched(folder / "c", seed, *other, chains=2, iters=200),
    ]


def test_three_runs_are_set_side_by_side(runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([*map(str, runs), "--out", str(tmp_path), "--sample", "40"]) == 0
    told = capsys.readouterr().out
    assert "its points cannot be compared" in told
    page = (tmp_path / "compare.html").read_text(encoding="utf-8")
    assert all(f">{part}<" in page for part in ("What differs", "How good they are", "Regions of good draws"))
    found = rows_of(tmp_path / "compare_objectives.csv")
    assert [row["run"] for row in found] == ["a", "b", "c"]
    years = {(row["run"], int(row["year"])) for row in rows_of(tmp_path / "compare_curves.csv")}
    calendars = [open_run(run).scenario.calendar for run in runs]
    assert years == {(run.name, year) for run, calendar in zip(runs, calendars, strict=True) for year in calendar}
    there = {(row["parameter"], row["run"]): row for row in rows_of(tmp_path / "compare_values.csv")}
    assert float(there["visibility", "b"]["p95"]) == 0.3, "held there"
    assert {run for name, run in there if name == "drought_effect"} == {"c"}
    assert {run for name, run in there if name == "famine_effect"} == {"a", "b"}
    exchanged = rows_of(tmp_path / "compare_exchanged.csv")
    for place, (row, own) in enumerate(zip(exchanged, found, strict=True)):
        assert float(row[f"in {'abc'[place]}"]) == float(own["mean_score"]), "at home it is worth what it is worth"


def test_the_papers_claims_are_judged_run_by_run(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """As analysis.reproduction judges each alone; a run of another case has no column."""
    paper = ["--set", PAPERS]
    held = [word for text in ("parameters.visibility=0.5", "parameters.tolerance=180") for word in ("--set", text)]
    searched(tmp_path / "a", seed, *paper, chains=2, iters=200)
    searched(tmp_path / "b", seed, *paper, *held, chains=2, iters=200)
    searched(tmp_path / "c", seed, chains=2, iters=200)
    out = ["--out", str(tmp_path / "out"), "--sample", "40"]
    assert command.main([*(str(tmp_path / name) for name in "abc"), *out]) == 0
    found = {row["claim"]: row for row in rows_of(tmp_path / "out" / "compare_claims.csv")}
    for name in "ab":
        alone = ["--out", str(tmp_path / name / "out"), "--sample", "40"]
        assert reproduction.main([str(tmp_path / name), *alone]) == 0
        for row in rows_of(tmp_path / name / "out" / "reproduction.csv"):
            assert found[row["claim"]][f"reproduced {name}"] == row["reproduced"], row["claim"]
            assert found[row["claim"]][f"found {name}"] == row["ours"], row["claim"]
    assert found["visibility among high scores"]["reproduced b"] == "not tested", "it was held there"
    assert not any(column.endswith(" c") for column in found["visibility among high scores"])
    capsys.readouterr()


def test_what_differs_is_what_was_changed(runs: list[Path]) -> None:
    a, b, c = map(open_run, runs)
    differing = {row[0]: row[1:] for row in lines_of([a, b])}
    assert differing.pop("belief.scope") == ["province", "nation"]
    assert differing.pop("target.until") == ["null", "2003"]
    assert set(differing) == {f"parameters.visibility.{key}" for key in ("low", "high", "scale", "fixed")}
    assert lines_of([a, a]) == []
    assert next(row for row in lines_of([a, b, c]) if row[0] == "belief.scope")[1:3] == ["province", "nation"]


def test_many_figures_of_one_table_are_one_line() -> None:
    scenario = load_scenario(QUICK)
    years = {str(year): float(year) for year in range(2001, 2020)}
    tables = [{"x": {year: value + add for year, value in years.items()}, "same": 1} for add in (0, 1)]
    record = {"source_digest": "0", "versions": {}, "seed": 1, "chains": 1, "iters": 1, "status": "finished"}
    made = [Run(Path("x"), RunRecord.model_validate(record | {"scenario": table}), {}) for table in tables]
    assert lines_of(made) == [["x.…", "2001: 2001.0, and 18 more", "2001: 2002.0, and 18 more"]]
    record_of = scenario.yearly_target()
    assert skill(scenario, record_of) == 1.0
    assert skill(scenario, np.zeros(scenario.years)) == 0.0
    assert skill(scenario, 0.5 * record_of) == 0.5


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["a"], 2, "1 run given: give 2 to 6 directories to compare"),
        (["a", "a/."], 2, "is given twice; name each run once"),
        (["a", "nothing"], 3, "nothing: not a results directory (no such directory)"),
        (["a", "b", "--sample", "1"], 2, "--sample"),
    ],
)
def test_slips_are_one_line(
    runs: list[Path], capsys: pytest.CaptureFixture[str], given: list[str], code: int, said: str
) -> None:
    folder = runs[0].parent
    words = [word if word.startswith("-") or word.isdigit() else str(folder / word) for word in given]
    assert command.main(words) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
