"""What an observer wants of a week and the run itself does not need: where attempts were unseen, and whose."""

from typing import NamedTuple

import numpy as np

from engine.kernel.attempts import name_week, seen_by_state
from engine.kernel.chance_updates import CONTESTED, CROWDED
from engine.kernel.repeats import KNOWN, SHARES, UNSEEN_ESCAPE, UNSEEN_REPRESSED, Names
from engine.kernel.state import Now, State
from engine.numerics.jit import internal
from engine.types import Floats, Integers


class Record(NamedTuple):
    """Weeks by provinces; arrays of no rows where nobody observes."""

    attempts: Integers  # (weeks, provinces)
    escapes: Integers
    known: Integers
    known_repressed: Integers
    repression: Floats  # in force that week
    # (shares, weeks, provinces, groups), of no groups where nobody asks: attempts by share (repeats.py), in place KNOWN
    # all of a crowded province too. Which of those there were repressed stays open: it depends on nothing of theirs.
    by_group: Integers


def make_record(weeks: int, provinces: int, groups: int = 0) -> Record:
    """Return a record of zeros for so many weeks."""
    counts = [np.zeros((weeks, provinces), np.int64) for _ in range(4)]
    by_group = np.zeros((SHARES, weeks, provinces, groups), np.int64)
    return Record(counts[0], counts[1], counts[2], counts[3], np.zeros((weeks, provinces)), by_group)


@internal
def observe(heads: Floats, state: State, now: Now, visibility: float, record: Record) -> None:
    """Fill the row of ``record`` for this week, before the regime adjusts; no other number changes.

    The calm provinces' unseen attempts are one number until somebody asks; asked, each finds its person, and so its
    province, from the week's own stream.
    """
    week, provinces = now.week, state.mood.size
    first_unseen = np.int64(0)  # among the named, the known come before
    for province in range(provinces):
        known = state.attempts[KNOWN, province]
        record.attempts[week, province], record.escapes[week, province] = seen_by_state(state, province)
        record.known[week, province] = known
        record.known_repressed[week, province] = state.known_repressed[province]
        record.repression[week, province] = state.repression[province]
        if state.mood[province] != CROWDED:
            first_unseen += known
    escapes = state.attempts[UNSEEN_ESCAPE, provinces]
    unseen = escapes + state.attempts[UNSEEN_REPRESSED, provinces]
    groups_too = record.by_group.shape[3] > 0
    if unseen > 0 or groups_too:
        name_week(heads, state, now, np.int64(0), visibility)
        for place in range(first_unseen, first_unseen + unseen):
            province = state.names.province[place]
            record.attempts[week, province] += 1
            record.escapes[week, province] += place < first_unseen + escapes
    if groups_too:
        _observe_groups(state, first_unseen, week, record.by_group)


@internal
def _observe_groups(state: State, known: int, week: int, by_group: Integers) -> None:
    """Count the named by share and group, in the order in which attempts.py named them, the ``known`` first."""
    names, attempts, provinces = state.names, state.attempts, state.mood.size
    place = _count(names, np.int64(0), known, KNOWN, week, by_group)
    for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
        place = _count(names, place, attempts[share, provinces], share, week, by_group)
    for province in range(provinces):
        if state.mood[province] == CONTESTED:
            for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
                place = _count(names, place, attempts[share, province], share, week, by_group)
        elif state.mood[province] == CROWDED:
            for group in range(by_group.shape[3]):
                by_group[KNOWN, week, province, group] = state.crowd[province, group]


@internal
def _count(names: Names, place: int, number: int, share: int, week: int, by_group: Integers) -> int:
    """Count so many of the named, from ``place`` on, as attempts of this share; return the place after them."""
    for named in range(place, place + number):
        by_group[share, week, names.province[named], names.group[named]] += 1
    return place + number
