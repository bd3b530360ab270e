"""The model with every single person held: no cells, no binomials; a distribution function only where it is rounded.

Each week each person takes one guess at the repression from what the province believes, weighs the payoff of
the paper, and goes if it is positive. Each attempt is repressed or not, and known or not, on its own coins.
Written from the paper and the model's description alone.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta as beta_law
from twins.country import Country, Counts, Reals, Record

from engine.parameters import Parameters

LOSS = -1.0  # C, the payoff of an attempt that is repressed


@dataclass
class Attempts:
    """Every attempt of a run, one entry each, in the order of weeks."""

    week: Counts = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    province: Counts = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    cell: Counts = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    repressed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    known: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def add(self, week: int, cell: Counts, province: Counts, repressed: NDArray[Any], known: NDArray[Any]) -> None:
        """Append the attempts of one week."""
        self.week = np.append(self.week, np.full(len(province), week))
        self.province = np.append(self.province, province)
        self.cell = np.append(self.cell, cell)
        self.repressed = np.append(self.repressed, repressed)
        self.known = np.append(self.known, known)

    def table(self, chosen: NDArray[np.bool_], country: Country) -> Counts:
        """How many of the ``chosen`` attempts fell in each week and province: (weeks, provinces)."""
        counted = np.zeros((country.weeks, country.provinces), dtype=np.int64)
        for week, province in zip(self.week[chosen], self.province[chosen], strict=True):
            counted[week, province] += 1
        return counted


def logistic(sums: Reals) -> Reals:
    """1 / (1 + exp(−sums)), as the paper prints it."""
    with np.errstate(over="ignore"):  # exp of a large number is inf, and 1 / inf is the 0 that is wanted
        return 1.0 / (1.0 + np.exp(-sums))


def utility_of(person: Counts, year: int, country: Country, parameters: Parameters) -> Reals:
    """Each person's utility of defecting, U(d|¬r), from 0 to 1; ``person`` holds the cell each belongs to."""
    economy = country.economy[year] * parameters.economy_effect
    s = parameters.demographic_scale
    ability = logistic(s * (country.ability[person] + country.growth_on_ability * economy))
    motivation = motivation_of(person, year, country, parameters)
    return logistic(parameters.utility_intercept + parameters.utility_slope * (motivation * ability))


def motivation_of(person: Counts, year: int, country: Country, parameters: Parameters) -> Reals:
    """How much each person wants to leave, from 0 to 1."""
    economy = country.economy[year] * parameters.economy_effect
    push = country.motivation[person] + country.growth_on_motivation * economy
    return logistic(parameters.famine_effect * country.famine[year] + parameters.demographic_scale * push)


def tolerated(province: int, year: int, country: Country, parameters: Parameters) -> float:
    """What a province lets pass in a week of a year, by how much its people want to leave, now and at first."""
    if country.behaviour != "valve_of_discontent":
        return parameters.tolerance
    means = []
    for when in (0, year):
        person = np.repeat(np.arange(len(country.province)), country.heads[when])
        here = person[country.province[person] == province]
        means.append(motivation_of(here, when, country, parameters).mean())
    return float(parameters.tolerance * np.exp(parameters.discontent * (means[1] - means[0])))


def as_odds_move(level: float, directions: list[int], parameters: Parameters) -> float:
    """The repression after events that each multiply its odds by exp(±d)."""
    for direction in directions:
        if 0.0 < level < 1.0:
            odds = level / (1.0 - level) * float(np.exp(direction * parameters.schedule_effect))
            level = odds / (1.0 + odds)
    return level


def believed(past: Attempts, week: int, country: Country, parameters: Parameters) -> tuple[Reals, Reals]:
    """The two shapes of the belief about repression in each cell, α and β."""
    cells = len(country.province)
    heard = past.known & (past.week >= week - parameters.memory_weeks)
    repressed = np.bincount(past.cell[heard & past.repressed], minlength=cells)
    escaped = np.bincount(past.cell[heard & ~past.repressed], minlength=cells)
    hears = country.hears
    return parameters.prior_alpha + hears @ repressed, parameters.prior_beta + hears @ escaped


