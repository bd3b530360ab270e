"""The attempts of one week: known ones province by province, unseen ones from as few Poisson numbers as the law allows.

Only known attempts move beliefs, so each province has a clock for them that rings at their rate. Unseen attempts matter
to nobody but the record and the tolerance: the provinces that cannot reach their tolerance this week (calm ones) share
one Poisson number of unseen escapes and one of unseen repressed attempts; a province that can (contested) has its own.
Where the chance of leaving is not small, attempts are drawn group by group (crowded).
"""

import numpy as np

from engine.kernel.chances import share_rate
from engine.kernel.repeats import (
    KNOWN,
    UNSEEN_ESCAPE,
    UNSEEN_REPRESSED,
    chance_of_repeat,
    is_dropped,
    name_segment,
    nobody_asked,
    set_below,
)
from engine.numerics.distributions import binomial, poisson
from engine.numerics.jit import inlined, internal, merged
from engine.numerics.random import PEOPLE, exponential_time, open_stream, uniform

# The mood of a province this week.
CALM = 0
CONTESTED = 1
CROWDED = 2

_WORTH_A_SEARCH = 1e-3  # expected looks above which the largest chance of anybody is sought, not only bounded


@inlined
def known_rings(work, heads, year, address, province, visibility):
    """Wind the clock of ``province``, which has run out, as often as it rings this week; set its known attempts.

    Each of them is repressed with probability R.
    """
    rng = work.rng[0]
    count = 0
    while work.clock[province] < 0.0:
        work.clock[province] += exponential_time(rng)
        count += 1
    bound = _bound(work.moments[4, province] * visibility, work.known_rate[province])
    if not nobody_asked(work.look, count, 0, bound):
        rate = work.known_rate[province]
        count = people_of_week(work, heads, year, address, province, KNOWN, count, 0, bound, rate, visibility)
    work.known[0, province] = count
    repressed = 0
    for _ in range(count):
        repressed += uniform(rng) < work.repression[province]
    work.known[1, province] = repressed


@inlined
def unseen_rings(work, heads, year, address, pool, rings, used, visibility):
    """Return the unseen attempts of a pool (a province, or all calm ones if it is their number); set ``work.unseen``.

    ``rings`` holds the share of attempts, its rings this week, its rate in the pool and a bound on any one person's;
    ``used`` counts the attempts of the pool so far.
    """
    share, count, rate, most = rings
    if count > 0:
        bound = _bound(most, rate)
        if pool == work.mood.size and count * (used + count) * bound > _WORTH_A_SEARCH:
            bound = _bound(_largest_rate(work, share, visibility), rate)
        if not nobody_asked(work.look, count, used, bound):
            count = people_of_week(work, heads, year, address, pool, share, count, used, bound, rate, visibility)
    work.unseen[share - 1, pool] = count
    return count


@merged
def contested_week(work, heads, year, address, province, visibility):
    """Draw the unseen attempts of a province that may reach its tolerance."""
    repression = work.repression[province]
    hidden = 1.0 - visibility
    border = share_rate(work.moments, province, visibility + hidden * (1.0 - repression))
    escape_rate = max(border - work.known_rate[province], 0.0)
    repressed_rate = max(share_rate(work.moments, province, 1.0) - border, 0.0)
    most = work.moments[4, province] * hidden
    used = work.known[0, province]
    rng = work.rng[0]
    rings = UNSEEN_ESCAPE, poisson(rng, escape_rate), escape_rate, most * (1.0 - repression)
    used += unseen_rings(work, heads, year, address, province, rings, used, visibility)
    rings = UNSEEN_REPRESSED, poisson(rng, repressed_rate), repressed_rate, most * repression
    unseen_rings(work, heads, year, address, province, rings, used, visibility)


