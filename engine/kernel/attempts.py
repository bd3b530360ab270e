"""The attempts of one week: known ones province by province, unseen ones from as few Poisson numbers as the law allows.

Only known attempts move beliefs, so each province has a clock for them that rings at their rate. Unseen attempts matter
to nobody but the record and the tolerance: the provinces that cannot reach their tolerance this week (calm ones) share
one Poisson number of unseen escapes and one of unseen repressed attempts; a province that can (contested) has its own.
Where the chance of leaving is not small, attempts are drawn group by group (crowded). A pool is what has numbers of its
own: a province, or all calm ones together, whose number is that of the provinces.
"""

from typing import NamedTuple

import numpy as np

from engine.kernel.chance_updates import CALM, CONTESTED, CROWDED
from engine.kernel.chances import LARGEST, share_rate
from engine.kernel.repeats import (
    KNOWN,
    LEFT,
    SHARES,
    UNSEEN_ESCAPE,
    UNSEEN_REPRESSED,
    chance_of_repeat,
    is_dropped,
    name_people,
    nobody_asks,
    set_expected_up_to,
)
from engine.kernel.state import Now, State
from engine.numerics.distributions import binomial, poisson
from engine.numerics.jit import inlined, internal, merged
from engine.numerics.random import PEOPLE, exponential_time, open_stream, uniform
from engine.types import Floats

_WORTH_A_SEARCH = 1e-3  # expected looks above which the largest chance of anybody is sought, not only bounded


class Rings(NamedTuple):
    """Rings of the clocks of a pool this week, in one share of the attempts: attempts, but for second ones."""

    share: int
    count: int
    rate: float  # in the pool
    largest_rate: float  # of any one person, or a bound on it


@inlined
def known_rings(heads: Floats, state: State, now: Now, province: int, visibility: float) -> None:
    """Wind the clock of ``province``, which has run out, as often as it rings this week; set its known attempts.

    Each of them is repressed with probability R.
    """
    count = 0
    while state.known_clock[province] < 0.0:
        state.known_clock[province] += exponential_time(state.rng)
        count += 1
    rate = state.known_rate[province]
    bound = _bound(state.chances.moments[LARGEST, province] * visibility, rate)
    if not nobody_asks(state.names.clock, count, 0, bound):
        rings = Rings(KNOWN, count, rate, 0.0)
        count = people_of_week(heads, state, now, province, rings, 0, bound, visibility)
    state.attempts[KNOWN, province] = count
    repressed = 0
    for _ in range(count):
        repressed += uniform(state.rng) < state.repression[province]
    state.known_repressed[province] = repressed


@inlined
def unseen_rings(heads: Floats, state: State, now: Now, pool: int, rings: Rings, used: int, visibility: float) -> int:
    """Return the unseen attempts of a share in a pool, and set them; ``used`` counts its attempts so far."""
    count = rings.count
    if count > 0:
        bound = _bound(rings.largest_rate, rings.rate)
        if pool == state.mood.size and count * (used + count) * bound > _WORTH_A_SEARCH:
            bound = _bound(_largest_rate(state, rings.share, visibility), rings.rate)
        if not nobody_asks(state.names.clock, count, used, bound):
            count = people_of_week(heads, state, now, pool, rings, used, bound, visibility)
    state.attempts[rings.share, pool] = count
    return count


@merged
def contested_week(heads: Floats, state: State, now: Now, province: int, visibility: float) -> None:
    """Draw the unseen attempts of a province that may reach its tolerance."""
    moments = state.chances.moments
    repression = state.repression[province]
    hidden = 1.0 - visibility
    border = share_rate(moments, province, visibility + hidden * (1.0 - repression))
    escape_rate = max(border - state.known_rate[province], 0.0)
    repressed_rate = max(share_rate(moments, province, 1.0) - border, 0.0)
    most = moments[LARGEST, province] * hidden
    used = state.attempts[KNOWN, province]
    rings = Rings(UNSEEN_ESCAPE, poisson(state.rng, escape_rate), escape_rate, most * (1.0 - repression))
    used += unseen_rings(heads, state, now, province, rings, used, visibility)
    rings = Rings(UNSEEN_REPRESSED, poisson(state.rng, repressed_rate), repressed_rate, most * repression)
    unseen_rings(heads, state, now, province, rings, used, visibility)


