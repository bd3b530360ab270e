"""The attempts of one week: known ones by community, unseen ones from as few Poisson numbers as the law allows.

Only known attempts move beliefs, so each community has a clock for them that rings at their rate. Unseen attempts
matter to nobody but the record and the tolerance: the communities of provinces that cannot reach their tolerance this
week (calm ones) share one Poisson number of unseen escapes and one of unseen repressed attempts; those of each other
province (contested) share two of their own. Where the chance of leaving is not small, or the scenario draws each kind
of person by itself, attempts are drawn group by group (crowded). A pool is what has numbers of its own, and a column of
``state.attempts``: a community, the contested ones of a province, or all calm ones together.
"""

import math
from typing import NamedTuple

import numpy as np

from engine.kernel.chance_updates import CALM, CROWDED
from engine.kernel.chances import LARGEST, share_rate
from engine.kernel.inputs import Inputs
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
from engine.kernel.state import Now, State, calm_pool, contested_pool
from engine.numerics.distributions import binomial, poisson
from engine.numerics.index_list import FIRST, LENGTH
from engine.numerics.jit import inlined, internal, merged
from engine.numerics.random import PEOPLE, exponential_time, open_stream, uniform

_WORTH_A_SEARCH = 1e-3  # expected looks above which the largest chance of anybody is sought, not only bounded


class Rings(NamedTuple):
    """Rings of the clocks of a pool this week, in one share of the attempts: attempts, but for second ones."""

    share: int
    count: int
    rate: float  # in the pool
    largest_rate: float  # of any one person, or a bound on it


@inlined
def known_rings(inputs: Inputs, state: State, now: Now, community: int, visibility: float) -> None:
    """Wind the clock of ``community``, which has run out, as often as it rings this week; set its known attempts.

    Each of them is repressed with probability R.
    """
    count = 0
    while state.known_clock[community] < 0.0:
        state.known_clock[community] += exponential_time(state.rng)
        count += 1
    rate = state.known_rate[community]
    bound = _bound(state.chances.moments[LARGEST, community] * visibility, rate)
    if not nobody_asks(state.names.clock, count, 0, bound):
        rings = Rings(KNOWN, count, rate, 0.0)
        count = people_of_week(inputs, state, now, community, rings, 0, bound, visibility)
    state.attempts[KNOWN, community] = count
    repressed, level = 0, state.repression[inputs.province[community]]
    for _ in range(count):
        repressed += uniform(state.rng) < level
    state.known_repressed[community] = repressed


@inlined
def unseen_rings(inputs: Inputs, state: State, now: Now, pool: int, rings: Rings, used: int, visibility: float) -> int:
    """Return the unseen attempts of a share in a pool, and set them; ``used`` counts its attempts so far."""
    count = rings.count
    if count > 0:
        bound = _bound(rings.largest_rate, rings.rate)
        if pool == calm_pool(state) and count * (used + count) * bound > _WORTH_A_SEARCH:
            bound = _bound(_largest_rate(inputs, state, rings.share, visibility), rings.rate)
        if not nobody_asks(state.names.clock, count, used, bound):
            count = people_of_week(inputs, state, now, pool, rings, used, bound, visibility)
    state.attempts[rings.share, pool] = count
    return count


@merged
def contested_week(inputs: Inputs, state: State, now: Now, province: int, visibility: float) -> tuple[int, int]:
    """Draw the unseen attempts of the contested communities of a province; return (attempts, escapes)."""
    together, pool = state.together, contested_pool(state, province)
    repression = state.repression[province]
    hidden = 1.0 - visibility
    border = share_rate(together, province, visibility + hidden * (1.0 - repression))
    escape_rate = max(border - state.known_together[province], 0.0)
    repressed_rate = max(share_rate(together, province, 1.0) - border, 0.0)
    most = together[LARGEST, province] * hidden
    used = _known_in(inputs, state, province)
    rings = Rings(UNSEEN_ESCAPE, poisson(state.rng, escape_rate), escape_rate, most * (1.0 - repression))
    escapes = unseen_rings(inputs, state, now, pool, rings, used, visibility)
    used += escapes
    rings = Rings(UNSEEN_REPRESSED, poisson(state.rng, repressed_rate), repressed_rate, most * repression)
    return escapes + unseen_rings(inputs, state, now, pool, rings, used, visibility), escapes


