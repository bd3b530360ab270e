"""``python -m analysis.second_opinion``: the weight that covers, on a law that is known, and the command."""

import csv
from pathlib import Path

import numpy as np
import pytest
from support.names import NAMES
from support.short_runs import searched

from analysis.forecast.__main__ import main as forecast
from analysis.posterior import exhibits as posterior
from analysis.posterior.sample import sample_of
from analysis.second_opinion.__main__ import main
from analysis.second_opinion.coverage import Coverage, coverage_of, covered, energy_scores
from analysis.second_opinion.exhibits import agree
from engine.results.run_record import open_run


def test_the_right_weight_of_a_known_law_covers_and_others_do_not(seed: int) -> None:
    """Records N(point, 1/4) and half the squared distance as score: the posterior's weight is 1/variance = 4.

    Of 400 records 360 are held in the mean, with a standard deviation of 6; ±5 of these by chance: 6e-7.
    """
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(4_000, 1))
    truths = rng.choice(len(points), 400, replace=False)
    records = points[truths, 0] + 0.5 * rng.normal(size=400)
    scores = 0.5 * (records[:, None] - points[:, 0]) ** 2
    found = covered(points, truths, scores, np.array([1.0, 4.0, 64.0]), ("x",))
    held = 400 * found.share
    assert abs(held[1] - 360) < 5 * 6
    assert held[0] > 360 + 5, "wider than it should be, it holds 385, with a deviation of 4; by chance: 1e-7"
    assert held[2] < 360 - 5 * 6, "a sixteenth as wide in variance, it holds too few"
    assert found.chosen is not None
    assert 1.5 < found.chosen < 12


def test_no_weight_is_chosen_where_none_can_be_told() -> None:
    weights, effective = np.array([1.0, 2.0, 4.0]), np.array([100.0, 50.0, 2.0])
    shares = np.array([0.99, 0.95, 0.4])
    assert Coverage(weights, shares, shares[:, None], effective, ("x",), 9).chosen is None, "the last is not told"
    chosen = Coverage(weights, shares, shares[:, None], np.full(3, 100.0), ("x",), 9).chosen
    assert chosen == pytest.approx(2 * 2 ** ((0.95 - 0.8) / (0.95 - 0.4))), "0.1 is a standard error of nine"


def test_scores_are_their_formula(seed: int) -> None:
    """By hand for two runs of two points; calibrate's own is held against the same formula elsewhere."""
    rng = np.random.default_rng(seed)
    runs, records = rng.normal(size=(2, 2, 5)), rng.normal(size=(3, 5))
    found = energy_scores(runs, records)
    for row, place in np.ndindex(3, 2):
        one, other = runs[place]
        distance = 0.5 * (np.linalg.norm(one - records[row]) + np.linalg.norm(other - records[row]))
        assert found[row, place] == pytest.approx(distance - 0.5 * np.linalg.norm(one - other), rel=1e-12)


def test_opinions_agree_if_each_holds_the_others_median() -> None:
    assert agree(np.array([0.0, 1.0, 2.0]), np.array([0.5, 1.5, 3.0]))
    assert not agree(np.array([0.0, 1.0, 2.0]), np.array([0.5, 2.5, 3.0]))
    assert not agree(np.array([0.0, 1.0, 9.0]), np.array([1.5, 2.5, 3.0]))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, seed: int) -> dict[str, Path]:
    """A posterior by each rule, one of another country's record, and a search."""
    folder = tmp_path_factory.mktemp("opinions")
    posterior = ["--method", "posterior", "--set", "posterior.particles=4"]
    energy = [*posterior, "--set", "posterior.rule=energy", "--set", "posterior.weight=2"]
    return {
        "likelihood": searched(folder / "likelihood", seed, *posterior, chains=4, iters=200),
        "energy": searched(folder / "energy", seed, *energy, chains=4, iters=200),
        "nation": searched(folder / "nation", seed, *energy, "--set", "belief.scope=nation", chains=4, iters=200),
        "walk": searched(folder / "walk", seed, chains=2, iters=200),
    }


def test_the_command_tells_where_the_two_disagree(
    runs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(runs["likelihood"]), str(runs["energy"]), "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "Where the two disagree" in told
    with (tmp_path / "second_opinion.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["what"]: row for row in csv.DictReader(stream)}
    scenario = open_run(runs["energy"]).scenario
    assert list(rows) == [*scenario.free_names, "repression, first year", "repression, lowest", "repression, last year"]
    draws = sample_of(open_run(runs["energy"])).of("visibility")
    assert float(rows["visibility"]["energy p50"]) == pytest.approx(np.median(draws))
    for row in rows.values():
        ends = [
            np.array([float(row[f"{label} {end}"]) for end in ("p05", "p50", "p95")])
            for label in ("likelihood", "energy")
        ]
        assert row["energy verdict"] == ("agree" if agree(*ends) else "disagree")
    assert (tmp_path / "coverage.png").exists()


def test_what_hangs_on_the_likelihood_is_not_told_of_the_other(
    runs: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    found = posterior.exhibits_of(open_run(runs["energy"]))
    assert [one.name for one in found] == ["posterior_paths", "posterior", "posterior_pairs"]
    assert "no new records, left-out years or forecasts" in found[1].sentence
    assert len(posterior.exhibits_of(open_run(runs["likelihood"]))) == 5
    capsys.readouterr()
    assert forecast([str(runs["energy"])]) == 3
    assert "is by the energy score, which has no law of a record around a run" in capsys.readouterr().err


def test_coverage_depends_on_the_run_alone(runs: dict[str, Path]) -> None:
    sample = sample_of(open_run(runs["energy"]))
    first, again = coverage_of(sample, 0.3), coverage_of(sample, 0.3)
    np.testing.assert_array_equal(first.by_name, again.by_name)
    assert first.by_name.shape == (len(first.weight), len(sample.scenario.free_names))
    assert set(first.names) <= set(NAMES)


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["likelihood"], 2, "energy"),
        (["likelihood", "walk"], 3, "is a run of method"),
        (["energy", "energy"], 2, "its rule is the energy score; name first a run by the likelihood"),
        (["likelihood", "likelihood"], 2, "its rule is the likelihood, as the first run's; make one with"),
        (["likelihood", "nation"], 2, "its scenario differs from that of"),
        (["likelihood", *["energy"] * 6], 2, "6 runs by the energy score given: give 5 at most"),
    ],
)
def test_slips_are_one_line(
    runs: dict[str, Path], capsys: pytest.CaptureFixture[str], given: list[str], code: int, said: str
) -> None:
    assert main([str(runs[name]) for name in given]) == code
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
