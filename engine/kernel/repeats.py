"""Nobody attempts twice in a week: what makes Poisson numbers of attempts exact numbers of people.

Give each person a Poisson clock of rate -log(1 - p): whoever's clock rings at least once attempts, which has
probability p, and the rings of all of a community together are one Poisson number. It counts people exactly if a second
ring of the same person is dropped. Cut into shares of all attempts, the same holds share after share: with clocks of
rate log(1 - low·p) - log(1 - high·p) for the share from low to high, rung in the order of the shares, a person's first
ring falls in the share with probability (high - low)·p.

Second rings are rare (people are many, p is below RARE), so who rang is not asked unless it might matter. A ring finds
its person used with a probability of at most (used people)·bound. A clock of its own adds these bounds up and looks, on
average, once for every unit of them; only then are the people of the week named, and the ring is dropped with the true
probability over that of looking. The law is exact; a look comes less than once in most runs.
"""

import math
from typing import NamedTuple

import numpy as np

from engine.kernel.chances import LARGEST, Chances
from engine.numerics.jit import inlined, internal, summing
from engine.numerics.random import exponential_time, uniform
from engine.types import Floats, Integers, Words

# Shares of all attempts, in this order.
KNOWN = 0  # seen by citizens: from 0 to K
UNSEEN_ESCAPE = 1  # from K to K + (1 - K)(1 - R)
UNSEEN_REPRESSED = 2  # from there to 1
SHARES = 3

# Places of an array that is one clock.
LEFT = 0  # what is left until it rings
RATE = 1

_PEOPLE_PER_COMMUNITY = 1000  # who can be named in a week: rates above a third of this are drawn group by group
_JUST_BELOW_ONE = 1.0 - 2.3e-16  # times a sum, it is less than the sum even after rounding


class Names(NamedTuple):
    """Who attempted this week in the communities that are not crowded: each a community and a group of it."""

    clock: Floats  # (1,): LEFT until somebody asks who they were
    community: Integers  # (capacity,): of each who is named
    group: Integers  # (capacity,)
    of_group: Integers  # (communities, groups): how many of a group are named
    borders: Floats  # (shares + 1, communities): where each share of the attempts begins; the last is 1
    expected_up_to: Floats  # (communities, groups): expected attempts of a group and of all before it
    rate_up_to: Floats  # (communities,): rate of a share in a community of a pool and in all before it there
    in_pool: Integers  # (communities,): 1 for a community whose rings are looked at, 0 for another
    rng: Words  # (4,): the stream of the people, one for each week


def make_names(communities: int, groups: int) -> Names:
    """Return the arrays, with no value of any meaning in them."""
    capacity = _PEOPLE_PER_COMMUNITY * (communities + 1)
    return Names(
        clock=np.zeros(1),
        community=np.zeros(capacity, np.int64),
        group=np.zeros(capacity, np.int64),
        of_group=np.zeros((communities, groups), np.int64),
        borders=np.zeros((SHARES + 1, communities)),
        expected_up_to=np.zeros((communities, groups)),
        rate_up_to=np.zeros(communities),
        in_pool=np.zeros(communities, np.int64),
        rng=np.zeros(4, np.uint64),
    )


@inlined
def nobody_asks(clock: Floats, count: int, used: int, bound: float) -> bool:
    """Return whether ``count`` rings need no look at who they were, and wind the ``clock`` of looks on if so.

    ``used`` people attempted before them; ``bound`` is on the chance that a ring finds one given person.
    """
    reach = (used + count) * bound
    hazard = count * (used + 0.5 * (count - 1)) * bound * (1.0 + reach)
    if reach > 0.5 or clock[LEFT] <= hazard:
        return False
    clock[LEFT] -= hazard
    return True


@internal
def is_dropped(rng: Words, clock: Floats, used: int, bound: float, reach: float, chance: float) -> bool:
    """Return whether this ring, which was looked at, is a repeat; wind the ``clock`` of looks anew."""
    looked = 1.0 if reach > 0.5 else -math.expm1(-used * bound * (1.0 + reach))
    clock[LEFT] = exponential_time(rng)
    return uniform(rng) * looked < chance


