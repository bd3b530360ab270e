"""Nobody attempts twice in a week: in countries so small that second rings are frequent, the law of everybody is exact.

A person of chance p attempts and becomes known or not, is repressed or not, with probabilities p·K·R, p·K·(1 - R),
p·(1 - K)·(1 - R) and p·(1 - K)·R, whatever anybody else does and did. So the four counts of a province in a week are
sums of multinomial numbers, and provinces and weeks know nothing of each other. Each test of that raises a false
alarm with probability FALSE_ALARM.
"""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import betaincinv, logit
from scipy.stats import binom
from support.goodness import FALSE_ALARM, chance, fits
from support.law_of_a_week import MOST, law_of_attempts, law_of_counts
from support.small_weeks import CHANCES, HEADS, REPRESSION, country, live, parameters, set_country

from engine.kernel.chance_updates import CALM, CONTESTED, CROWDED
from engine.kernel.recording import Record, make_record
from engine.kernel.run import run

pytestmark = pytest.mark.law

WEEKS = 100_000  # of one country
COUNTRIES = 10


class Weeks(NamedTuple):
    """What was recorded of many weeks."""

    counts: np.ndarray  # (weeks, communities, 4): known repressed, known escaped, unseen escaped, unseen repressed
    names: np.ndarray  # (communities, groups, MOST): weeks by how many of the group attempted


def lived(
    seed: int,
    visibility: float,
    mood: tuple[int, int, int],
    repression: np.ndarray = REPRESSION,
    countries: int = COUNTRIES,
    home: tuple[int, ...] = (0, 1, 2, 3),
) -> Weeks:
    """Many weeks of three communities; ``repression`` is by province."""
    inputs, state = country(HEADS, WEEKS, home=home)
    names = np.zeros((*HEADS.shape, MOST), np.int64)
    counts = []
    for iteration in range(countries):
        set_country(inputs, state, CHANCES, visibility, np.array(mood))
        record = make_record(WEEKS, len(HEADS))
        totals = live(inputs, state, parameters(), visibility, repression, seed, iteration, record, names)
        assert totals == (record.attempts.sum(), record.escapes.sum())
        counts.append(four_counts(record))
    return Weeks(np.concatenate(counts), names)


def four_counts(record: Record) -> np.ndarray:
    known_escaped = record.known - record.known_repressed
    unseen_escaped = record.escapes - known_escaped
    unseen_repressed = record.attempts - record.known - unseen_escaped
    counts = np.stack([record.known_repressed, known_escaped, unseen_escaped, unseen_repressed], axis=-1)
    assert counts.min() >= 0
    return counts


def chance_of_counts(weeks: Weeks, province: int, visibility: float, repression: float) -> float:
    law = law_of_counts(CHANCES, HEADS[province], visibility, repression)
    cells = np.ravel_multi_index(np.minimum(weeks.counts[:, province], MOST - 1).T, law.shape)
    return chance(np.bincount(cells, minlength=law.size), law.ravel() * len(cells))


def chance_of_names(weeks: Weeks, province: int, group: int) -> float:
    law = binom(HEADS[province, group], CHANCES[group]).pmf(np.arange(MOST))
    return chance(weeks.names[province, group], law / law.sum() * weeks.names[province, group].sum())


def pair_fits(first: np.ndarray, second: np.ndarray, first_law: np.ndarray, second_law: np.ndarray) -> bool:
    table = np.zeros((MOST, MOST))
    np.add.at(table, (np.minimum(first, MOST - 1), np.minimum(second, MOST - 1)), 1)
    return fits(table, np.outer(first_law, second_law) * len(first))


CALM_ALL, CONTESTED_ALL, MIXED = (CALM,) * 3, (CONTESTED,) * 3, (CALM, CONTESTED, CROWDED)


@pytest.mark.parametrize(
    ("visibility", "mood"),
    [(0.3, CALM_ALL), (0.3, CONTESTED_ALL), (0.7, MIXED), (0.9, (CONTESTED, CALM, CALM)), (0.5, (CROWDED, CALM, CALM))],
)
def test_everybody_is_drawn_as_if_alone(visibility: float, mood: tuple[int, int, int], seed: int) -> None:
    check_law(lived(seed, visibility, mood), visibility, mood, REPRESSION)


