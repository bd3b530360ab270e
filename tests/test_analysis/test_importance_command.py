"""``python -m analysis.importance``: what it prints and stores, and what it says when it cannot."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support import places
from support.names import REQUIRED
from support.results_on_disk import write_results

import calibrate.cli
from analysis.importance.__main__ import main
from analysis.importance.chart import importance_chart
from analysis.importance.exhibits import command_for, exhibits_of, measured_in, table_of
from analysis.importance.measure import PROBE, Importance
from analysis.importance.table import Line, head, lines, printed, row
from engine.errors import DataError
from engine.results.run_record import open_run
from engine.scenario import load_scenario

QUICK = str(places.QUICK)
PAPER = load_scenario(places.DPRK).reference.importance or {}
FREE = ("visibility", "famine_effect", "economy_effect")


def a_run(results: Path, seed: int, chains: int = 2, iterations: int = 40, status: str = "finished") -> Path:
    """A run that searched FREE, its score led by visibility."""
    rng = np.random.default_rng(seed)
    points = {name: rng.random((chains, iterations)) for name in FREE}
    score = 10 * points["visibility"] + rng.normal(size=(chains, iterations))
    return write_results(results, points, score, FREE, status)


def small_table(screen: bool = False) -> list[Line]:
    """Lines from made-up numbers: two parameters of the paper, one that is not, the probe, the pair, a derived one."""
    made = [
        Importance("utility_intercept", "parameter", 10.0, 0.1, 0.02, 0.0, 0.0, 0.01, False),
        Importance("tolerance", "parameter", 60.0, 0.6, 0.5, 3.0, 0.3, 0.1, True),
        Importance("famine_effect", "parameter", 20.0, 0.2, 0.02, 1.0, 0.1, 0.01, True),
        Importance(PROBE, "probe", 10.0, 0.1, 0.02, 0.0, 0.0, 0.01, None),
        Importance("prior_alpha + prior_beta", "group", 5.0, 0.05, 0.01, 2.0, 0.2, 0.01, False),
        Importance("prior_mean", "derived", 30.0, 0.3, np.nan, 2.0, 0.25, np.nan, None),
    ]
    beside = [line._replace(share=line.share / 2) for line in made] if screen else ()
    return lines(made, beside, paper=PAPER)


def test_the_paper_stands_beside_ours() -> None:
    """The appendix lists ten parameters, highest first, 33,264,877.5 in all; tolerance is the tenth."""
    assert set(REQUIRED) - set(PAPER) == {"utility_intercept"}
    assert list(PAPER.values()) == sorted(PAPER.values(), reverse=True)
    first, second, third, probe, pair, derived = small_table()
    assert (first.name, first.run.rank, first.run.share, first.paper_rank) == ("tolerance", 1, 0.6, 10)
    assert first.paper_inc_node_purity == 929615.1
    assert (second.name, second.paper_rank) == ("famine_effect", 2)
    assert second.paper_share == pytest.approx(8607270.7 / 33264877.5)
    assert (third.name, third.run.rank, third.paper_rank) == ("utility_intercept", 3, None)
    assert (probe.name, probe.run.rank, probe.paper_share) == (PROBE, None, None)
    assert pair.paper_share == pytest.approx((2604975.6 + 1087050.5) / 33264877.5)
    assert (derived.name, derived.run.rank, derived.paper_share, derived.run.share_low) == ("prior_mean", *[None] * 3)


def test_table_for_the_terminal() -> None:
    text = printed(small_table()).splitlines()
    assert text[2].split() == ["1", "tolerance", "60.0", "60.0%", "±50.0%", "0.300", "±0.100", "10", "2.8%"]
    assert text[4].split() == ["3", "utility_intercept", "10.0", "10.0%", "±2.0%~", "0.000", "±0.010", "-", "-"]
    assert text[7].split() == ["-", "prior_mean", "30.0", "30.0%", "0.250", "-", "-"]
    table, notes = text[: text.index("")], text[text.index("") :]
    assert max(map(len, table)) <= 94
    assert len(notes) == 6
    beside = printed(small_table(screen=True)).splitlines()
    assert beside[2].split()[3:9] == ["60.0%", "±50.0%", "0.300", "±0.100", "30.0%", "±50.0%"]
    assert max(map(len, beside[:8])) <= 129


def test_table_for_programs() -> None:
    table = small_table()
    rows = [dict(zip(head(table), row(line), strict=True)) for line in table]
    assert (rows[0]["inc_node_purity"], rows[0]["share_low"], rows[0]["share_high"]) == (60.0, pytest.approx(0.1), 1.0)
    assert rows[0]["permutation_r2_low"] == pytest.approx(0.2)
    assert (rows[2]["paper_rank"], rows[5]["share_low"], rows[5]["above_floor"]) == (None, None, None)
    table = small_table(screen=True)
    first = dict(zip(head(table), row(table[0]), strict=True))
    assert (first["share"], first["screen_share"], first["screen_rank"]) == (0.6, 0.3, 1)


def test_chart_has_a_bar_for_each_line_and_labelled_axes() -> None:
    purity, held_out = importance_chart(small_table()).axes
    assert [label.get_text() for label in purity.get_yticklabels()][:2] == ["tolerance", "famine_effect"]
    assert [bar.get_width() for bar in purity.patches][:6] == pytest.approx([60, 20, 10, 10, 5, 30])
    assert [bar.get_width() for bar in held_out.patches][:6] == pytest.approx([0.3, 0.1, 0, 0, 0.2, 0.25]), (
        "as the table has it"
    )
    assert [line.get_label() for line in purity.lines].count("the paper") == 1
    assert ("IncNodePurity (%)" in purity.get_xlabel(), "R² lost" in held_out.get_xlabel()) == (True, True)
    purity, _ = importance_chart(small_table(screen=True)).axes
    assert {bar.get_width() for bar in purity.patches} == {60, 20, 10, 5, 30, 2.5, 15}


def test_of_another_case_the_paper_is_nowhere() -> None:
    made = [
        Importance("tolerance", "parameter", 60.0, 0.6, 0.5, 3.0, 0.3, 0.1, True),
        Importance(PROBE, "probe", 10.0, 0.1, 0.02, 0.0, 0.0, 0.01, None),
    ]
    alone, beside = lines(made), lines(made, paper=PAPER)
    assert [tuple(line[-3:]) for line in alone] == [(None, None, None)] * 2
    for table, told in ((alone, False), (beside, True)):
        assert ("the paper" in printed(table)) == told
        labels = [line.get_label() for line in importance_chart(table).axes[0].lines]
        assert ("the paper" in labels) == told


@pytest.mark.parametrize("papers", [False, True])
def test_the_case_of_the_run_decides_whether_the_paper_stands_beside_it(
    papers: bool, tmp_path: Path, seed: int
) -> None:
    run = open_run(a_run(tmp_path / "results", seed))
    assert len(run.draws()) == 80  # read by what run.json said then
    run.record.scenario["reference"] = {"importance": PAPER if papers else None}
    table = table_of(measured_in(run, trees=3))
    assert any(line.paper_rank is not None for line in table) == papers


def test_prints_the_table_and_stores_it(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    results = a_run(tmp_path / "results", seed)
    assert main([str(results), "--trees", "20", "--workers", "2"]) == 0
    out = capsys.readouterr().out
    assert "80 draws of 2 chains\n" in out
    assert "20 trees of 80 draws each, 1 of 4 columns tried at a split" in out
    assert "80 draws held out (whole chains in turn, 2 chains in 2 folds): R² " in out
    rows = list(csv.DictReader((results / "analysis" / "importance.csv").read_text().splitlines()))
    assert rows[0]["parameter"] == "visibility"
    assert {row["parameter"] for row in rows} == {*FREE, PROBE}
    curves = list(csv.DictReader((results / "analysis" / "partial-dependence.csv").read_text().splitlines()))
    assert {row["parameter"] for row in curves} == set(FREE)
    names = {file.name for file in (results / "analysis").iterdir()}
    assert names == {f"{name}.{end}" for name in ("importance", "partial-dependence") for end in ("csv", "png", "svg")}
    assert all(f"stored {results / 'analysis' / name}\n" in out for name in names)


def test_a_screen_stands_beside_a_run(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    search, screen, out = (str(tmp_path / name) for name in ("search", "screen", "out"))
    common = ["--config", QUICK, "--chains", "2", "--seed", str(seed), "--quiet", "--out"]
    assert calibrate.cli.main([*common, search, "--iters", "60"]) == 0
    assert calibrate.cli.main([*common, screen, "--screen", "128"]) == 0
    assert main([search, "--screen", screen, "--trees", "5", "--out", out]) == 0
    told = capsys.readouterr().out
    assert "120 draws of 2 chains\n" in told
    assert "128 draws of a screen\n" in told
    rows = list(csv.DictReader((tmp_path / "out" / "importance.csv").read_text().splitlines()))
    assert [row["kind"] for row in rows[-3:]] == ["group", "derived", "derived"]
    assert all(0 <= float(row["screen_share"]) <= 1 for row in rows)
    assert (tmp_path / "out" / "partial-dependence-screen.png").exists()
    runs = open_run(search), open_run(screen)
    made = exhibits_of(measured_in(*runs, trees=5), command_for(*runs))
    assert [exhibit.name for exhibit in made] == ["importance", "partial-dependence", "partial-dependence-screen"]
    assert made[0].command == f"python -m analysis.importance {search} --screen {screen}"
    assert made[0].table is not None
    assert made[0].table.as_csv() == (tmp_path / "out" / "importance.csv").read_bytes()
    assert main([search, "--screen", search, "--out", out]) == 2
    assert "is no screen" in capsys.readouterr().err


def test_a_second_time_gives_the_same_file_elsewhere(tmp_path: Path, seed: int) -> None:
    results = a_run(tmp_path / "results", seed)
    for name, more in (("one", []), ("two", ["--workers", "1"]), ("three", ["--seed", "5"])):
        assert main([str(results), "--trees", "10", "--out", str(tmp_path / "deep" / name), *more]) == 0
    one, two, three = ((tmp_path / "deep" / name / "importance.csv").read_bytes() for name in ("one", "two", "three"))
    assert one == two != three
    assert not (results / "analysis").exists()


def test_an_unfinished_run_of_one_chain_is_measured_and_said_to_be_so(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    results = a_run(tmp_path / "results", seed, chains=1, status="interrupted")
    assert main([str(results), "--trees", "5"]) == 0
    out = capsys.readouterr().out
    assert "40 draws of 1 chains (the run is interrupted)" in out
    assert "10 draws held out (the last quarter of the only chain" in out


def test_a_forest_that_knows_nothing_of_other_chains_is_told(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two chains that score 0 and 10: each forest is wrong by 10 on the other. Where visibility leads, none is."""
    note = "warning: R² is not above 0"
    score = np.array([[0.0], [10.0]]) + np.random.default_rng(seed).random((2, 40))
    assert main([str(write_results(tmp_path / "apart", {}, score, FREE)), "--trees", "5"]) == 0
    assert note in capsys.readouterr().out
    assert main([str(a_run(tmp_path / "alike", seed, iterations=200)), "--trees", "60"]) == 0
    assert note not in capsys.readouterr().out


