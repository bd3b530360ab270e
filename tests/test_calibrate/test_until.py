"""With target.until the years after it are foretold: nothing that a search climbs sees what came in them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.places import QUICK
from support.short_posterior import BEGUN, STARTS

from calibrate.methods.base import START
from calibrate.methods.posterior import Posterior
from calibrate.methods.walk import Walk
from calibrate.objective.likelihood import log_likelihoods, make_evidence
from calibrate.objective.particle_filter import estimate, filter_bench
from calibrate.objective.score import Score
from engine.kernel_inputs import make_inputs
from engine.scenario import Scenario, load_scenario
from engine.scenario.target import weekly_target
from engine.simulation import parameters_of

UNTIL = "target.until=2002"  # of 2001 to 2004
LATER = "target.tables.arrivals.2003=5"  # 520 in the file
EARLIER = "target.tables.arrivals.2002=5"  # 260; it is met


def quick(*changes: str) -> Scenario:
    return load_scenario(QUICK, [*BEGUN, UNTIL, *changes])


def runs(seed: int) -> tuple[Any, Any]:
    """Weekly escapes of some runs, and how long they ran."""
    rng = np.random.default_rng(seed)
    weeks = np.array([208, 208, 150, 60])  # one that stops in a year that is foretold, and one in one that is met
    weekly = rng.poisson(5.0, (4, 208)) * (np.arange(208) < weeks[:, None])
    return weekly, weeks


def scores(scenario: Scenario, seed: int) -> Any:
    return Score(scenario)(*runs(seed))


def likelihoods(scenario: Scenario, seed: int) -> Any:
    weekly, weeks = runs(seed)
    return log_likelihoods(scenario, weekly.reshape(4, 4, 52).sum(axis=2), weeks)


def filtered(scenario: Scenario, seed: int) -> Any:
    point = parameters_of(scenario, STARTS[0]).vector()
    return [estimate(filter_bench(scenario, 8), point, seed, 0, iteration, 5.0) for iteration in range(4)]


def walked(scenario: Scenario, seed: int) -> Any:
    block = Walk(scenario, seed).step(0, 0, 60, START)[0]
    return np.column_stack([block.points, block.score, block.log_likelihood, block.accepted])


def settled(scenario: Scenario, seed: int) -> Any:
    block = Posterior(scenario, seed).step(0, 0, 60, START)[0]
    return np.column_stack([block.points, block.miss, block.log_likelihood, block.accepted, block.chance_by_year])


@pytest.mark.parametrize("look", [scores, likelihoods, filtered, walked, settled])
def test_years_to_come_are_not_seen(look: Callable[[Scenario, int], Any], seed: int) -> None:
    told = look(quick(), seed)
    assert np.array_equal(look(quick(LATER), seed), told)
    assert not np.array_equal(look(quick(EARLIER), seed), told), "the control: a year that is met"
    assert not np.array_equal(look(quick("target.until=null"), seed), told)


def test_what_a_run_does_in_years_to_come_moves_no_score(seed: int) -> None:
    scenario = quick("score.stop_penalty=3")
    weekly = np.random.default_rng(seed).poisson(3.0, (4, 208))
    weekly[1, 104:] = 0  # silent later
    weekly[2:, 150:] = 0  # stopped later; and in the years that are met, the control
    weekly[:3, :104], weekly[3, 90:] = weekly[0, :104], 0
    worth = Score(scenario)(weekly, np.array([208, 208, 150, 90]))
    assert worth[0] == worth[1] == worth[2] != worth[3]


def test_the_years_that_are_met_are_those_of_a_scenario_that_ends_there() -> None:
    ahead, ends = quick(), load_scenario(QUICK, ["years=2"])
    assert (ahead.years, ahead.fitted_years, ends.fitted_years) == (4, 2, 2)
    assert np.array_equal(weekly_target(ahead)[:104], weekly_target(ends))
    assert not np.allclose(weekly_target(load_scenario(QUICK))[:104], weekly_target(ends)), "the control: smoothed over"
    assert weekly_target(ahead)[104:].sum() == pytest.approx(520 + 360), "none of them moves back"
    assert make_evidence(ahead).counts.tolist() == make_evidence(ends).counts.tolist() == [100, 260]


def test_runs_go_on_into_the_years_to_come(seed: int) -> None:
    """And the filter weighs them no more: all of its particles live on, each as likely as before."""
    scenario = quick()
    bench = filter_bench(scenario, 8)
    point = parameters_of(scenario, STARTS[0]).vector()
    total = estimate(bench, point, seed, 0, 0, 5.0)
    cloud = bench.cloud
    assert cloud.increment[2:] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert total == pytest.approx(cloud.increment[:2].sum())
    assert make_inputs(scenario).weeks == 208
    assert cloud.escapes[2].sum() > 0
    ends = load_scenario(QUICK, ["years=2"])
    assert estimate(filter_bench(ends, 8), point, seed, 0, 0, 5.0) == pytest.approx(total, rel=1e-12)
