"""How chains behave: where they stand, which stand together, R-hat and effective sizes of known laws, the export."""

import csv
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.names import NAMES
from support.places import CONFIGS
from support.short_runs import searched

from analysis.diagnostics.__main__ import main
from analysis.diagnostics.exhibits import arviz, measured
from analysis.diagnostics.occupied_points import OccupiedPoints, occupied_points, together
from calibrate.objective.objectives import OBJECTIVES
from engine.results.run_record import open_run
from engine.scenario import load_scenario

DRAWS = 4000


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    return searched(tmp_path_factory.mktemp("diagnostics") / "quick", seed)


def autocorrelated(rng: np.random.Generator, chains: int, rho: float) -> np.ndarray:
    values = rng.normal(size=(chains, DRAWS))
    for draw in range(1, DRAWS):
        values[:, draw] = rho * values[:, draw - 1] + np.sqrt(1 - rho**2) * values[:, draw]
    return values


def test_known_laws_are_measured_as_known(seed: int) -> None:
    """Independent draws are worth their number; those of correlation 0.9 a nineteenth; a tenth off in 10 sd at most."""
    rng = np.random.default_rng([seed, 91])
    rhat, ess, mean, sd, holds = measured(arviz(), rng.normal(3.0, 2.0, (4, DRAWS)))
    assert holds == "yes"
    assert 0.99 < rhat < 1.01
    assert ess == pytest.approx(4 * DRAWS, rel=0.2)
    assert (mean, sd) == pytest.approx((3.0, 2.0), abs=0.2)
    slow = measured(arviz(), autocorrelated(rng, 4, 0.9))
    assert slow[1] == pytest.approx(4 * DRAWS / 19, rel=0.4)


def test_what_does_not_hold_is_said_so(seed: int) -> None:
    rng = np.random.default_rng([seed, 92])
    apart = rng.normal(size=(4, DRAWS)) + np.array([0, 0, 0, 5])[:, None]
    assert measured(arviz(), apart)[-1] == "no: the chains differ"
    assert measured(arviz(), apart[:1])[-1] == "no: one chain alone"
    assert measured(arviz(), np.ones((4, DRAWS)))[-1] == "no: it never moved"
    stuck = np.full((1, DRAWS), 0.1) + 0.2  # whose standard deviation is rounded to more than nothing
    assert measured(arviz(), stuck) == (None, None, pytest.approx(0.3), 0.0, "no: it never moved")
    others = np.random.default_rng(1).normal(size=(3, DRAWS))
    assert measured(arviz(), np.concatenate([others, stuck]))[-1] == "no: a chain never moved"
    assert measured(arviz(), np.concatenate([others, stuck]))[:2] == (None, None)
    few = np.repeat(rng.normal(size=(4, 12)), 400, axis=1)
    assert measured(arviz(), few)[-1] in ("no: too few effective draws", "no: the chains differ")


def test_a_chain_stands_where_it_last_went(results: Path) -> None:
    run = open_run(results)
    walk = occupied_points(run)
    draws = run.draws(["iteration", "accepted", "visibility", "score"]).to_pandas()
    for row, chain in enumerate(walk.chains):
        here = None
        for draw, (_, line) in enumerate(draws[draws["chain"] == chain].iterrows()):
            here = (line["visibility"], line["score"]) if line["accepted"] else here
            assert here == (walk.points[row, draw, NAMES.index("visibility")], walk.score[row, draw])
    assert walk.counts == [400, 400, 400]


def test_chains_stand_together_where_all_their_ranges_overlap(seed: int) -> None:
    rng = np.random.default_rng([seed, 93])
    scenario = load_scenario(CONFIGS / "quick.yaml")
    middle = np.array([scenario.parameters[name].middle for name in NAMES])
    points = np.tile(middle, (4, 200, 1))
    points[:, :, 0] = rng.uniform(20, 30, (4, 200))
    points[1, :, 0] += 5  # overlaps the first
    points[2, :, 0] += 40
    points[3, :100, 0] += 40  # where it came from does not count
    nothing = np.zeros((4, 200))
    walk = OccupiedPoints(
        scenario, [0, 1, 2, 3], points, OBJECTIVES["score"], nothing, nothing > 0, nothing, [200] * 4, True
    )
    assert together(walk) == [[0, 1, 3], [2]]


def test_the_command_prints_and_exports(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "chains.nc"
    assert main([str(results), "--out", str(tmp_path), "--netcdf", str(file)]) == 0
    assert f"stored {file}: every point where a chain stood, 400 a chain" in capsys.readouterr().out
    with open(tmp_path / "diagnostics_chains.csv", newline="") as text:
        rows = list(csv.DictReader(text))
    walk = occupied_points(open_run(results))
    assert [float(row["acceptance"]) for row in rows] == walk.accepted.mean(axis=1).tolist()
    assert all(1 <= int(row["longest_stay"]) <= 400 for row in rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data: Any = arviz().from_netcdf(str(file))
        assert (data.posterior["visibility"].to_numpy() == walk.points[:, :, NAMES.index("visibility")]).all()
        assert (data.sample_stats["score"].to_numpy() == walk.score).all()
        data.close()


def test_long_chains_are_exported_in_steps(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("analysis.diagnostics.export.EXPORTED", 150)
    assert main([str(results), "--out", str(tmp_path), "--netcdf", str(tmp_path / "chains.nc")]) == 0
    assert "one point in 3 where a chain stood, 134 a chain" in capsys.readouterr().out


def test_an_export_that_cannot_be_written_leaves_nothing(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chains.nc").mkdir()
    assert main([str(results), "--out", str(tmp_path / "out"), "--netcdf", str(tmp_path / "chains.nc")]) == 2
    assert "cannot be written (Is a directory); give another file" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chains.nc", "out"]


def test_without_the_library_one_line_says_what_to_install(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> None:
        raise ImportError(name, name=name)

    monkeypatch.setattr("analysis.common.libraries.import_module", absent)
    assert main([str(results)]) == 2
    assert capsys.readouterr().err == "arviz is not installed; pip install 'defection-abm[diagnostics]'\n"


def test_a_run_hardly_begun_says_so(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.diagnostics.occupied_points.FEWEST", 1000)
    assert main([str(results)]) == 3
    assert "its shortest chain holds 400 draws; let the run reach 1000 at least" in capsys.readouterr().err
    shutil.copy(results / "run.json", tmp_path / "run.json")
    assert main([str(tmp_path)]) == 3
    assert "holds no draws yet" in capsys.readouterr().err