def first_of_each_cell(
    person: Counts, utility: Reals, shapes: tuple[Reals, Reals], country: Country
) -> NDArray[np.bool_]:
    """Who goes where not chance but the nearest whole number says how many of a cell do: its first, all being alike."""
    first = np.searchsorted(person, np.arange(len(country.province)))  # people stand by cell
    there = np.bincount(person, minlength=len(country.province))
    threshold = utility / (1.0 + utility) if country.threshold == "payoff" else utility
    # A cell of nobody borrows the threshold of whoever stands there.
    of_cell = threshold[np.minimum(first, len(person) - 1)]
    number = np.floor(there * beta_law.cdf(of_cell, *shapes) + 0.5)
    return np.arange(len(person)) - first[person] < number[person]


def rounded_down(cell: Counts, visibility: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which attempts become known, given the cell of each, if of each cell a share does, rounded down."""
    order = rng.random(len(cell))
    rank = np.array([np.count_nonzero(order[cell == mine] < own) for mine, own in zip(cell, order, strict=True)])
    of_cell = np.array([np.count_nonzero(cell == mine) for mine in cell])
    return rank < np.floor(visibility * of_cell)


def next_level(
    level: float, repressed: NDArray[np.bool_], tolerance: float, country: Country, parameters: Parameters
) -> float:
    """The repression a province sets after a week, from the fate of each attempt of that week."""
    if country.behaviour == "schedule":
        return level
    caught = int(repressed.sum())
    counted = {"attempts": len(repressed), "escapes": len(repressed) - caught, "repressed": caught}[country.counts]
    if counted > tolerance:
        return min(1.0, level + level * parameters.adjustment_rate)
    return level - level * parameters.adjustment_rate


def simulate_people(country: Country, parameters: Parameters, rng: np.random.Generator) -> Record:
    """One run of the model over single people."""
    past = Attempts()
    levels = country.first_levels(parameters.initial_repression).tolist()
    history: list[list[float]] = []
    stopped = False
    for year in range(country.years):
        tolerance = [tolerated(province, year, country, parameters) for province in range(country.provinces)]
        for week in range(year * country.weeks_per_year, (year + 1) * country.weeks_per_year):
            levels = [as_odds_move(level, country.events(week), parameters) for level in levels]
            history.append(list(levels))
            gone = np.bincount(past.cell[~past.repressed], minlength=len(country.province))
            # The cell of each person.
            person = np.repeat(np.arange(len(country.province)), country.people(year, gone))
            home, utility = country.province[person], utility_of(person, year, country, parameters)
            alpha, beta = believed(past, week, country, parameters)
            guess = rng.beta(alpha[person], beta[person])  # each person's own idea of the repression
            payoff = (1.0 - guess) * utility + guess * LOSS
            goes = payoff > 0.0 if country.threshold == "payoff" else guess < utility
            if country.number == "rounded":
                goes = first_of_each_cell(person, utility, (alpha, beta), country)
            where = home[goes]
            repressed = rng.random(len(where)) < np.array(levels)[where]
            known = rng.random(len(where)) < parameters.visibility
            if country.known == "rounded_down":
                known = rounded_down(person[goes], parameters.visibility, rng)
            past.add(week, person[goes], where, repressed, known)
            levels = [
                next_level(levels[province], repressed[where == province], tolerance[province], country, parameters)
                for province in range(country.provinces)
            ]
            stopped = country.stops(len(repressed), np.count_nonzero(~repressed))
            if stopped:
                break
        if stopped:
            break
    return Record(
        attempts=past.table(np.ones(len(past.week), dtype=np.bool_), country),
        escapes=past.table(~past.repressed, country),
        known=past.table(past.known, country),
        known_repressed=past.table(past.known & past.repressed, country),
        repression=np.array(history + [levels] * (country.weeks - len(history))),
        weeks_run=len(history),
        stopped=stopped,
        attempts_by_cell=np.bincount(past.cell, minlength=len(country.province)),
        escapes_by_cell=np.bincount(past.cell[~past.repressed], minlength=len(country.province)),
    )
