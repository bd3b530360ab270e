"""Who leaves: shares worked by hand, the record read as its tables have it, and the command."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from support.names import TRAITS
from support.places import CONFIGS
from support.short_runs import searched

from analysis.leavers.__main__ import main
from analysis.leavers.count import Leavers, lines
from analysis.leavers.exhibits import by_year, exhibits
from analysis.run_data.best_draws import best_of_chains, traces_of
from analysis.run_data.ranking import ranked
from analysis.run_data.reference import reference_of
from engine.results.run_record import open_run
from engine.scenario import Scenario, load_scenario
from engine.scenario.cells import build_cells

DATA = CONFIGS / "data"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    return searched(tmp_path_factory.mktemp("leavers") / "quick", seed, chains=2, iters=300)


def country(name: str = "dprk.yaml") -> Scenario:
    return load_scenario(CONFIGS / name)


def leaving(scenario: Scenario, *escapes: dict[str, str]) -> Leavers:
    """One draw for each of ``escapes``, in which one of every kind with these levels escapes each year."""
    cells = build_cells(scenario)
    shape = (scenario.years, len(cells.province))
    rows = []
    for wanted in escapes:
        chosen = np.ones(len(cells.province), np.bool_)
        for trait, level in wanted.items():
            chosen &= cells.level[trait] == cells.labels[trait].index(level)
        rows.append(np.broadcast_to(chosen.astype(float), shape))
    found = np.array(rows)
    return Leavers(scenario, cells, [(0, row) for row in range(len(rows))], 1, found, found)


def test_the_record_follows_from_the_tables_of_its_sources() -> None:
    """leavers.csv and leavers_by_year.csv are put together from what the ministry and others published."""
    reference = country().reference
    found = {(known.trait, known.levels): known.share for known in reference.leavers or ()}
    # 19,151 women of 26,572 arrivals in the rows 1999-2001 to 2014 of arrivals_by_sex.csv.
    assert found["sex", "female"] == pytest.approx(19_151 / 26_572, abs=1e-6)
    assert found["age", "young"] == pytest.approx(0.0385 + 0.1129 + 0.2843)
    assert found["province", "South Hamgyong + South Phyongan"] == 0.1212
    assert found["province", "Kangwon + North Hwanghae + South Hwanghae"] == 0.064
    for trait in ("sex", "age", "province", "status"):
        assert sum(share for (of, _), share in found.items() if of == trait) == pytest.approx(1, abs=2e-3)
    periods = reference.leavers_by_year or ()
    assert [(period.first_year, period.last_year) for period in periods][:2] == [(0, 1998), (1999, 2001)]
    with open(DATA / "arrivals_by_sex.csv", newline="") as file:
        rows = [(int(row["female"]), int(row["total"])) for row in csv.DictReader(file)]
    assert [(period.people, period.total) for period in periods] == rows
    with open(DATA / "defector_profile.csv", newline="") as file:
        homes = [row for row in csv.DictReader(file) if row["dimension"] == "last_residence"]
    published = {row["group"]: float(row["value"]) for row in homes if row["source"] == "MOU 2016/17 via NK News, RFA"}
    assert {name: found["province", name] for name in published} == published


def test_shares_of_what_escapes_worked_by_hand() -> None:
    # One of each kind: a third of each status, a half of each sex. Then young women only.
    leavers = leaving(country("quick.yaml"), {}, {"sex": "female", "age": "young"})
    table = {(line.trait, line.levels): line for line in lines(leavers, ())}
    assert table["status", ("high",)][3:6] == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert table["sex", ("female",)][3:6] == pytest.approx((0.75, 0.5, 1.0))
    assert table["age", ("old",)][3:6] == pytest.approx((1 / 6, 0.0, 1 / 3))
    assert table["sex", ("female",)].population == pytest.approx(0.52, abs=1e-5)
    assert {trait for trait, _ in table} == {"province", *TRAITS}


def test_provinces_are_put_together_as_in_the_record() -> None:
    leavers = leaving(country(), {"province": "Kangwon"})
    table = [line for line in lines(leavers, country().reference.leavers or ()) if line.trait == "province"]
    assert sorted(name for line in table for name in line.levels) == sorted(country().provinces)
    assert [line.levels for line in table if line.escapes == 1] == [("Kangwon", "North Hwanghae", "South Hwanghae")]
    assert all(line.record is not None and line.source for line in table)


def test_where_nobody_escapes_there_is_no_share() -> None:
    leavers = leaving(country("quick.yaml"), {})._replace(
        escapes=np.zeros((1, 4, len(build_cells(country("quick.yaml")).level["age"])))
    )
    assert all(np.isnan(line[3:6]).all() for line in lines(leavers, ()))
    exhibit = by_year(leavers, "sex", "female", leavers.scenario.reference, "")
    assert exhibit.table is not None
    assert [row[1] for row in exhibit.table.rows] == [None] * 4
    assert "nobody escapes" in exhibit.sentence


def test_the_command_tells_who_leaves(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main([str(results), "--seeds", "3", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "warning: no record of who left is named (reference.leavers)" in printed
    assert f"stored {out / 'leavers.png'}" in printed
    with open(out / "leavers.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for trait in ("province", *TRAITS):
        for column in ("population", "escapes"):
            shares = [float(row[column]) for row in rows if row["trait"] == trait]
            assert sum(shares) == pytest.approx(1)
    again = tmp_path / "again"
    assert main([str(results), "--seeds", "3", "--out", str(again)]) == 0
    assert (again / "leavers.csv").read_bytes() == (out / "leavers.csv").read_bytes()


def test_the_draws_are_the_best_of_each_chain_on_fresh_seeds(results: Path) -> None:
    run = open_run(results)
    ranking = ranked(run)
    best = [(one.chain, one.iteration) for one in best_of_chains(traces_of(run), ranking)]
    for given in (None, ranking):
        by_draw = exhibits(run, seeds=1, ranking=given)[-1]
        assert by_draw.table is not None
        assert [row[:2] for row in by_draw.table.rows] == best
    other = ranking._replace(place=ranking.place[::-1])  # the worst first
    turned = exhibits(run, seeds=1, ranking=other)[-1]
    assert turned.table is not None
    assert [row[:2] for row in turned.table.rows] != best


def test_the_record_stands_beside_the_case_of_the_paper(tmp_path: Path, seed: int) -> None:
    run = searched(tmp_path / "dprk", seed, config="dprk.yaml", chains=1, iters=40)
    kinds, women, draws = exhibits(open_run(run), [(0, 3), (0, 5)], 2)
    assert kinds.table is not None
    assert ("sex", "female", 0.720721, "arrivals 1999-2014") in [(*row[:2], *row[6:]) for row in kinds.table.rows]
    assert women.name == "leavers_female"
    assert "Who stayed in China" in kinds.sentence
    assert women.table is not None
    assert [row[4] for row in women.table.rows][7:11] == pytest.approx([478 / 1043] * 3 + [632 / 1142])
    assert draws.table is not None
    assert [row[:2] for row in draws.table.rows] == [(0, 3), (0, 5)]
    assert kinds.command == f"python -m analysis.leavers {run} --draw 0 3 --draw 0 5"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--draw", "0", "999999"], 2, "chain 0 holds no iteration 999999; give one from 0 to 299"),
        (["--draw", "9", "0"], 2, "holds no chain 9; give one from 0 to 1"),
        (["--draw", "0", "-3"], 2, "--draw: '-3' will not do; give an integer from 0 up"),
        (["--seeds", "0"], 2, "--seeds 0: give a whole number from 1 to 1,000"),
        (["--reference", "nowhere.yaml"], 2, "nowhere.yaml: no such file; mend the path"),
        (["--sed", "3"], 2, "--sed: no such argument; did you mean --seeds?"),
    ],
)
def test_slips_are_told_in_one_line(
    results: Path, arguments: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(results), *arguments]) == code
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.err.count("\n") == 1
    assert not captured.out


def test_the_tables_of_another_scenario_file_can_be_taken(results: Path, tmp_path: Path) -> None:
    """For a run of a version that kept none; what the run's country lacks is left out."""
    run = open_run(results)
    kinds, women, _ = exhibits(run, [(0, 3)], 1, reference=reference_of(run, CONFIGS / "dprk.yaml"))
    assert kinds.table is not None
    recorded = {(row[0], row[1]) for row in kinds.table.rows if row[6] is not None}
    assert ("sex", "female") in recorded
    assert not [trait for trait, _ in recorded if trait == "province"]
    assert women.command == f"python -m analysis.leavers {results} --draw 0 3"


def test_a_run_without_draws_says_so(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(results / "run.json", tmp_path / "run.json")
    assert main([str(tmp_path)]) == 3
    assert "holds no draws yet" in capsys.readouterr().err