@internal
def crowded_week(heads: Floats, state: State, now: Now, province: int, visibility: float) -> None:
    """Draw the attempts of a crowded province group by group, binomial each, and what becomes of them."""
    rng, repression = state.rng, state.repression[province]
    attempts = np.int64(0)
    for group in range(state.crowd.shape[1]):
        people = np.int64(heads[now.year, province, group])
        state.crowd[province, group] = binomial(rng, people, state.chances.leaving[province, group])
        attempts += state.crowd[province, group]
    known = binomial(rng, attempts, visibility)
    state.known_repressed[province] = binomial(rng, known, repression)
    unseen_repressed = binomial(rng, attempts - known, repression)
    state.attempts[KNOWN, province] = known
    state.attempts[UNSEEN_ESCAPE, province] = attempts - known - unseen_repressed
    state.attempts[UNSEEN_REPRESSED, province] = unseen_repressed


@inlined
def seen_by_state(state: State, province: int) -> tuple[int, int]:
    """Return the attempts and the escapes of a province this week, but for the unseen ones of a calm province."""
    known, unseen_escapes = state.attempts[KNOWN, province], state.attempts[UNSEEN_ESCAPE, province]
    attempts = known + unseen_escapes + state.attempts[UNSEEN_REPRESSED, province]
    return attempts, known - state.known_repressed[province] + unseen_escapes


@inlined
def _bound(largest_rate: float, rate: float) -> float:
    """Return a bound on the chance that a ring of this rate finds one given person: 1/(1 - p) is below 1.002."""
    return 1.002 * largest_rate / rate if rate > 0.0 else 0.0


@internal
def _largest_rate(state: State, share: int, visibility: float) -> float:
    """Return the largest rate of unseen attempts of this share that anybody in a calm province has, near enough."""
    most = 0.0
    for province in range(state.mood.size):
        part = 1.0 - state.repression[province] if share == UNSEEN_ESCAPE else state.repression[province]
        most = max(most, state.is_calm[province] * state.chances.moments[LARGEST, province] * part)
    return most * (1.0 - visibility)


@internal
def people_of_week(
    heads: Floats, state: State, now: Now, pool: int, rings: Rings, used: int, bound: float, visibility: float
) -> int:
    """Return how many of the rings of a pool are not a second ring of somebody: engine.kernel.repeats."""
    names, share = state.names, rings.share
    reach = (used + rings.count) * bound
    kept = np.int64(0)
    provinces = state.mood.size
    for province in range(provinces):
        names.in_pool[province] = province == pool or (pool == provinces and state.mood[province] == CALM)
    named = np.int64(0)
    for _ in range(rings.count):
        hazard = (used + kept) * bound * (1.0 + reach)
        if reach <= 0.5 and names.clock[LEFT] > hazard:
            names.clock[LEFT] -= hazard
        else:
            state.attempts[share, pool] = kept
            named = name_week(heads, state, now, named, visibility)
            chance = chance_of_repeat(names, state.chances.leaving, named, share, rings.rate)
            if is_dropped(state.rng, names.clock, used + kept, bound, reach, chance):
                continue
        kept += 1
    return kept


@internal
def name_week(heads: Floats, state: State, now: Now, named: int, visibility: float) -> int:
    """Name everybody who attempted so far this week in a province that is not crowded; return their number.

    So many of them are ``named`` already (0 opens the week's own stream, so that naming more or fewer people in one
    week changes nobody in another). Their order: the known by province, the unseen of the calm provinces, those of each
    contested province.
    """
    names, chances, year = state.names, state.chances, now.year
    provinces = state.mood.size
    if named == 0:
        names.of_group[:] = 0
        set_expected_up_to(names, chances.leaving, heads, year)
        open_stream(names.rng, now.seed, now.chain, now.iteration, PEOPLE, now.week)
    for province in range(provinces):
        names.borders[KNOWN, province] = 0.0
        names.borders[UNSEEN_ESCAPE, province] = visibility
        escapes_end = visibility + (1.0 - visibility) * (1.0 - state.repression[province])
        names.borders[UNSEEN_REPRESSED, province] = escapes_end
        names.borders[SHARES, province] = 1.0
    end = np.int64(0)
    for province in range(provinces):
        if state.mood[province] != CROWDED:
            end += state.attempts[KNOWN, province]
            named = name_people(names, chances, heads, year, named, end, province, KNOWN)
    for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
        end += state.attempts[share, provinces]
        total = 0.0
        for province in range(provinces):
            if state.mood[province] == CALM:
                above = share_rate(chances.moments, province, names.borders[share + 1, province])
                total += max(above - share_rate(chances.moments, province, names.borders[share, province]), 0.0)
            names.rate_up_to[province] = total
        named = name_people(names, chances, heads, year, named, end, -1, share)
    for province in range(provinces):
        if state.mood[province] != CONTESTED:
            continue
        for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
            end += state.attempts[share, province]
            named = name_people(names, chances, heads, year, named, end, province, share)
    return named
