"""How likely the yearly record is, given a run: negative binomial around the run's years.

    log L(k) = Σ_t log NegBin(y_t; mean m_t, size k),   variance m_t + m_t²/k

y_t is the record's count of year t, m_t the run's escapes, or its attempts if target.compares says so. 1/√k is by how
much, as a share, a year of the record lies off the run beyond mere counting: what the model misses. k is a number of
the scenario, or profiled: that of SIZES under which the record is likeliest. The law is the usual one for counts that
spread wider than Poisson's (Hilbe 2011, Negative Binomial Regression, chapter 8).

# Choice: a year in which nobody left has the mean LEAST, or one person in the record would be impossible.
# Choice: the weeks that a stopped run did not run count as many people as stop it, ``stop_above``, each. That is the
# floor of a stopped run: the earlier it exploded, the less likely the record.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, logsumexp

from engine.numerics.jit import inlined, internal
from engine.scenario import Scenario
from engine.scenario.kept import kept
from engine.types import Floats, Integers

#: Sizes k that are tried: 1/√k from 100 to 5 %. Between two neighbours log L rises by 0.05 at the very most.
SIZES = np.geomspace(1.0, 400.0, 33)
LEAST = 0.5  # people a year


class Evidence(NamedTuple):
    """The record, ready to be held against runs."""

    counts: Floats  # (years that are to be met,): people a year
    sizes: Floats  # (sizes,): those tried, one if k is held
    constant: Floats  # (sizes,): the part of log L that no run changes
    weeks_per_year: int
    pace: float  # people in a week that a stopped run did not run, what stops one


@kept
def make_evidence(scenario: Scenario) -> Evidence:
    """Return the record of a scenario, made once."""
    counts, held = scenario.yearly_target()[: scenario.fitted_years], scenario.likelihood.size
    sizes = SIZES if held is None else np.array([held])
    k = sizes[:, None]
    constant = (gammaln(counts + k) - gammaln(k) - gammaln(counts + 1.0) + k * np.log(k)).sum(axis=1)
    return Evidence(counts, sizes, constant, scenario.weeks_per_year, float(scenario.stop_above or 0))


@inlined
def mean_of_year(people: int, year: int, weeks_run: int, evidence: Evidence) -> float:
    """Return m_t, the ``people`` of a year, those of weeks that were not run included; never below LEAST."""
    missing = (year + 1) * evidence.weeks_per_year - max(weeks_run, year * evidence.weeks_per_year)
    return max(people + max(missing, 0) * evidence.pace, LEAST)


@internal
def log_of_count(count: float, mean: float, size: float) -> float:
    """Return log NegBin(count; mean, size)."""
    constant = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1.0) + size * math.log(size)
    return constant + count * math.log(mean) - (count + size) * math.log(mean + size)


@inlined
def log_likelihood(by_year: Integers, weeks_run: int, evidence: Evidence) -> float:
    """Return the highest log L of a run over the sizes tried."""
    powers = 0.0  # Σ y log m
    for year in range(evidence.counts.size):
        powers += evidence.counts[year] * math.log(mean_of_year(by_year[year], year, weeks_run, evidence))
    best = -math.inf
    for size in range(evidence.sizes.size):
        k = evidence.sizes[size]
        value = evidence.constant[size] + powers
        for year in range(evidence.counts.size):
            mean = mean_of_year(by_year[year], year, weeks_run, evidence)
            value -= (evidence.counts[year] + k) * math.log(mean + k)
        best = max(best, value)
    return best


def means(scenario: Scenario, by_year: Integers, weeks_run: Integers) -> Floats:
    """Return m_t of runs of so many people, (runs, years): foretold years too."""
    evidence = make_evidence(scenario)
    ends = np.arange(1, scenario.years + 1) * scenario.weeks_per_year
    missing = np.clip(ends - np.asarray(weeks_run)[:, None], 0, scenario.weeks_per_year)
    found: Floats = np.maximum(by_year + missing * evidence.pace, LEAST)
    return found


def log_likelihoods(scenario: Scenario, by_year: Integers, weeks_run: Integers) -> Floats:
    """Return log L of runs at each size tried, (runs, sizes); of runs of so many people, (runs, years)."""
    evidence = make_evidence(scenario)
    mean = means(scenario, by_year, weeks_run)[:, : scenario.fitted_years]
    found = np.empty((len(mean), len(evidence.sizes)))
    for place, k in enumerate(evidence.sizes):  # one at a time: all at once would take 33 times the memory
        found[:, place] = ((evidence.counts * np.log(mean)) - (evidence.counts + k) * np.log(mean + k)).sum(axis=1)
    return found + evidence.constant


def floor(scenario: Scenario) -> float:
    """Return log L of a run that explodes at once: the end of a scale that has none below."""
    nobody = np.zeros((1, scenario.years), np.int64)
    return float(log_likelihoods(scenario, nobody, np.zeros(1, np.int64)).max())


def of_points(found: Floats) -> tuple[Floats, Integers]:
    """Return log L of points, (points,), each from several runs, (points, runs, sizes), and the place of its best size.

    A point's likelihood is the mean over its runs (of likelihoods, not of their logarithms), at the size that is best
    for the point.
    """
    by_size = logsumexp(found, axis=1) - math.log(found.shape[1])
    best: Integers = by_size.argmax(axis=1)
    return by_size.max(axis=1), best
