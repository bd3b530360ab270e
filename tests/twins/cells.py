"""The model once more, slowly: cells of exchangeable people, SciPy's incomplete beta, NumPy's binomials.

Written from the paper and the model's description alone, to be held against the compiled engine and against
``twin_people``, which keeps every person.
"""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from scipy.special import betainc, expit, logit
from twins.country import Country, Counts, Reals, Record

from engine.parameters import Parameters

# What an engine could have wrong; each must be told apart from the model.
Slip = Literal[
    "a week more of memory",
    "tolerance reached counts",
    "raised before it acts",
    "famine a year late",
    "hears its province",
    "number by chance",
    "leavers stay",
    "known by chance",
    "changes a year late",
    "tolerance stands still",
    "events a week late",
    "reacts all the same",
    "growth in the famine",
]


def thresholds(country: Country, parameters: Parameters) -> Reals:
    """The expected repression below which attempting pays, U / (1 + U), or the utility itself, by year and cell.

    Shape (years, cells), from 0 to 1/2, or to 1. Paper, "Determining the probability of defection of each citizen".
    """
    economy = parameters.economy_effect * country.economy[:, None]
    ability = expit(parameters.demographic_scale * (country.ability + country.growth_on_ability * economy))
    utility = expit(parameters.utility_intercept + parameters.utility_slope * motivation(country, parameters) * ability)
    threshold: Reals = utility / (1.0 + utility) if country.threshold == "payoff" else utility
    return threshold


def motivation(country: Country, parameters: Parameters) -> Reals:
    """How much the people of each cell want to leave, by year: (years, cells), from 0 to 1."""
    economy = parameters.economy_effect * country.economy[:, None]
    hungry = parameters.famine_effect * country.famine[:, None]
    wants: Reals = expit(
        hungry + parameters.demographic_scale * (country.motivation + country.growth_on_motivation * economy)
    )
    return wants


def tolerances(country: Country, parameters: Parameters) -> Reals:
    """What each province lets pass in a week, by year: (years, provinces)."""
    if country.behaviour != "valve_of_discontent":
        return np.full((country.years, country.provinces), parameters.tolerance)
    wants = by_province(country.heads * motivation(country, parameters), country) / by_province(country.heads, country)
    tolerance: Reals = parameters.tolerance * np.exp(parameters.discontent * (wants - wants[0]))
    return tolerance


def remembered(events: Counts, week: int, country: Country, memory_weeks: int) -> Counts:
    """How many ``events`` (weeks, cells) of weeks t − H … t − 1 each cell remembers: (cells,)."""
    first = max(0, week - memory_weeks)
    by_cell: Counts = events[first:week].sum(axis=0)
    if country.scope in ("province", "nation"):  # as ``country.hears`` has it, without its square of cells
        by_province = np.bincount(country.province, by_cell, country.provinces).astype(np.int64)
        return (by_province if country.scope == "province" else np.full_like(by_province, by_cell.sum()))[
            country.province
        ]
    return country.hears @ by_cell


def next_level(level: Reals, counted: Counts, tolerance: Reals, country: Country, parameters: Parameters) -> Reals:
    """The repression that each province sets after a week in which so much was ``counted``."""
    if country.behaviour == "schedule":
        return level
    raised = np.minimum(1.0, level * (1.0 + parameters.adjustment_rate))
    lowered = level * (1.0 - parameters.adjustment_rate)
    return np.where(counted > tolerance, raised, lowered)


def what_holds(country: Country, parameters: Parameters) -> tuple[Reals, Reals]:
    """The thresholds and the tolerances while these parameters hold."""
    return thresholds(country, parameters), tolerances(country, parameters)


def after_events(
    level: Reals, week: int, country: Country, parameters: Parameters, held: Record | None = None
) -> Reals:
    """The repression of each province once the events of this week have happened, unless it is ``held``."""
    for direction in country.events(week) if held is None else ():
        level = expit(logit(level) + direction * parameters.schedule_effect)  # the logarithm of the odds
    return level


def with_slip(country: Country, slip: Slip | None) -> Country:
    """The country as a model with this slip has it."""
    year = country.weeks_per_year
    late = [change._replace(first=change.first + year, past=change.past + year) for change in country.changed]
    slips: dict[str, dict[str, Any]] = {
        "changes a year late": {"changed": tuple(late)},
        "hears its province": {"scope": "province"},
        "leavers stay": {"leavers": "stay"},
        "number by chance": {"number": "chance"},
        "known by chance": {"known": "chance"},
        "famine a year late": {"famine": np.roll(country.famine, 1)},
        "tolerance stands still": {"behaviour": "safety_valve"},
        "reacts all the same": {"behaviour": "safety_valve"},
        "growth in the famine": {"in_events": "as_recorded"},
    }
    return replace(country, **slips.get(slip or "", {}))


