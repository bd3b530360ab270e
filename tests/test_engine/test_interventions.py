"""What a scenario changes from a week on: facts that leave chance no choice, and the engine against the slow twin."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.places import QUICK, SMALL
from support.points import BUSY, POINTS, overrides
from support.statistics_of_law import compare_runs, statistics_of
from twins.cells import simulate_cells
from twins.country import country_from

import engine
from engine.parameters import Parameters

RUNS = 120
LIVELY = BUSY.replaced(adjustment_rate=0.02, tolerance=3.0)

#: Points, and what is changed there. Weeks within a year on purpose: 13 are a year.
CHANGES: dict[str, tuple[Parameters, str]] = {
    "no famine": (BUSY.replaced(famine_effect=2.0), "[{stop: famine}]"),
    "no learning": (BUSY, "[{stop: learning, from: 2001, week: 9}]"),
    "no learning for a time": (BUSY.replaced(memory_weeks=12), "[{stop: learning, from: 2002, week: 3, until: 2004}]"),
    "no reaction": (LIVELY, "[{stop: reaction, from: 2002}]"),
    "seen more": (BUSY, "[{change: visibility, times: 2.5, from: 2003, week: 7}]"),
    "seen by all": (BUSY, "[{change: visibility, times: 20, from: 2002}]"),
    "shorter memory": (BUSY.replaced(memory_weeks=40), "[{change: memory_weeks, to: 3, from: 2003, week: 2}]"),
    "longer memory": (BUSY.replaced(memory_weeks=4), "[{change: memory_weeks, to: 60, from: 2002, week: 5}]"),
    "less tolerant": (LIVELY, "[{change: tolerance, to: 0, from: 2002, week: 4}]"),
    "other prior": (BUSY, "[{change: prior_alpha, times: 0.85, from: 2002}, {change: prior_beta, to: 20, from: 2004}]"),
    "a milder start": (LIVELY, "[{change: initial_repression, times: 0.5}]"),
    "a spell of need": (BUSY, "[{change: utility_slope, times: 1.3, from: 2002, week: 6, until: 2003}]"),
}


def sample(of: Any, seed: int, runs: int = RUNS) -> list[dict[str, float]]:
    """The statistics of many runs of a simulator."""
    return [statistics_of(of(seed + run), 13) for run in range(runs)]


@pytest.mark.law
@pytest.mark.parametrize("name", CHANGES)
def test_engine_and_twin_follow_one_law(name: str, seed: int) -> None:
    """False alarm 1e-4 a change, exact (a permutation test); a twin in which it comes a year late is told apart.

    What holds from the first week on and has no end comes a year late too, and is seen by then.
    """
    parameters, changes = CHANGES[name]
    scenario = engine.load_scenario(SMALL, [f"interventions={changes}"])
    country = country_from(scenario)
    ours = sample(lambda run: engine.simulate(scenario, parameters, run), seed)
    twin = sample(lambda run: simulate_cells(country, parameters, np.random.default_rng([run, 1])), seed)
    comparison = compare_runs(ours, twin, np.random.default_rng(seed))
    assert not comparison.differs(), comparison
    wrong = replace(country, changed=())
    control = sample(lambda run: simulate_cells(wrong, parameters, np.random.default_rng([run, 2])), seed)
    assert compare_runs(ours, control, np.random.default_rng(seed)).differs()


@pytest.mark.law
def test_a_change_that_comes_a_year_late_is_seen(seed: int) -> None:
    """False alarm 1e-4 for the twin that has it right."""
    parameters, changes = CHANGES["seen more"]
    scenario = engine.load_scenario(SMALL, [f"interventions={changes}"])
    ours = sample(lambda run: engine.simulate(scenario, parameters, run), seed)
    late = sample(
        lambda run: simulate_cells(
            country_from(scenario), parameters, np.random.default_rng([run, 3]), "changes a year late"
        ),
        seed,
    )
    assert compare_runs(ours, late, np.random.default_rng(seed)).differs()


def years(scenario: engine.Scenario, parameters: Parameters, seed: int) -> list[int]:
    return engine.simulate(scenario, parameters, seed).attempts_by_year().tolist()


@pytest.mark.parametrize("name", [name for name in POINTS if name != "certain"])
def test_before_it_begins_nothing_is_changed_and_a_change_to_the_same_changes_nothing(name: str, seed: int) -> None:
    """Where the year is not parted in two, to the last bit: a span that begins makes chances anew."""
    plain = engine.load_scenario(SMALL, overrides(name))
    same = plain.changed(["interventions=[{change: utility_slope, times: 1, from: 2003}]"])
    other = plain.changed(["interventions=[{change: utility_slope, times: 0, from: 2003}]"])
    runs = [engine.simulate(country, POINTS[name], seed) for country in (plain, same, other)]
    assert runs[0].attempts.tobytes() == runs[1].attempts.tobytes()
    assert runs[0].repression.tobytes() == runs[1].repression.tobytes()
    assert runs[0].attempts[:26].tobytes() == runs[2].attempts[:26].tobytes()


def test_a_famine_that_does_not_happen_is_a_famine_of_no_years(seed: int) -> None:
    plain = engine.load_scenario(SMALL)
    emptied = plain.changed(["famine.years=[]"])
    stopped = plain.changed(["interventions=[{stop: famine}]"])
    later = plain.changed(["interventions=[{stop: famine, from: 2004}]"])
    assert years(stopped, BUSY, seed) == years(emptied, BUSY, seed) != years(plain, BUSY, seed)
    assert years(later, BUSY, seed) == years(plain, BUSY, seed), "the famine is over by then"


def test_a_belief_that_never_learns_stays_the_prior_and_a_blind_one_too(seed: int) -> None:
    plain = engine.load_scenario(SMALL)
    still = plain.changed(["interventions=[{stop: learning}]"])
    assert years(still, BUSY, seed) == years(plain, BUSY.replaced(visibility=0.0), seed)


def test_a_state_that_does_not_react_keeps_its_repression(seed: int) -> None:
    scenario = engine.load_scenario(SMALL, ["interventions=[{stop: reaction, from: 2003, week: 4, until: 2004}]"])
    level = engine.simulate(scenario, LIVELY, seed).repression
    moves = (np.diff(level, axis=0) != 0).all(axis=1)
    first, past = 2 * 13 + 3, 4 * 13
    assert moves.tolist() == [not first <= week < past for week in range(64)]


def test_a_year_may_have_several_changes_and_the_filter_lives_them_too(seed: int) -> None:
    """Nobody leaves in the weeks in which utility is nothing: exp(-350) of a chance."""
    from calibrate.objective.particle_filter import estimate, filter_bench

    spells = ", ".join(
        f"{{change: utility_intercept, to: {to}, from: 2002, week: {week}}}" for to, week in [(-350, 3), (0, 5)]
    )
    scenario = engine.load_scenario(SMALL, [f"interventions=[{spells}]"])
    attempts = engine.simulate(scenario, BUSY.replaced(utility_slope=0.0), seed).attempts.sum(axis=1)
    assert not attempts[15:17].any()
    assert attempts[17:].any()
    bench = filter_bench(scenario, 8)
    estimate(bench, BUSY.replaced(utility_slope=0.0).vector(), seed, 0, 0, 10.0)
    assert not bench.cloud.weekly[1, :, 2:4].any()
    assert (bench.cloud.weekly[2].sum(axis=1) > 0).all()


def test_interventions_survive_a_run_directory() -> None:
    words = "[{change: visibility, times: 2, from: 2003, week: 9}, {stop: famine, until: 2002}]"
    scenario = engine.load_scenario(QUICK, [f"interventions={words}"])
    again = engine.scenario.schema.scenario_from_resolved(scenario.resolved())
    assert again == scenario
    before = {key: value for key, value in scenario.resolved().items() if key != "interventions"}
    assert engine.scenario.schema.scenario_from_resolved(before).interventions == ()
