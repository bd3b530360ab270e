"""What an observer wants of a week and the run itself does not need: where attempts were unseen, and whose."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernel.attempts import CONTESTED, CROWDED, name_week
from engine.kernel.repeats import KNOWN, UNSEEN_ESCAPE, UNSEEN_REPRESSED
from engine.numerics.jit import internal


class Record(NamedTuple):
    """Weeks by provinces; arrays of no rows where nobody observes."""

    attempts: NDArray[np.int64]  # (weeks, provinces)
    escapes: NDArray[np.int64]
    known: NDArray[np.int64]
    known_repressed: NDArray[np.int64]
    repression: NDArray[np.float64]  # in force that week
    # (3, weeks, provinces, groups), of no groups where nobody asks: attempts by share (repeats.py), in place 0 all
    # of a crowded province too. Which of those in place 0 were repressed stays open: it depends on nothing of theirs.
    by_group: NDArray[np.int64]


def make_record(weeks: int, provinces: int, groups: int = 0) -> Record:
    """Return a record of zeros for so many weeks."""
    counts = [np.zeros((weeks, provinces), np.int64) for _ in range(4)]
    by_group = np.zeros((3, weeks, provinces, groups), np.int64)
    return Record(counts[0], counts[1], counts[2], counts[3], np.zeros((weeks, provinces)), by_group)


@internal
def observe(work, heads, year, address, visibility, record):
    """Fill the row of ``record`` for the week ``address[3]``, before the regime adjusts; no other number changes.

    The calm provinces' unseen attempts are one number until somebody asks; asked, each finds its person, and so its
    province, from the week's own stream.
    """
    week = address[3]
    provinces = work.mood.size
    for province in range(provinces):
        record.repression[week, province] = work.repression[province]
        if work.mood[province] == CROWDED:
            record.attempts[week, province] = work.crowd[province, 0]
            record.escapes[week, province] = work.crowd[province, 1]
            record.known[week, province] = work.crowd[province, 2]
            record.known_repressed[week, province] = work.crowd[province, 3]
        else:
            known, known_repressed = work.known[0, province], work.known[1, province]
            record.known[week, province] = known
            record.known_repressed[week, province] = known_repressed
            record.escapes[week, province] = known - known_repressed + work.unseen[0, province]
            record.attempts[week, province] = known + work.unseen[0, province] + work.unseen[1, province]
    first = np.int64(0)
    for province in range(provinces):
        first += work.known[0, province]
    escapes = work.unseen[0, provinces]
    both = escapes + work.unseen[1, provinces]
    groups_too = record.by_group.shape[3] > 0
    if both > 0 or groups_too:
        name_week(work, heads, year, address, np.int64(0), visibility)
        for unit in range(first, first + both):
            province = work.people[0, unit]
            record.attempts[week, province] += 1
            record.escapes[week, province] += unit < first + escapes
    if groups_too:
        _observe_groups(work, first, week, record.by_group)


@internal
def _observe_groups(work, first, week, by_group):
    """Count the named by share and group, in the order in which attempts.py named them, the known ``first``."""
    provinces = work.mood.size
    unit = _count(work.people, np.int64(0), first, KNOWN, week, by_group)
    unit = _count(work.people, unit, work.unseen[0, provinces], UNSEEN_ESCAPE, week, by_group)
    unit = _count(work.people, unit, work.unseen[1, provinces], UNSEEN_REPRESSED, week, by_group)
    for province in range(provinces):
        if work.mood[province] == CONTESTED:
            unit = _count(work.people, unit, work.unseen[0, province], UNSEEN_ESCAPE, week, by_group)
            unit = _count(work.people, unit, work.unseen[1, province], UNSEEN_REPRESSED, week, by_group)
        elif work.mood[province] == CROWDED:
            for group in range(by_group.shape[3]):
                by_group[0, week, province, group] = work.crowd_groups[province, group]


@internal
def _count(people, unit, number, share, week, by_group):
    """Count so many of the named, from ``unit`` on, as attempts of this share; return the unit after them."""
    for named in range(unit, unit + number):
        by_group[share, week, people[0, named], people[1, named]] += 1
    return unit + number
