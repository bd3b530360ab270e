"""Schedules beside the recorded one, each held against the same points: what do events of these dates add to them?

Who collected dated events knew the record that they are to explain, and with enough freedom any dates explain some of
it. So the schedule is held against others whose dates are drawn by lot (a placebo test, as of Abadie and others 2010,
Journal of the American Statistical Association 105:493). The points are the best of a run that knew no event, and stay
as they are: only the effect of the events is moved. So what is compared is what events add before anything else has
moved to make room for them, which is cheap, and the same for every schedule.
"""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from scipy.special import logsumexp

from analysis.run_data.ranking import ranked
from calibrate.objective.likelihood import SIZES, log_likelihoods, of_points
from calibrate.objective.particle_filter import estimate, filter_bench
from engine.errors import UsageError
from engine.results.run_record import Run
from engine.scenario import Scenario, scenario_from_resolved
from engine.seeds import seed_from
from engine.simulation import simulate_batch
from engine.types import Floats

EFFECT = "schedule_effect"
SCHEDULES = 200  # drawn by lot
POINTS = 2  # the best of so many chains
PARTICLES, REPEATS = 100, 1  # of the filter; of an estimate
EFFECTS = (-0.5, -0.25, -0.1, 0.1, 0.25, 0.5)  # d: an event multiplies the odds of repression by exp(±d)
RUNS = 200  # that find a point's size k

NONE = "no event"
RECORD = "the record"
LOOSER = "its dates, all looser"
LOT = "dates by lot"
SINGLE = (NONE, RECORD, LOOSER)

Events = tuple[tuple[str, int], ...]  # date and direction


class Schedule(NamedTuple):
    """Events, with what they are."""

    number: int
    kind: str
    events: Events


class Fit(NamedTuple):
    """What events of a schedule come to, by their effect."""

    number: int
    kind: str
    events: list[list[Any]]
    worth: list[float]  # log of the mean likelihood over the points, at each of EFFECTS; without events at 0 alone

    @property
    def best(self) -> float:
        """Return the highest, over both directions."""
        return max(self.worth)

    @property
    def effect(self) -> float:
        """Return where it is highest."""
        return EFFECTS[int(np.argmax(self.worth))] if len(self.worth) > 1 else 0.0

    def towards(self, sign: int) -> float:
        """Return the highest over effects of this sign."""
        return max(worth for worth, effect in zip(self.worth, EFFECTS, strict=True) if effect * sign > 0)


class Point(NamedTuple):
    """A good point that knows no event, and the size k that is the likeliest there."""

    values: Floats  # (parameters,)
    size: float


def events_of(scenario: Scenario) -> Events:
    """Return the events that lie in the years simulated; raise UsageError if there are none."""
    calendar = set(scenario.calendar)
    found = [event for event in scenario.regime.schedule if event.first_week_of.year in calendar]
    if not found:
        years = f"{scenario.calendar[0]}-{scenario.calendar[-1]}"
        raise UsageError(f"no event of regime.schedule lies in {years}; give a run of a scenario that has some")
    return tuple((event.first_week_of.isoformat(), event.direction) for event in found)


def schedules(scenario: Scenario, number: int, seed: int) -> list[Schedule]:
    """Return no event, the recorded ones, these all looser, then ``number`` schedules with dates by lot.

    An event keeps its direction; its date is any day of the years simulated.
    """
    record = events_of(scenario)
    events = {NONE: (), RECORD: record, LOOSER: tuple((day, -1) for day, _ in record)}
    found = [Schedule(place, kind, events[kind]) for place, kind in enumerate(SINGLE)]
    first, end = date(scenario.calendar[0], 1, 1).toordinal(), date(scenario.calendar[-1] + 1, 1, 1).toordinal()
    for place in range(len(SINGLE), len(SINGLE) + number):
        days = np.random.default_rng([seed, place, 15]).integers(first, end, len(record)).tolist()
        drawn = sorted((date.fromordinal(day).isoformat(), way) for day, (_, way) in zip(days, record, strict=True))
        found.append(Schedule(place, LOT, tuple(drawn)))
    return found


def points_of(run: Run, seed: int) -> list[Point]:
    """Return the best point of each of the POINTS best chains; raise UsageError if they know the schedule."""
    scenario = run.scenario
    if scenario.parameters[EFFECT].fixed != 0:
        remedy = "give a run that holds it at 0, so that its points know no event"
        raise UsageError(f"{EFFECT} is not held at 0 in {run.directory}; {remedy}")
    ranking = ranked(run)
    first: dict[int, int] = {}
    for place in ranking.place.tolist():
        first.setdefault(int(ranking.draws.chain[place]), place)
    found = []
    for number, values in enumerate(ranking.draws.points[list(first.values())[:POINTS]]):
        batch = simulate_batch(scenario, np.tile(values, (RUNS, 1)), _seed(run, seed, 0), iteration=RUNS * number)
        _, best = of_points(log_likelihoods(scenario, batch.by_year, batch.weeks_run)[None])
        held = scenario.likelihood.size
        found.append(Point(values, float(SIZES[best[0]]) if held is None else held))
    return found


def _seed(run: Run, seed: int, number: int) -> int:
    return seed_from(seed, run.record.seed, number, 150)


def scenario_of(scenario: Scenario, schedule: Schedule) -> Scenario:
    """Return the scenario with these events."""
    resolved = scenario.resolved()
    resolved["regime"]["schedule"] = [{"first_week_of": day, "direction": way} for day, way in schedule.events]
    return scenario_from_resolved(resolved)


def fitted(run: Run, schedule: Schedule, points: Sequence[Point], seed: int) -> Fit:
    """Return what the points are worth under a schedule, at each effect of its events."""
    bench = filter_bench(scenario_of(run.scenario, schedule), PARTICLES)
    chance = _seed(run, seed, 1 + schedule.number)
    worth = []
    for number, effect in enumerate(EFFECTS if schedule.events else (0.0,)):
        found = []
        for point in points:
            values = point.values.copy()
            values[run.scenario.names.index(EFFECT)] = effect
            # Without events there is one effect, which may as well be estimated as often as all of them are.
            for repeat in range(REPEATS if schedule.events else REPEATS * len(EFFECTS)):
                found.append(estimate(bench, values, chance, number, repeat, point.size))
        worth.append(float(logsumexp(found) - math.log(len(found))))
    return Fit(schedule.number, schedule.kind, [list(event) for event in schedule.events], worth)


def one_of(fits: Sequence[Fit], kind: str) -> Fit:
    """Return the fit of a kind of which there is one."""
    return next(fit for fit in fits if fit.kind == kind)


def as_good(fits: Sequence[Fit]) -> tuple[int, int]:
    """Return how many schedules with dates by lot come to what the record does or to more, and how many there are."""
    lot = [fit.best for fit in fits if fit.kind == LOT]
    return sum(best >= one_of(fits, RECORD).best for best in lot), len(lot)
