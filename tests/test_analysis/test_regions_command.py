"""``python -m analysis.regions``: what it prints and stores, the scenario that zooms in, and what it refuses."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from support.places import QUICK
from support.planted import CENTRE, SCENARIO, around, draws_at
from support.short_runs import searched

from analysis.regions.__main__ import main
from analysis.regions.exhibits import found_in
from analysis.regions.pictures import counts, look, most_settled, pairs
from analysis.regions.search import Level, Regions
from analysis.regions.zoom import number, outward, span, zoomed
from analysis.run_data.candidates import Recorded, recorded
from analysis.run_data.fresh_seeds import Fair, Fresh
from analysis.run_data.ranking import rank
from calibrate.cli import main as calibrate
from calibrate.store.directory import owned
from engine import load_scenario
from engine.results.run_record import open_run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run of the quick country."""
    folder = tmp_path_factory.mktemp("run") / "results"
    settings = ["--method", "walk", "--chains", "2", "--iters", "600", "--seed", "7", "--quiet", "--out", str(folder)]
    assert calibrate(["--config", str(QUICK), *settings]) == 0
    return folder


@pytest.fixture(autouse=True)
def short_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.regions.paths.STEPS", 10)


def three_regions(seed: int) -> Regions:
    """Regions as they would be found: three, and some points in none."""
    draws: Recorded = draws_at(around(CENTRE, 0.4, 60, np.random.default_rng(seed)), lambda unit: unit[:, 0])
    place = np.arange(60)
    found = np.repeat([0, 1, 2, -1], [30, 15, 10, 5])
    fair = Fair(draws.score, np.full(60, 0.1))
    return Regions(draws, 5.0, place, fair, found, np.zeros(0), [Level(5.0, 60, 4, 5, 3, 0, 5)])


