"""Events: any number of them, each with an effect of its own on motivation in its years; and other traits."""

from typing import Any

import numpy as np
import pytest
from support.places import QUICK
from support.scenario_files import complaints

from calibrate.methods.base import START
from calibrate.methods.walk import Walk
from engine import Parameters, Scenario, load_scenario, simulate
from engine.errors import UsageError
from engine.kernel.utility import THRESHOLD_ROWS, X, set_thresholds
from engine.kernel_inputs import make_inputs
from engine.numerics.jit import compiled
from engine.parameters import names_of
from engine.results.columns import schema_of
from engine.scenario import scenario_from_resolved
from engine.scenario.cells import build_cells

EVENTS = "events={war: {years: [2002, 2003]}, truce: {years: {first: 2003, last: 2004}}}"
TWO = [EVENTS, "parameters.war_effect={low: 0, high: 3}", "parameters.truce_effect=-1"]


CALM = {"prior_alpha": 60.0, "prior_beta": 30.0, "utility_intercept": -2.0, "utility_slope": 4.0}  # no explosion
CALM |= {"demographic_scale": 0.2, "tolerance": 20.0}


def country(*overrides: str) -> Scenario:
    """The small country with two events in place of its famine."""
    values = load_scenario(QUICK).resolved()
    del values["events"], values["parameters"]["famine_effect"]

    bare = scenario_from_resolved(values)
    return bare.changed([*TWO, *overrides])


def middle(scenario: Scenario) -> dict[str, float]:
    return {name: entry.middle for name, entry in scenario.parameters.items()}


@compiled
def thresholds_at(inputs: Any, table: Any, likeliest: Any, year: int, point: Any) -> None:
    """Call what is compiled within a run."""
    set_thresholds(inputs, table, likeliest, year, point)


def test_each_event_has_an_effect_before_the_demographic_scale() -> None:
    scenario = country()
    assert scenario.names == names_of(["war", "truce"])
    assert scenario.names[8:11] == ("memory_weeks", "war_effect", "truce_effect")
    assert "truce_effect" not in scenario.free_names, "it is held"
    assert scenario.event_years().tolist() == [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert [name for name in schema_of(scenario, "").names if name.endswith("_effect")] == [
        "war_effect",
        "truce_effect",
    ]


def test_the_thresholds_are_those_of_the_formula_by_hand() -> None:
    """σ(Σ δ_e·e + s·m)·σ(s·a) within the utility, group by group; the control leaves an event out."""
    scenario = country()
    point = Parameters(**(middle(scenario) | {"war_effect": 2.0, "truce_effect": -1.0, "demographic_scale": 0.3}))
    inputs = make_inputs(scenario)
    table = np.zeros((THRESHOLD_ROWS, *inputs.ability.shape))
    likeliest = np.zeros(len(inputs.ability), np.int64)

    def logistic(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    for year, push in enumerate([0.0, 2.0, 1.0, -1.0]):
        thresholds_at(inputs, table, likeliest, year, point.vector())
        able = 0.3 * (inputs.ability + inputs.ability_growth[year])
        willing = 0.3 * (inputs.motivation + inputs.motivation_growth[year])
        utility = logistic(point.utility_intercept + point.utility_slope * logistic(able) * logistic(push + willing))
        np.testing.assert_allclose(table[X], utility / (1 + utility), rtol=1e-12)
        if year == 2:
            without = logistic(point.utility_intercept + point.utility_slope * logistic(able) * logistic(2.0 + willing))
            assert np.abs(table[X] - without / (1 + without)).max() > 1e-3


def test_an_event_that_never_comes_changes_no_run() -> None:
    never = country("events.war.years=[]")
    points = [middle(never) | CALM | {"war_effect": effect} for effect in (0.0, 3.0)]
    first, second = (simulate(never, point, 5).escapes.tolist() for point in points)
    assert first == second
    ever = [simulate(country(), point, 5).escapes.tolist() for point in points]
    assert ever[0] != ever[1], "the control: a war moves them"


def test_a_search_moves_the_effects_that_are_free(seed: int) -> None:
    scenario = country()
    block, _ = Walk(scenario, seed).step(0, 0, 60, START)
    values = {name: block.points[:, place] for place, name in enumerate(scenario.names)}
    assert len(set(values["war_effect"].tolist())) > 10
    assert set(values["truce_effect"].tolist()) == {-1.0}
    assert block.points.shape == (60, len(scenario.names))


def test_a_point_of_other_events_is_refused() -> None:
    scenario = country()
    point = middle(scenario)
    del point["war_effect"]
    with pytest.raises(UsageError, match="war_effect: missing; give it a value"):
        simulate(scenario, Parameters(**point), 1)
    with pytest.raises(UsageError, match="famine_effect: no such parameter"):
        simulate(scenario, middle(scenario) | {"famine_effect": 1.0}, 1)


def test_a_point_cannot_be_changed_and_equals_one_of_the_same_values() -> None:
    point = Parameters(**middle(country()))
    assert point == Parameters(**point.as_dict())
    assert point.replaced(war_effect=2.0).war_effect == 2.0
    assert point.replaced(war_effect=2.0) != point
    with pytest.raises(AttributeError, match="a point cannot be changed; make another with replaced"):
        point.war_effect = 1.0


def test_a_country_may_have_other_traits() -> None:
    """Two levels of faith beside the two sexes: 2 provinces x 2 x 2 kinds, whose impacts are those of their levels."""
    values = load_scenario(QUICK).resolved()
    values["population"] |= {
        "traits": {"faith": ["none", "some"], "sex": ["male", "female"]},
        "shares": {"faith": {"none": 0.25, "some": 0.75}, "sex": "equal"},
    }
    values["impacts"] = {"faith": {"some": {"ability": -2, "motivation": 1.5}}, "border": {"ability": 5}}

    scenario = scenario_from_resolved(values)
    cells = build_cells(scenario)
    assert cells.heads.shape == (4, 8)
    believers = cells.are("faith", ["some"])
    assert cells.heads[0, believers].sum() == 150_000
    assert set(zip(cells.ability[believers].tolist(), cells.motivation[believers].tolist(), strict=True)) == {
        (-2.0, 1.5),
        (3.0, 1.5),
    }
    assert simulate(scenario, middle(scenario), 1).weeks_run > 0


def test_without_growth_its_factor_moves_nothing() -> None:
    scenario = country("economy.growth=null", "parameters.economy_effect={low: 0, high: 9}")
    assert scenario.growth().tolist() == [0.0] * 4
    runs = [simulate(scenario, middle(scenario) | {"economy_effect": effect}, 3).escapes.tolist() for effect in (0, 9)]
    assert runs[0] == runs[1]


def test_impacts_of_a_trait_that_is_not_there_are_told() -> None:
    assert complaints(QUICK, "impacts.faith={some: {ability: 1}}") == [
        "--set impacts.faith={some: {ability: 1}}: impacts.faith: unknown key; known here: age, sex, economy, status, "
        "residence, border, growth"
    ]
