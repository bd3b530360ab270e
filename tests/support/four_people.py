"""A country of four people and four years of a week each, whose likelihood is a finite sum; and that sum.

Written from the paper and the model's description, with SciPy's laws: week by week all that may happen, each with its
probability, is carried on. What the next week depends on is repression and what is remembered, so that is the state.
"""

from collections import defaultdict
from functools import cache
from itertools import product
from math import comb, prod

import numpy as np
from scipy.special import betainc
from scipy.stats import nbinom
from support.left_alone import left_alone
from twins.cells import thresholds
from twins.country import Country

from calibrate.objective.likelihood import LEAST, Evidence
from engine.kernel.inputs import Inputs
from engine.parameters import Parameters

PEOPLE = np.array([3, 1])  # by group
ABILITY = np.array([2.0, 9.0])
YEARS = 4
COUNTS = np.array([4.0, 0.0, 0.0, 4.0])  # of the record: far off, so that particles are resampled
STOP_ABOVE = 2
SIZE = 3.0

# A belief that one attempt moves far, a memory of two weeks, and a state that reacts to a second attempt.
POINT = Parameters.from_mapping(
    {
        "prior_alpha": 1.2,
        "prior_beta": 1.5,
        "utility_intercept": -1.0,
        "utility_slope": 3.0,
        "tolerance": 1.0,
        "adjustment_rate": 0.8,
        "initial_repression": 0.6,
        "visibility": 0.9,
        "memory_weeks": 2,
        "famine_effect": 0.0,
        "demographic_scale": 0.2,
        "economy_effect": 1.0,
    }
)


def inputs() -> Inputs:
    """The country for the kernel, its groups padded with nobody."""
    heads = np.zeros((YEARS, 1, 8))
    heads[:, 0, : PEOPLE.size] = PEOPLE
    ability = np.concatenate([ABILITY, np.full(8 - ABILITY.size, ABILITY[0])])
    none = np.zeros(YEARS)
    return Inputs(
        heads=heads,
        ability=ability[None],
        motivation=np.zeros((1, 8)),
        ability_growth=none,
        motivation_growth=none,
        events=np.zeros((YEARS, 1)),
        kind=np.zeros(1, np.int64),
        earlier=np.full(1, -1),
        learner=np.zeros(1, np.int64),
        province=np.zeros(1, np.int64),
        home=np.arange(2),
        initial=np.ones(1),
        reacts=True,
        by_discontent=False,
        schedule=np.zeros(YEARS),
        by_payoff=1.0,
        by_kind=False,
        number_rounded=False,
        known_rounded_down=False,
        leavers_go=False,
        compares_attempts=False,
        weeks_per_year=1,
        stop_above=STOP_ABOVE,
        stops_by_attempts=False,
        counted=0,
        course=left_alone(YEARS, 1, 1),
    )


def evidence() -> Evidence:
    """The record for the filter."""
    return Evidence(COUNTS, np.array([SIZE]), np.zeros(1), 1, float(STOP_ABOVE))


@cache
def density(year: int, mean: float) -> float:
    """g of a year."""
    mean = max(mean, LEAST)
    return float(nbinom.pmf(COUNTS[year], SIZE, SIZE / (SIZE + mean)))


def likelihood(of_first: bool = False) -> float:
    """E Π g over all that may happen; with ``of_first``, E (escapes of the first year)·Π g."""
    country = Country(
        heads=np.tile(PEOPLE, (YEARS, 1)),
        province=np.zeros(PEOPLE.size, np.int64),
        ability=ABILITY,
        motivation=np.zeros(PEOPLE.size),
        growth=np.zeros(YEARS),
        famine=np.zeros(YEARS),
        provinces=1,
        weeks_per_year=1,
    )
    threshold = thresholds(country, POINT)[0]
    mass = {(POINT.initial_repression, ()): 1.0}  # (R, what is remembered by week: repressed, escaped) -> E Π g
    done = 0.0  # of the runs that were stopped, to the end
    for year in range(YEARS):
        after: dict[tuple[float, tuple[tuple[int, int], ...]], float] = defaultdict(float)
        for (level, past), weight in mass.items():
            alpha = POINT.prior_alpha + sum(repressed for repressed, _ in past)
            beta = POINT.prior_beta + sum(escaped for _, escaped in past)
            for chance, attempts, repressed, escaped, unseen in week(betainc(alpha, beta, threshold), level):
                escapes = escaped + unseen
                now = weight * chance * density(year, escapes) * (escapes if of_first and year == 0 else 1.0)
                if escapes > STOP_ABOVE:
                    done += now * prod(density(later, STOP_ABOVE) for later in range(year + 1, YEARS))
                    continue
                rate = POINT.adjustment_rate
                next_level = min(1.0, level * (1.0 + rate)) if attempts > POINT.tolerance else level * (1.0 - rate)
                remembered = ((repressed, escaped), *past)[: int(POINT.memory_weeks)]
                after[next_level, remembered] += now
        mass = after
    return done + sum(mass.values())


def binomial(count: int, number: int, chance: float) -> float:
    """The chance of so many of a number."""
    return float(comb(number, count) * chance**count * (1.0 - chance) ** (number - count))


def week(leaving: np.ndarray, level: float) -> list[tuple[float, int, int, int, int]]:
    """All that may happen in a week: probability, attempts, known repressed, known escaped, unseen escaped."""
    visibility, found = POINT.visibility, []
    for of_group in product(*(range(people + 1) for people in PEOPLE)):
        attempts = sum(of_group)
        chance = prod(map(binomial, of_group, PEOPLE, leaving))
        for known in range(attempts + 1):
            seen = binomial(known, attempts, visibility)
            for repressed, unseen in product(range(known + 1), range(attempts - known + 1)):
                dealt = binomial(repressed, known, level) * binomial(unseen, attempts - known, 1.0 - level)
                found.append((chance * seen * dealt, attempts, repressed, known - repressed, unseen))
    return found
