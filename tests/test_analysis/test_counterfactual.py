"""What could have been: ways that add up, worlds that hold what they should, and the command with its slips."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from support.places import QUICK
from support.short_posterior import run_of
from support.short_runs import searched

from analysis.counterfactual.__main__ import main
from analysis.counterfactual.effect import Effect, effect_of, points_of, spread, ways, with_total
from analysis.counterfactual.exhibits import exhibits_of
from analysis.counterfactual.worlds import HELD, HELD_BELIEFS, HELD_REPRESSION, entries_of, in_words, worlds_of
from analysis.posterior.sample import sample_of
from analysis.run_data.ranking import ranked
from engine.errors import UsageError
from engine.results.run_record import Run, open_run
from engine.scenario import load_scenario

SMALL = ("--draws", "3", "--runs", "8")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    return searched(tmp_path_factory.mktemp("counterfactual") / "quick", seed, chains=2, iters=300)


@pytest.fixture(scope="module")
def lived(results: Path) -> Callable[..., Effect]:
    run = open_run(results)
    ranking = ranked(run)

    def live(*changes: str, without: tuple[str, ...] = (), draws: int = 3, runs: int = 30) -> Effect:
        return effect_of(run, entries_of(run.scenario, without, changes), draws, runs, ranking=ranking)

    return live


def table(file: Path) -> list[dict[str, str]]:
    with open(file, newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_the_ways_of_an_effect_worked_by_hand() -> None:
    """100 escape as it was, 60 otherwise; 90 with both held, 70 with repression alone held, 84 with beliefs alone.

    Directly 100 - 90 = 10. Through beliefs 90 - 70 = 20 before repression moves and 84 - 60 = 24 after it: 22.
    Through repression 90 - 84 = 6 before beliefs move and 70 - 60 = 10 after them: 8. 10 + 22 + 8 = 40.
    """
    escapes = np.empty(5)
    escapes[[0, 1, HELD, HELD_REPRESSION, HELD_BELIEFS]] = 100, 60, 90, 70, 84
    assert ways(escapes[:, None])[:, 0].tolist() == [40, 10, 22, 8]


def test_the_ways_add_up_in_every_run_whatever_the_worlds_are(seed: int) -> None:
    found = ways(np.random.default_rng(seed).integers(0, 10**9, (4, 7, 5, 23)).astype(np.float64))
    np.testing.assert_array_equal(found[:, :, 1:].sum(axis=2), found[:, :, 0])


def test_means_intervals_and_errors_leave_out_what_was_stopped() -> None:
    # Two draws of three runs: means 2 and 5, of which one run is left out; variances 1 and 2 over 3 and 2 runs.
    figures = np.array([[[1.0], [2.0], [3.0]], [[4.0], [np.nan], [6.0]]])
    found = spread(figures)
    assert found.mean.tolist() == [3.5]
    assert found.error == pytest.approx(np.sqrt(1 / 3 + 2 / 2) / 2)
    assert found.low == pytest.approx(2 + 0.05 * 3)
    assert found.high == pytest.approx(5 - 0.05 * 3)
    assert with_total(np.array([[1.0, 2.0]])).tolist() == [[1.0, 2.0, 3.0]]


@pytest.mark.parametrize(
    ("change", "beliefs", "repression"),
    [
        ("{stop: famine}", True, True),
        ("{change: utility_slope, times: 1.1}", True, True),
        ("{stop: learning}", False, True),
        ("{change: visibility, times: 2}", False, True),
        ("{change: prior_alpha, times: 2}", False, True),
        ("{stop: reaction}", True, False),
        ("{change: initial_repression, to: 0.5}", True, False),
        ("{change: discontent, to: 1}", True, False),
        ("{change: schedule_effect, to: 1}", True, False),
    ],
)
def test_where_something_is_held_what_acts_on_it_is_undone(change: str, beliefs: bool, repression: bool) -> None:
    scenario = load_scenario(QUICK, ["interventions=[{stop: famine, from: 2003}]"])
    worlds = worlds_of(scenario, entries_of(scenario, (), [change]))
    assert [(world.holds_beliefs, world.holds_repression) for world in worlds] == [
        (False, False),
        (False, False),
        (True, True),
        (False, True),
        (True, False),
    ]
    changed = [len(world.scenario.interventions) - 1 for world in worlds]
    assert changed == [0, 1, beliefs and repression, repression, beliefs]
    assert all(world.scenario.interventions[0] == scenario.interventions[0] for world in worlds)


def test_a_famine_that_nobody_feels_has_no_effect(tmp_path: Path, seed: int) -> None:
    out = searched(tmp_path / "numb", seed, "--set", "parameters.famine_effect=0", chains=2, iters=300)
    run = open_run(out)
    effect = effect_of(run, entries_of(run.scenario, ["famine"], []), 2, 5)
    assert np.nansum(effect.escapes) > 0
    assert not np.nan_to_num(ways(effect.escapes)).any()


def test_each_change_acts_by_its_own_way(lived: Callable[..., Effect]) -> None:
    """To the last person: with beliefs held a famine acts through repression and directly, and so on."""

    def parts(effect: Effect) -> Any:
        kept = ways(effect.escapes)
        return np.nan_to_num(kept).any(axis=(0, 1, 3)).tolist()

    famine = parts(lived(without=("famine",)))
    assert famine[:3] == [True, True, True]
    seen = parts(lived("{change: visibility, times: 0.5, from: 2002}"))
    assert seen[:3] == [True, False, True]
    still = parts(lived("{change: adjustment_rate, times: 1.1}"))
    assert still[1] is False
    assert still[3] is True


def test_nothing_differs_before_it_begins(lived: Callable[..., Effect]) -> None:
    effect = lived("{change: visibility, times: 0.1, from: 2003}")
    differs = np.nan_to_num(ways(effect.escapes))
    assert not differs[..., :2].any()
    assert differs[..., 2:].any()


def test_pairing_saves_variance_and_runs_of_other_addresses_save_none(lived: Callable[..., Effect]) -> None:
    effect = lived("{change: visibility, times: 0.8, from: 2004}", runs=60)
    rolled = effect.escapes.copy()
    rolled[:, :, 1] = np.roll(rolled[:, :, 1], 1, axis=1)
    whole = np.isfinite(rolled).all(axis=(2, 3))
    rolled[~whole] = np.nan
    assert effect.saved > 0.5
    assert effect._replace(escapes=rolled).saved < 0.4


def test_the_command_prints_and_stores_tables_that_add_up(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(results), "--without", "famine", *SMALL, "--out", str(tmp_path / "a")]) == 0
    said = capsys.readouterr().out
    assert "as it was" in said.lower()
    assert "no posterior" in said
    name = "counterfactual_without_famine"
    assert imread(tmp_path / "a" / f"{name}.png").std() > 0.01
    years = table(tmp_path / "a" / f"{name}.csv")
    assert [row["year"] for row in years] == ["2001", "2002", "2003", "2004", "all"]
    assert float(years[0]["difference_mean"]) == 0, "the famine is that of 2002"
    assert float(years[1]["difference_mean"]) != 0
    for row in years:
        difference = float(row["as_it_was_mean"]) - float(row["otherwise_mean"])
        assert float(row["difference_mean"]) == pytest.approx(difference, abs=1e-6)
        assert sum(float(row[way]) for way in ("direct", "beliefs", "repression")) == pytest.approx(
            difference, abs=1e-6
        )
    for column in ("as_it_was_mean", "otherwise_mean", "direct"):
        assert sum(float(row[column]) for row in years[:-1]) == pytest.approx(float(years[-1][column]), abs=1e-6)
    by_way = {row["way"]: float(row["mean"]) for row in table(tmp_path / "a" / f"{name}_ways.csv")}
    assert by_way["all"] == pytest.approx(by_way["direct"] + by_way["beliefs"] + by_way["repression"], abs=1e-6)

    again = [str(results), "--without", "famine", *SMALL, "--out", str(tmp_path / "b")]
    assert main(again) == 0
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name
    assert main([*again[:-1], str(tmp_path / "c"), "--seed", "1"]) == 0
    assert table(tmp_path / "c" / f"{name}.csv") != years


def test_several_changes_are_one_world_and_named_so(results: Path, tmp_path: Path) -> None:
    change = "{change: visibility, times: 2, from: 2003, until: 2003}"
    assert main([str(results), "--without", "reaction", "--intervention", change, *SMALL, "--out", str(tmp_path)]) == 0
    name = "counterfactual_without_reaction_and_visibility_times_2_from_2003_until_2003"
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        f"{name}.csv",
        f"{name}.png",
        f"{name}.svg",
        f"{name}_ways.csv",
    ]


def test_changes_in_words() -> None:
    scenario = load_scenario(QUICK)
    changes = ["{stop: learning, from: 2002, week: 7}", "{change: tolerance, to: 5}", "{change: tolerance, times: .5}"]
    words = ["without learning from 2002 week 7", "tolerance at 5", "tolerance × 0.5"]
    assert [in_words(entry) for entry in entries_of(scenario, (), changes)] == words


def test_draws_of_a_posterior_are_its_own(tmp_path: Path, seed: int) -> None:
    run = run_of(tmp_path / "posterior", seed, chains=2, iters=100)
    sample = sample_of(run)
    points = points_of(run, 5)
    assert all((sample.points == point).all(axis=2).any() for point in points)
    effect = effect_of(run, entries_of(run.scenario, ["famine"], []), 4, 5)
    assert effect.posterior
    assert "posterior draws" in exhibits_of(run.scenario, effect, "")[0].sentence


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ([], "nothing is otherwise; give --without (an event, learning or reaction) or --intervention"),
        (
            ["--without", "drought"],
            "--without drought: stop: drought: nothing of this name can stop; known here: ",
        ),
        (
            ["--intervention", "{stop: rain}"],
            "--intervention {stop: rain}: stop: rain: nothing of this name can stop; ",
        ),
        (["--intervention", "famine"], "--intervention famine: 'famine' will not do; give a mapping with from, week,"),
        (["--intervention", "{stop: [}"], "--intervention {stop: [}: line 1: "),
        (
            ["--intervention", "{change: visibilty, times: 2}"],
            "--intervention {change: visibilty, times: 2}: change: visibilty: no such parameter; did ",
        ),
        (
            ["--intervention", "{change: visibility, times: 2, from: 1999}"],
            "--intervention {change: visibility, times: 2, from: 1999}: from: 1999 is not simulated; give one of 2001",
        ),
        (["--without", "famine", "--draws", "0"], "argument --draws: '0' will not do; give an integer from 1 up"),
        (["--without", "famine", "--runs", "1"], "argument --runs: '1' will not do; give an integer from 2 up"),
        (
            ["--without", "famine", "--draws", "1000", "--runs", "1000"],
            "--draws 1000 --runs 1000: 1,000,000 runs in a world; give 200,000 at most",
        ),
    ],
)
def test_slips_are_told_in_one_line(
    results: Path, tmp_path: Path, options: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(results), *options, "--out", str(tmp_path / "none")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith(line)
    assert not (tmp_path / "none").exists()


def test_a_country_without_famine_has_none_to_leave_out(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    out = searched(tmp_path / "spared", seed, "--set", "events.famine.years=[]", chains=1, iters=10)
    capsys.readouterr()
    assert main([str(out), "--without", "famine", *SMALL]) == 2
    assert capsys.readouterr().err == ("--without famine: quick has none in its years (events.famine.years)\n")


def test_where_every_run_is_stopped_there_is_nothing_to_compare(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    out = searched(tmp_path / "stopped", seed, "--set", "stop_above=0", chains=1, iters=60)
    capsys.readouterr()
    assert main([str(out), "--without", "famine", "--draws", "2", "--runs", "2"]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith(
        f"{out}: 100% of runs are stopped as it was and 100% otherwise (stop_above), and no draw"
    )


def test_an_unfinished_search_will_do_and_no_run_will_not(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut"
    shutil.copytree(results, cut, ignore=shutil.ignore_patterns("summary.json", "analysis"))
    assert main([str(cut), "--without", "learning", *SMALL]) == 0
    capsys.readouterr()
    assert main([str(tmp_path / "nowhere"), "--without", "famine"]) == 3


def test_many_runs_left_out_are_warned_of(lived: Callable[..., Effect]) -> None:
    effect = lived(without=("famine",))
    none = effect._replace(stopped=np.zeros_like(effect.stopped))
    half = np.zeros_like(effect.stopped)
    half[:, ::2, 1] = True
    scenario = load_scenario(QUICK)
    assert exhibits_of(scenario, none, "")[0].warnings == ()
    (warning,) = exhibits_of(scenario, effect._replace(stopped=half), "")[0].warnings
    assert warning.startswith(
        "50% of runs are left out, because they are stopped in one of the worlds (0% as it was, 50%"
    )


def test_entries_tell_all_that_is_wrong_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        entries_of(
            load_scenario(QUICK, ["events.famine.years=[]"]), ["famine"], ["{stop: rain}", "{change: tolerance}"]
        )
    assert [line.split(":")[0] for line in str(caught.value).split("\n")] == [
        "--intervention {stop",
        "--intervention {change",
        "--without famine",
    ]


def test_a_run_is_not_moved_by_looking(results: Path) -> None:
    before = {file: file.read_bytes() for file in results.rglob("*") if file.is_file() and "analysis" not in file.parts}
    run: Run = open_run(results)
    effect_of(run, entries_of(run.scenario, ["reaction"], []), 1, 2)
    assert {file: file.read_bytes() for file in before} == before
