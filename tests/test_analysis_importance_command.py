"""``python -m analysis.importance``: what it prints and stores, and what it says when it cannot."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from results_on_disk import write_results

from analysis import importance
from analysis.draws import free_names
from analysis.figures import importance_chart
from analysis.forest import HeldOutLoss
from analysis.importance import main
from analysis.importance_table import PAPER, PROBE, Line, as_csv, as_text, lines
from engine import load_scenario
from engine.errors import DataError
from engine.parameters import PAPER_NAMES

FREE = ("visibility", "famine_effect", "economy_effect")


def a_run(results: Path, seed: int, chains: int = 2, iterations: int = 40, status: str = "finished") -> Path:
    """A run that searched FREE, its score led by visibility."""
    rng = np.random.default_rng(seed)
    points = {name: rng.random((chains, iterations)) for name in FREE}
    score = 10 * points["visibility"] + rng.normal(size=(chains, iterations))
    return write_results(results, points, score, FREE, status)


def small_table() -> list[Line]:
    """Four lines from made-up numbers: two parameters of the paper, one that is not, the probe."""
    purity = np.array([10.0, 60, 20, 10])
    loss = HeldOutLoss(np.array([0.0, 3, 1, 0]), np.array([0.0, 0.3, 0.1, 0]), 0.5, 100)
    return lines(["utility_intercept", "tolerance", "famine_effect", PROBE], purity, loss)


def test_the_paper_stands_beside_ours() -> None:
    """The appendix lists ten parameters, highest first, 33,264,877.5 in all; tolerance is the tenth."""
    assert set(PAPER_NAMES) - set(PAPER) == {"utility_intercept"}
    assert list(PAPER.values()) == sorted(PAPER.values(), reverse=True)
    first, second, third, last = small_table()
    assert (first.parameter, first.rank, first.share, first.paper_rank) == ("tolerance", 1, 0.6, 10)
    assert first.paper_inc_node_purity == 929615.1
    assert (second.parameter, second.paper_rank) == ("famine_effect", 2)
    assert second.paper_share == pytest.approx(8607270.7 / 33264877.5)
    assert (third.parameter, third.rank, third.paper_rank) == ("utility_intercept", 3, None)
    assert (last.parameter, last.rank, last.paper_share) == (PROBE, None, None)


def test_table_for_the_terminal_and_for_programs() -> None:
    text = as_text(small_table()).splitlines()
    assert text[2].split() == ["1", "tolerance", "60.0", "60.0%", "3", "0.3000", "10", "929,615.1", "2.8%"]
    assert text[4].split() == ["3", "utility_intercept", "10.0", "10.0%", "0", "0.0000", "-", "-", "-"]
    assert max(map(len, text)) <= 91
    rows = list(csv.DictReader(as_csv(small_table()).decode().splitlines()))
    assert rows[0]["inc_node_purity"] == "60.0"
    assert rows[2]["paper_rank"] == ""


def test_chart_has_a_bar_for_each_line_and_labelled_axes() -> None:
    purity, held_out = importance_chart(small_table(), PROBE).axes
    assert [label.get_text() for label in purity.get_yticklabels()][:2] == ["tolerance", "famine_effect"]
    assert [bar.get_width() for bar in purity.patches] == pytest.approx([60, 20, 10, 10])
    assert [bar.get_width() for bar in held_out.patches] == pytest.approx([30, 10, 0, 0])
    assert "IncNodePurity (%)" in purity.get_xlabel()
    assert "R² lost" in held_out.get_xlabel()


def test_prints_the_table_and_stores_it(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    results = a_run(tmp_path / "results", seed)
    assert main([str(results), "--trees", "20", "--workers", "2"]) == 0
    out = capsys.readouterr().out
    assert "80 draws of 2 chains\n" in out
    assert "20 trees of 80 draws each, 1 of 4 columns tried at a split" in out
    assert "80 held-out draws (whole chains in turn, 2 chains in 2 folds): 2 trees a fold, R² " in out
    rows = list(csv.DictReader((results / "analysis" / "importance.csv").read_text().splitlines()))
    assert rows[0]["parameter"] == "visibility"
    assert {row["parameter"] for row in rows} == {*FREE, PROBE}
    assert (results / "analysis" / "importance.png").read_bytes().startswith(b"\x89PNG")
    assert len(list((results / "analysis").iterdir())) == 2


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
    assert "10 held-out draws (the last quarter of the only chain" in out


def test_draws_without_a_score_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    score = np.arange(60.0).reshape(2, 30)
    score[0, 3] = np.nan
    results = write_results(tmp_path / "results", {}, score, FREE)
    assert main([str(results), "--trees", "5"]) == 0
    assert "59 draws of 2 chains" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("score", "free", "said"),
    [
        (np.zeros((2, 30)), FREE, "every draw scores 0"),
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

    monkeypatch.setattr(importance, "measure", interrupt)
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


def test_a_scenario_as_calibrate_stores_it_names_the_same_parameters(tmp_path: Path) -> None:
    held: Callable[[str], str] = "parameters.{}={{fixed: 0.5}}".format
    scenario = load_scenario("configs/quick.yaml", [held("visibility")])
    results = write_results(tmp_path / "results", {}, np.zeros((1, 2)))
    run = json.loads((results / "run.json").read_text())
    (results / "run.json").write_text(json.dumps(run | {"scenario": scenario.resolved()}))
    assert free_names(results) == scenario.free_names
    assert "visibility" not in scenario.free_names
