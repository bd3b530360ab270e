"""The compiled engine against the slow twins in law, at every named point of the small country."""

import os

import numpy as np
import pytest
from support.places import SMALL
from support.points import CHANGES, POINTS, overrides
from support.statistics_of_law import compare_runs, statistics_of
from twins.cells import Slip, simulate_cells
from twins.country import country_from

import engine
from engine.parameters import Parameters

pytestmark = pytest.mark.law

RUNS = 200 * int(os.environ.get("DEFECTION_LAW_RUNS", "1"))  # more of them see less

Sample = list[dict[str, float]]


def engine_sample(name: str, parameters: Parameters, seed: int, runs: int = RUNS) -> Sample:
    """The statistics of many runs of the engine at a named point."""
    scenario = engine.load_scenario(SMALL, overrides(name))
    trajectories = engine.simulate_many(scenario, parameters, range(seed, seed + runs))
    return [statistics_of(trajectory, scenario.weeks_per_year) for trajectory in trajectories]


def twin_sample(name: str, parameters: Parameters, seed: int, slip: Slip | None = None, runs: int = RUNS) -> Sample:
    """The same of the twin with one betainc and one vector of binomials a week, right or with a slip."""
    scenario = engine.load_scenario(SMALL, overrides(name))
    country = country_from(scenario)
    rngs = (np.random.default_rng([seed, run]) for run in range(runs))
    return [statistics_of(simulate_cells(country, parameters, rng, slip), scenario.weeks_per_year) for rng in rngs]


@pytest.mark.parametrize("name", POINTS)
def test_engine_and_twin_follow_one_law(name: str, seed: int) -> None:
    """False alarm 1e-4 a point, exact (a permutation test); visibility halved must be told apart."""
    assert set(CHANGES) <= set(POINTS)
    twin = twin_sample(name, POINTS[name], seed)
    comparison = compare_runs(engine_sample(name, POINTS[name], seed), twin, np.random.default_rng(seed))
    assert not comparison.differs(), comparison
    halved = POINTS[name].replaced(visibility=POINTS[name].visibility / 2)
    control = engine_sample(name, halved, seed + RUNS)
    assert compare_runs(control, twin, np.random.default_rng(seed)).differs()


@pytest.mark.parametrize(
    ("name", "slip", "runs"),
    [
        ("short_memory", "a week more of memory", RUNS),
        ("tolerance", "tolerance reached counts", RUNS),
        ("tolerance", "raised before it acts", 2 * RUNS),
        ("busy", "famine a year late", RUNS),
        ("leavers", "leavers stay", RUNS),
        ("rounded", "number by chance", RUNS),
        ("rounded_down", "known by chance", RUNS),
        ("category", "hears its province", RUNS),
        ("category_nation", "hears its province", RUNS),
        ("discontent", "tolerance stands still", RUNS),
        ("schedule", "events a week late", 2 * RUNS),
        ("schedule", "reacts all the same", RUNS),
        ("schedule_on_valve", "events a week late", RUNS),
        ("parted", "growth in the famine", RUNS),
    ],
)
def test_a_slip_of_the_engine_would_be_seen(name: str, slip: Slip, runs: int, seed: int) -> None:
    """Negative controls: a twin that has it wrong is told from the engine, by the same comparison.

    The state reacts twenty times as fast here, or a week more or less of its reaction is lost in so few runs. False
    alarm 1e-4 for the twin that has it right. The largest z-score of the wrong one was 7.3 or more with each of thirty
    seeds; one of about 5 is enough.
    """
    parameters = POINTS[name].replaced(adjustment_rate=20 * POINTS[name].adjustment_rate)
    right = engine_sample(name, parameters, seed, runs)
    wrong = twin_sample(name, parameters, seed, slip, runs)
    assert compare_runs(right, wrong, np.random.default_rng(seed)).differs()
    same = twin_sample(name, parameters, seed, runs=runs)
    assert not compare_runs(right, same, np.random.default_rng(seed)).differs()