@inlined
def person_rate(p: float, low: float, high: float) -> float:
    """Return log(1 - low·p) - log(1 - high·p): the rate of rings of a person of chance ``p`` in that share of attempts.

    Four terms of the logarithms' series: for p below engine.kernel.chances.RARE the rest is below 1e-12 of it.
    """
    second = high + low
    third = high * high + high * low + low * low
    fourth = second * (high * high + low * low)
    return (high - low) * p * (1.0 + p * (second / 2.0 + p * (third / 3.0 + p * fourth / 4.0)))


@internal
def set_expected_up_to(names: Names, leaving: Floats, heads: Floats, year: int) -> None:
    """Set the expected attempts of each group of a community and of all before it."""
    for community in range(leaving.shape[0]):
        total = 0.0
        for group in range(leaving.shape[1]):
            total += heads[year, community, group] * max(leaving[community, group], 0.0)  # steps may leave -1e-20
            names.expected_up_to[community, group] = total


@summing
def _group_at(height: float, expected_up_to: Floats, community: int) -> int:
    """Return the first group at which the expected attempts pass ``height``: a count, not a search."""
    group = np.int64(0)
    for other in range(expected_up_to.shape[1]):
        group += np.int64(expected_up_to[community, other] <= height)
    return group


@internal
def pick_group(names: Names, chances: Chances, community: int, share: int) -> int:
    """Return the group of who rang in this share, each person with probability as its rate.

    Groups are proposed as n·p and accepted as rate/(n·p·width), between 1 and 1/(1 - largest p).
    """
    rng, expected_up_to = names.rng, names.expected_up_to
    low, high = names.borders[share, community], names.borders[share + 1, community]
    most = 1.0 / ((high - low) * (1.0 + 2.0 * chances.moments[LARGEST, community]))
    total = expected_up_to[community, expected_up_to.shape[1] - 1] * _JUST_BELOW_ONE
    while True:
        group = _group_at(uniform(rng) * total, expected_up_to, community)
        p = chances.leaving[community, group]
        if uniform(rng) < person_rate(p, low, high) / p * most:
            return group


@internal
def pick_community(rng: Words, rate_up_to: Floats, first: int, past: int) -> int:
    """Return a community from ``first`` to before ``past``, with probability as its rate, given those up to each."""
    height = uniform(rng) * (rate_up_to[past - 1] * _JUST_BELOW_ONE)
    community = first
    for other in range(first, past):
        community += np.int64(rate_up_to[other] <= height)
    return community


@internal
def name_people(
    names: Names, chances: Chances, heads: Floats, year: int, named: int, end: int, first: int, past: int, share: int
) -> int:
    """Name who attempted in this share up to the number ``end``, ``named`` having their names; return how many have.

    Whoever of the group rang is named already with probability named/people; then all of the pool is picked from anew,
    community included: the law of a ring that was not dropped. The pool lies in the communities from ``first`` to
    before ``past``; if there are several, ``names.rate_up_to`` has their rates.
    """
    while named < end:
        where = first if past - first == 1 else pick_community(names.rng, names.rate_up_to, first, past)
        group = pick_group(names, chances, where, share)
        if uniform(names.rng) * heads[year, where, group] < names.of_group[where, group]:
            continue
        names.community[named], names.group[named] = where, group
        names.of_group[where, group] += 1
        named += 1
    return named


@internal
def chance_of_repeat(names: Names, leaving: Floats, named: int, share: int, rate: float) -> float:
    """Return the probability that a ring of ``share`` in the pool is one of those ``named`` so far."""
    used_rate = 0.0
    for place in range(named):
        community = names.community[place]
        if names.in_pool[community]:
            p = leaving[community, names.group[place]]
            used_rate += person_rate(p, names.borders[share, community], names.borders[share + 1, community])
    return used_rate / rate
