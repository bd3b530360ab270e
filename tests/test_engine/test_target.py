"""The weekly target: what it keeps of the yearly record, and what smoothing does to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.places import CONFIGS

from engine.scenario import Scenario, load_scenario, scenario_from_resolved
from engine.scenario.target import weekly_target

QUICK = load_scenario(CONFIGS / "quick.yaml")


def with_target(arrivals: list[float], smoothing_weeks: float, weeks_per_year: int = 52) -> Scenario:
    values = QUICK.resolved()
    series = {str(2001 + year): people for year, people in enumerate(arrivals)}
    values["target"] = {
        "series": "arrivals",
        "smoothing_weeks": smoothing_weeks,
        "tables": {"arrivals": series},
    }
    values["years"], values["weeks_per_year"] = len(arrivals), weeks_per_year
    values["population"]["totals"] = dict.fromkeys(series, 1000)
    values["economy"]["growth"] = dict.fromkeys(series, 1.0)
    return scenario_from_resolved(values)


def by_year(weekly: np.ndarray, years: int) -> np.ndarray:
    return weekly.reshape(years, -1).sum(axis=1)


def test_every_year_of_table_1_keeps_its_arrivals() -> None:
    scenario = load_scenario(CONFIGS / "dprk.yaml", ["target.smoothing_weeks=0"])
    weekly = weekly_target(scenario)
    assert weekly.shape == (1196,)
    np.testing.assert_allclose(by_year(weekly, 23), scenario.yearly_target(), rtol=0, atol=1e-9)
    assert scenario.yearly_target()[[0, 17, 22]].tolist() == [8, 2914, 1397]  # 1992, the peak of 2009, 2014
    assert weekly.sum() == pytest.approx(26945, abs=1e-9)  # the cells of Table 1, 1992-2014


def test_smoothing_moves_people_between_years_but_loses_none() -> None:
    rough = weekly_target(load_scenario(CONFIGS / "dprk.yaml", ["target.smoothing_weeks=0"]))
    smooth = weekly_target(load_scenario(CONFIGS / "dprk.yaml"))
    assert smooth.sum() == pytest.approx(rough.sum(), abs=1e-8)
    assert np.abs(np.diff(smooth, 2)).max() < np.abs(np.diff(rough, 2)).max() / 10
    assert 50 < smooth.max() < 53 < rough.max()  # the paper: "at most 50" a week


def test_a_constant_record_is_a_flat_line() -> None:
    # 520 a year in 52 weeks is 10 a week, and a smoother leaves a constant alone, to its ends.
    for smoothing_weeks in (0, 5, 52, 500):
        weekly = weekly_target(with_target([520, 520, 520], smoothing_weeks))
        np.testing.assert_allclose(weekly, 10, rtol=1e-12)


def test_the_width_is_a_standard_deviation() -> None:
    # 100 people in one week, none in others; years of one week, so that PCHIP has nothing to interpolate.
    people = np.zeros(101)
    people[50] = 100
    weekly = weekly_target(with_target(people.tolist(), 4, weeks_per_year=1))
    offsets = np.arange(-50, 51)
    assert weekly.sum() == pytest.approx(100)
    assert np.sqrt((weekly * offsets**2).sum() / 100) == pytest.approx(4, rel=0.01)  # SciPy cuts at 4 deviations
    assert weekly[50] == pytest.approx(100 / (4 * np.sqrt(2 * np.pi)), rel=0.01)


def test_departures_can_stand_in_for_arrivals() -> None:
    departures = load_scenario(CONFIGS / "dprk.yaml", ["target.series=departures"])
    arrivals = load_scenario(CONFIGS / "dprk.yaml")
    # Departures have a first peak in 1998-1999 that arrivals lack.
    assert departures.yearly_target()[7] == 1579.4
    assert weekly_target(departures)[7 * 52] > 5 * weekly_target(arrivals)[7 * 52]


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 10**6) | st.just(0), min_size=1, max_size=12),
    st.integers(1, 60),
    st.sampled_from([0.0, 0.5, 13.0, 52.0, 1000.0]),
)
def test_never_negative_and_the_total_is_kept(arrivals: list[int], weeks: int, smoothing_weeks: float) -> None:
    weekly = weekly_target(with_target(arrivals, smoothing_weeks, weeks))
    assert weekly.shape == (len(arrivals) * weeks,)
    assert np.isfinite(weekly).all()
    assert weekly.min() >= 0
    assert weekly.sum() == pytest.approx(sum(arrivals), rel=1e-9, abs=1e-9)
    if smoothing_weeks == 0:
        np.testing.assert_allclose(by_year(weekly, len(arrivals)), arrivals, rtol=0, atol=1e-9 * max(1, sum(arrivals)))
