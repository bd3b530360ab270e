"""How many of a kind of person were to be expected: against plain Python, against counts, and at plain facts."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import betainc
from support.places import QUICK
from twins.country import country_from
from twins.people import utility_of

import engine
from engine import Parameters, Scenario, Trajectory, load_scenario
from engine.kernel_inputs import people_asked_about
from engine.scenario.cells import build_cells
from engine.scenario.observed import asked_about

POINT: dict[str, Any] = {
    "prior_alpha": 37,
    "prior_beta": 21,
    "utility_intercept": -1,
    "utility_slope": 4,
    "tolerance": 8,
    "adjustment_rate": 0.01,
    "initial_repression": 0.8,
    "visibility": 0.5,
    "memory_weeks": 60,
    "famine_effect": 0.8,
    "demographic_scale": 0.3,
}
SERIES = (
    "target.also.women={of: escapes, who: {sex: female}, share: {2001: 0.5}, miss: 0.1}",
    "target.also.some={of: attempts, who: {age: [young, old], province: River}, people: {2002: 5}, miss: 0.1}",
)
WOMEN, EVERYONE, SOME = 0, 1, 2  # kinds, in the order in which the series ask about them


def quick(*overrides: str) -> Scenario:
    return load_scenario(QUICK, [*overrides, *SERIES])


def tallies(scenario: Scenario, seed: int, runs: int = 1, **changes: float) -> NDArray[np.float64]:
    """Return the tallies of runs of one point, (runs, years, kinds, 2)."""
    point = Parameters.from_mapping(POINT | changes | {"economy_effect": 1.0}).vector()
    return engine.simulate_batch(scenario, np.tile(point, (runs, 1)), seed).tallies


def is_asked_about(scenario: Scenario) -> NDArray[np.bool_]:
    """Return who is of which kind, (kinds, cells), as the series have them."""
    cells = build_cells(scenario)
    some = np.isin(cells.level["age"], [0, 2]) & (cells.province == 0)
    return np.array([cells.level["sex"] == 1, np.ones(len(cells.level["sex"]), np.bool_), some])


def slowly(scenario: Scenario, run: Trajectory, parameters: Parameters) -> NDArray[np.float64]:
    """Return the tallies of a run, (years, kinds, 2), from what its citizens knew and what the state did, by week.

    From the model's description alone, for beliefs by province: each person attempts with the probability that a draw
    from the belief lies below x = U / (1 + U), and an attempt escapes with probability 1 - R.
    """
    country, found = country_from(scenario), np.zeros((scenario.years, 3, 2))
    kinds, everybody = is_asked_about(scenario), np.arange(len(country.province))
    for week in range(run.weeks_run):
        year = week // scenario.weeks_per_year
        heard = slice(max(week - int(parameters.memory_weeks), 0), week)
        repressed = run.known_repressed[heard].sum(axis=0)
        escaped = run.known[heard].sum(axis=0) - repressed
        utility = utility_of(everybody, year, country, parameters)
        alpha, beta = parameters.prior_alpha + repressed, parameters.prior_beta + escaped
        home = country.province
        chance = betainc(alpha[home], beta[home], utility / (1.0 + utility))
        attempts = country.heads[year] * chance
        found[year, :, 0] += kinds @ attempts
        found[year, :, 1] += kinds @ (attempts * (1.0 - run.repression[week, home]))
    return found


@pytest.mark.parametrize("changes", [{}, {"prior_beta": 29}, {"prior_beta": 60, "tolerance": 50}])
def test_a_tally_is_what_plain_python_expects(changes: dict[str, float], seed: int) -> None:
    """Calm, contested, crowded and stopped; negative control: the kinds exchanged."""
    scenario, parameters = quick(), Parameters.from_mapping(POINT | changes | {"economy_effect": 1.0})
    run = engine.simulate(scenario, parameters, seed)
    assert run.known.sum() > 20, "the belief moves"
    found = tallies(scenario, seed, **changes)[0]
    np.testing.assert_allclose(found, slowly(scenario, run, parameters), rtol=1e-6)
    assert not np.allclose(found[:, [SOME, EVERYONE, WOMEN]], slowly(scenario, run, parameters), rtol=0.05)


@pytest.mark.parametrize("reading", ["attempts.number=rounded", "population.leavers=go", "attempts.known=rounded_down"])
def test_where_each_kind_is_drawn_by_itself_a_tally_is_the_count(reading: str, seed: int) -> None:
    scenario = quick(reading)
    run = engine.simulate(scenario, POINT, seed, by_cell=True)
    kinds = is_asked_about(scenario).T
    assert run.escapes.sum() > 50
    found = tallies(scenario, seed)[0]
    assert (found[..., 0] == run.attempts_by_cell @ kinds).all()
    assert (found[..., 1] == run.escapes_by_cell @ kinds).all()


@pytest.mark.parametrize("scope", ["province", "nation", "category", "category_nation"])
def test_counts_spread_about_tallies(scope: str, seed: int) -> None:
    """Their difference has mean 0, whoever learns from whom: each of 24 means within 5 standard errors of it.

    By a normal law that fails once in 70,000 times. Negative control: the women's counts about everyone's tallies.
    """
    scenario, runs = quick(f"belief.scope={scope}", "stop_above=null"), 200
    kinds = is_asked_about(scenario).T
    seeds = range(seed, seed + runs)
    many = engine.simulate_many(scenario, POINT, seeds, by_cell=True)
    counts = np.array([np.stack([run.attempts_by_cell @ kinds, run.escapes_by_cell @ kinds], axis=-1) for run in many])
    expected = np.array([tallies(scenario, each)[0] for each in seeds])
    off = counts - expected
    assert (np.abs(off.mean(axis=0)) < 5 * off.std(axis=0) / np.sqrt(runs)).all()
    assert (off.std(axis=0) < counts.std(axis=0)).all(), "the chance of the weeks is not in a tally"
    control = counts[:, 0, WOMEN] - expected[:, 0, EVERYONE]
    assert (np.abs(control.mean(axis=0)) > 5 * control.std(axis=0) / np.sqrt(runs)).all()


def test_a_country_of_women_has_no_men(seed: int) -> None:
    found = tallies(quick("population.shares.sex={male: 0, female: 1}"), seed)[0]
    assert found[0, EVERYONE].min() > 0
    assert (found[:, WOMEN] == found[:, EVERYONE]).all()
    assert tallies(quick("population.shares.sex={male: 1, female: 0}"), seed)[0][:, WOMEN].sum() == 0


def test_where_all_are_caught_nobody_is_expected_to_escape(seed: int) -> None:
    caught = tallies(quick(), seed, initial_repression=1.0, adjustment_rate=0.0)[0]
    assert caught[..., 1].sum() == 0 < caught[:, EVERYONE, 0].min()
    free = tallies(quick("stop_above=null"), seed, initial_repression=0.0)[0]
    assert (free[..., 1] == free[..., 0]).all()


def test_asking_changes_no_run_and_nobody_asked_costs_no_room(seed: int) -> None:
    plain, asked = load_scenario(QUICK), quick()
    points = np.random.default_rng(seed).random((200, len(plain.free_names)))
    low = np.array([plain.parameters[name].low for name in plain.free_names])
    high = np.array([plain.parameters[name].high for name in plain.free_names])
    rows = low + points * (high - low)
    rows[:, plain.free_names.index("memory_weeks")] = 104
    for column in [place for place, name in enumerate(plain.free_names) if name in ("prior_alpha", "prior_beta")]:
        rows[:, column] = np.round(rows[:, column])
    one, other = engine.simulate_batch(plain, rows, seed), engine.simulate_batch(asked, rows, seed)
    for name in ("by_year", "escapes_total", "attempts_total", "weeks_run", "stopped"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    assert set(one.stopped) == {True, False}
    assert one.tallies.shape == (200, 4, 0, 2)
    assert people_asked_about(plain).size == 0
    expected = other.tallies[:, :, EVERYONE]
    assert np.corrcoef(expected[..., 1].sum(axis=1), other.escapes_total)[0, 1] > 0.99


def test_kinds_are_asked_about_once() -> None:
    series = quick("target.also.more={of: prevented, who: {sex: female}, share: {2001: 0.5}, miss: 0.1}").target.also
    assert asked_about(series.values()) == [
        (("sex", ("female",)),),
        (),
        (("age", ("young", "old")), ("province", ("River",))),
    ]