@inlined
def _known_in(inputs: Inputs, state: State, province: int) -> int:
    """Return the known attempts in the contested communities of a province this week."""
    first = inputs.home[province]
    if inputs.home[province + 1] - first == 1:
        return state.attempts[KNOWN, first]
    known = np.int64(0)
    for place in range(state.news[LENGTH]):
        community = state.news[FIRST + place]
        if inputs.province[community] == province:
            known += state.attempts[KNOWN, community]
    return known


@internal
def crowded_week(inputs: Inputs, state: State, now: Now, community: int, visibility: float) -> None:
    """Draw the attempts of a crowded community group by group, binomial each, and what becomes of them."""
    rng, repression = state.rng, state.repression[inputs.province[community]]
    attempts = np.int64(0)
    for group in range(state.crowd.shape[1]):
        people = np.int64(inputs.heads[now.year, community, group])
        state.crowd[community, group] = binomial(rng, people, state.chances.leaving[community, group])
        attempts += state.crowd[community, group]
    known = binomial(rng, attempts, visibility)
    state.known_repressed[community] = binomial(rng, known, repression)
    unseen_repressed = binomial(rng, attempts - known, repression)
    state.attempts[KNOWN, community] = known
    state.attempts[UNSEEN_ESCAPE, community] = attempts - known - unseen_repressed
    state.attempts[UNSEEN_REPRESSED, community] = unseen_repressed


@internal
def crowded_week_by_kind(inputs: Inputs, state: State, now: Now, community: int, visibility: float) -> None:
    """Draw the attempts of a community kind by kind, each group being one; round what the scenario rounds.

    The people are those of the year without those who are gone.

    # Choice: "a certain proportion of each category will decide to defect" can be read as that proportion of its
    people, to the nearest whole number, and what becomes known of it as the share K, rounded down. Which attempts are
    repressed is chance all the same: rounded, one attempt a week would never escape while R is above a half.
    """
    rng, repression, year = state.rng, state.repression[inputs.province[community]], now.year
    attempts, known, known_repressed, unseen_repressed = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    for group in range(state.crowd.shape[1]):
        people = max(np.int64(inputs.heads[year, community, group]) - state.gone[community, group], 0)
        chance = state.chances.leaving[community, group]
        here = np.int64(math.floor(people * chance + 0.5)) if inputs.number_rounded else binomial(rng, people, chance)
        state.crowd[community, group] = here
        state.crowd_escapes[community, group] = 0
        if here == 0:
            continue
        if inputs.known_rounded_down:
            known_here = np.int64(math.floor(visibility * here))
        else:
            known_here = binomial(rng, here, visibility)
        known_repressed_here = binomial(rng, known_here, repression)
        unseen_repressed_here = binomial(rng, here - known_here, repression)
        escapes = here - known_repressed_here - unseen_repressed_here
        state.crowd_escapes[community, group] = escapes
        state.gone[community, group] += escapes if inputs.leavers_go else 0
        attempts += here
        known += known_here
        known_repressed += known_repressed_here
        unseen_repressed += unseen_repressed_here
    state.known_repressed[community] = known_repressed
    state.attempts[KNOWN, community] = known
    state.attempts[UNSEEN_ESCAPE, community] = attempts - known - unseen_repressed
    state.attempts[UNSEEN_REPRESSED, community] = unseen_repressed


@inlined
def seen_by_state(state: State, community: int) -> tuple[int, int]:
    """Return the attempts and the escapes of a community this week: all if it is crowded, else the known ones."""
    known, unseen_escapes = state.attempts[KNOWN, community], state.attempts[UNSEEN_ESCAPE, community]
    attempts = known + unseen_escapes + state.attempts[UNSEEN_REPRESSED, community]
    return attempts, known - state.known_repressed[community] + unseen_escapes


@inlined
def seen_in_province(inputs: Inputs, state: State, province: int) -> tuple[int, int]:
    """Return the attempts and the escapes of a province this week, if it is not calm."""
    pool = contested_pool(state, province)
    escapes = state.attempts[UNSEEN_ESCAPE, pool]
    attempts = escapes + state.attempts[UNSEEN_REPRESSED, pool]
    for community in range(inputs.home[province], inputs.home[province + 1]):
        more_attempts, more_escapes = seen_by_state(state, community)
        attempts += more_attempts
        escapes += more_escapes
    return attempts, escapes