@internal
def crowded_week(work, heads, year, province, visibility):
    """Draw the attempts of a crowded province group by group, binomial each, and what becomes of them."""
    rng = work.rng[0]
    attempts = np.int64(0)
    for group in range(work.tail.shape[1]):
        work.crowd_groups[province, group] = binomial(
            rng, np.int64(heads[year, province, group]), work.tail[province, group]
        )
        attempts += work.crowd_groups[province, group]
    known = binomial(rng, attempts, visibility)
    known_repressed = binomial(rng, known, work.repression[province])
    unseen_repressed = binomial(rng, attempts - known, work.repression[province])
    work.crowd[province, 0] = attempts
    work.crowd[province, 1] = attempts - known_repressed - unseen_repressed
    work.crowd[province, 2] = known
    work.crowd[province, 3] = known_repressed


@inlined
def _bound(most, rate):
    """Return a bound on the chance that a ring of this rate finds one given person: 1/(1 - p) is below 1.002."""
    return 1.002 * most / rate if rate > 0.0 else 0.0


@internal
def _largest_rate(work, share, visibility):
    """Return the largest rate of unseen attempts of this share that anybody in a calm province has, near enough."""
    most = 0.0
    for province in range(work.mood.size):
        part = 1.0 - work.repression[province] if share == UNSEEN_ESCAPE else work.repression[province]
        most = max(most, work.calm[province] * work.moments[4, province] * part)
    return most * (1.0 - visibility)


@internal
def people_of_week(work, heads, year, address, pool, share, count, used, bound, rate, visibility):
    """Return how many of the ``count`` rings of a share in a pool are not a second ring of somebody: repeats.py."""
    reach = (used + count) * bound
    kept = np.int64(0)
    provinces = work.mood.size
    members = work.members
    for province in range(provinces):
        members[province] = province == pool or (pool == provinces and work.mood[province] == CALM)
    named = np.int64(0)
    for _ in range(count):
        hazard = (used + kept) * bound * (1.0 + reach)
        if reach <= 0.5 and work.look[0] > hazard:
            work.look[0] -= hazard
        else:
            _set_count(work, share, pool, kept)
            named = name_week(work, heads, year, address, named, visibility)
            chance = chance_of_repeat(work.people, named, members, share, rate, work.cuts, work.tail)
            if is_dropped(work.rng[0], work.look, used + kept, bound, reach, chance):
                continue
        kept += 1
    return kept


@internal
def _set_count(work, share, pool, count):
    if share == KNOWN:
        work.known[0, pool] = count
    else:
        work.unseen[share - 1, pool] = count


@internal
def name_week(work, heads, year, address, count, visibility):
    """Name everybody who attempted so far this week in a province that is not crowded; return their number.

    ``count`` of them have their names already (0 opens the week's own stream, so that naming more or fewer people in
    one week changes nobody in another). Their order: the known by province, the unseen of the calm provinces, those of
    each contested province.
    """
    provinces = work.mood.size
    rng = work.rng[1]
    if count == 0:
        work.named[:] = 0
        set_below(work.below, work.tail, heads, year)
        open_stream(rng, address[0], address[1], address[2], PEOPLE, address[3])
    for province in range(provinces):
        work.cuts[1, province] = visibility
        work.cuts[2, province] = visibility + (1.0 - visibility) * (1.0 - work.repression[province])
        work.cuts[3, province] = 1.0
    end = np.int64(0)
    for province in range(provinces):
        end += work.known[0, province]
        count = _name_segment(work, count, end, rng, province, KNOWN, heads, year)
    for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
        end += work.unseen[share - 1, provinces]
        total = 0.0
        for province in range(provinces):
            if work.mood[province] == CALM:
                above = share_rate(work.moments, province, work.cuts[share + 1, province])
                total += max(above - share_rate(work.moments, province, work.cuts[share, province]), 0.0)
            work.pool_below[0, province] = total
        count = _name_segment(work, count, end, rng, -1, share, heads, year)
    for province in range(provinces):
        if work.mood[province] != CONTESTED:
            continue
        for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
            end += work.unseen[share - 1, province]
            count = _name_segment(work, count, end, rng, province, share, heads, year)
    return count


@internal
def _name_segment(work, count, end, rng, province, share, heads, year):
    return name_segment(
        work.people,
        count,
        end,
        rng,
        province,
        share,
        work.pool_below,
        work.cuts,
        work.tail,
        work.moments,
        heads,
        year,
        work.named,
        work.below,
    )