def test_draws_without_a_score_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    score = np.arange(60.0).reshape(2, 30)
    score[0, 3] = np.nan
    results = write_results(tmp_path / "results", {}, score, FREE)
    assert main([str(results), "--trees", "5"]) == 0
    assert "59 draws of 2 chains" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("score", "free", "said"),
    [
        (np.zeros((2, 30)), FREE, "every draw has the score 0"),
        (np.arange(8.0).reshape(2, 4), FREE, "holds 8 draws with a score; let the run reach 20"),
        (np.arange(60.0).reshape(2, 30), (), "holds every parameter fixed"),
    ],
)
def test_draws_that_explain_nothing(
    tmp_path: Path, score: np.ndarray, free: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    results = write_results(tmp_path / "results", {}, score, free)
    assert main([str(results)]) == DataError.exit_code == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.startswith(str(results))
    assert err.count("\n") == 1
    assert not (results / "analysis").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--trees", "0"], "argument --trees: '0' will not do; give an integer from 1 up"),
        (["--trees", "many"], "argument --trees: 'many' will not do; give an integer from 1 up"),
        (["--seed", "-1"], "argument --seed: "),
        (["--workers", "0"], "argument --workers: '0' will not do; give an integer from 1 up"),
        (["--tree", "5"], "--tree: no such argument; did you mean --trees?"),
        (["--out", "FILE/analysis"], "FILE/analysis: cannot be written"),
    ],
)
def test_arguments_that_will_not_do(
    tmp_path: Path, seed: int, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    results = a_run(tmp_path / "results", seed)
    (tmp_path / "file").write_text("in the way")
    filled = [text.replace("FILE", str(tmp_path / "file")) for text in arguments]
    assert main([str(results), *filled]) == 2
    err = capsys.readouterr().err
    assert said.replace("FILE", str(tmp_path / "file")) in err
    assert err.count("\n") == 1
    assert not (results / "analysis").exists()


def test_interrupted_it_stores_nothing(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("analysis.importance.__main__.measure", interrupt)
    results = a_run(tmp_path / "results", seed)
    assert main([str(results)]) == 130
    assert "nothing was stored" in capsys.readouterr().err
    assert not list(results.glob("analysis/*"))


def test_from_the_shell_no_traceback_reaches_the_user(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "analysis.importance", str(tmp_path / "nowhere")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert ended.stderr.startswith(f"{tmp_path / 'nowhere'}: not a results directory")
    assert ended.stderr.count("\n") == 1