@inlined
def _bound(largest_rate: float, rate: float) -> float:
    """Return a bound on the chance that a ring of this rate finds one given person: 1/(1 - p) is below 1.002."""
    return 1.002 * largest_rate / rate if rate > 0.0 else 0.0


@internal
def _largest_rate(inputs: Inputs, state: State, share: int, visibility: float) -> float:
    """Return the largest rate of unseen attempts of this share that anybody in a calm community has, near enough."""
    most = 0.0
    for community in range(state.mood.size):
        province = inputs.province[community]
        part = 1.0 - state.repression[province] if share == UNSEEN_ESCAPE else state.repression[province]
        most = max(most, state.is_calm[province] * state.chances.moments[LARGEST, community] * part)
    return most * (1.0 - visibility)


@internal
def people_of_week(
    inputs: Inputs, state: State, now: Now, pool: int, rings: Rings, used: int, bound: float, visibility: float
) -> int:
    """Return how many of the rings of a pool are not a second ring of somebody: engine.kernel.repeats."""
    names, share = state.names, rings.share
    reach = (used + rings.count) * bound
    kept = np.int64(0)
    for community in range(state.mood.size):
        names.in_pool[community] = community == pool or pool == _pool_of_unseen(inputs, state, community)
    named = np.int64(0)
    for _ in range(rings.count):
        hazard = (used + kept) * bound * (1.0 + reach)
        if reach <= 0.5 and names.clock[LEFT] > hazard:
            names.clock[LEFT] -= hazard
        else:
            state.attempts[share, pool] = kept
            named = name_week(inputs, state, now, named, visibility)
            chance = chance_of_repeat(names, state.chances.leaving, named, share, rings.rate)
            if is_dropped(state.rng, names.clock, used + kept, bound, reach, chance):
                continue
        kept += 1
    return kept


@inlined
def _pool_of_unseen(inputs: Inputs, state: State, community: int) -> int:
    """Return the pool of the unseen attempts of a community, -1 for a crowded one, which has none."""
    mood = state.mood[community]
    if mood == CROWDED:
        return -1
    return calm_pool(state) if mood == CALM else contested_pool(state, inputs.province[community])


@internal
def name_week(inputs: Inputs, state: State, now: Now, named: int, visibility: float) -> int:
    """Name everybody who attempted so far this week in a community that is not crowded; return their number.

    So many of them are ``named`` already (0 opens the week's own stream, so that naming more or fewer people in one
    week changes nobody in another). Their order: the known by community, the unseen of the calm communities, those of
    the contested communities of each province.
    """
    names, chances, heads, year = state.names, state.chances, inputs.heads, now.year
    communities, provinces = state.mood.size, state.unsettled.size
    if named == 0:
        names.of_group[:] = 0
        set_expected_up_to(names, chances.leaving, heads, year)
        open_stream(names.rng, now.seed, now.chain, now.iteration, PEOPLE, now.week)
    for community in range(communities):
        names.borders[KNOWN, community] = 0.0
        names.borders[UNSEEN_ESCAPE, community] = visibility
        escapes_end = visibility + (1.0 - visibility) * (1.0 - state.repression[inputs.province[community]])
        names.borders[UNSEEN_REPRESSED, community] = escapes_end
        names.borders[SHARES, community] = 1.0
    end = np.int64(0)
    for community in range(communities):
        if state.mood[community] != CROWDED:
            end += state.attempts[KNOWN, community]
            named = name_people(names, chances, heads, year, named, end, community, community + 1, KNOWN)
    for province in range(-1, provinces):  # -1 stands for the calm of all
        first, past = (0, communities) if province < 0 else (inputs.home[province], inputs.home[province + 1])
        pool = calm_pool(state) if province < 0 else contested_pool(state, province)
        for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
            end += state.attempts[share, pool]
            if named < end:
                _set_rate_up_to(inputs, state, pool, share, first, past)
                named = name_people(names, chances, heads, year, named, end, first, past, share)
    return named


@internal
def _set_rate_up_to(inputs: Inputs, state: State, pool: int, share: int, first: int, past: int) -> None:
    """Set the rate of a share in each community from ``first`` to before ``past``, with all before it in the pool."""
    names, moments = state.names, state.chances.moments
    total = 0.0
    for community in range(first, past):
        if _pool_of_unseen(inputs, state, community) == pool:
            above = share_rate(moments, community, names.borders[share + 1, community])
            total += max(above - share_rate(moments, community, names.borders[share, community]), 0.0)
        names.rate_up_to[community] = total
