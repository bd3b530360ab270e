"""Subset simulation: on a landscape whose regions and volumes are known, and beside a screen of a small country."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.places import QUICK
from support.short_runs import searched

from analysis.volume import subset
from analysis.volume.__main__ import main, measured, parser, words_of
from analysis.volume.exhibits import Volume
from analysis.volume.subset import Level, descend, next_level, share_above
from calibrate.methods.space import make_space, to_points
from calibrate.objective.objectives import OBJECTIVES
from calibrate.objective.score import Score
from engine.results.run_record import open_run
from engine.scenario import load_scenario
from engine.simulation import simulate_batch
from engine.types import Floats

# Three basins in a box of three dimensions: wide, middle and narrow.
CENTRES = np.array([[0.3, 0.3, 0.3], [0.8, 0.7, 0.3], [0.2, 0.8, 0.8]])
RADII = np.array([0.25, 0.1, 0.05])
HIGH = 20.0  # worth of a basin's middle; 0 at its edge


def landscape(points: Floats) -> Floats:
    """Worth falls evenly from HIGH in the middle of a basin to 0 at its edge; beyond, slightly, with the distance."""
    distance = np.linalg.norm(points[:, None] - CENTRES, axis=2)
    inside = HIGH * (1 - distance / RADII)
    return np.where(inside.max(axis=1) > 0, inside.max(axis=1), -(distance - RADII).min(axis=1))


def volume(worth: float) -> float:
    """The balls in which the landscape is worth at least so much."""
    return float((4 / 3 * math.pi * (RADII * (1 - worth / HIGH)) ** 3).sum())


def populations(seed: int, count: int = 24, evaluate: Any = landscape, up_to: float = 19.0) -> list[list[Level]]:
    """Levels of some independent populations of 300."""
    return [list(descend(evaluate, 3, 300, np.random.default_rng((seed, number)), up_to)) for number in range(count)]


def off(found: list[list[Level]], worth: float, truth: float) -> float:
    """By how many of its own standard errors the mean share lies off the truth."""
    shares = np.array([share_above(levels, worth) for levels in found])
    error = shares.std(ddof=1) / np.sqrt(len(shares))
    return float(abs(shares.mean() - truth) / error) if error else math.inf


WORTHS = (0.0, 5.0, 10.0, 15.0, 18.0)


def test_volumes_of_a_known_landscape(seed: int) -> None:
    """24 populations; Student's t with 23 degrees beyond 7 has a chance of 4e-7, five of them 2e-6."""
    found = populations(seed)
    assert volume(18) < 1e-4
    assert max(off(found, worth, volume(worth)) for worth in WORTHS) < 7