def test_prints_and_stores_and_zooms_in(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, out = tmp_path / "zoomed.yaml", tmp_path / "out"
    assert main([str(results), "--sample", "60", "--above", "4", "--write-config", str(config), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "1,200 draws; " in said
    assert "region 1 was hit by " in said
    assert "2 independent starts" in said
    assert "less than 78% of starts" in said  # 1 - 0.05^(1/2)
    points = list(csv.DictReader((out / "regions_pairs.csv").read_text().splitlines()))
    assert all(float(row["mean"]) >= 4 for row in points)
    (first, *_) = csv.DictReader((out / "regions.csv").read_text().splitlines())
    inside = [row for row in points if row["region"] == "1"]
    assert len(inside) == int(first["points"])
    levels = list(csv.DictReader((out / "regions_threshold.csv").read_text().splitlines()))
    assert len(levels) == 5
    assert int(levels[2]["points"]) == len(points)
    assert (out / "regions_1.png").read_bytes().startswith(b"\x89PNG")
    check_zoomed(config, inside)


def check_zoomed(config: Path, inside: list[dict[str, str]]) -> None:
    """The file is the run's scenario but for the ranges, which hold every good point of the region; and it runs."""
    scenario, run = load_scenario(config), load_scenario(QUICK)
    assert scenario.model_copy(update={"parameters": run.parameters}) == run
    for name in run.free_names:
        low, high = scenario.parameters[name].low, scenario.parameters[name].high
        assert run.parameters[name].low <= low < high <= run.parameters[name].high
        assert all(low <= float(row[name]) <= high for row in inside)
        assert scenario.parameters[name].scale == run.parameters[name].scale
    short = ["--chains", "2", "--iters", "20", "--seed", "1", "--quiet", "--out", str(config.parent / "again")]
    assert calibrate(["--config", str(config), *short]) == 0
    assert config.read_text().startswith("# Region 1 of ")


def test_the_same_again(results: Path) -> None:
    run = open_run(results)

    def found(seed: int) -> Regions:
        fresh = Fresh(run, seed)
        return found_in(rank(recorded(run), fresh), fresh, 4.0, seed, 60)[0]

    one, two, other = map(found, (0, 0, 1))
    assert np.array_equal(one.place, two.place)
    assert np.array_equal(one.fair.mean, two.fair.mean)
    assert np.array_equal(one.region, two.region)
    assert not np.array_equal(one.fair.mean, other.fair.mean)


def test_ranges_are_short_to_write_and_hold_all_points() -> None:
    assert span(np.array([0.123456, 0.98765]), 0.0, 1.0, False) == (0.1234, 0.9877)
    assert span(np.array([-9.87654, -1.23456]), -12.0, 2.0, False) == (-9.877, -1.234)
    assert span(np.array([4.56789e-5, 5e-2]), 1e-5, 5e-2, False) == (4.567e-5, 0.05)
    assert span(np.array([104.0]), 13, 208, True) == (102.0, 106.0)  # 1 % of 195 weeks, rounded by whole weeks
    assert span(np.array([0.0]), 0.0, 1.0, False) == (0.0, 0.01)
    assert outward(1196.0, int) == 1196.0
    assert [number(value) for value in (104.0, 0.0005, 1e-5)] == ["104", "0.0005", "1e-05"]


def test_a_held_parameter_stays_held(seed: int) -> None:
    found = three_regions(seed)
    text = zoomed(found, 1, "results/")
    assert "  economy_effect: 1   # held, as in the run\n" in text
    assert "15 good points, 5.00 or more" in text
    assert text.count(", scale: log}") == 1


def test_pictures_have_a_colour_and_a_shape_for_each_region(seed: int) -> None:
    found = three_regions(seed)
    figure = pairs(found)
    shown = [axes for axes in figure.axes if axes.axison]
    assert len(shown) == 15
    assert len({look(region) for region in range(-1, 6)}) == 7
    (entries,) = figure.legends
    names = [entry.get_text() for entry in entries.get_texts()]
    assert names == [
        "region 1 (30 points)",
        "region 2 (15 points)",
        "region 3 (10 points)",
        "in no region (5 points)",
    ]
    rate = SCENARIO.free_names.index("adjustment_rate")
    chosen = most_settled(found)
    assert len(chosen) == 6
    assert all(axes.get_xlabel() for axes in shown[-5:])
    logarithmic = {axes.get_xlabel() for axes in shown if axes.get_xscale() == "log"}
    assert all("adjustment_rate" in label or label == "" for label in logarithmic)
    assert bool(logarithmic) or rate not in chosen[:-1]
    (axes,) = counts(found.levels, 5.0).axes
    assert axes.get_xlabel() == "the least that a good point is worth on fresh seeds"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--above", "99"], "no draw reaches 99 on fresh seeds; give --above less than "),
        (["--above", "nan"], "--above nan: give a number of points"),
        (["--region", "2"], "--region 2: says nothing without --write-config FILE"),
        (["--region", "0"], "argument --region: '0' will not do; give an integer from 1 up"),
        (["--write-config", str(QUICK)], f"--write-config {QUICK}: is there already; give another file"),
        (["--abov", "5"], "--abov: no such argument; did you mean --above?"),
    ],
)
def test_arguments_that_will_not_do(
    results: Path, tmp_path: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(results), *arguments, "--out", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--region", "40", "--write-config", "new.yaml"], "--region 40: no such region; give one from 1 to "),
        (["--write-config", "file/new.yaml"], "--write-config file/new.yaml: cannot be written"),
    ],
)
def test_a_scenario_that_cannot_be_written(
    results: Path,
    tmp_path: Path,
    more: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("in the way")
    assert main([str(results), "--sample", "60", "--above", "4", "--out", "out", *more]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.yaml"))


def test_a_folder_for_the_scenario_is_made(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    config = "a folder/[one] region.yaml"
    assert main([str(results), "--sample", "60", "--above", "4", "--out", "out", "--write-config", config]) == 0
    assert load_scenario(config).name == "quick"
    assert f"Next: python -m calibrate --config '{config}' --out results-zoomed/" in capsys.readouterr().out


def test_an_empty_run_and_one_that_goes_on(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    run = json.loads((results / "run.json").read_text())
    (empty / "run.json").write_text(json.dumps(run | {"status": "running"}))
    assert main([str(empty)]) == 3
    err = capsys.readouterr().err
    assert "holds no draws yet" in err
    assert err.count("\n") == 1
    (empty / "draws").symlink_to(results / "draws")
    with owned(empty):
        assert recorded(open_run(empty)).record.status == "running"
        assert main([str(empty), "--sample", "60", "--above", "4"]) == 0
    assert "1,200 draws (the run is running); " in capsys.readouterr().out


def test_where_nothing_beats_silence_there_is_no_region(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one country nobody can leave: every draw scores what silence does. With a threshold of one's own there is."""
    nobody = ["--set", "parameters.utility_intercept=-350", "--set", "parameters.utility_slope=0"]
    out = searched(tmp_path / "silent", 7, *nobody, chains=2, iters=30)
    capsys.readouterr()
    assert main([str(out)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("no draw scores better on fresh seeds than a run in which nobody leaves (0.")
    assert told.count("\n") == 1
    assert main([str(out), "--above", "-5", "--sample", "20"]) == 0
    assert "regions: 1;" in capsys.readouterr().out


def test_interrupted_it_stores_nothing(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("analysis.regions.exhibits.find_regions", interrupt)
    assert main([str(results), "--out", str(tmp_path / "out")]) == 130
    assert "nothing was stored" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
