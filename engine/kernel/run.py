"""The one compiled loop over the weeks: a whole country from its first week to its last, or to the early stop.

It may also stop at a year's end and go on from there: ``go_on`` lives some years, engine.kernel.shelf keeps what the
next one needs. Every year, and then every week of it, in this order (paper, Figure 3):

    0. at a new year, growth, events, heads and parameters: the threshold of each
       group ("Determining the probability of defection of each citizen", to
       U/(1 + U))                                                                      course.begin_span
    1. what is older than H weeks is forgotten, and with the belief Beta(α, β) moves
       each group's chance of leaving ("Updating expectations of repression by the
       citizen", and the distribution function of "Determining the probability")       chance_updates.update_beliefs
       Events that are dated to this week move repression                              regimes.schedule.happen
    2. who attempts, what is repressed, what becomes known                             week.calm_attempts
                                                                                       week.other_attempts
    3. an observer, if there is one, sees the week                                     recording.observe
                                                                                       recording.add_to_tally
    4. the state, which sees all attempts, adjusts each province's repression
       ("Updating levels of repression by the state")                                  regimes.behaviour.adjust
    5. citizens learn what became known                                                week.learn_week
    6. the run ends early where too many escaped, or attempted to (note 6)

It receives everything, chance included, and returns everything.
"""

from typing import NamedTuple

import numpy as np

from engine.kernel.belief import forget_everything
from engine.kernel.chance_updates import update_beliefs
from engine.kernel.course import begin_span, first_repression, hold, tell
from engine.kernel.inputs import Inputs
from engine.kernel.recording import Record, add_to_tally, observe
from engine.kernel.regimes.behaviour import adjust
from engine.kernel.regimes.schedule import happen
from engine.kernel.repeats import LEFT
from engine.kernel.state import Now, State, clear_week
from engine.kernel.week import calm_attempts, forget_unseen, learn_week, other_attempts
from engine.numerics.index_list import LENGTH
from engine.numerics.jit import compiled, internal, merged
from engine.numerics.random import ATTEMPTS, exponential_time, open_stream
from engine.parameters import CORE
from engine.types import Floats, Integers

_VISIBILITY = CORE.index("visibility")


class Outcome(NamedTuple):
    """What one run came to."""

    weeks_run: int
    stopped: bool
    escapes_total: int
    attempts_total: int


@compiled
def run(
    inputs: Inputs,
    point: Floats,
    seed: int,
    chain: int,
    iteration: int,
    state: State,
    weekly: Integers,
    record: Record,
) -> Outcome:
    """Return the Outcome of one run, and fill ``weekly``, (weeks,), and the weeks of ``record``.

    ``weekly`` has what is compared with the target: escapes, or attempts if ``inputs.compares_attempts``. ``point``
    holds the parameters in the order of NAMES; (seed, chain, iteration) is the address of the chance. Weeks after an
    early stop are 0 in ``weekly`` and left as they were in ``record``.
    """
    begin(inputs, state, point, seed, chain, iteration)
    weekly[:] = 0
    record.tally[:] = 0.0
    years = inputs.heads.shape[0]
    return go_on(inputs, point, seed, chain, iteration, state, weekly, record, np.int64(0), years)


@compiled
def run_by_years(
    inputs: Inputs,
    point: Floats,
    seed: int,
    chain: int,
    chances: Integers,
    state: State,
    weekly: Integers,
    record: Record,
) -> Outcome:
    """Return the Outcome of one run that lives each year with a chance of its own, as a particle's line does.

    ``chances``, (years,), is the third word of the address of each; the rest as in ``run``.
    """
    weekly[:] = 0
    record.tally[:] = 0.0
    begin(inputs, state, point, seed, chain, chances[0])
    week, escapes_total, attempts_total = np.int64(0), np.int64(0), np.int64(0)
    for year in range(chances.size):
        if year > 0:
            open_chance(state, seed, chain, chances[year], week)
        lived = go_on(inputs, point, seed, chain, chances[year], state, weekly, record, year, year + 1)
        week = lived.weeks_run
        escapes_total += lived.escapes_total
        attempts_total += lived.attempts_total
        if lived.stopped:
            return Outcome(week, True, escapes_total, attempts_total)
    return Outcome(week, False, escapes_total, attempts_total)