@pytest.mark.parametrize("wrong", ["below the level", "nobody moves"])
def test_a_wrong_rule_is_noticed(wrong: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative controls: steps that may end below the level; clones that stay where they are."""
    if wrong == "below the level":
        true = subset.moved_within
        monkeypatch.setattr(subset, "moved_within", lambda e, p, w, least, *rest: true(e, p, w, least - 1.5, *rest))
    else:
        monkeypatch.setattr(subset, "MOVES", 0)
    found = populations(seed)
    assert max(off(found, worth, volume(worth)) for worth in WORTHS) > 7


def test_chance_counts_with_the_points(seed: int) -> None:
    """A worth that is normal noise alone: the share above 4 is the normal law's tail, 3.2e-5."""
    noise = np.random.default_rng((seed, 7))
    found = populations(seed, evaluate=lambda points: noise.normal(size=len(points)), up_to=4.5)
    assert off(found, 4.0, 0.5 * math.erfc(4 / math.sqrt(2))) < 7


def test_the_next_level() -> None:
    assert next_level(np.array([1.0, 2, 3, 4, 5, 6, 7, 8])) == 7
    assert next_level(np.array([1.0, 1, 1, 1, 1, 1, 1, 8])) == 8, "a plateau is left, however few are above it"
    assert next_level(np.array([1.0, 1, 1, 1])) == 1
    (only,) = descend(lambda points: np.zeros(len(points)), 2, 20, np.random.default_rng(1), 1.0)
    assert only.share == 1


def walked(starts: Floats, steps: int, rng: np.random.Generator) -> Floats:
    """Where plain walks from ``starts`` end: a tenth a step, three in ten coordinates, temperature 1; all at once."""
    here, worth = starts.copy(), 10 * landscape(starts)
    for _ in range(steps):
        moves = rng.random(here.shape) < 0.3
        new = np.abs(here + moves * rng.normal(size=here.shape) * 0.1) % 2
        new = np.minimum(new, 2 - new)
        found = 10 * landscape(new)
        taken = rng.random(len(here)) < np.exp(np.minimum(found - worth, 0))
        here, worth = np.where(taken[:, None], new, here), np.where(taken, found, worth)
    return here


def basins_of(points: Floats) -> set[int]:
    """The basins in which points lie."""
    distance = np.linalg.norm(points[:, None] - CENTRES, axis=2)
    return set(np.flatnonzero((distance < RADII).any(axis=0)).tolist())


def test_few_walks_find_fewer_regions_than_many_starts(seed: int) -> None:
    """The wide basin takes most starts; that eight walks meet all three has a chance below 1e-2 x 1e-1."""
    rng = np.random.default_rng((seed, 3))
    few, many = walked(rng.random((8, 3)), 300, rng), walked(rng.random((3000, 3)), 100, rng)
    assert basins_of(few) < basins_of(many) == {0, 1, 2}


def test_a_small_country_has_the_shares_of_a_screen(tmp_path: Path, seed: int) -> None:
    """Against 40,000 plain draws; 5 standard errors of the two together are 6e-7."""
    results = searched(tmp_path / "results", seed, chains=1, iters=40)
    scenario = load_scenario(QUICK)
    space = make_space(scenario)
    points = to_points(space, np.random.default_rng(seed).random((40_000, space.place.size)))
    plain = simulate_batch(scenario, points, seed, score=Score(scenario)).score
    found = measured(open_run(results), 6.0, 8, 200, seed)
    for worth in (0.0, 3.0, 5.0):
        share = found.at(worth)
        truth = float((plain >= worth).mean())
        assert abs(share.mean - truth) < 5 * math.hypot(share.error, math.sqrt(truth / 40_000)) + 1e-12


def test_an_interval_holds_the_truth_as_often_as_it_says(seed: int) -> None:
    """200 measures of 6 populations each; 95 % of them, give or take what 5 standard deviations are: 174 at least.

    Without Student's factor, which is 2.57 here, a third would be out: the control.
    """
    rng = np.random.default_rng((seed, 5))
    held = {1.0: 0, 0.4: 0}
    for _ in range(200):
        each = 1e-4 * rng.gamma(8.0, 1 / 8.0, 6)  # as spread as populations are at a share of this size
        found = Volume(OBJECTIVES["score"], [[Level(0.0, float(share), np.ones(1))] for share in each], 1.0, 0).at(1.0)
        assert found.low < found.mean < found.high
        for narrow in held:
            within = abs(math.log(1e-4 / found.mean)) <= narrow * math.log(found.high / found.mean)
            held[narrow] += within
    assert held[1.0] >= 174
    assert held[0.4] < 160, "the control"


def test_no_population_that_met_it_is_no_interval() -> None:
    nothing = [[Level(0.0, 0.5, np.zeros(4))]] * 2
    assert Volume(OBJECTIVES["score"], nothing, 1.0, 0).at(1.0) == (0.0, 0.0, 0.0, 0.0)


def test_the_command(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    results = searched(tmp_path / "results", seed, chains=1, iters=40)
    few = ["--points", "40", "--populations", "2"]
    assert main([str(results), *few]) == 0
    first = (results / "analysis" / "volume.csv").read_text()
    assert "independent populations" in capsys.readouterr().out
    assert words_of(parser().parse_args(["run", *few])) == " --populations 2 --points 40"
    assert words_of(parser().parse_args(["run"])) == ""
    assert main([str(results), *few]) == 0
    assert (results / "analysis" / "volume.csv").read_text() == first, "the same seed, the same numbers"
    assert main([str(results), "--objective", "likelihood", *few]) == 0
    assert main([str(results), *few, "--seed", "1"]) == 0
    assert (results / "analysis" / "volume.csv").read_text() != first
