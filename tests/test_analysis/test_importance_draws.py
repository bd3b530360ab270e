"""What the forests are given: the probe, a column that walks as parameters do and has no effect; what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import places
from support.names import REQUIRED
from support.planted_draws import Floats, nothing, walked
from support.results_on_disk import run_record, write_results

import calibrate
import calibrate.cli
from analysis.importance.draws import check_same_case, load
from analysis.importance.forest import Forest, purity_by_tree
from analysis.importance.measure import shares
from analysis.importance.probe import DRAWINGS, walk_without_effect
from analysis.run_data.candidates import starts_of
from calibrate.methods.registry import searcher
from engine import load_scenario
from engine.errors import DataError, UsageError
from engine.results.run_record import Run, open_run

QUICK = str(places.QUICK)


def steep(points: Floats) -> Floats:
    """Return a score of the first two of four parameters; the walk is held by it, and the others walk along."""
    return np.asarray(60 * np.sin(3 * points[..., 0]) - 90 * (points[..., 1] - 0.6) ** 2)


def test_the_probe_has_what_a_walking_column_without_effect_has_and_white_noise_has_less(seed: int) -> None:
    """24 searches in which two of four parameters have no effect; the floor is to be what these two get.

    Over 24 others: their share was 8.7 % on average, the walking probe's 9.2 %, that of white noise in its place
    6.9 %: ratios 0.96 (sd 0.22) and 1.34 (sd 0.37), so their means move by 0.045 and 0.076. Bounds at 4 and 3 of it.
    """
    ratios = []
    for number in range(24):
        draws = walked(("a", "b", "c", "d"), steep, 4, 400, seed + number)
        noise = np.random.default_rng((seed, number)).random(draws.probes.shape, dtype=np.float32)
        got = []
        for each in (draws, draws._replace(probes=noise)):
            forest = Forest(24, 1, seed + number, 2)
            share = shares(purity_by_tree(each.features(), each.score, forest, nothing).mean(axis=0))
            got.append(share[2:4].mean() / share[4])
        ratios.append(got)
    walking, white = np.mean(ratios, axis=0)
    assert 0.78 < walking < 1.15
    assert white > 1.1


def test_the_probe_moves_where_its_chain_was_accepted() -> None:
    """Steps of a tenth at most: after a rejection a proposal starts anew from where the last accepted one stood."""
    chain, accepted = np.repeat([0, 1], 6), np.array([1, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1])
    rng = np.random.default_rng(5)
    walk = walk_without_effect(chain, accepted, 0.001, 1.0, rng)
    again = np.random.default_rng(5)
    again.random(6)
    steps = 0.001 * again.normal(size=6)
    start = again.random()
    assert walk[0] == pytest.approx(start)
    stood = [start, start, start, start + steps[3], start + steps[3]]
    assert walk[1:6] == pytest.approx([at + step for at, step in zip(stood, steps[1:], strict=True)])
    assert abs(walk[6] - walk[5]) > 0.01, "the next chain starts on its own"
    assert np.abs(np.diff(walk[6:])).max() < 0.006


def test_the_probe_stays_in_its_range_and_fills_it(seed: int) -> None:
    """A reflected walk is uniform in the long run: 40 chains of 2,000 steps with all accepted.

    A walk with steps of 0.3 forgets itself within some 20: 4,000 free values, a tenth of them in each tenth, sd 19.
    """
    chain = np.repeat(np.arange(40), 2000)
    walk = walk_without_effect(chain, np.ones(80_000, np.bool_), 0.3, 1.0, np.random.default_rng(seed))
    assert 0.0 <= walk.min() < 0.01
    assert 0.99 < walk.max() <= 1.0
    assert np.abs(np.histogram(walk, 10, (0, 1))[0] / 8000 - 1).max() < 0.3


def lag(values: Floats, chain: np.ndarray) -> float:
    """Return the correlation of a column with itself one draw later."""
    same = chain[1:] == chain[:-1]
    return float(np.corrcoef(values[:-1][same], values[1:][same])[0, 1])


def test_the_probe_is_as_like_its_neighbours_as_a_column_without_effect(seed: int) -> None:
    """Of twelve searches: correlation from draw to draw of what had no effect, of the probe, and of white noise."""
    seen = []
    for number in range(12):
        draws = walked(("a", "b", "c", "d"), steep, 4, 400, seed + number)
        effectless = np.mean([lag(column, draws.chain) for column in draws.columns[2:]])
        probes = np.mean([lag(probe, draws.chain) for probe in draws.probes])
        seen.append((effectless, probes))
    effectless, probes = np.mean(seen, axis=0)
    assert probes == pytest.approx(effectless, abs=0.04)
    assert probes > 0.5


def test_in_company_the_probe_moves_as_a_column_without_effect_and_the_walks_does_not(
    tmp_path: Path, seed: int
) -> None:
    """Six populations in a country without a famine, in which famine_effect does nothing.

    Over twelve others: correlation from draw to draw 0.72 (sd 0.03), of the probe 0.66 (0.014), of the walk's 0.99
    (0.002); standard deviation within a chain 0.18 (0.05), 0.24 (0.005) and 0.07 (0.007). The means of six differ by
    0.06 (standard error 0.013 and 0.02): bounds at three and more of it, which fail once in a thousand.
    """
    country = load_scenario(QUICK, ["famine.years=[]"])
    seen = []
    for number in range(6):
        found = calibrate.search(country, out=tmp_path, chains=8, iters=400, seed=seed + number, overwrite=True)
        draws = load(found, seed)
        low, high, _ = draws.box["famine_effect"]
        effectless = (draws.columns[draws.names.index("famine_effect")] - low) / (high - low)
        accepted = np.asarray(found.draws(["accepted"])["accepted"].to_numpy())
        alone = walk_without_effect(draws.chain, accepted, 0.1, 0.3, np.random.default_rng(seed + number))
        spread = [np.std(each.reshape(8, 400), axis=1).mean() for each in (effectless, *draws.probes)]
        lags = [lag(each, draws.chain) for each in (effectless, alone, *draws.probes)]
        seen.append((lags[0], lags[1], np.mean(lags[2:]), spread[0], np.mean(spread[1:])))
    real, walks, probes, real_spread, spread = np.mean(seen, axis=0)
    assert probes == pytest.approx(real, abs=0.12)
    assert spread == pytest.approx(real_spread, abs=0.13)
    assert walks - real > 0.12, "the control"


def run(out: Path, seed: int, *more: str) -> Run:
    """A small search or screen of the quick country."""
    common = ["--config", QUICK, "--chains", "2", "--seed", str(seed), "--quiet", "--out", str(out)]
    assert calibrate.cli.main([*common, *more]) == 0
    return open_run(out)


def test_the_probe_begins_anew_and_stands_where_its_chain_does(tmp_path: Path, seed: int) -> None:
    """In a restart at each new start; where a present point is simulated again, at the point itself."""
    restart = ["--method", "restart", "--iters", "300", "--set", "search.patience=20"]
    anew = load(run(tmp_path / "anew", seed, *restart), seed)
    found = open_run(tmp_path / "anew")
    walks = starts_of(searcher(found.record, found.scenario), anew.chain, anew.score)
    assert walks.max() > 2
    far = np.abs(np.diff(anew.probes, axis=1)) > 0.6  # six standard deviations of a step: 1e-6 in all
    assert (far.any(axis=0) <= (np.diff(walks) > 0)).all()
    assert far[:, np.diff(walks) > 0].any()
    again = load(
        run(tmp_path / "again", seed, "--method", "walk", "--iters", "300", "--set", "search.rescore=10"), seed
    )
    stood = np.flatnonzero((again.iteration % 10 == 0) & (again.iteration > 0))
    accepted = np.asarray(open_run(tmp_path / "again").draws(["accepted"])["accepted"].to_numpy())
    for row in stood[accepted[stood - 1]]:
        assert (again.probes[:, row] == again.probes[:, row - 1]).all()


def test_a_search_has_a_walking_probe_and_a_screen_white_noise(tmp_path: Path, seed: int) -> None:
    search = load(run(tmp_path / "search", seed, "--iters", "64"), seed)
    screen = load(run(tmp_path / "screen", seed, "--screen", "128"), seed)
    assert (search.screen, screen.screen) == (False, True)
    assert search.probes.shape == screen.probes.shape == (DRAWINGS, 128)
    assert np.mean([lag(probe, search.chain) for probe in search.probes]) > 0.5
    assert abs(np.mean([lag(probe, screen.chain) for probe in screen.probes])) < 0.2  # sd 0.03
    assert len({probe.tobytes() for probe in (*search.probes, *screen.probes)}) == 2 * DRAWINGS
    assert screen.box == search.box
    assert screen.box["adjustment_rate"] == (1e-4, 5e-2, True)


def test_only_a_screen_of_the_same_case_is_set_beside_a_run(tmp_path: Path, seed: int) -> None:
    search = run(tmp_path / "search", seed, "--iters", "10", "--set", "search.step=0.2")
    check_same_case(search, run(tmp_path / "screen", seed, "--screen", "16"))
    with pytest.raises(UsageError, match="is no screen; make one with: python -m calibrate --screen 65536"):
        check_same_case(search, search)
    other = run(tmp_path / "other", seed, "--screen", "16", "--set", "parameters.visibility={low: 0, high: 0.5}")
    with pytest.raises(UsageError, match=r"parameters\.visibility\.high: was 1\.0, now 0\.5; screen the one"):
        check_same_case(search, other)
    weighed = run(tmp_path / "weighed", seed, "--screen", "16", "--set", "score.run_weight=5")
    with pytest.raises(UsageError, match=r"score\.run_weight: was 6\.0, now 5\.0"):
        check_same_case(search, weighed)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"search": {"step": "wide"}}, "scenario.search gives no step and subset"),
        ({"parameters": None}, "scenario.parameters does not give a range"),
        ({"visibility": {"low": 1.0, "high": 0.0}}, "scenario.parameters.visibility gives no range"),
        ({"visibility": {"low": 0.0, "high": 1.0, "scale": "log"}}, "scenario.parameters.visibility gives no range"),
    ],
)
def test_a_record_that_does_not_say_what_was_searched_is_told(
    tmp_path: Path, seed: int, change: dict[str, object], said: str
) -> None:
    score = np.random.default_rng(seed).random((2, 30))
    record: dict[str, Any] = run_record(REQUIRED, "finished")
    for key, value in change.items():
        (record["scenario"]["parameters"] if key == "visibility" else record["scenario"])[key] = value
    results = write_results(tmp_path / "results", {}, score, record=record)
    with pytest.raises(DataError, match=said):
        load(open_run(results), seed)


def test_a_scenario_as_calibrate_stores_it_names_the_same_parameters(tmp_path: Path) -> None:
    held: Callable[[str], str] = "parameters.{}={{fixed: 0.5}}".format
    scenario = load_scenario(QUICK, [held("visibility")])
    results = write_results(tmp_path / "results", {}, np.zeros((1, 2)))
    run = json.loads((results / "run.json").read_text())
    (results / "run.json").write_text(json.dumps(run | {"scenario": scenario.resolved()}))
    assert open_run(results).free_names == scenario.free_names
    assert "visibility" not in scenario.free_names
