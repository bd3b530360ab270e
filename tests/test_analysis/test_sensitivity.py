"""``python -m analysis.sensitivity``: coefficients moved, indices beside closed forms, others calibrated anew."""

import csv
from pathlib import Path

import numpy as np
import pytest
from support.names import NAMES
from support.places import DPRK, PAPERS, QUICK
from support.short_runs import searched

from analysis.sensitivity import __main__ as command
from analysis.sensitivity.coefficients import coefficients, moved, overrides
from analysis.sensitivity.indices import PRIOR, estimated, groups_of, indices_of, inputs_of
from analysis.sensitivity.one_at_a_time import FACTORS, PRINTED, one_at_a_time
from analysis.sensitivity.recalibrated import LEAST, MOST, factors_of, variants_of
from analysis.variants.study import REPEATS, SEARCHES
from engine import load_scenario
from engine.errors import DataError
from engine.results.run_record import open_run
from engine.types import Floats

SMALL = ["--recalibrate", "8", "--chains", "2", "--iters", "40", "--rows", "16"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    return searched(tmp_path_factory.mktemp("sensitivity") / "results", seed, "--set", PAPERS, chains=2, iters=300)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_figure_2_has_thirteen_coefficients() -> None:
    found = coefficients(load_scenario(DPRK))
    assert len(found) == 13
    assert [one.value for one in found if one.name in ("border.ability", "growth.motivation")] == [5.0, 4.0]


def test_what_is_moved_is_what_set_would_move() -> None:
    scenario = load_scenario(QUICK)
    found = coefficients(scenario)
    factors = np.linspace(-1.0, 2.0, len(found)).tolist()
    assert moved(scenario, found, factors) == load_scenario(QUICK, overrides(found, factors))
    assert moved(scenario, found, [1.0] * len(found)) == scenario
    turned = moved(scenario, found, [-1.0] * len(found)).impacts
    assert (turned.border.ability, turned.status["low"].motivation) == (-5.0, 2.0)


def test_a_coefficient_as_printed_changes_nothing_and_one_that_counts_does(results: Path) -> None:
    run = open_run(results)
    place = NAMES.index("demographic_scale")
    points = np.array([[run.scenario.parameters[name].middle for name in NAMES]] * 2)
    points[1, place] = 0.0  # there no coefficient counts
    lines = one_at_a_time(run, points, lambda: None)
    assert [line.coefficient for line in lines] == coefficients(run.scenario)
    for line in lines:
        assert line.mean.shape == (2, len(FACTORS))
        assert (line.mean[:, PRINTED] == lines[0].mean[:, PRINTED]).all(), "the same seeds"
        assert np.ptp(line.mean[1]) == 0.0
        assert np.ptp(line.people[1]) == 0.0
    assert max(np.ptp(line.people[0]) for line in lines) > 0.0


def test_indices_are_those_of_the_closed_form_and_chance_is_told_apart(seed: int) -> None:
    """f = 3·x0 + 12·(x1 - ½)·(x2 - ½) + noise, x3 inert: variances 9/12, 1 and 1/4, so chance is 1/8 of 2.

    Without chance: first order 3/7, 0, 0, 0; in all 3/7, 4/7, 4/7, 0. False alarm: with 2,048 rows the standard
    deviation over 20 seeds is at most 0.018 (of chance 0.004), and the bounds are five times as wide.
    """
    rng = np.random.default_rng(seed)

    def evaluate(unit: Floats) -> Floats:
        planted = 3 * unit[:, 0] + 12 * (unit[:, 1] - 0.5) * (unit[:, 2] - 0.5)
        noisy: Floats = planted + 0.5 * rng.normal(size=len(unit))
        made.append(noisy)
        return noisy

    made: list[Floats] = []

    groups = {"x0": [0], "x1": [1], "x2": [2], "inert": [3], "all": range(4), "two": [1, 2]}
    found = indices_of(4, groups, evaluate, 2048, seed)
    by_name = {line.input: line for line in found.lines}
    assert found.chance == pytest.approx(1 / 8, abs=0.02)
    most = 4 / 7
    wanted = {
        "x0": (3 / 7, 3 / 7),
        "x1": (0, most),
        "x2": (0, most),
        "inert": (0, 0),
        "all": (1, 1),
        "two": (most, most),
    }
    for name, (first, total) in wanted.items():
        assert by_name[name].first == pytest.approx(first, abs=0.1), name
        assert by_name[name].total == pytest.approx(total, abs=0.1), name
        assert by_name[name].first_low < by_name[name].first < by_name[name].first_high
    assert by_name["inert"].total_low < 0.03
    matrices = made[0].reshape(2048, -1).T.copy()
    matrices[1] = matrices[0]
    total = estimated(matrices)[1]
    assert total[list(groups).index("inert")] > 0.1, "negative control: with chance left in, the inert input counts"
    with pytest.raises(DataError, match="chance makes all of the variance"):
        indices_of(4, groups, lambda unit: np.zeros(len(unit)), 64, seed)


def test_inputs_are_spread_as_the_good_draws_are(results: Path, seed: int) -> None:
    run, rng = open_run(results), np.random.default_rng(seed)
    good = rng.random((40, len(NAMES)))
    inputs = inputs_of(run, coefficients(run.scenario), good)
    assert inputs.names[0] == PRIOR
    assert len(inputs) == 13 + 10
    assert len(groups_of(inputs)) == len(inputs) + 2
    points = inputs.points(rng.random((500, len(inputs))))
    pairs = {tuple(pair) for pair in good[:, :2]}
    assert {tuple(pair) for pair in points[:, :2]} <= pairs, "priors go together"
    for place in range(2, 11):
        assert set(points[:, place]) <= set(good[:, place])
    ends = inputs.factors(np.array([[0.0] * 23, [1.0] * 23]))
    assert (ends == [[0.5] * 13, [1.5] * 13]).all()


def test_sets_of_coefficients_are_even_and_begin_alike() -> None:
    few, many = factors_of(20, 13, 1), factors_of(64, 13, 1)
    assert (many[:20] == few).all()
    assert LEAST <= many.min() < -0.9 < 1.9 < many.max() <= MOST
    assert abs(many.mean(axis=0) - 0.5).max() < 0.05
    variants = variants_of(coefficients(load_scenario(QUICK)), few)
    assert [one.changes for one in variants[:REPEATS]] == [()] * REPEATS
    assert len(variants[-1].changes) == 13


def test_all_parts_are_stored_and_searches_are_not_made_twice(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert command.main([str(results), *SMALL, "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "Chance alone makes" in told
    assert {row["coefficient"] for row in rows_of(out / "one_at_a_time.csv")} == {
        one.name for one in coefficients(open_run(results).scenario)
    }
    assert len(rows_of(out / "indices.csv")) == 13 + 10 + 2
    assert len(rows_of(out / "every_set.csv")) == REPEATS + 8
    assert rows_of(out / "claims.csv")
    folders = sorted((out / "recalibrated" / SEARCHES).iterdir())
    before = [(folder / "run.json").stat().st_mtime_ns for folder in folders]
    sets = (out / "every_set.csv").read_bytes()
    assert command.main([str(results), *SMALL, "--out", str(out), "--only", "recalibrated"]) == 0
    assert [(folder / "run.json").stat().st_mtime_ns for folder in folders] == before
    assert (out / "every_set.csv").read_bytes() == sets
    found = (out / "indices.csv").read_bytes()
    assert command.main([str(results), *SMALL, "--out", str(out), "--only", "indices"]) == 0
    assert (out / "indices.csv").read_bytes() == found, "intervals too"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--rows", "100"], "--rows 100: Sobol points are even at powers of two; give 128"),
        (["--only", "recalibrated"], "--only recalibrated: give --recalibrate N too"),
        (["--set", "belief.scope=nation"], "--set: the scenario is that of the results"),
        (["--recalibrate", "3"], "--recalibrate"),
    ],
)
def test_slips_are_one_line(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], said: str
) -> None:
    assert command.main([str(results), "--out", str(tmp_path / "out"), *given]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
