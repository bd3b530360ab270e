"""``python -m analysis.unseen``: shares worked by hand, the rule of its verdict, and what it says when it cannot."""

import csv
from pathlib import Path

import numpy as np
import pytest
from support.places import CONFIGS, QUICK
from support.short_runs import searched

from analysis.unseen.__main__ import main
from analysis.unseen.exhibits import NO, PARTLY, YES, judged, told
from analysis.unseen.foretold import Foretold, foretold, prevented_share, whole_years
from engine import load_scenario, simulate
from engine.results.run_record import open_run
from engine.scenario.reference import Unseen
from engine.simulation import Trajectory

RECORD = "{share prevented: {measures: prevented_share, years: {2001: 0.5, 2002: 0.6, 1990: 0.1}}, "
RECORD += "attempts: {measures: attempts, years: {2003: 300}}, "
RECORD += "women: {measures: level_share, trait: sex, level: female, years: {2001: 0.7}}}"
NAMED = f"reference.unseen={RECORD}"
FEW = ["--points", "3", "--seeds", "2"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    return searched(tmp_path_factory.mktemp("unseen") / "quick", seed, "--set", NAMED, chains=2, iters=300)


def trajectory(attempts: list[int], escapes: list[int], weeks_run: int | None = None) -> Trajectory:
    """A run of two weeks a year in one province."""
    columns = [np.array(counts)[:, None] for counts in (attempts, escapes, attempts, escapes)]
    ran = len(attempts) if weeks_run is None else weeks_run
    return Trajectory(*columns, np.ones((len(attempts), 1)), ran, ran < len(attempts), 2, 2001)


def record(runs: list[list[float]], recorded: list[float]) -> Foretold:
    unseen = Unseen(measures="prevented_share", years=dict.fromkeys(range(2001, 2001 + len(recorded)), 0.5))
    years = list(range(2001, 2001 + len(recorded)))
    return Foretold("share_prevented", unseen, years, np.array(recorded), np.array(runs))


def test_the_share_that_is_prevented_worked_by_hand() -> None:
    # 1 of 4 and 5 of 6 escape in the first year: 4 of 10 are prevented. In the second nobody tries.
    found = prevented_share(trajectory([4, 6, 0, 0], [1, 5, 0, 0]))
    assert found[0] == pytest.approx(0.4)
    assert np.isnan(found[1])


def test_years_from_a_stop_on_say_nothing() -> None:
    run = trajectory([4, 6, 8, 2], [1, 5, 2, 2], weeks_run=3)
    assert np.isnan(whole_years(run, prevented_share(run))).tolist() == [False, True]
    assert not np.isnan(whole_years(trajectory([1, 1], [0, 0]), np.array([1.0]))).any()


def test_the_verdict_has_two_halves() -> None:
    """A hundred runs whose years are evenly spread from 0.40 to 0.60."""
    runs = [[share, 1.0 - share, share] for share in np.linspace(0.4, 0.6, 100).tolist()]
    assert judged(record(runs, [0.5, 0.5, 0.5])).borne_out == YES
    assert judged(record(runs, [0.9, 0.9, 0.9])).borne_out == NO
    # The mean of the three years of a run is (1 + share)/3, from 0.47 to 0.53; that of the record is 0.50.
    some = judged(record(runs, [0.3, 0.7, 0.5]))
    assert (some.borne_out, some.inside) == (PARTLY, 1)
    assert "too much is foretold" in told(record(runs, [0.1, 0.1, 0.1]))
    assert "too little is foretold" in told(record(runs, [0.9, 0.9, 0.9]))


def test_where_no_run_lasts_it_says_so() -> None:
    nothing = record([[np.nan, 0.5], [0.5, np.nan]], [0.5, 0.5])
    assert judged(nothing).borne_out == NO
    assert told(nothing).endswith("No run has anything to show in all of these years.")


def test_what_is_foretold_is_what_the_runs_of_the_draws_do(results: Path) -> None:
    """Of a level a run's own share by cell; years that are not simulated are left out."""
    run = open_run(results)
    found = {one.name: one for one in foretold(run, dict(run.scenario.reference.unseen or {}), 3, 2)}
    assert found["share prevented"].years == [2001, 2002]
    assert found["share prevented"].runs.shape == (6, 2)
    assert found["attempts"].runs.shape == (6, 1)
    shares = found["women"].runs[np.isfinite(found["women"].runs)]
    assert ((shares > 0.3) & (shares <= 1)).all(), "women are 52 in a hundred and the more able"
    again = {one.name: one for one in foretold(run, dict(run.scenario.reference.unseen or {}), 3, 2)}
    assert np.array_equal(again["attempts"].runs, found["attempts"].runs, equal_nan=True)


def test_no_search_sees_it() -> None:
    """The same draws with a record and without one."""
    one, other = (load_scenario(QUICK, overrides) for overrides in ((), (NAMED,)))
    point = {name: entry.middle for name, entry in one.parameters.items()}
    assert np.array_equal(simulate(one, point, 1).escapes, simulate(other, point, 1).escapes)
    assert np.array_equal(one.yearly_target(), other.yearly_target())


def test_the_command_prints_a_verdict_and_stores_table_and_picture(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(results), *FEW, "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("What was never fitted\nForetold by 6 runs of good draws, fitted to arrivals alone.")
    assert any(verdict in printed for verdict in (YES, PARTLY, NO))
    with open(tmp_path / "unseen.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["record_of"], row["year"]) for row in rows] == [
        ("share prevented", "2001"),
        ("share prevented", "2002"),
        ("attempts", "2003"),
        ("women", "2001"),
    ]
    assert all((tmp_path / f"unseen.{ending}").stat().st_size > 5_000 for ending in ("png", "svg"))


def test_a_scenario_without_a_record_says_so_in_a_line(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    run = searched(tmp_path / "quick", seed, chains=1, iters=9)
    assert main([str(run)]) == 2
    assert capsys.readouterr().err == (
        f"{run}: its scenario names no record to foretell (reference.unseen); give --reference FILE, a scenario file "
        "that names them, such as configs/gdr/gdr.yaml\n"
    )
    assert main([str(run), "--reference", str(CONFIGS / "gdr" / "gdr.yaml")]) == 2
    told_of = capsys.readouterr().err
    assert "no figure for any year simulated (2001 to 2004)" in told_of
    assert told_of.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--points", "0"], 2, "give an integer from 1 up"),
        (["--sed", "3"], 2, "--sed: no such argument; did you mean --seeds?"),
        (["--reference", "nowhere.yaml"], 2, "nowhere.yaml: no such file; mend the path"),
    ],
)
def test_slips_are_told_in_one_line(
    results: Path, arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(results), *arguments]) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert not captured.out
