"""The arrays that one run writes to while it goes, made once for each thread; nothing in them outlives the run."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernel.chances import SERIES_LENGTH
from engine.kernel_inputs import LANES, Inputs

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_PEOPLE_PER_PROVINCE = 1000  # who can be named in a week: rates above a third of this are drawn group by group


class State(NamedTuple):
    """State of a run, by province unless said otherwise; what each array holds is set out where it is changed.

    Where it is ``padded``, provinces of nobody fill the last vector, so that a loop over them is all vectors.
    """

    thresholds: Floats  # (6, kinds, groups): engine.kernel.utility
    top: Integers  # (kinds,): the group with the largest threshold, and so the largest chance of leaving
    tail: Floats  # (provinces, groups): chance of leaving p, engine.kernel.chances
    density: Floats  # (provinces, groups)
    moments: Floats  # (5, padded): engine.kernel.chances
    drift: Floats  # (provinces,): relative error of moments[0] that steps may have left
    standing: Integers  # (3, provinces): N_R and N_D - N_R at which `tail` stands, and steps since the series
    series: Floats  # (terms,): scratch of engine.kernel.chances
    scaled: Floats  # (groups,): scratch of engine.kernel.chances
    memory: Integers  # (rows * weeks, 4): engine.kernel.belief
    remembered: Integers  # (2,)
    counts: Integers  # (2, rows)
    moved: Integers  # list (engine.numerics.index_list) of rows; each may both learn and forget in a week
    repression: Floats  # (padded,): R
    known_rate: Floats  # (padded,): rate of known attempts, 0 for a crowded province
    clock: Floats  # (padded,): what is left until the next known attempt, in units of its rate
    hush: Floats  # (2,): rate of the calm provinces' unseen attempts, and what is left of their clock: week.py
    mood: Integers  # (provinces,): CALM, CONTESTED or CROWDED, engine.kernel.attempts
    calm: Floats  # (padded,): 1 for a calm province, 0 for another
    known: Integers  # (2, provinces): known attempts of this week, and the repressed among them
    heard: Integers  # list of the provinces in which something became known this week
    unseen: Integers  # (2, provinces + 1): unseen escapes and repressed of this week; last: of all calm provinces
    crowd: Integers  # (provinces, 4): attempts, escapes, known, known repressed of a crowded province this week
    crowd_groups: Integers  # (provinces, groups): its attempts by group
    cuts: Floats  # (4, provinces): engine.kernel.repeats
    look: Floats  # (1,): engine.kernel.repeats
    people: Integers  # (2, capacity): province and group of who was named, engine.kernel.repeats
    named: Integers  # (provinces, groups): how many of them
    below: Floats  # (provinces, groups): engine.kernel.repeats
    pool_below: Floats  # (1, provinces): engine.kernel.repeats
    members: Integers  # (provinces,): scratch of engine.kernel.attempts
    rng: NDArray[np.uint64]  # (2, 4): streams of the attempts and of the people


def make_state(inputs: Inputs) -> State:
    """Return the arrays for runs of these inputs, with no value of any meaning in them."""
    provinces, groups = inputs.heads.shape[1:]
    kinds = inputs.ability.shape[0]
    padded = -(-provinces // LANES) * LANES
    rows = int(inputs.learner.max()) + 1
    return State(
        thresholds=np.zeros((6, kinds, groups)),
        top=np.zeros(kinds, np.int64),
        tail=np.zeros((provinces, groups)),
        density=np.zeros((provinces, groups)),
        moments=np.zeros((5, padded)),
        drift=np.zeros(provinces),
        standing=np.zeros((3, provinces), np.int64),
        series=np.zeros(SERIES_LENGTH),
        scaled=np.zeros(groups),
        memory=np.zeros((rows * inputs.weeks, 4), np.int64),
        remembered=np.zeros(2, np.int64),
        counts=np.zeros((2, rows), np.int64),
        moved=np.zeros(1 + 2 * rows, np.int64),
        repression=np.zeros(padded),
        known_rate=np.zeros(padded),
        clock=np.zeros(padded),
        hush=np.zeros(2),
        mood=np.zeros(provinces, np.int64),
        calm=np.zeros(padded),
        known=np.zeros((2, provinces), np.int64),
        heard=np.zeros(1 + provinces, np.int64),
        unseen=np.zeros((2, provinces + 1), np.int64),
        crowd=np.zeros((provinces, 4), np.int64),
        crowd_groups=np.zeros((provinces, groups), np.int64),
        cuts=np.zeros((4, provinces)),
        look=np.zeros(1),
        people=np.zeros((2, _PEOPLE_PER_PROVINCE * (provinces + 1)), np.int64),
        named=np.zeros((provinces, groups), np.int64),
        below=np.zeros((provinces, groups)),
        pool_below=np.zeros((1, provinces)),
        members=np.zeros(provinces, np.int64),
        rng=np.zeros((2, 4), np.uint64),
    )
