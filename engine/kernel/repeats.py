"""Nobody attempts twice in a week: what makes Poisson numbers of attempts exact numbers of people.

Give each person a Poisson clock of rate -log(1 - p): whoever's clock rings at least once attempts, which has
probability p, and the rings of all of a province together are one Poisson number. It counts people exactly if a second
ring of the same person is dropped. Cut into shares of all attempts, the same holds share after share: with clocks of
rate log(1 - low·p) - log(1 - high·p) for the share from low to high, rung in the order of the shares, a person's first
ring falls in the share with probability (high - low)·p.

Second rings are rare (people are many, p is below RARE), so who rang is not asked unless it might matter. A ring finds
its person used with a probability of at most (used people)·bound. A clock of its own adds these bounds up and looks, on
average, once for every unit of them; only then are the people of the week named, and the ring is dropped with the true
probability over that of looking. The law is exact; a look comes less than once in most runs.
"""

import math

import numpy as np

from engine.numerics.jit import inlined, internal, summing
from engine.numerics.random import exponential_time, uniform

# Shares of all attempts, in this order; `cuts`, (4, provinces), holds their borders.
KNOWN = 0  # seen by citizens: from 0 to K
UNSEEN_ESCAPE = 1  # from K to K + (1 - K)(1 - R)
UNSEEN_REPRESSED = 2  # from there to 1

_JUST_BELOW_ONE = 1.0 - 2.3e-16  # times a sum, it is less than the sum even after rounding


@inlined
def nobody_asked(look, count, used, bound):
    """Return whether ``count`` rings need no look at who they were, and move the clock ``look``, (1,), if so."""
    reach = (used + count) * bound
    hazard = count * (used + 0.5 * (count - 1)) * bound * (1.0 + reach)
    if reach > 0.5 or look[0] <= hazard:
        return False
    look[0] -= hazard
    return True


@inlined
def person_rate(p, low, high):
    """Return log(1 - low·p) - log(1 - high·p): the rate of rings of a person of chance ``p`` in that share of attempts.

    Four terms of the logarithms' series: for p below engine.kernel.chances.RARE the rest is below 1e-12 of it.
    """
    second = high + low
    third = high * high + high * low + low * low
    fourth = second * (high * high + low * low)
    return (high - low) * p * (1.0 + p * (second / 2.0 + p * (third / 3.0 + p * fourth / 4.0)))


@internal
def set_below(below, tail, heads, year):
    """Set ``below``, (provinces, groups), to the expected attempts of each group and of all before it."""
    for province in range(below.shape[0]):
        total = 0.0
        for group in range(below.shape[1]):
            total += heads[year, province, group] * max(tail[province, group], 0.0)  # steps may leave -1e-20
            below[province, group] = total


@summing
def _place_of(height, below, row):
    """Return the first place at which the running sum ``below[row]`` passes ``height``: a count, not a search."""
    place = np.int64(0)
    for other in range(below.shape[1]):
        place += np.int64(below[row, other] <= height)
    return place


@internal
def pick_group(rng, province, share, cuts, tail, moments, below):
    """Return the group of who rang in this share, each person with probability as its rate.

    Groups are proposed as n·p and accepted as rate/(n·p·width), between 1 and 1/(1 - largest p).
    """
    low, high = cuts[share, province], cuts[share + 1, province]
    most = 1.0 / ((high - low) * (1.0 + 2.0 * moments[4, province]))
    total = below[province, below.shape[1] - 1] * _JUST_BELOW_ONE
    while True:
        group = _place_of(uniform(rng) * total, below, province)
        p = tail[province, group]
        if uniform(rng) < person_rate(p, low, high) / p * most:
            return group


@internal
def pick_province(rng, pool_below):
    """Return a province of the pool with probability as its rate, of which ``pool_below``, (1, provinces), is the sum.

    It runs from the first province to each, both included.
    """
    total = pool_below[0, pool_below.shape[1] - 1] * _JUST_BELOW_ONE
    return _place_of(uniform(rng) * total, pool_below, 0)


@internal
def name_segment(people, count, end, rng, province, share, pool_below, cuts, tail, moments, heads, year, named, below):
    """Name the people of one segment of the week up to the number ``end``; return how many are named then.

    A name is a province and a group, written to ``people``, int64 (2, capacity), and counted in ``named``, (provinces,
    groups). Whoever of the group rang is named already with probability named/people; then all of the pool is picked
    from anew, province included: the law of a ring that was not dropped. ``province`` -1 stands for the pool
    of provinces, whose rates ``pool_below`` has.
    """
    while count < end:
        where = province if province >= 0 else pick_province(rng, pool_below)
        group = pick_group(rng, where, share, cuts, tail, moments, below)
        if uniform(rng) * heads[year, where, group] < named[where, group]:
            continue
        people[0, count], people[1, count] = where, group
        named[where, group] += 1
        count += 1
    return count


@internal
def chance_of_repeat(people, count, members, share, rate, cuts, tail):
    """Return the probability that a ring of ``share`` in the provinces flagged in ``members`` is one of the named."""
    used_rate = 0.0
    for unit in range(count):
        province = people[0, unit]
        if members[province]:
            p = tail[province, people[1, unit]]
            used_rate += person_rate(p, cuts[share, province], cuts[share + 1, province])
    return used_rate / rate


@internal
def is_dropped(rng, look, used, bound, reach, chance):
    """Return whether this ring, which was looked at, is a repeat; wind the clock ``look`` anew."""
    looked = 1.0 if reach > 0.5 else -math.expm1(-used * bound * (1.0 + reach))
    look[0] = exponential_time(rng)
    return uniform(rng) * looked < chance
