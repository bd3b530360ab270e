"""The compiled engine against the slow twins in law, at every named point of the small country."""

from dataclasses import replace

import numpy as np
import pytest
from support.places import SMALL
from support.points import CHANGES, POINTS, overrides
from support.statistics_of_law import compare_runs, statistics_of
from twins.cells import simulate_cells
from twins.country import country_from

import engine
from engine.parameters import Parameters

RUNS = 200

Sample = list[dict[str, float]]


def engine_sample(name: str, parameters: Parameters, seed: int) -> Sample:
    """The statistics of many runs of the engine at a named point."""
    scenario = engine.load_scenario(SMALL, overrides(name))
    trajectories = engine.simulate_many(scenario, parameters, range(seed, seed + RUNS))
    return [statistics_of(trajectory, scenario.weeks_per_year) for trajectory in trajectories]


def twin_sample(name: str, parameters: Parameters, seed: int) -> Sample:
    """The same of the twin with one betainc and one vector of binomials a week."""
    scenario = engine.load_scenario(SMALL, overrides(name))
    country = country_from(scenario)
    rngs = (np.random.default_rng([seed, run]) for run in range(RUNS))
    return [statistics_of(simulate_cells(country, parameters, rng), scenario.weeks_per_year) for rng in rngs]


@pytest.mark.parametrize("name", POINTS)
def test_engine_and_twin_follow_one_law(name: str, seed: int) -> None:
    """False alarm 1e-4 a point, exact (a permutation test); visibility halved must be told apart."""
    assert set(CHANGES) <= set(POINTS)
    twin = twin_sample(name, POINTS[name], seed)
    comparison = compare_runs(engine_sample(name, POINTS[name], seed), twin, np.random.default_rng(seed))
    assert not comparison.differs(), comparison
    halved = replace(POINTS[name], visibility=POINTS[name].visibility / 2)
    control = engine_sample(name, halved, seed + RUNS)
    assert compare_runs(control, twin, np.random.default_rng(seed)).differs()
