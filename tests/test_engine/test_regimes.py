"""What the state does beside the paper's safety valve: the compiled regimes against facts and the slow twins."""

from datetime import date

import numpy as np
import pytest
from numba import njit
from support.busy_country import BUSY, bench, lived, same, scenario
from support.places import QUICK
from twins.cells import tolerances
from twins.country import country_from

import engine
from engine.errors import UsageError
from engine.kernel.course import begin_span
from engine.kernel.regimes.safety_valve import NEVER
from engine.parameters import Parameters
from engine.scenario.regime import week_of_year

DISCONTENT = "regime.behaviour=valve_of_discontent"


@pytest.mark.parametrize(
    ("day", "weeks", "week"),
    [
        ("2003-01-01", 52, 0),
        ("2003-12-31", 52, 51),
        ("2004-12-31", 52, 51),
        ("2004-11-01", 52, 43),  # 305 days of 366 are gone: 43.3 weeks
        ("2011-12-17", 52, 49),  # 350 of 365: 49.9
        ("2004-07-01", 2, 0),  # 182 of 366
        ("2004-07-02", 2, 1),
        ("2003-07-02", 2, 0),  # 182 of 365
    ],
)
def test_a_date_lies_in_a_week_of_its_year(day: str, weeks: int, week: int) -> None:
    assert week_of_year(date.fromisoformat(day), weeks) == week


def test_the_dated_record_is_in_the_scenario() -> None:
    """Seven of its events lie in 1992-2014: two looser, five tighter."""
    found = scenario().regime.steps(1992, 23, 52)
    assert found.size == 23 * 52
    when = np.flatnonzero(found)
    assert (1992 + when // 52).tolist() == [1995, 2000, 2004, 2007, 2008, 2010, 2011]
    assert found[when].tolist() == [-1, -1, 1, 1, 1, 1, 1]
    assert {event.first_week_of.year for event in scenario().regime.schedule} >= {2015, 2020}


def test_without_effect_nothing_changes(seed: int) -> None:
    """Bit for bit: events of no effect, no events, and a tolerance that follows nothing are the paper."""
    paper = lived(seed=seed)
    assert same(paper, lived("regime.schedule=[]", seed=seed))
    assert same(paper, lived(DISCONTENT, seed=seed))
    assert not same(paper, lived(seed=seed, schedule_effect=0.5))
    binding = {"tolerance": 2.0, "adjustment_rate": 0.005}
    assert not same(lived(seed=seed, **binding), lived(DISCONTENT, seed=seed, discontent=4.0, **binding))


def test_alone_the_schedule_moves_repression_seven_times(seed: int) -> None:
    """Odds of 0.85 / 0.15, times 2 for each tighter event and 1/2 for each looser one."""
    run = lived("regime.behaviour=schedule", "stop_above=null", seed=seed, schedule_effect=np.log(2))
    odds = run.repression / (1 - run.repression)
    assert (odds == odds[:, :1]).all()
    moved = np.flatnonzero(np.diff(odds[:, 0])) + 1
    assert len(moved) == 7
    assert odds[[0, *moved], 0] * 0.15 / 0.85 == pytest.approx([1, 1 / 2, 1 / 4, 1 / 2, 1, 2, 4, 8])


@njit
def years_of(inputs, state, point, years, found):
    """Fill (years, provinces + 1): what is tolerated, and the rate up to which all are calm."""
    for year in range(years):
        begin_span(inputs, point, state, year, inputs.course.first_span[year], year == 0)
        found[year, -1] = state.calm_below[0]
        for province in range(state.tolerance.size):
            found[year, province] = state.tolerance[province]


@pytest.mark.parametrize("discontent", [-20.0, 0.0, 3.0, 20.0])
def test_tolerance_by_province_and_year_is_the_twins(discontent: float) -> None:
    """And a calm province, of a Poisson number of attempts, passes the least of them practically never."""
    overrides = (DISCONTENT, "population.leavers=go")
    parameters = Parameters.from_mapping(BUSY | {"discontent": discontent})
    inputs, state = bench(*overrides)
    found = np.zeros((23, 11))
    years_of(inputs, state, parameters.vector(), 23, found)
    wanted = tolerances(country_from(scenario(*overrides)), parameters)
    np.testing.assert_allclose(found[:, :-1], wanted, rtol=1e-11)
    assert (wanted.std(axis=0) > 0).all() == (discontent != 0)
    more = np.floor(wanted.min(axis=1)) + 1  # P(N >= m) <= exp(m - rate) (rate/m)^m
    rate = found[:, -1]
    assert (rate < more).all()
    assert (more - rate + more * np.log(rate / more) <= np.log(NEVER) + 1e-6).all()
    assert (more - 1.01 * rate + more * np.log(1.01 * rate / more) > np.log(NEVER)).all()  # nor is it far below


def test_growth_parted_from_the_famine() -> None:
    recorded, parted = scenario().growth(), scenario("economy.in_events=as_in_other_years").growth()
    hungry = scenario().event_years()[:, 0] > 0
    assert parted[~hungry].tolist() == recorded[~hungry].tolist()
    assert parted[hungry] == pytest.approx(recorded[~hungry].mean())
    assert len(set(parted[hungry])) == 1 < len(set(recorded[hungry]))
    assert (
        scenario("economy.in_events=as_in_other_years", "events.famine.years=[]").growth().tolist() == recorded.tolist()
    )


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["events.famine.years=[2001, 2002, 2003, 2004]"], "economy.in_events: every year has an event"),
        (
            ["economy.unit=zscore", "economy.growth={2001: 1, 2002: -6, 2003: 1, 2004: 1}"],
            "economy.unit: zscore needs growth that differs by year without events; give fraction or percent",
        ),
    ],
)
def test_growth_cannot_be_parted_from_nothing(overrides: list[str], told: str) -> None:
    with pytest.raises(UsageError) as raised:
        engine.load_scenario(QUICK, ["economy.in_events=as_in_other_years", *overrides])
    assert told in str(raised.value)
