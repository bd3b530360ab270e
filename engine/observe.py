"""What an observer wants of a week and the run itself does not need: in which province people attempted unseen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.attempts import CROWDED, name_week
from engine.jit import internal


class Record(NamedTuple):
    """Weeks by provinces; arrays of no rows where nobody observes."""

    attempts: NDArray[np.int64]  # (weeks, provinces)
    escapes: NDArray[np.int64]
    known: NDArray[np.int64]
    known_repressed: NDArray[np.int64]
    repression: NDArray[np.float64]  # in force that week


def make_record(weeks: int, provinces: int) -> Record:
    """Return a record of zeros for so many weeks."""
    counts = [np.zeros((weeks, provinces), np.int64) for _ in range(4)]
    return Record(counts[0], counts[1], counts[2], counts[3], np.zeros((weeks, provinces)))


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
    if both > 0:
        name_week(work, heads, year, address, np.int64(0), visibility)
        for unit in range(first, first + both):
            province = work.people[0, unit]
            record.attempts[week, province] += 1
            record.escapes[week, province] += unit < first + escapes
