"""Scenario files: what a good one holds."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from support.names import PLAIN, REQUIRED
from support.places import CONFIGS, DPRK, QUICK
from support.scenario_files import edit

from engine.errors import UsageError
from engine.results.columns import parameter_columns
from engine.scenario import load_scenario, scenario_from_resolved


def test_dprk_is_the_case_of_the_paper() -> None:
    scenario = load_scenario(DPRK)
    assert scenario.weeks == 1196
    assert scenario.calendar == list(range(1992, 2015))
    assert len(scenario.provinces) == 10
    assert scenario.free_names == parameter_columns(scenario.names, scenario.free_names) == REQUIRED
    famine = dict(zip(scenario.calendar, scenario.event_years()[:, 0].tolist(), strict=True))
    assert [year for year in famine if famine[year]] == [1994, 1995, 1996, 1997, 1998]
    assert scenario.growth()[[0, 7, 22]] == pytest.approx([-0.071, 0.061, 0.010])
    search, score = scenario.search, scenario.score
    assert (search.step, search.subset, search.temperature) == (0.1, 0.3, 1.0)
    assert (score.run_weight, score.active_weight, score.distance_cap) == (25, 25, 100)
    assert (scenario.regime.counts, scenario.belief.scope) == ("attempts", "province")
    assert scenario.stop_above == 500
    assert (scenario.impacts.growth.ability, scenario.impacts.growth.motivation) == (1, 4)


def test_the_ranges_of_the_default_search() -> None:
    ranges = {
        name: (spec.low, spec.high, spec.scale, spec.integer)
        for name, spec in load_scenario(DPRK).parameters.items()
        if spec.fixed is None
    }
    assert ranges == {
        "prior_alpha": (1, 3000, "linear", False),
        "prior_beta": (1, 3000, "linear", False),
        "utility_intercept": (-12, 2, "linear", False),
        "utility_slope": (0, 20, "linear", False),
        "tolerance": (1, 500, "log", False),
        "adjustment_rate": (1e-5, 1e-2, "log", False),
        "initial_repression": (0, 1, "linear", False),
        "visibility": (1e-4, 1, "log", False),
        "memory_weeks": (52, 1196, "linear", True),
        "famine_effect": (0, 3, "linear", False),
        "demographic_scale": (0, 1, "linear", False),
    }


def test_the_economy_has_no_factor_of_its_own_unless_it_is_freed() -> None:
    for path in (DPRK, QUICK):
        held = load_scenario(path).parameters["economy_effect"]
        assert (held.fixed, held.low, held.high, held.scale, held.integer) == (1, 1, 1, "linear", False)
    freed = load_scenario(DPRK, ["parameters.economy_effect={low: 0, high: 5}"])
    assert freed.free_names == parameter_columns(freed.names, freed.free_names) == PLAIN


def test_the_state_has_only_the_papers_regime_unless_another_is_chosen() -> None:
    for path in (DPRK, QUICK):
        scenario = load_scenario(path)
        assert scenario.regime.behaviour == "safety_valve"
        assert [scenario.parameters[name].fixed for name in ("discontent", "schedule_effect")] == [0, 0]
        assert not set(parameter_columns(scenario.names, scenario.free_names)) & {"discontent", "schedule_effect"}
    freed = load_scenario(DPRK, ["parameters.schedule_effect={low: -2, high: 2}"])
    assert freed.free_names == (*REQUIRED, "schedule_effect")


def test_a_parameter_is_held_with_a_number_or_with_fixed() -> None:
    held = load_scenario(DPRK, ["parameters.utility_intercept=-3", "parameters.visibility={fixed: 0.5}"])
    assert held.parameters["utility_intercept"].fixed == -3
    assert held.parameters["visibility"].fixed == 0.5
    assert len(held.free_names) == 9
    assert parameter_columns(held.names, held.free_names) == REQUIRED  # a held one keeps its column


def test_units_of_growth() -> None:
    percent = load_scenario(QUICK, ["economy.unit=percent"]).growth()
    assert percent.tolist() == [-2, -6, 1, 3]
    assert load_scenario(QUICK).growth().tolist() == [-0.02, -0.06, 0.01, 0.03]
    # Mean -1, squared deviations 1 + 25 + 4 + 16 = 46, deviation sqrt(46 / 4).
    expected = np.array([-1, -5, 2, 4]) / math.sqrt(11.5)
    np.testing.assert_allclose(load_scenario(QUICK, ["economy.unit=zscore"]).growth(), expected, rtol=1e-14)


def test_growth_or_its_change() -> None:
    """2000: 1 %, then -2, -6, 1, 3: a change of -3, -4, 7, 2 points."""
    changes = ["economy.growth={2000: 1, 2001: -2, 2002: -6, 2003: 1, 2004: 3}", "economy.measure=change"]
    assert load_scenario(QUICK, [*changes, "economy.unit=percent"]).growth().tolist() == [-3, -4, 7, 2]
    assert load_scenario(QUICK, changes).growth().tolist() == [-0.03, -0.04, 0.07, 0.02]
    # Mean 0.5, squared deviations 12.25 + 20.25 + 42.25 + 2.25 = 77, deviation sqrt(77 / 4).
    expected = np.array([-3.5, -4.5, 6.5, 1.5]) / math.sqrt(19.25)
    np.testing.assert_allclose(load_scenario(QUICK, [*changes, "economy.unit=zscore"]).growth(), expected, rtol=1e-14)
    assert load_scenario(QUICK, changes[:1]).growth().tolist() == load_scenario(QUICK).growth().tolist()
    straight = "economy.growth={2000: 1, 2001: 2, 2002: 3, 2003: 4, 2004: 5}"  # which differs by year, its change not
    with pytest.raises(UsageError, match="zscore needs growth that differs by year"):
        load_scenario(QUICK, [straight, "economy.measure=change", "economy.unit=zscore"])


@pytest.mark.parametrize(
    ("override", "years"),
    [
        ("famine.years=[1995, 1997]", [1995, 1997]),
        ("famine.years={first: 1990, last: 1993}", [1992, 1993]),
        ("famine.years=[]", []),
        ("famine.years.row=peak", [1996, 1997, 1998]),
    ],
)
def test_other_famines(override: str, years: list[int]) -> None:
    scenario = load_scenario(DPRK, [override])
    assert np.flatnonzero(scenario.event_years()[:, 0]).tolist() == [year - 1992 for year in years]


OTHER_READINGS = [
    "economy.unit=percent",
    "economy.unit=zscore",
    "economy.measure=change",
    "economy.growth.column=bok_current",
    "regime.counts=escapes",
    "regime.counts=repressed",
    "regime.behaviour=valve_of_discontent",
    "regime.behaviour=schedule",
    "economy.in_events=as_in_other_years",
    "belief.scope=nation",
    "population.leavers=go",
    "attempts.number=rounded",
    "attempts.known=rounded_down",
    "score.distance=root_mean_square",
    "stop_above=null",
    "stop_counts=attempts",
    "score.stop_penalty=10",
    "target.series=departures",
    "target.compares=attempts",
    "target.smoothing_weeks=0",
    "target.tables.arrivals.column=ministry",
    *(f"famine.years.row={row}" for row in ("arduous_march", "statkorea_wide", "excess_mortality", "early_start")),
    *(f"famine.years.row={row}" for row in ("official_deaths", "north_hamgyong")),
    *(f"population.totals.column=wdi_{month}" for month in ("2015_08", "2017_06", "2017_10", "2026_03")),
    *(f"population.totals.column={column}" for column in ("bok_implied_statkorea",)),
    *(f"population.shares.age.row=adults_{cuts}" for cuts in ("30_50", "35_55", "30_60")),
    *(f"population.shares.age.row=all_{cuts}" for cuts in ("35_60", "20_50")),
    *(
        f"population.shares.status={{file: data/songbun.csv, row: {row}}}"
        for row in ("kinu", "collins", "refugees_2008", "popular")
    ),
    "population.shares.economy={file: data/secondary_economy.csv, row: informal_at_least}",
    "population.shares.economy={primary: 0.3, secondary: 0.7}",
    "impacts.growth.motivation=-4",
]


@pytest.mark.parametrize("override", OTHER_READINGS)
def test_every_other_reading_is_a_change_of_one_line(override: str) -> None:
    assert load_scenario(DPRK, [override]).weeks == 1196


@pytest.mark.parametrize("path", [DPRK, QUICK], ids=lambda path: path.stem)
def test_resolved_is_self_contained(path: Path, tmp_path: Path) -> None:
    scenario = load_scenario(path, ["economy.unit=zscore"])
    through_json = json.loads(json.dumps(scenario.resolved()))
    assert through_json == scenario.resolved()
    assert scenario_from_resolved(through_json) == scenario
    alone = tmp_path / "alone.yaml"
    alone.write_text(yaml.safe_dump(scenario.resolved(), sort_keys=True), encoding="utf-8")
    again = load_scenario(alone)
    assert again == scenario
    assert again.provinces == scenario.provinces
    for name in ("yearly_target", "growth", "event_years", "population_totals"):
        assert getattr(again, name)().tobytes() == getattr(scenario, name)().tobytes()


def test_numbers_as_people_write_them(tmp_path: Path) -> None:
    edit(tmp_path, "famine_effect: {low: 0, high: 3}", "famine_effect: {low: 5e-4, high: 1_0.5}")
    famine_effect = load_scenario(tmp_path / "quick.yaml").parameters["famine_effect"]
    assert (famine_effect.low, famine_effect.high) == (0.0005, 10.5)


def test_the_figures_agree_with_each_other() -> None:
    census = {row[0]: list(map(int, row[1:])) for row in table("census_2008.csv")}
    for name, population, _ in table("provinces.csv"):
        male, female, urban, rural, *crossed = census[name]
        assert int(population) == male + female == urban + rural == sum(crossed)
    assert sum(int(row[1]) for row in table("provinces.csv")) == 23_349_859
    ages = [int(row[1]) + int(row[2]) for row in table("age_2008.csv")]  # in fives: 0-4, 5-9, ... 75-79, 80 and over
    cut_offs = {"all_30_60": (0, 6, 12), "all_35_60": (0, 7, 12), "all_20_50": (0, 4, 10)}
    cut_offs |= {"adults_30_50": (3, 6, 10), "adults_35_55": (3, 7, 11), "adults_30_60": (3, 6, 12)}
    for name, *shares in table("age_shares.csv"):
        first, second, third = cut_offs[name]
        groups = np.array([sum(ages[first:second]), sum(ages[second:third]), sum(ages[third:])])
        np.testing.assert_allclose(np.array(shares, dtype=float), groups / groups.sum(), atol=6e-5)


def table(name: str) -> list[list[str]]:
    return [line.split(",") for line in (CONFIGS / "data" / name).read_text(encoding="utf-8").splitlines()[1:]]


def test_the_last_override_wins_and_the_file_stays_as_it_is() -> None:
    assert load_scenario(QUICK, ["years=3", "years=2"]).years == 2
    assert load_scenario(QUICK).years == 4


@pytest.mark.parametrize("reference", [None, "dukalskis-2017"])
def test_a_run_of_earlier_words_is_read_in_todays(reference: str | None) -> None:
    """Its famine stood alone, its border was China's, its traits went without saying, and a reference was a name."""
    scenario = load_scenario(QUICK)
    former = scenario.resolved()
    former |= {"famine": former.pop("events")["famine"], "reference": reference}
    population = former["population"] | {"provinces": [dict(place) for place in former["population"]["provinces"]]}
    del population["traits"]
    for place in population["provinces"]:
        place["borders_china"] = place.pop("on_border")
    assert scenario_from_resolved(former | {"population": population}) == scenario
