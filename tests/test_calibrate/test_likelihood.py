"""The likelihood of the record: held against SciPy's negative binomial, and at the ends that it was made for."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import nbinom
from support.places import CONFIGS

from calibrate.methods.base import START
from calibrate.methods.walk import Walk
from calibrate.objective.draw import Block
from calibrate.objective.likelihood import LEAST, SIZES, log_likelihoods, make_evidence, of_points
from engine.errors import UsageError
from engine.scenario import Scenario, load_scenario


def quick(*overrides: str) -> Scenario:
    return load_scenario(CONFIGS / "quick.yaml", overrides)


def slowly(scenario: Scenario, by_year: NDArray[np.int64], weeks_run: int, k: float) -> float:
    """log L from the page of the model alone, year by year."""
    total = 0.0
    for year, (count, escapes) in enumerate(zip(scenario.yearly_target(), by_year, strict=True)):
        mean = float(escapes)
        for week in range(year * scenario.weeks_per_year, (year + 1) * scenario.weeks_per_year):
            mean += (scenario.stop_above or 0) * (week >= weeks_run)
        mean = max(mean, LEAST)
        total += nbinom.logpmf(count, k, k / (k + mean))
    return total


def runs(rng: np.random.Generator, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Escapes by year around quick's record, silent years and stopped runs among them; weeks run."""
    by_year = rng.poisson(np.array([100, 260, 520, 360]) * rng.choice([0, 0.1, 1, 1.2, 8], (number, 4)))
    weeks = np.where(rng.random(number) < 0.5, 208, rng.integers(1, 209, number))
    return by_year * (weeks[:, None] > 52 * np.arange(4)), weeks


def test_it_is_scipys_negative_binomial(seed: int) -> None:
    scenario = quick()
    by_year, weeks = runs(np.random.default_rng(seed), 60)
    found = log_likelihoods(scenario, by_year, weeks)
    assert (weeks < 208).sum() > 10
    for row in range(60):
        slow = [slowly(scenario, by_year[row], int(weeks[row]), k) for k in SIZES]
        np.testing.assert_allclose(found[row], slow, rtol=1e-9)


@pytest.mark.parametrize("held", ["null", "7"])
def test_every_draw_has_it_compiled_as_in_numpy(seed: int, held: str) -> None:
    scenario = quick(f"likelihood.size={held}")
    blocks = [Walk(scenario, seed).step(chain, 0, 100, START)[0] for chain in range(4)]
    block = Block(*(np.concatenate(arrays) for arrays in zip(*blocks, strict=True)))
    assert set(block.stopped) == {True, False}
    found = log_likelihoods(scenario, block.by_year, block.weeks_run)
    assert found.shape == (400, 1 if held == "7" else len(SIZES))
    np.testing.assert_allclose(block.log_likelihood, found.max(axis=1), rtol=1e-11)
    assert make_evidence(scenario).sizes.tolist() == ([7.0] if held == "7" else SIZES.tolist())


def test_the_sizes_stand_close_enough(seed: int) -> None:
    """Among runs near enough to be anything like the record, the grid loses under 0.05 against the best k there is."""
    scenario = load_scenario(CONFIGS / "dprk.yaml")
    rng, lost = np.random.default_rng(seed), []
    for spread in (0.06, 0.1, 0.3, 0.7, 1.0):
        by_year = rng.poisson(scenario.yearly_target() * np.exp(spread * rng.standard_normal(scenario.years)))
        best = -minimize_scalar(
            lambda log_k, by_year=by_year: -slowly(scenario, by_year, scenario.weeks, float(np.exp(log_k))),
            bounds=(0.0, np.log(400)),
            method="bounded",
        ).fun
        tried = log_likelihoods(scenario, by_year[None], np.array([scenario.weeks]))[0]
        assert tried.max() < best + 1e-6
        lost.append([best - tried[first::8].max() for first in range(8)] + [best - tried.max()])
    assert max(row[-1] for row in lost) < 0.05
    assert max(max(row) for row in lost) > 0.05, "the control: a grid eight times as wide loses more"


def test_a_run_that_is_stopped_later_is_likelier() -> None:
    """The floor: the same curve, cut where it explodes, goes down the earlier it is cut."""
    scenario = quick()
    whole = np.array([100, 260, 520, 360])
    weeks = np.arange(208, 0, -13)
    by_year = np.array([(whole * np.clip(week - 52 * np.arange(4), 0, 52)) // 52 for week in weeks])
    found = log_likelihoods(scenario, by_year, weeks).max(axis=1)
    assert (np.diff(found) < 0).all()
    for k in (0, 16, 32):
        assert (np.diff(log_likelihoods(scenario, by_year, weeks)[:, k]) < 0).all()


def test_a_point_is_the_mean_of_its_runs_likelihoods(seed: int) -> None:
    scenario = quick()
    by_year, weeks = runs(np.random.default_rng(seed), 60)
    found = log_likelihoods(scenario, by_year, weeks).reshape(4, 15, -1)
    worth, best = of_points(found)
    highest = found.max(axis=(1, 2), keepdims=True)
    by_hand = np.log(np.exp(found - highest).mean(axis=1)) + highest[:, 0]
    np.testing.assert_allclose(worth, by_hand.max(axis=1))
    np.testing.assert_array_equal(best, by_hand.argmax(axis=1))
    assert (worth > found.mean(axis=1).max(axis=1) + 1e-3).any(), "the control: the mean of the logarithms"


def test_the_walk_climbs_what_the_scenario_names(seed: int) -> None:
    by_score, by_likelihood = (
        Walk(quick(f"objective={name}"), seed).step(0, 0, 1500, START)[0] for name in ("score", "likelihood")
    )
    for block, climbed in ((by_score, "score"), (by_likelihood, "log_likelihood")):
        worth = getattr(block, climbed)
        before = worth[np.maximum.accumulate(np.where(block.accepted, np.arange(1500), 0))[:-1]]
        assert block.accepted[1:][worth[1:] >= before].all()
    assert by_likelihood.log_likelihood[-300:].max() > -30


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("objective=likely", "objective: 'likely' will not do; give score or likelihood"),
        ("likelihood.size=0", "likelihood.size: "),
        ("likelihood.size=profile", "likelihood.size: "),
        ("likelihood.sizes=3", "likelihood.sizes: unknown key; did you mean size?"),
    ],
)
def test_what_cannot_be_is_one_line(override: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        quick(override)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