def simulate_cells(
    country: Country,
    parameters: Parameters,
    rng: np.random.Generator,
    slip: Slip | None = None,
    told: Record | None = None,
    held: Record | None = None,
) -> Record:
    """One run of the model over cells; with a ``slip``, of a model that is a little wrong, for negative controls.

    People hear what they are ``told`` of another run's provinces instead; ``held``, repression is another run's.
    """
    own, country = parameters, with_slip(country, slip)
    cells = (country.weeks, len(country.province))
    attempts, escapes, known, known_repressed, learned, learned_repressed = np.zeros((6, *cells), dtype=np.int64)
    repression = np.zeros((country.weeks, country.provinces))
    level = country.first_levels(country.parameters_in(0, own).initial_repression)  # R_p
    level = level if held is None else held.repression[0]
    oldest = 0  # week that is remembered: what was forgotten once is not remembered again
    threshold, tolerance, of_parameters = np.zeros(0), np.zeros(0), None
    weeks_run, stopped = 0, False
    while weeks_run < country.weeks and not stopped:
        week, year = weeks_run, weeks_run // country.weeks_per_year
        parameters = country.parameters_in(week, own)
        if parameters != of_parameters:
            threshold, tolerance, of_parameters = *what_holds(country, parameters), parameters
        level = after_events(level, week - (slip == "events a week late"), country, parameters, held)
        repression[week] = level
        # α = α0 + N_R, β = β0 + N_D − N_R
        if not country.stopped("learning", week):
            oldest = max(oldest, week - int(parameters.memory_weeks) - (slip == "a week more of memory"))
        heard = remembered(learned, week, country, week - oldest)  # N_D
        heard_repressed = remembered(learned_repressed, week, country, week - oldest)  # N_R
        alpha = parameters.prior_alpha + heard_repressed
        beta = parameters.prior_beta + heard - heard_repressed
        probability = betainc(alpha, beta, threshold[year])
        people = country.people(year, escapes[:week].sum(axis=0))
        rounded = country.number == "rounded"
        attempts[week] = np.floor(people * probability + 0.5) if rounded else rng.binomial(people, probability)
        if slip == "raised before it acts":
            level = next_level(level, by_province(attempts[week], country), tolerance[year], country, parameters)
        repressed = rng.binomial(attempts[week], level[country.province])
        escapes[week] = attempts[week] - repressed
        if not country.stopped("learning", week):
            known[week], known_repressed[week] = seen(repressed, escapes[week], country, parameters.visibility, rng)
        learned[week], learned_repressed[week] = known[week], known_repressed[week]
        if told is not None:
            learned[week], learned_repressed[week] = at_first_cells(told, week, country)
        counted = counted_by_state(attempts[week], escapes[week], country)
        if slip == "tolerance reached counts":
            counted = counted + 1  # of whole numbers as many exceed a tolerance as reach it with one more
        if slip != "raised before it acts" and not country.stopped("reaction", week):
            level = next_level(level, counted, tolerance[year], country, parameters)
        if held is not None:
            level = held.repression[min(week + 1, country.weeks - 1)]
        stopped = country.stops(int(attempts[week].sum()), int(escapes[week].sum()))
        weeks_run += 1
    repression[weeks_run:] = level
    counts = (by_province(events, country) for events in (attempts, escapes, known, known_repressed))
    return Record(*counts, repression, weeks_run, stopped)


def counted_by_state(attempts: Counts, escapes: Counts, country: Country) -> Counts:
    """What the state holds against its tolerance, of each province."""
    counts = {"attempts": attempts, "escapes": escapes, "repressed": attempts - escapes}
    return by_province(counts[country.counts], country)


def seen(
    repressed: Counts, escaped: Counts, country: Country, visibility: float, rng: np.random.Generator
) -> tuple[Counts, Counts]:
    """How many attempts of each cell become known, and how many of these were repressed."""
    if country.known == "rounded_down":
        known = np.floor(visibility * (repressed + escaped)).astype(np.int64)
        return known, rng.hypergeometric(repressed, escaped, known)
    known_repressed = rng.binomial(repressed, visibility)
    return known_repressed + rng.binomial(escaped, visibility), known_repressed


def by_province(events: Counts, country: Country) -> Counts:
    """Sum ``events``, (..., cells), over the cells of each province."""
    sums = [events[..., country.province == province].sum(axis=-1) for province in range(country.provinces)]
    return np.stack(sums, axis=-1)


def at_first_cells(told: Record, week: int, country: Country) -> Counts:
    """What became known, and what of it was repressed, as if the first cell of a province had done all: (2, cells)."""
    placed = np.zeros((2, len(country.province)), dtype=np.int64)
    first = [int(np.argmax(country.province == province)) for province in range(country.provinces)]
    placed[:, first] = told.known[week], told.known_repressed[week]
    return placed
