"""Whole persons by kind, and known attempts rounded down: where nothing is chance, the twins' numbers exactly."""

from dataclasses import replace

import numpy as np
import pytest
from support.places import SMALL
from support.points import POINTS
from twins.cells import simulate_cells
from twins.country import country_from
from twins.people import simulate_people

import engine

# All are caught, so that of attempts and what is known of them nothing is chance; waves of a few weeks.
CAUGHT = POINTS["rounded"].replaced(initial_repression=1.0, adjustment_rate=0.0, visibility=0.15)
ROUNDED = ("attempts.number=rounded", "attempts.known=rounded_down")
READINGS = [
    (),
    ("belief.scope=nation", "belief.threshold=utility"),
    ("belief.scope=category",),
    ("belief.scope=category_nation", "economy.unit=zscore"),
]


@pytest.mark.parametrize("reading", READINGS, ids=" ".join)
@pytest.mark.parametrize(("beta", "memory"), [(26.0, 8), (60.0, 1), (24.0, 30)])
def test_engine_and_twin_are_equal_week_by_week(reading: tuple[str, ...], beta: float, memory: int, seed: int) -> None:
    """Chances are equal to 1e-11 or so: that one of 14,000 lies as near to a half happens once in ten million."""
    scenario = engine.load_scenario(SMALL, [*ROUNDED, *reading])
    point = CAUGHT.replaced(prior_beta=beta, memory_weeks=memory)
    if "belief.threshold=utility" in reading:
        point = point.replaced(prior_alpha=35.0)
    run = engine.simulate(scenario, point, seed)
    twin = simulate_cells(country_from(scenario), point, np.random.default_rng(seed))
    assert run.attempts.sum() > 500
    assert 0 < run.known.sum() < 0.16 * run.attempts.sum()
    for name in ("attempts", "escapes", "known", "known_repressed", "repression"):
        np.testing.assert_array_equal(getattr(run, name), getattr(twin, name), err_msg=name)
    other = simulate_cells(country_from(scenario), point.replaced(visibility=0.14), np.random.default_rng(seed))
    assert not np.array_equal(run.known, other.known), "the control"


def test_those_who_are_gone_are_missed(seed: int) -> None:
    """Nobody is caught or heard of: the twins' numbers exactly, cell by cell; and week by week fewer go."""
    scenario = engine.load_scenario(SMALL, [*ROUNDED, "population.leavers=go"])
    point = CAUGHT.replaced(initial_repression=0.0, visibility=0.0)
    run = engine.simulate(scenario, point, seed, by_cell=True)
    country = country_from(scenario)
    twin = simulate_cells(country, point, np.random.default_rng(seed))
    np.testing.assert_array_equal(run.escapes, twin.escapes)
    assert run.escapes[0].sum() > 1.5 * run.escapes[12].sum() > 0
    person_by_person = simulate_people(country, point, np.random.default_rng(seed))
    np.testing.assert_array_equal(run.escapes_by_cell.sum(axis=0), person_by_person.escapes_by_cell)
    stay = simulate_cells(replace(country, leavers="stay"), point, np.random.default_rng(seed))
    assert stay.escapes.sum() > 1.5 * run.escapes.sum(), "the control"


def test_what_is_rounded_is_each_kind_of_person(seed: int) -> None:
    """Who attempted, cell by cell, as the twin that holds every person has it; all cells apart, however alike."""
    scenario = engine.load_scenario(SMALL, ROUNDED)
    run = engine.simulate(scenario, CAUGHT, seed, by_cell=True)
    twin = simulate_people(country_from(scenario), CAUGHT, np.random.default_rng(seed))
    np.testing.assert_array_equal(run.attempts_by_cell.sum(axis=0), twin.attempts_by_cell)
    np.testing.assert_array_equal(run.attempts, twin.attempts)
    assert not run.escapes_by_cell.any()


def test_chance_is_left_in_who_is_caught_alone(seed: int) -> None:
    """The first week is the same for all seeds but for its escapes; with chance, nothing is."""
    known = ("attempts.known=rounded_down",)
    for reading, same in ((ROUNDED, True), (known, False)):
        scenario = engine.load_scenario(SMALL, reading)
        runs = [engine.simulate(scenario, POINTS["rounded"], seed + number) for number in range(9)]
        assert (len({run.attempts[0].tobytes() for run in runs}) == 1) == same
        assert (len({run.known[0].tobytes() for run in runs}) == 1) == same
        assert len({run.escapes[0].tobytes() for run in runs}) > 1
