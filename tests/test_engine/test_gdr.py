"""East Germany's tables: the sums that SOURCES.md says they have, and the scenario that is made of them."""

import csv
from typing import Any

import pytest
from support.places import CONFIGS, GDR

from engine import load_scenario
from engine.scenario.cells import build_cells

FOLDER = CONFIGS / "gdr"


def rows_of(file: str) -> list[dict[str, str]]:
    with open(FOLDER / file, newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def by_year(file: str, column: str) -> dict[int, int]:
    return {int(row["year"]): int(row[column]) for row in rows_of(file) if row[column]}


def test_departures_add_up() -> None:
    total, legal, refugees = (
        by_year("departures.csv", column) for column in ("total", "legal_emigrants", "refugees_not_legal")
    )
    assert all(refugees[year] == total[year] - legal[year] for year in refugees)
    assert min((people, year) for year, people in refugees.items()) == (3_512, 1979), "the paper's, from Hirschman"
    seen = {year: total[year] for year in refugees if year >= 1962}
    assert (min(seen.values()), max(seen.values())) == (11_343, 42_632), "the paper's other two"
    others = [by_year("departures.csv", column) for column in ("refugees_third_countries", "border_breakers")]
    for year in range(1962, 1979):
        assert total[year] == legal[year] + sum(column[year] for column in others), year
    recalled = by_year("departures_1986_1988_recalled.csv", "total")
    assert sum(total[year] for year in range(1970, 1980)) == 148_695
    assert sum(total[year] for year in range(1980, 1986)) + sum(recalled.values()) == 203_601
    assert sum(total[year] for year in range(1962, 1986)) + sum(recalled.values()) == 564_427
    recalled_legal = by_year("departures_1986_1988_recalled.csv", "legal_emigrants")
    assert sum(legal.values()) + sum(recalled_legal.values()) == 383_181


def test_border_breakers_and_districts_add_up() -> None:
    assert sum(by_year("border_breakers.csv", "all").values()) == 40_101
    people = {row["name"]: int(row["population"]) for row in rows_of("provinces.csv")}
    assert sum(people.values()) == 17_040_866
    assert people == {row["name"]: int(row["population_1971"]) for row in rows_of("bezirke.csv")}
    borders = {row["name"]: row["on_border"] for row in rows_of("provinces.csv")}
    assert borders == {row["name"]: row["on_western_border"] for row in rows_of("bezirke.csv")}


def test_the_states_own_count_adds_up() -> None:
    for row in rows_of("attempts_mfs.csv"):
        if row["attempts"]:
            prevented, attempts = int(row["prevented"]), int(row["attempts"])
            assert int(row["succeeded"]) + prevented == attempts
            assert float(row["share_prevented"]) == pytest.approx(prevented / attempts, abs=5e-5)
            there = attempts - int(row["of_which_stayed_abroad"])
            assert float(row["share_prevented_without_stayers"]) == pytest.approx(prevented / there, abs=5e-5)


def test_recalled_rows_stand_apart_and_are_marked() -> None:
    marked = {int(row["year"]): row["certainty"] for row in rows_of("refugees_to_1988.csv")}
    assert {year for year, certainty in marked.items() if certainty == "recalled"} == {1986, 1987, 1988}
    together = by_year("refugees_to_1988.csv", "people")
    seen = {year: people for year, people in by_year("departures.csv", "refugees_not_legal").items() if year >= 1962}
    assert together == seen | by_year("departures_1986_1988_recalled.csv", "refugees_not_legal")


def test_the_scenario_has_the_figures_of_its_tables() -> None:
    scenario = load_scenario(GDR)
    assert (len(scenario.provinces), scenario.calendar[0], scenario.calendar[-1]) == (15, 1962, 1985)
    assert scenario.yearly_target().tolist()[17] == 3_512
    assert scenario.economy.growth is None
    assert not scenario.events
    assert len(build_cells(scenario).province) == 15 * 3 * 2 * 2
    assert build_cells(scenario).heads[0].sum() == 17_135_867
    unseen: dict[str, Any] = dict(scenario.reference.unseen or {})
    assert unseen["prevented"].years[1979] == 0.7744
    assert not set(unseen) & set(scenario.target.tables), "what is foretold is no target"


@pytest.mark.parametrize(
    "overrides",
    [
        ["years=27", "target.series=refugees_to_1988"],
        ["target.series=border_breakers"],
        ["years=27", "target.series=border_breakers"],
        ["economy.growth={file: growth.csv, column: pwt56_else_heske_mean}"],
    ],
)
def test_the_readings_that_its_comments_offer_load(overrides: list[str]) -> None:
    assert load_scenario(GDR, overrides).weeks >= 1_248
