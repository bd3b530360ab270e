"""The one compiled loop over the weeks: a whole country from its first week to its last, or to the early stop.

Every week, in this order: what is forgotten and what follows for each group's chance of leaving, who attempts and who
becomes known, what each province makes of it. It receives everything, chance included, and returns everything.
"""

from typing import NamedTuple

import numpy as np

from engine.kernel.attempts import CALM, CROWDED
from engine.kernel.belief import forget, learn, next_forgotten
from engine.kernel.chance_updates import set_mood, update_province
from engine.kernel.recording import observe
from engine.kernel.regimes.safety_valve import adjusted, calm_rate, lower_all
from engine.kernel.utility import set_thresholds
from engine.kernel.week import calm_attempts, expected_unseen, other_attempts
from engine.numerics.jit import compiled, merged
from engine.numerics.random import ATTEMPTS, exponential_time, open_stream
from engine.parameters import NAMES

_ALPHA = NAMES.index("prior_alpha")
_BETA = NAMES.index("prior_beta")
_TOLERANCE = NAMES.index("tolerance")
_RATE = NAMES.index("adjustment_rate")
_REPRESSION = NAMES.index("initial_repression")
_VISIBILITY = NAMES.index("visibility")
_MEMORY = NAMES.index("memory_weeks")


class Outcome(NamedTuple):
    """What one run came to."""

    weeks_run: int
    stopped: bool
    escapes_total: int
    attempts_total: int


@compiled
def run(inputs, point, seed, chain, iteration, work, weekly_escapes, record):
    """Return the Outcome of one run, its escapes by week in ``weekly_escapes``, (weeks,), and its weeks in ``record``.

    ``point`` holds the parameters in the order of NAMES; (seed, chain, iteration) is the address of the chance. Weeks
    after an early stop are 0 in ``weekly_escapes`` and left as they were in ``record``.
    """
    visibility = point[_VISIBILITY]
    _reset(work, point, seed, chain, iteration)
    calm_below = calm_rate(point[_TOLERANCE])
    weekly_escapes[:] = 0
    escapes_total = np.int64(0)
    attempts_total = np.int64(0)
    all_calm = True
    stir = np.int64(0)  # the first week in which a belief may have moved
    week = 0
    for year in range(inputs.heads.shape[0]):
        growth = inputs.ability_growth[year], inputs.motivation_growth[year]
        set_thresholds(work.thresholds, work.top, inputs.ability, inputs.motivation, growth, inputs.famine[year], point)
        for week_of_year in range(inputs.weeks_per_year):
            if week_of_year == 0 or week >= stir:
                all_calm, stir = _update_beliefs(inputs, work, point, year, week, week_of_year == 0, calm_below)
            address = (seed, chain, iteration, week)
            attempts, escapes = calm_attempts(inputs, work, year, address, visibility)
            if not all_calm:
                more_attempts, more_escapes = other_attempts(inputs, work, year, address, visibility)
                attempts += more_attempts
                escapes += more_escapes
            if record.attempts.shape[0] > 0:
                observe(work, inputs.heads, year, address, visibility, record)
            if all_calm:
                lower_all(work.repression, point[_RATE])
            else:
                _adjust(inputs, work, point)
            if work.heard[0] > 0:
                _learn_week(work, week)
                stir = week + 1
            weekly_escapes[week] = escapes
            escapes_total += escapes
            attempts_total += attempts
            week += 1
            if escapes > inputs.stop_above:
                return Outcome(week, True, escapes_total, attempts_total)
    return Outcome(week, False, escapes_total, attempts_total)


@merged
def _reset(work, point, seed, chain, iteration):
    """Begin a run: nothing known, repression R0, fresh clocks."""
    rng = work.rng[0]
    open_stream(rng, seed, chain, iteration, ATTEMPTS, 0)
    work.counts[:] = 0
    work.remembered[:] = 0
    work.moved[0] = 0
    work.heard[0] = 0
    work.known[:] = 0
    work.unseen[:] = 0
    work.repression[:] = point[_REPRESSION]
    for province in range(work.mood.size):
        work.clock[province] = exponential_time(rng)
    work.look[0] = exponential_time(rng)
    work.hush[1] = exponential_time(rng)


@merged
def _update_beliefs(inputs, work, point, year, week, new_year, calm_below):
    """Forget what is too old and bring all chances of leaving up to date; return whether every province is calm.

    Returns also the week in which something will next be too old, if nothing is learned before.
    """
    forget(work, week, point[_MEMORY])
    counts, standing = work.counts, work.standing
    nation = counts.shape[1] < work.mood.size
    everybody = new_year or (nation and work.moved[0] > 0)
    for place in range(work.mood.size if everybody else work.moved[0]):
        province = place if everybody else work.moved[1 + place]
        row = 0 if nation else province
        learned = (counts[0, row], counts[1, row])
        if new_year or learned[0] != standing[0, province] or learned[1] != standing[1, province]:
            alpha, beta = point[_ALPHA], point[_BETA]
            update_province(work, inputs.heads, inputs.kind, year, province, learned, new_year, alpha, beta)
            set_mood(work, province, point[_VISIBILITY], calm_below)
    work.moved[0] = 0
    work.hush[0], calm = expected_unseen(work.moments, work.known_rate, work.calm)
    weeks = inputs.heads.shape[0] * inputs.weeks_per_year
    return calm == work.mood.size, next_forgotten(work, point[_MEMORY], weeks)


@merged
def _learn_week(work, week):
    """Learn the known attempts of the week, each province's own or all of them the nation's, and clear them."""
    nation = work.counts.shape[1] < work.mood.size
    repressed = np.int64(0)
    escaped = np.int64(0)
    for place in range(work.heard[0]):
        province = work.heard[1 + place]
        known, known_repressed = work.known[0, province], work.known[1, province]
        if work.mood[province] == CROWDED:
            known, known_repressed = work.crowd[province, 2], work.crowd[province, 3]
        work.known[0, province] = 0
        work.known[1, province] = 0
        repressed += known_repressed
        escaped += known - known_repressed
        if not nation:
            learn(work, province, week, known_repressed, known - known_repressed)
    if nation:
        learn(work, np.int64(0), week, repressed, escaped)
    work.heard[0] = 0


@merged
def _adjust(inputs, work, point):
    """Let each province adjust its repression to what it counted this week."""
    tolerance, rate = point[_TOLERANCE], point[_RATE]
    for province in range(work.mood.size):
        counted = np.int64(0)
        if work.mood[province] != CALM:
            known, known_repressed = work.known[0, province], work.known[1, province]
            attempts = known + work.unseen[0, province] + work.unseen[1, province]
            escapes = known - known_repressed + work.unseen[0, province]
            if work.mood[province] == CROWDED:
                attempts, escapes = work.crowd[province, 0], work.crowd[province, 1]
            counted = (attempts, escapes, attempts - escapes)[inputs.counted]
            work.unseen[0, province] = 0
            work.unseen[1, province] = 0
        work.repression[province] = adjusted(work.repression[province], counted, tolerance, rate)
