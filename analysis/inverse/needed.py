"""The model solved backwards: from the record, a path of repression and what becomes known to the utility needed.

On average over chance, and as if all people of a learner were alike: escapes equal to the record need so many attempts
(or attempts are the record, if target.compares says so); those make the belief; and under that belief one threshold
alone makes so many attempt (paper, "Updating expectations", "Determining the probability of defection"). A utility is
below 1, so what needs more cannot be.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import beta as beta_law

from engine.scenario import Scenario
from engine.scenario.cells import build_cells
from engine.scenario.target import weekly_target
from engine.types import Floats


class Given(NamedTuple):
    """What is taken for granted."""

    visibility: float  # K
    memory_weeks: int  # H
    prior_alpha: float  # α0
    prior_beta: float  # β0
    repression: Floats  # R, (weeks,)


class Needed(NamedTuple):
    """What it needs to meet the record, week by week."""

    attempts: Floats  # (weeks,), in the country
    expected: Floats  # (weeks, learners): the mean of the belief, α / (α + β)
    strength: Floats  # (weeks, learners): α + β
    utility: Floats  # (weeks, learners): U; 1 or more cannot be
    share: Floats  # (learners,): of the people


def learners_of(scenario: Scenario) -> Floats:
    """Return the share of the people that each learner has: the provinces, the nation as one, or kinds of person."""
    if scenario.belief.by_category:
        heads = build_cells(scenario).heads[0].astype(np.float64)
        if scenario.belief.scope == "category_nation":
            heads = heads.reshape(len(scenario.provinces), -1).sum(axis=0)
        share: Floats = heads / heads.sum()
        return share
    people = np.array([province.population for province in scenario.population.provinces], dtype=np.float64)
    return np.ones(1) if scenario.belief.scope == "nation" else people / people.sum()


def needed(scenario: Scenario, given: Given) -> Needed:
    """Return what the record needs; attempts are spread over the learners as people are.

    Where repression is 1 nobody escapes, so a record above 0 needs attempts without end, and no utility is enough.
    """
    record, share = weekly_target(scenario), learners_of(scenario)
    people = np.repeat(scenario.population_totals(), scenario.weeks_per_year).astype(np.float64)
    counted = 1 - given.repression if scenario.target.compares == "escapes" else 1.0  # of the attempts
    with np.errstate(divide="ignore"):
        attempts = np.where(record > 0, record / counted, 0.0)
    chance = np.minimum(attempts / people, 1.0)
    known = given.visibility * np.minimum(attempts, people)[:, None] * share
    repressed = remembered(known * given.repression[:, None], given.memory_weeks)
    escaped = remembered(known, given.memory_weeks) - repressed
    alpha, beta = given.prior_alpha + repressed, given.prior_beta + escaped
    threshold = beta_law.ppf(chance[:, None], alpha, beta)
    with np.errstate(divide="ignore"):
        utility = threshold / (1 - threshold) if scenario.belief.threshold == "payoff" else threshold
    return Needed(attempts, alpha / (alpha + beta), alpha + beta, utility, share)


def remembered(counts: Floats, memory_weeks: int) -> Floats:
    """Return the sum of ``counts``, (weeks, learners), over the ``memory_weeks`` weeks before each week."""
    so_far = np.concatenate([np.zeros((1, counts.shape[1])), np.cumsum(counts, axis=0)])
    weeks = np.arange(len(counts))
    kept: Floats = so_far[weeks] - so_far[np.maximum(weeks - memory_weeks, 0)]
    return kept


class Year(NamedTuple):
    """A year of Needed: means over its weeks, of the country by people."""

    year: int
    record: float
    attempts: float
    expected: float
    strength: float
    utility: float
    highest: float  # the mean of the learner that needs most
    impossible: float  # share of the people, week by week, that would need a utility of 1 or more


def by_year(scenario: Scenario, found: Needed) -> list[Year]:
    """Return what is needed year by year."""
    years = []
    for place, year in enumerate(scenario.calendar):
        weeks = slice(place * scenario.weeks_per_year, (place + 1) * scenario.weeks_per_year)
        expected, strength, utility = (values[weeks].mean(axis=0) for values in found[1:4])
        impossible = (found.utility[weeks] >= 1).mean(axis=0)
        years.append(
            Year(
                year=year,
                record=float(scenario.yearly_target()[place]),
                attempts=float(found.attempts[weeks].sum()),
                expected=float(expected @ found.share),
                strength=float(strength @ found.share),
                utility=float(utility @ found.share),
                highest=float(utility.max()),
                impossible=float(impossible @ found.share),
            )
        )
    return years
