"""The model once more, slowly: cells of exchangeable people, SciPy's incomplete beta, NumPy's binomials.

Written from the paper and the model's description alone, to be held against the compiled engine and against
``twin_people``, which keeps every person.
"""

from dataclasses import replace
from typing import Literal

import numpy as np
from scipy.special import betainc, expit
from twins.country import Country, Counts, Reals, Record

from engine.parameters import Parameters

# What an engine could have wrong; each must be told apart from the model.
Slip = Literal["a week more of memory", "tolerance reached counts", "raised before it acts", "famine a year late"]


def thresholds(country: Country, parameters: Parameters) -> Reals:
    """The expected repression below which attempting pays, U / (1 + U), by year and cell.

    Shape (years, cells), from 0 to 1/2. Paper, "Determining the probability of defection of each citizen".
    """
    economy = parameters.economy_effect * country.growth[:, None]
    ability = expit(parameters.demographic_scale * (country.ability + country.growth_on_ability * economy))
    motivation = expit(
        parameters.famine_effect * country.famine[:, None]
        + parameters.demographic_scale * (country.motivation + country.growth_on_motivation * economy)
    )
    utility = expit(parameters.utility_intercept + parameters.utility_slope * motivation * ability)
    threshold: Reals = utility / (1.0 + utility)
    return threshold


def remembered(events: Counts, week: int, country: Country, memory_weeks: int) -> Counts:
    """How many ``events`` (weeks, provinces) of weeks t − H … t − 1 each province remembers: (provinces,)."""
    first = max(0, week - memory_weeks)
    by_province: Counts = events[first:week].sum(axis=0)
    if country.scope == "nation":
        return np.full_like(by_province, by_province.sum())
    return by_province


def next_level(level: Reals, counted: Counts, parameters: Parameters) -> Reals:
    """The repression that each province sets after a week in which so much was ``counted``."""
    raised = np.minimum(1.0, level * (1.0 + parameters.adjustment_rate))
    lowered = level * (1.0 - parameters.adjustment_rate)
    return np.where(counted > parameters.tolerance, raised, lowered)


def simulate_cells(
    country: Country, parameters: Parameters, rng: np.random.Generator, slip: Slip | None = None
) -> Record:
    """One run of the model over cells; with a ``slip``, of a model that is a little wrong, for negative controls."""
    memory_weeks = int(parameters.memory_weeks) + (slip == "a week more of memory")
    if slip == "famine a year late":
        country = replace(country, famine=np.roll(country.famine, 1))
    shape = (country.weeks, country.provinces)
    attempts, escapes, known, known_repressed = (np.zeros(shape, dtype=np.int64) for _ in range(4))
    repression = np.zeros(shape)
    level = np.full(country.provinces, parameters.initial_repression)  # R_p
    threshold = thresholds(country, parameters)
    weeks_run, stopped = 0, False
    while weeks_run < country.weeks and not stopped:
        week, year = weeks_run, weeks_run // country.weeks_per_year
        repression[week] = level

        # α = α0 + N_R, β = β0 + N_D − N_R
        heard = remembered(known, week, country, memory_weeks)  # N_D
        heard_repressed = remembered(known_repressed, week, country, memory_weeks)  # N_R
        alpha = parameters.prior_alpha + heard_repressed
        beta = parameters.prior_beta + heard - heard_repressed

        probability = betainc(alpha[country.province], beta[country.province], threshold[year])
        leaving = rng.binomial(country.heads[year], probability)
        np.add.at(attempts[week], country.province, leaving)
        if slip == "raised before it acts":
            level = next_level(level, attempts[week], parameters)
        repressed = rng.binomial(attempts[week], level)
        escapes[week] = attempts[week] - repressed
        known_repressed[week] = rng.binomial(repressed, parameters.visibility)
        known[week] = known_repressed[week] + rng.binomial(escapes[week], parameters.visibility)

        counted = {"attempts": attempts[week], "escapes": escapes[week], "repressed": repressed}[country.counts]
        if slip == "tolerance reached counts":
            counted = counted + 1  # of whole numbers as many exceed a tolerance as reach it with one more
        if slip != "raised before it acts":
            level = next_level(level, counted, parameters)

        stopped = country.stop_above is not None and bool(escapes[week].sum() > country.stop_above)
        weeks_run += 1
    repression[weeks_run:] = level
    return Record(attempts, escapes, known, known_repressed, repression, weeks_run, stopped)