@pytest.mark.parametrize(
    ("visibility", "mood"),
    [(0.3, CALM_ALL), (0.3, CONTESTED_ALL), (0.7, (CONTESTED, CROWDED, CALM)), (0.9, (CONTESTED, CONTESTED, CALM))],
)
def test_everybody_of_several_communities_is_drawn_as_if_alone(
    visibility: float, mood: tuple[int, int, int], seed: int
) -> None:
    """The first two communities are of one province, so that their unseen attempts are drawn together."""
    home = (0, 2, 3)
    weeks = lived(seed, visibility, mood, REPRESSION[:2], home=home)
    check_law(weeks, visibility, mood, np.repeat(REPRESSION[:2], np.diff(home)))


def check_law(weeks: Weeks, visibility: float, mood: tuple[int, int, int], repression: np.ndarray) -> None:
    attempts = weeks.counts.sum(axis=-1)
    assert (attempts <= HEADS.sum(axis=1)).all()
    for province in range(len(HEADS)):
        assert chance_of_counts(weeks, province, visibility, repression[province]) > FALSE_ALARM
        law = law_of_attempts(CHANCES, HEADS[province])
        assert pair_fits(attempts[:-1, province], attempts[1:, province], law, law)  # week after week
        after = (province + 1) % len(HEADS)
        assert pair_fits(attempts[:, province], attempts[:, after], law, law_of_attempts(CHANCES, HEADS[after]))
        if mood[province] != CROWDED:
            for group in np.flatnonzero(HEADS[province]):
                assert chance_of_names(weeks, province, group) > FALSE_ALARM


@pytest.mark.parametrize("visibility", [0.0, 1.0])
@pytest.mark.parametrize("mood", [CALM_ALL, CONTESTED_ALL])
def test_everybody_at_the_ends_of_the_ranges(visibility: float, mood: tuple[int, int, int], seed: int) -> None:
    """Nothing seen or everything, nobody repressed or everybody."""
    repression = np.array([0.0, 1.0, 0.5])
    weeks = lived(seed, visibility, mood, repression, countries=3)
    assert not weeks.counts[:, :, :2].any() or visibility > 0
    assert not weeks.counts[:, :, 2:].any() or visibility < 1
    assert not weeks.counts[:, 0, [0, 3]].any()
    assert not weeks.counts[:, 1, [1, 2]].any()
    for province in range(len(HEADS)):
        assert chance_of_counts(weeks, province, visibility, repression[province]) > FALSE_ALARM


def test_counting_second_rings_is_told_apart(seed: int) -> None:
    """Negative control: the same clocks, with every ring counted."""
    rng = np.random.default_rng([seed, 20])
    for province in range(len(HEADS)):
        known, repressed = 0.3, REPRESSION[province]
        borders = np.cumsum([0.0, known * repressed, known * (1 - repressed), 0.7 * (1 - repressed), 0.7 * repressed])
        rates = -np.diff(np.log1p(-borders[:, None] * CHANCES) @ HEADS[province])
        rings = np.zeros((COUNTRIES * WEEKS, len(HEADS), 4), np.int64)
        rings[:, province] = rng.poisson(rates, (COUNTRIES * WEEKS, 4))
        assert chance_of_counts(Weeks(rings, np.empty(0)), province, known, repressed) < FALSE_ALARM


def test_one_person_never_attempts_twice(seed: int) -> None:
    """Whole runs, with about the largest chance drawn in this way: 128 provinces of one person over a million weeks.

    If second rings counted, some 27 weeks of two attempts would be seen; none at all with probability 2e-12.
    """
    provinces, weeks, runs, p = 128, 20_000, 50, 6.5e-4
    heads = np.zeros((provinces, 8))
    heads[:, 0] = 1
    x = betaincinv(2.0, 3.0, p)
    able = logit((12.0 - np.log(1.0 / x - 2.0)) / 20.0)
    inputs, state = country(heads, weeks, np.array([able] + [-50.0] * 7))
    shapes = {"prior_alpha": 2.0, "prior_beta": 3.0, "utility_intercept": -12.0, "utility_slope": 20.0}
    point = parameters(**shapes, visibility=0.0, initial_repression=0.3)
    escapes = repressed = 0
    for iteration in range(runs):
        record = make_record(weeks, provinces)
        run(inputs, point, seed, 0, iteration, state, np.zeros(weeks, np.int64), record)
        assert (state.mood == CALM).all()
        assert record.attempts.max() == 1
        escapes += record.escapes.sum()
        repressed += record.attempts.sum() - record.escapes.sum()
    chances = runs * weeks * provinces
    law = np.array([0.7 * p, 0.3 * p, 1.0 - p])
    assert fits([escapes, repressed, chances - escapes - repressed], law * chances)
