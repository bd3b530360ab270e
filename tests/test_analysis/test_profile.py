"""``python -m analysis.profile``: what it must say where a profile is known, and that it goes on where it was."""

import json
from pathlib import Path

import numpy as np
import pytest
from support.names import NAMES
from support.places import QUICK
from support.short_runs import searched

from analysis.profile import __main__ as command
from analysis.profile import kept
from analysis.profile.search import Cell, grid, held, measured, order_of, profile_of, warm_starts
from analysis.profile.search import searched as searched_from
from analysis.profile.verdict import FLAT, IDENTIFIED, ONE_SIDED, drop_of, verdict_of
from analysis.run_data.fresh_seeds import Fresh
from engine.results.run_record import open_run
from engine.scenario import load_scenario
from engine.types import Floats

FEW = ["--cells", "3", "--draws", "100", "--only", "visibility", "--only", "memory_weeks"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    return searched(tmp_path_factory.mktemp("profile") / "results", seed, chains=2, iters=300)


def cells(means: list[float], error: float = 0.01) -> list[Cell]:
    return [Cell("visibility", float(value), mean, error, []) for value, mean in enumerate(means)]


@pytest.mark.parametrize(
    ("means", "verdict", "low", "high"),
    [
        ([0.0, 9.0, 10.0, 9.5, 0.0], IDENTIFIED, 1.0, 3.0),
        ([10.0, 9.9, 5.0, 0.0, 0.0], ONE_SIDED, 0.0, 1.0),
        ([0.0, 0.0, 5.0, 9.9, 10.0], ONE_SIDED, 3.0, 4.0),
        ([9.9, 9.95, 10.0, 9.9, 9.5], FLAT, 0.0, 4.0),
        ([9.9, 0.0, 10.0, 0.0, 9.5], FLAT, 0.0, 4.0),
    ],
)
def test_verdicts_where_they_are_plain(means: list[float], verdict: str, low: float, high: float) -> None:
    found = verdict_of(cells(means), drop=1.0)
    assert found.verdict == verdict
    assert (found.highest, found.best) == (10.0, float(np.argmax(means)))
    assert low - 0.3 < found.low <= low + 0.01 or found.low == low
    assert high - 0.01 <= found.high < high + 0.3 or found.high == high


def test_chance_in_the_measure_makes_an_interval_wider() -> None:
    means = [0.0, 8.0, 10.0, 8.0, 0.0]
    widths = [(found := verdict_of(cells(means, error), drop=1.0)).high - found.low for error in (0.0, 0.2, 0.6, 2.0)]
    assert widths == sorted(widths)
    assert len(set(widths)) == 4
    assert verdict_of(cells(means, 0.0), drop=1.0).low == 1.5


def test_a_known_parabola_has_its_interval() -> None:
    """A log-likelihood with standard deviation 2 around 10: the 95 % interval is 10 ± 3.92."""
    value = np.linspace(0, 20, 201)
    profile = [Cell("x", float(v), -((v - 10) ** 2) / 8, 0.0, []) for v in value]
    found = verdict_of(profile, drop_of("likelihood", 1.0))
    np.testing.assert_allclose([found.low, found.high], [10 - 3.92, 10 + 3.92], atol=0.002)


def test_the_grid_holds_both_ends_and_the_best() -> None:
    scenario = load_scenario(QUICK)
    for name, entry in scenario.parameters.items():
        if name in scenario.free_names:
            best = entry.middle
            values = grid(entry, best, 5)
            assert (values[0], values[-1]) == (entry.low, entry.high)
            assert best in values
            assert values == sorted(set(values))
            assert not entry.integer or all(value == round(value) for value in values)
    logs = np.diff(np.log(grid(scenario.parameters["adjustment_rate"], 1e-4, 5)))
    np.testing.assert_allclose(logs, logs[0])


@pytest.mark.parametrize("best", [0.0, 2.2, 9.0])
def test_cells_are_searched_outwards_each_from_a_neighbour(best: float) -> None:
    order = order_of([0.0, 1.0, 2.0, 3.0], best)
    assert sorted(place for place, _ in order) == [0, 1, 2, 3]
    seen: set[int | None] = {None}
    for place, neighbour in order:
        assert neighbour in seen
        seen.add(place)
    assert abs([0.0, 1.0, 2.0, 3.0][order[0][0]] - best) == min(abs(v - best) for v in range(4))


def test_warm_starts_have_the_value_and_come_from_both(seed: int) -> None:
    best = np.random.default_rng(seed).random((10, len(NAMES)))
    neighbour = Cell("tolerance", 0.1, 0.0, 0.0, (best[:3] + 5).tolist())
    place = NAMES.index("tolerance")
    starts = warm_starts(best, neighbour, place, 0.3)
    assert starts.shape == (4, len(NAMES))
    assert (starts[:, place] == 0.3).all()
    others = np.delete(starts, place, axis=1)
    assert (others[:2] > 5).all()
    assert (others[2:] < 1).all()


def test_a_cell_is_measured_on_seeds_that_did_not_choose_it(seed: int) -> None:
    rng, asked = np.random.default_rng(seed), []

    def scores(points: Floats, seeds: int) -> Floats:
        asked.append((len(points), seeds))
        return 3.0 + rng.normal(size=(len(points), seeds))

    found = measured("visibility", 0.5, np.zeros((50, 12)), scores)
    assert asked == [(20, 30), (1, 300)]
    assert abs(found.mean - 3.0) < 5 / np.sqrt(300), "five standard errors; the chosen one's first mean is biased"


def test_a_held_parameter_stays_and_the_objective_is_climbed(results: Path) -> None:
    run = open_run(results)
    scenario = held(run.scenario, "visibility", 0.25, "likelihood")
    assert scenario.parameters["visibility"].fixed == 0.25
    assert scenario.objective == "likelihood"
    best = run.draws(["score"])
    points = np.array([list(load_scenario(QUICK).parameters[name].middle for name in NAMES)])
    found = list(profile_of(run, points, "visibility", 3, 100, {}))
    known = warm_starts(points, None, NAMES.index("visibility"), 0.25)
    walked = searched_from(scenario, known, Fresh(run, 1, shown=False), 100, 1)
    assert (walked[: len(np.unique(known, axis=0))] == known[0]).all(), "where a walk begins is a candidate too"
    assert len(walked) > 50
    assert len(best) == 600
    assert [cell.value for cell in found] == [0.5, 1.0, 0.0]
    assert all(point[NAMES.index("visibility")] == cell.value for cell in found for point in cell.points)


def test_it_goes_on_where_it_was_stopped(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert command.main([str(results), "--out", str(whole), *FEW]) == 0
    told = capsys.readouterr().out
    assert "visibility" in told
    assert {path.name for path in whole.iterdir()} == {
        "profile.csv", "profile.jsonl", "profile.png", "profile.svg", "profile_cells.csv",
    }  # fmt: skip
    cut.mkdir()
    lines = (whole / "profile.jsonl").read_text().splitlines(keepends=True)
    (cut / "profile.jsonl").write_text("".join(lines[:3]) + lines[3][:20])  # killed in the middle of a line
    made: list[Cell] = []
    add = kept.add

    def add_and_count(file: Path, cell: Cell) -> None:
        made.append(cell)
        add(file, cell)

    monkeypatch.setattr(kept, "add", add_and_count)
    assert command.main([str(results), "--out", str(cut), *FEW]) == 0
    assert len(made) == len(lines) - 3
    assert (cut / "profile.csv").read_bytes() == (whole / "profile.csv").read_bytes()
    assert (cut / "profile_cells.csv").read_bytes() == (whole / "profile_cells.csv").read_bytes()
    before = (cut / "profile.jsonl").read_text()
    assert command.main([str(results), "--out", str(cut), *FEW[:-2], "--cells", "4"]) == 2
    assert (
        "is the profile of another run, of fewer draws, by other code, or with other --objective"
        in capsys.readouterr().err
    )
    assert (cut / "profile.jsonl").read_text() == before
    assert json.loads(before.splitlines()[0])["cells"] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "memory"], "--only memory: was not searched; give one of prior_alpha"),
        (["--only", "economy_effect"], "--only economy_effect: was not searched"),
        (["--cells", "2"], "--cells"),
        (["--draws", "no"], "--draws"),
    ],
)
def test_slips_are_one_line(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert command.main([str(results), "--out", str(tmp_path / "out"), *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
