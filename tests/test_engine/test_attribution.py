"""Who attempted and who escaped: asking changes no number, nobody goes twice in a week, each kind by its own law."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binom, multinomial, multivariate_hypergeom
from support.busy_country import BUSY, bench, lived, ran, random_points, same
from support.goodness import fits
from support.names import NAMES, TRAITS
from support.places import DPRK, SMALL
from support.points import POINTS, overrides
from support.small_weeks import CHANCES, HEADS, REPRESSION, country, live, parameters, set_country
from support.statistics_of_law import compare_runs
from twins.country import country_from
from twins.people import simulate_people

import engine
from engine.attribution import Membership, deal, deal_to_cells
from engine.errors import UsageError
from engine.kernel.chance_updates import CALM, CONTESTED, CROWDED
from engine.kernel.recording import Record, make_record
from engine.kernel.run import run
from engine.scenario.cells import Cells, build_cells

WEEKS = 30_000
# The cells of each group of the country of small_weeks: one of 3 people is 1 and 2, one of 12 is 4 and 8 ...
PARTS = {3: (1, 2), 12: (4, 8), 50: (20, 30), 10: (5, 5), 4: (1, 3), 1: (0, 1), 0: (0, 0)}


def test_asking_who_it_was_changes_no_number(seed: int) -> None:
    """At random points and busy ones, calm, contested and crowded; the cells add up to the provinces."""
    rng = np.random.default_rng([seed, 71])
    inputs, state = bench()
    busy = np.array([BUSY[name] for name in NAMES]) * rng.uniform(0.8, 1.2, (30, len(NAMES)))
    busy[:, NAMES.index("memory_weeks")] = 300
    busy[:, NAMES.index("initial_repression")] = rng.uniform(0.5, 1.0, 30)
    for iteration, point in enumerate(np.concatenate([random_points(rng, 60), busy])):
        silent, weekly, record = ran(point, seed=seed, iteration=iteration, recorded=True)
        fuller, weekly_too = make_record(inputs.weeks, 10, inputs.heads.shape[2]), np.zeros_like(weekly)
        assert run(inputs, point, seed, 0, iteration, state, weekly_too, fuller) == silent
        assert weekly.tobytes() == weekly_too.tobytes()
        assert [part.tobytes() for part in record[:5]] == [part.tobytes() for part in fuller[:5]]
        assert (fuller.by_group.sum(axis=(0, 3)) == record.attempts).all()


@pytest.mark.parametrize(
    "changes", [{}, {"tolerance": 3.0}, {"prior_beta": 60.0}, {"prior_beta": 200.0, "initial_repression": 0.99}]
)
def test_cells_add_up_to_provinces(changes: dict[str, float], seed: int) -> None:
    plain, told = lived(seed=seed, **changes), engine.simulate(bench_scenario(), BUSY | changes, seed, by_cell=True)
    assert same(plain, told)
    assert plain.attempts_by_cell.size == plain.escapes_by_cell.size == 0
    cells = build_cells(bench_scenario())
    for by_cell, by_week in ((told.attempts_by_cell, told.attempts), (told.escapes_by_cell, told.escapes)):
        assert by_cell.shape == cells.heads.shape
        by_province = by_cell.reshape(23, 10, 72).sum(axis=2)
        assert (by_province == by_week.reshape(23, 52, 10).sum(axis=1)).all()
    assert (told.escapes_by_cell <= told.attempts_by_cell).all()
    assert (told.attempts_by_cell <= 52 * cells.heads).all()
    many = engine.simulate_many(bench_scenario(), BUSY | changes, [seed, seed + 1], by_cell=True)
    assert (many[0].escapes_by_cell == told.escapes_by_cell).all()


def bench_scenario() -> engine.Scenario:
    return engine.load_scenario(DPRK)


@pytest.mark.law
def test_people_are_dealt_as_from_a_bag(seed: int) -> None:
    """Negative control: putting each back before the next is drawn, from the same bag."""
    rng = np.random.default_rng([seed, 72])
    bag, drawn = np.array([4, 0, 3, 5]), 6
    hands = deal(rng, np.tile(bag, (40_000, 1)), np.full(40_000, drawn))
    cells = list(product(range(7), repeat=4))
    law = [multivariate_hypergeom.pmf(cell, bag, drawn) if sum(cell) == drawn else 0.0 for cell in cells]
    assert fits(table(hands), 40_000 * np.array(law))
    assert not fits(table(multinomial.rvs(drawn, bag / bag.sum(), 40_000, random_state=rng)), 40_000 * np.array(law))


def table(hands: np.ndarray) -> np.ndarray:
    return np.bincount(np.ravel_multi_index(hands.T, (7,) * 4), minlength=7**4)


@pytest.mark.law
@pytest.mark.parametrize("mood", [(CALM,) * 3, (CONTESTED, CALM, CONTESTED), (CROWDED, CONTESTED, CALM)])
def test_everybody_leaves_as_if_alone(mood: tuple[int, int, int], seed: int) -> None:
    """In a country so small that second rings are frequent: each cell by its own law, and independent of its twin.

    Negative control: the same dealt as if the two cells of a group had each other's people.
    """
    record = recorded(seed, mood)
    groups = list(zip(*np.nonzero(HEADS), strict=True))
    assert all(cells_fit(record, seed, *place) for place in groups)
    assert not cells_fit(record, seed, 0, 0, exchanged=True)


def recorded(seed: int, mood: tuple[int, int, int]) -> Record:
    inputs, state = country(HEADS, WEEKS)
    set_country(inputs, state, CHANCES, 0.6, np.array(mood))
    record = make_record(WEEKS, len(HEADS), HEADS.shape[1])
    live(inputs, state, parameters(), 0.6, REPRESSION, seed, 3, record, np.zeros((*HEADS.shape, 9), np.int64))
    return record


def cells_fit(record: Record, seed: int, province: int, group: int, exchanged: bool = False) -> bool:
    """Whether the two cells of a group have the law of their people; every week is taken for a year."""
    parts = np.array([PARTS[heads] for heads in HEADS.ravel()]).ravel()
    cells = np.arange(len(parts)).reshape(*HEADS.shape, 2)
    given = parts.reshape(-1, 2)[:, ::-1].ravel() if exchanged else parts
    membership = Membership(cells, np.tile(np.append(given, 0), (WEEKS, 1)))
    attempts, escapes = deal_to_cells(record, membership, 1, np.random.default_rng([seed, 73]))
    first, second = cells[province, group]
    p, free, most = CHANCES[group], 1.0 - REPRESSION[province], 8
    laws = [binom(parts[first], p * free), binom(parts[first], p * (1.0 - free)), binom(parts[second], p)]
    marginals = [np.append(law.pmf(range(most)), law.sf(most - 1)) for law in laws]
    caught = attempts[:, first] - escapes[:, first]
    pair = np.minimum([escapes[:, first], attempts[:, second]], most)
    seen = np.bincount(np.ravel_multi_index(pair, (most + 1,) * 2), minlength=(most + 1) ** 2)
    alone = fits(seen, WEEKS * np.outer(marginals[0], marginals[2]).ravel())
    return alone and fits(np.bincount(np.minimum(caught, most), minlength=most + 1), WEEKS * marginals[1])


@pytest.mark.law
@pytest.mark.parametrize("name", ["busy", "tolerance", "certain"])
def test_the_same_people_leave_as_where_every_person_is_held(name: str, seed: int) -> None:
    """By level of each trait and by province. False alarm 1e-4 a point, exact (a permutation test).

    Negative control, same sample sizes: a country with some fewer women.
    """
    rngs = [np.random.default_rng([seed, 74, number]) for number in range(60)]
    scenario = engine.load_scenario(SMALL, overrides(name))
    cells = build_cells(scenario)
    people = [simulate_people(country_from(scenario), POINTS[name], rng) for rng in rngs]
    twins = [by_trait(run.attempts_by_cell, run.escapes_by_cell, cells) for run in people]
    ours = [
        engine_by_trait(seed, name),
        engine_by_trait(seed, name, "population.shares.sex={male: 0.55, female: 0.45}"),
    ]
    found, control = (compare_runs(twins, runs, np.random.default_rng(seed)) for runs in ours)
    assert not found.differs(), found
    assert control.differs()


def engine_by_trait(seed: int, name: str, *changes: str) -> list[dict[str, float]]:
    scenario = engine.load_scenario(SMALL, (*overrides(name), *changes))
    cells = build_cells(scenario)
    seeds = range(seed, seed + 240)
    runs = engine.simulate_many(scenario, POINTS[name], seeds, by_cell=True)
    return [by_trait(run.attempts_by_cell.sum(axis=0), run.escapes_by_cell.sum(axis=0), cells) for run in runs]


def by_trait(attempts: np.ndarray | None, escapes: np.ndarray | None, cells: Cells) -> dict[str, float]:
    assert attempts is not None
    assert escapes is not None
    numbers = {}
    for trait in ("province", *TRAITS):
        for what, counts in (("attempts", attempts), ("escapes", escapes)):
            by_level = np.bincount(cells.level[trait], counts)
            for level, count in enumerate(by_level / max(1, counts.sum())):
                numbers[f"{what}: {trait} {level}"] = float(f"{count:.9g}")
    women = (cells.level["sex"] == 1) & (cells.level["economy"] == 1)
    return numbers | {"women who trade": float(attempts[women].sum() / max(1, attempts.sum()))}


def test_a_group_of_too_many_people_is_refused() -> None:
    alike = [f"impacts.{trait}={{}}" for trait in (*TRAITS, "border")]
    many = [f"population.totals.{year}=10_000_000_000" for year in range(2001, 2006)]
    scenario = engine.load_scenario(SMALL, (*alike, *many))
    with pytest.raises(UsageError, match=r"population\.totals: 4,500,000,000 people of one kind .* leave out by_cell"):
        engine.simulate(scenario, POINTS["busy"], by_cell=True)
    assert engine.simulate(scenario, POINTS["busy"]).weeks_run > 0