@compiled
def go_on(
    inputs: Inputs,
    point: Floats,
    seed: int,
    chain: int,
    iteration: int,
    state: State,
    weekly: Integers,
    record: Record,
    first: int,
    past: int,
) -> Outcome:
    """Return the Outcome of the years from ``first`` to before ``past`` of a run whose ``state`` is that of before.

    Totals are those of these years, ``weeks_run`` counts from the first week of all; of ``weekly`` and
    ``record`` only the weeks that are run are written.
    """
    week = first * inputs.weeks_per_year
    escapes_total = np.int64(0)
    attempts_total = np.int64(0)
    for year in range(first, past):
        begin_span(inputs, point, state, year, inputs.course.first_span[year], year == first)
        lived = live_year(inputs, point, seed, chain, iteration, state, weekly, record, year)
        week = lived.weeks_run
        escapes_total += lived.escapes_total
        attempts_total += lived.attempts_total
        if lived.stopped:
            return Outcome(week, True, escapes_total, attempts_total)
    return Outcome(week, False, escapes_total, attempts_total)


@merged
def live_year(
    inputs: Inputs,
    point: Floats,
    seed: int,
    chain: int,
    iteration: int,
    state: State,
    weekly: Integers,
    record: Record,
    year: int,
) -> Outcome:
    """Return the Outcome of one year, whose first span is begun."""
    course = inputs.course
    escapes_total = np.int64(0)
    attempts_total = np.int64(0)
    week = year * inputs.weeks_per_year
    for span in range(course.first_span[year], course.first_span[year + 1]):
        if course.first_span[year + 1] - course.first_span[year] > 1:
            begin_span(inputs, point, state, year, span, False)
        visibility = state.point[_VISIBILITY]  # K
        all_calm = True
        next_change = np.int64(0)  # the first week in which a belief may have moved
        begins = course.begins[span]
        for week_of_span in range(course.begins[span + 1] - begins):
            new_span = week_of_span == 0
            if new_span or week >= next_change:
                all_calm, next_change = update_beliefs(inputs, state, year, week, new_span)
            if course.held.shape[0] == 0:
                happen(inputs, state, week)
            if course.by_week:
                open_chance(state, seed, chain, iteration, week)
            now = Now(seed, chain, iteration, week, year)
            attempts, escapes = calm_attempts(inputs, state, now, visibility)
            if not all_calm:
                more_attempts, more_escapes = other_attempts(inputs, state, now, visibility)
                attempts += more_attempts
                escapes += more_escapes
            if record.attempts.shape[0] > 0:
                observe(inputs, state, now, visibility, record)
            if record.tally.size > 0:
                add_to_tally(inputs, state, year, record)
            if course.held.shape[0] > 0:
                hold(inputs, state, week + 1)
            else:
                adjust(inputs, state, state.point, all_calm)
            if not all_calm:
                forget_unseen(state)
            if course.told.shape[0] > 0:
                tell(inputs, state, week)
            if state.news[LENGTH] > 0:
                learn_week(inputs, state, week)
                next_change = week + 1
            weekly[week] = attempts if inputs.compares_attempts else escapes
            escapes_total += escapes
            attempts_total += attempts
            week += 1
            if (attempts if inputs.stops_by_attempts else escapes) > inputs.stop_above:
                return Outcome(week, True, escapes_total, attempts_total)
    return Outcome(week, False, escapes_total, attempts_total)


@merged
def begin(inputs: Inputs, state: State, point: Floats, seed: int, chain: int, iteration: int) -> None:
    """Begin a run: nothing known, fresh clocks, and the first week's repression."""
    forget_everything(state.memory)
    clear_week(state)
    state.gone[:] = 0
    first_repression(inputs, point, state)
    open_chance(state, seed, chain, iteration, np.int64(0))


@internal
def open_chance(state: State, seed: int, chain: int, iteration: int, week: int) -> None:
    """Give the run the chance of this address from ``week`` on: its stream, and all clocks wound anew.

    What is left on a clock of unit rate is exponential whatever was before, so at any week the law stays what it was.
    """
    open_stream(state.rng, seed, chain, iteration, ATTEMPTS, week)
    for community in range(state.mood.size):
        state.known_clock[community] = exponential_time(state.rng)
    state.names.clock[LEFT] = exponential_time(state.rng)
    state.calm_clock[LEFT] = exponential_time(state.rng)
