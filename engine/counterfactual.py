"""Runs of one point in several worlds on the same chance: as it was, and with something changed or held as it was.

Two runs with the same address and one stream part for good at their first difference, because from then on each takes
other numbers from it. So here each week has a stream and clocks of its own: whatever went before, the same number
decides in both runs whether somebody is known to have attempted in a community in this week, and the fate of whoever
did. The law of a run is the same, since what is left on a clock of unit rate is exponential at any time.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, NamedTuple

import numpy as np

from engine.errors import UsageError
from engine.kernel.course import ESCAPED, REPRESSED
from engine.kernel.inputs import Inputs
from engine.kernel.recording import Record, make_record
from engine.kernel.run import Outcome, run
from engine.kernel.state import State, make_state
from engine.kernel_inputs import make_inputs
from engine.parameters import Parameters
from engine.processors import available_processors
from engine.scenario import Scenario
from engine.types import Flags, Floats, Integers

#: When a run's stream is opened: in each week, by a week's own number, so that runs stay coupled, or once.
Chance = Literal["week", "once"]
Address = tuple[int, int, int]


class World(NamedTuple):
    """A scenario, and what in it is held on the path that the first world's run took."""

    scenario: Scenario
    holds_beliefs: bool = False  # citizens hear what is heard there, and of nothing else
    holds_repression: bool = False


class Lived(NamedTuple):
    """What runs in each world came to, a row a run, (runs, worlds, ...)."""

    attempts: Integers  # (runs, worlds, years)
    escapes: Integers  # (runs, worlds, years)
    known: Integers  # (runs, worlds, years): attempts that became known there, heard or not
    repression: Floats  # (runs, worlds, years): mean over weeks and communities, NaN where no week ran
    stopped: Flags  # (runs, worlds): after a week with too many; what would have been later is not known


def live_in_each(
    worlds: Sequence[World],
    parameters: Parameters,
    addresses: Sequence[Address],
    chance: Chance = "week",
    workers: int | None = None,
) -> Lived:
    """Return what a run at each address came to in each of the worlds, on the same chance.

    The worlds must have the same people and years, and beliefs of the same scope; the first holds nothing. Raises
    UsageError if not.
    """
    inputs = _suited(worlds, chance)
    runs, years = len(addresses), worlds[0].scenario.years
    attempts, escapes, known = np.zeros((3, runs, len(worlds), years), np.int64)
    repression, stopped = np.full(attempts.shape, np.nan), np.zeros(attempts.shape[:2], np.bool_)
    lived = Lived(attempts, escapes, known, repression, stopped)
    point = parameters.vector()

    def live(rows: range) -> None:
        bench = _Bench(make_state(inputs[0]), np.zeros(inputs[0].weeks, np.int64))
        for row in rows:
            _live(worlds, inputs, point, addresses[row], bench, lived, row)

    live(range(min(1, runs)))  # compiles before there are threads
    threads = workers or available_processors()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(live, [range(first, runs, threads) for first in range(1, 1 + threads)]))
    return lived


class _Bench(NamedTuple):
    state: State
    weekly: Integers


def _suited(worlds: Sequence[World], chance: Chance) -> list[Inputs]:
    """Return the inputs of each world, its chance opened as told; raise UsageError where a path has no place."""
    inputs = [make_inputs(world.scenario) for world in worlds]
    heads = inputs[0].heads
    for world, there in zip(worlds, inputs, strict=True):
        alike = there.heads.shape == heads.shape and there.weeks_per_year == inputs[0].weeks_per_year
        if not (alike and (there.learner == inputs[0].learner).all()):
            raise UsageError("worlds: they differ in people, years or belief.scope; give one scenario, changed else")
        if world is worlds[0] and (world.holds_beliefs or world.holds_repression):
            raise UsageError("worlds: the first holds a path, and it is the one whose path is held; let it go free")
    return [there._replace(course=there.course._replace(by_week=chance == "week")) for there in inputs]


def _live(
    worlds: Sequence[World],
    inputs: Sequence[Inputs],
    point: Floats,
    address: Address,
    bench: _Bench,
    lived: Lived,
    row: int,
) -> None:
    told = held = None
    for place, (world, here) in enumerate(zip(worlds, inputs, strict=True)):
        course = here.course
        if world.holds_beliefs and told is not None:
            course = course._replace(told=told)
        if world.holds_repression and held is not None:
            course = course._replace(held=held)
        record = make_record(here.weeks, here.kind.size)
        outcome = Outcome(*run(here._replace(course=course), point, *address, bench.state, bench.weekly, record))
        if place == 0:
            told, held = _path(record, outcome, here.home[:-1])
        _gather(record, outcome, here.weeks_per_year, lived, row, place)


def _path(record: Record, outcome: Outcome, first: Integers) -> tuple[Integers, Floats]:
    """Return what was heard, (weeks, communities, 2), and repression, (weeks, provinces).

    ``first`` is the first community of each province.
    """
    told = np.zeros((*record.known.shape, 2), np.int64)
    told[:, :, ESCAPED] = record.known - record.known_repressed
    told[:, :, REPRESSED] = record.known_repressed
    held = np.ascontiguousarray(record.repression[:, first])  # for the one signature of the run
    held[outcome.weeks_run :] = held[outcome.weeks_run - 1]
    return told, held


def _gather(record: Record, outcome: Outcome, year: int, lived: Lived, row: int, place: int) -> None:
    for counts, weekly in (
        (lived.attempts, record.attempts),
        (lived.escapes, record.escapes),
        (lived.known, record.known),
    ):
        counts[row, place] = weekly.sum(axis=1).reshape(-1, year).sum(axis=1)
    level = record.repression[: outcome.weeks_run].mean(axis=1)
    for number, first in enumerate(range(0, outcome.weeks_run, year)):
        lived.repression[row, place, number] = level[first : first + year].mean()
    lived.stopped[row, place] = outcome.stopped
