"""Cells and heads: every person of every year is in exactly one cell."""

from fractions import Fraction
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.places import CONFIGS

from engine.scenario import Scenario, load_scenario, scenario_from_resolved
from engine.scenario.cells import Cells, build_cells, largest_remainder

DPRK = load_scenario(CONFIGS / "dprk.yaml")
QUICK = load_scenario(CONFIGS / "quick.yaml")


def cell(cells: Cells, **levels: str) -> int:
    """Return the index of the one cell with these levels."""
    at = [cells.level[trait] == cells.labels[trait].index(level) for trait, level in levels.items()]
    (index,) = np.flatnonzero(np.logical_and.reduce(at))
    return int(index)


@pytest.mark.parametrize(("scenario", "count"), [(DPRK, 720), (QUICK, 144)])
def test_nobody_is_lost_and_nobody_counted_twice(scenario: Scenario, count: int) -> None:
    cells = build_cells(scenario)
    assert cells.heads.shape == (scenario.years, count)
    assert cells.heads.dtype == np.int64
    assert cells.heads.min() >= 0
    assert cells.heads.sum(axis=1).tolist() == scenario.population_totals().tolist()
    kinds = np.stack([cells.level[trait] for trait in cells.labels])
    assert len(set(map(tuple, kinds.T.tolist()))) == count
    assert kinds.dtype == np.int64


def test_provinces_are_outermost_in_the_order_of_the_table() -> None:
    cells = build_cells(DPRK)
    assert cells.labels["province"][:3] == ("Ryanggang", "North Hamgyong", "South Hamgyong")
    assert cells.province.tolist() == np.repeat(np.arange(10), 72).tolist()
    assert prod(len(levels) for levels in cells.labels.values()) == 720


def test_the_country_grows_from_20_8_to_24_5_million() -> None:
    heads = build_cells(DPRK).heads.sum(axis=1)
    assert heads[0] == 20_800_000
    assert heads[-1] == 24_500_000
    # The line between: 3,700,000 / 22 = 168,182 a year, in thousands.
    assert set(np.diff(heads).tolist()) <= {168_000, 169_000}


def test_shares_are_the_census_of_2008() -> None:
    cells = build_cells(DPRK)
    people = cells.heads[0]
    # Pyongyang: 3,255,288 of 23,349,859 civilians, 1,705,510 of them women, 2,823,414 urban.
    pyongyang = cells.province == cells.labels["province"].index("Pyongyang")
    assert people[pyongyang].sum() / 20_800_000 == pytest.approx(3_255_288 / 23_349_859, abs=1e-5)
    women = people[pyongyang & (cells.level["sex"] == 1)].sum() / people[pyongyang].sum()
    assert women == pytest.approx(1_705_510 / 3_255_288, abs=1e-5)
    urban = people[pyongyang & (cells.level["residence"] == 0)].sum() / people[pyongyang].sum()
    assert urban == pytest.approx(2_823_414 / 3_255_288, abs=1e-5)
    # Under 30: 46.45 %, of shares that add up to 1.0001; sector and status in equal parts.
    assert people[cells.level["age"] == 0].sum() / people.sum() == pytest.approx(0.4645 / 1.0001, abs=1e-5)
    assert people[cells.level["economy"] == 1].sum() / people.sum() == pytest.approx(1 / 2, abs=1e-5)
    assert people[cells.level["status"] == 2].sum() / people.sum() == pytest.approx(1 / 3, abs=1e-5)


def test_one_cell_by_hand() -> None:
    # Quick, 2001: 200,000 people, 0.35 of them in River; young 0.45, female 0.52, secondary 1/2, low 1/3,
    # rural 0.6: 200,000 · 0.35 · 0.45 · 0.52 / 6 · 0.6 = 1638.
    cells = build_cells(QUICK)
    index = cell(
        cells,
        province="River",
        age="young",
        sex="female",
        economy="secondary",
        status="low",
        residence="rural",
    )
    assert cells.heads[0, index] == 1638
    # Figure 2: young 3 + female 5 + secondary 5 + low -2 + border 5; rural -2 + low -2.
    assert cells.ability[index] == 16
    assert cells.motivation[index] == -4


def test_the_formulas_of_the_paper_at_their_ends() -> None:
    cells = build_cells(DPRK)
    best = cell(
        cells,
        province="Ryanggang",
        age="young",
        sex="female",
        economy="secondary",
        status="high",
        residence="urban",
    )
    worst = cell(cells, province="Kangwon", age="old", sex="male", economy="primary", status="low", residence="rural")
    assert (cells.ability[best], cells.motivation[best]) == (3 + 5 + 5 + 3 + 5, 2)
    assert (cells.ability[worst], cells.motivation[worst]) == (-3 - 2, -2 - 2 - 2)
    assert cells.ability.max() == cells.ability[best]
    assert cells.ability.min() == cells.ability[worst]
    assert cells.motivation.min() == cells.motivation[worst]


def test_a_province_has_43_distinct_kinds_of_person() -> None:
    cells = build_cells(DPRK)
    for province in range(10):
        here = cells.province == province
        assert len(set(zip(cells.ability[here], cells.motivation[here], strict=True))) == 43


def test_the_border_adds_5_to_ability_and_nothing_else() -> None:
    cells = build_cells(QUICK)
    ability, motivation = cells.ability.reshape(2, 72), cells.motivation.reshape(2, 72)
    assert (ability[0] - ability[1] == 5).all()
    assert (motivation[0] == motivation[1]).all()


def test_a_resolved_scenario_has_the_same_heads() -> None:
    for scenario in (DPRK, QUICK):
        again = build_cells(scenario_from_resolved(scenario.resolved()))
        assert again.heads.tobytes() == build_cells(scenario).heads.tobytes()


def test_largest_remainder_by_hand() -> None:
    # 10 people by 0.47, 0.16, 0.37: quotas 4.7, 1.6, 3.7, floors 4, 1, 3, and two left for the largest
    # remainders, 0.7 and 0.7, not 0.6.
    assert largest_remainder(10, [Fraction(47, 100), Fraction(16, 100), Fraction(37, 100)]) == [5, 1, 4]


def test_ties_go_to_the_first_cell() -> None:
    assert largest_remainder(2, [Fraction(1, 3)] * 3) == [1, 1, 0]
    assert largest_remainder(3, [Fraction(1, 2)] * 2) == [2, 1]


@given(st.integers(1, 10**8), st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_nobody_is_further_than_one_from_a_fair_share(total: int, weights: list[int]) -> None:
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    heads = largest_remainder(total, shares)
    assert sum(heads) == total
    assert all(abs(head - share * total) < 1 for head, share in zip(heads, shares, strict=True))
    assert all(head == 0 for head, weight in zip(heads, weights, strict=True) if weight == 0)
