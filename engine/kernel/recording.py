"""What an observer wants of a week and the run itself does not need: where attempts were unseen, and whose."""

from typing import NamedTuple

import numpy as np

from engine.kernel.attempts import name_week, seen_by_state
from engine.kernel.chance_updates import CROWDED
from engine.kernel.inputs import Inputs
from engine.kernel.repeats import KNOWN, SHARES, UNSEEN_ESCAPE, UNSEEN_REPRESSED, Names
from engine.kernel.state import Now, State, calm_pool, contested_pool
from engine.numerics.jit import inlined, internal, summing
from engine.types import Floats, Integers

# Places of a tally.
ATTEMPTED, ESCAPED = 0, 1


class Record(NamedTuple):
    """Weeks by communities; arrays of no rows where nobody observes."""

    attempts: Integers  # (weeks, communities)
    escapes: Integers
    known: Integers
    known_repressed: Integers
    repression: Floats  # in force that week
    # (shares, weeks, communities, groups), of no groups where nobody asks: attempts by share (repeats.py), in place
    # KNOWN all of a crowded community too. Which of those there were repressed stays open: it depends on nothing of
    # theirs. Where each group is one kind of person, place UNSEEN_ESCAPE has all who escaped, and KNOWN the others.
    by_group: Integers
    # Of some kinds of person who are asked about: how many of them there are, (kinds, years, communities, groups), and
    # how many were to be expected, week by week, to attempt and to escape, (years, kinds, 2).
    people: Floats
    tally: Floats


def make_record(weeks: int, communities: int, groups: int = 0, people: Floats | None = None) -> Record:
    """Return a record of zeros for so many weeks; with ``people`` it tallies these kinds of person."""
    counts = [np.zeros((weeks, communities), np.int64) for _ in range(4)]
    by_group = np.zeros((SHARES, weeks, communities, groups), np.int64)
    people = np.zeros((0, 0, 0, 0)) if people is None else people
    tally = np.zeros((people.shape[1], people.shape[0], 2))
    return Record(counts[0], counts[1], counts[2], counts[3], np.zeros((weeks, communities)), by_group, people, tally)


@internal
def observe(inputs: Inputs, state: State, now: Now, visibility: float, record: Record) -> None:
    """Fill the row of ``record`` for this week, before the regime adjusts; no other number changes.

    The unseen attempts of a pool of several communities are one number until somebody asks; asked, each finds its
    person, and so its community, from the week's own stream.
    """
    week, communities, provinces = now.week, state.mood.size, state.unsettled.size
    first_unseen = np.int64(0)  # among the named, the known come before
    for community in range(communities):
        known = state.attempts[KNOWN, community]
        record.attempts[week, community], record.escapes[week, community] = seen_by_state(state, community)
        record.known[week, community] = known
        record.known_repressed[week, community] = state.known_repressed[community]
        record.repression[week, community] = state.repression[inputs.province[community]]
        if state.mood[community] != CROWDED:
            first_unseen += known
    groups_too = record.by_group.shape[3] > 0
    if groups_too or _unseen(state, calm_pool(state)) > 0 or provinces < communities:
        name_week(inputs, state, now, np.int64(0), visibility)
        _observe_unseen(state, first_unseen, week, record)
    else:
        for province in range(provinces):  # each is one community
            record.attempts[week, province] += _unseen(state, contested_pool(state, province))
            record.escapes[week, province] += state.attempts[UNSEEN_ESCAPE, contested_pool(state, province)]
    if groups_too:
        _observe_groups(state, first_unseen, week, record.by_group)


@inlined
def _unseen(state: State, pool: int) -> int:
    return state.attempts[UNSEEN_ESCAPE, pool] + state.attempts[UNSEEN_REPRESSED, pool]


@inlined
def _pool_in_order(state: State, place: int) -> int:
    """Return the pool of unseen attempts that name_week names in this place: the calm one, then by province."""
    return calm_pool(state) if place == 0 else contested_pool(state, place - 1)


@internal
def _observe_unseen(state: State, place: int, week: int, record: Record) -> None:
    """Add the named from ``place`` on, who attempted unseen, to their communities."""
    for order in range(1 + state.unsettled.size):
        pool = _pool_in_order(state, order)
        for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
            for _ in range(state.attempts[share, pool]):
                community = state.names.community[place]
                record.attempts[week, community] += 1
                record.escapes[week, community] += share == UNSEEN_ESCAPE
                place += 1


@internal
def _observe_groups(state: State, known: int, week: int, by_group: Integers) -> None:
    """Count the named by share and group, in the order in which attempts.py named them, the ``known`` first."""
    names, attempts = state.names, state.attempts
    place = _count(names, np.int64(0), known, KNOWN, week, by_group)
    for order in range(1 + state.unsettled.size):
        for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
            place = _count(names, place, attempts[share, _pool_in_order(state, order)], share, week, by_group)
    for community in range(state.mood.size):
        if state.mood[community] == CROWDED:
            for group in range(by_group.shape[3]):
                escapes = state.crowd_escapes[community, group] if state.crowd_escapes.size > 0 else 0
                by_group[UNSEEN_ESCAPE, week, community, group] = escapes
                by_group[KNOWN, week, community, group] = state.crowd[community, group] - escapes


@internal
def _count(names: Names, place: int, number: int, share: int, week: int, by_group: Integers) -> int:
    """Count so many of the named, from ``place`` on, as attempts of this share; return the place after them."""
    for named in range(place, place + number):
        by_group[share, week, names.community[named], names.group[named]] += 1
    return place + number


@internal
def add_to_tally(inputs: Inputs, state: State, year: int, record: Record) -> None:
    """Add to the year's tally what was to be expected of each kind of person this week, before the regime adjusts.

    That is n p of a group of n people who attempt with probability p, and (1 - R) of these escape; so a tally is a
    count without the chance of the week itself. Where each kind of person is drawn by itself, it is the count.
    """
    people, tally = record.people, record.tally
    for kind in range(people.shape[0]):
        for community in range(people.shape[2]):
            if inputs.by_kind:
                heads, crowd = inputs.heads[year, community], state.crowd[community]
                attempts = _counted(people[kind, year, community], heads, crowd)
                escapes = _counted(people[kind, year, community], heads, state.crowd_escapes[community])
            else:
                attempts = _expected(people[kind, year, community], state.chances.leaving[community])
                escapes = attempts * (1.0 - state.repression[inputs.province[community]])
            tally[year, kind, ATTEMPTED] += attempts
            tally[year, kind, ESCAPED] += escapes


@internal
def _counted(people: Floats, heads: Floats, counts: Integers) -> float:
    """Return how many of these ``counts``, (groups,), are of groups of these people: each group is of one kind."""
    total = 0.0
    for group in range(counts.size):
        total += counts[group] if 0.0 < people[group] == heads[group] else 0.0
    return total


@summing
def _expected(people: Floats, leaving: Floats) -> float:
    """Return how many of these people, (groups,), are expected to attempt."""
    total = 0.0
    for group in range(people.size):
        total += people[group] * leaving[group]
    return total
