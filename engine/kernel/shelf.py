"""Runs put away at a year's end, to go on later, once or more often, as if they had never stopped.

At a new year all thresholds move and every chance of leaving is made anew from what is known. So nothing of
engine.kernel.chances outlives a year: what does is the memory, of which only what is not yet forgotten is copied,
repression, who is gone, what is left on the clocks, and the stream.
"""

from typing import NamedTuple

import numpy as np

from engine.kernel.belief import END, OLDEST, forget_everything, learn
from engine.kernel.repeats import LEFT
from engine.kernel.state import State, clear_week
from engine.numerics.index_list import LENGTH
from engine.numerics.jit import internal
from engine.types import Floats, Integers, Words

# Columns of the entries.
_WEEK = 0
_LEARNER = 1
_REPRESSED = 2
_ESCAPED = 3
_COLUMNS = 4

# Columns of the clocks.
_CALM = 0
_NAMES = 1
_CLOCKS = 2


class Shelf(NamedTuple):
    """What the next year needs to know of some runs, a row a run."""

    entries: Integers  # (rows, entries, columns): known attempts, engine.kernel.belief
    known: Integers  # (rows,): how many entries there are
    repression: Floats  # (rows, padded provinces): R
    known_clock: Floats  # (rows, padded)
    clocks: Floats  # (rows, 2): of the calm communities' unseen attempts, and of the looks at who attempted
    rng: Words  # (rows, 4)
    gone: Integers  # (rows, communities, groups), of no size where nobody is taken out of the people


def make_shelf(state: State, rows: int) -> Shelf:
    """Return a shelf for so many runs of the size of ``state``; memory is taken up by what is put there only."""
    return Shelf(
        entries=np.zeros((rows, state.memory.week.size, _COLUMNS), np.int64),
        known=np.zeros(rows, np.int64),
        repression=np.zeros((rows, state.repression.size)),
        known_clock=np.zeros((rows, state.known_clock.size)),
        clocks=np.zeros((rows, _CLOCKS)),
        rng=np.zeros((rows, state.rng.size), np.uint64),
        gone=np.zeros((rows, *state.gone.shape), np.int64),
    )


@internal
def put_away(state: State, shelf: Shelf, row: int) -> None:
    """Copy what outlives a year to a row of the shelf."""
    memory, entries = state.memory, shelf.entries
    oldest = memory.ends[OLDEST]
    known = memory.ends[END] - oldest
    for entry in range(known):
        entries[row, entry, _WEEK] = memory.week[oldest + entry]
        entries[row, entry, _LEARNER] = memory.learner[oldest + entry]
        entries[row, entry, _REPRESSED] = memory.repressed[oldest + entry]
        entries[row, entry, _ESCAPED] = memory.escaped[oldest + entry]
    shelf.known[row] = known
    for province in range(state.repression.size):
        shelf.repression[row, province] = state.repression[province]
    for community in range(state.known_clock.size):
        shelf.known_clock[row, community] = state.known_clock[community]
    shelf.clocks[row, _CALM] = state.calm_clock[LEFT]
    shelf.clocks[row, _NAMES] = state.names.clock[LEFT]
    for word in range(state.rng.size):
        shelf.rng[row, word] = state.rng[word]
    communities, groups = state.gone.shape
    for community in range(communities):
        for group in range(groups):
            shelf.gone[row, community, group] = state.gone[community, group]


@internal
def take_up(shelf: Shelf, row: int, state: State) -> None:
    """Make ``state``, in which any run may have been before, that of the run on this row, which stays there."""
    memory, entries = state.memory, shelf.entries
    forget_everything(memory)
    for entry in range(shelf.known[row]):
        memory.moved[LENGTH] = 0  # at a new year all learners are looked at
        learn(
            memory,
            entries[row, entry, _LEARNER],
            entries[row, entry, _WEEK],
            entries[row, entry, _REPRESSED],
            entries[row, entry, _ESCAPED],
        )
    clear_week(state)
    for province in range(state.repression.size):
        state.repression[province] = shelf.repression[row, province]
    for community in range(state.known_clock.size):
        state.known_clock[community] = shelf.known_clock[row, community]
    state.calm_clock[LEFT] = shelf.clocks[row, _CALM]
    state.names.clock[LEFT] = shelf.clocks[row, _NAMES]
    for word in range(state.rng.size):
        state.rng[word] = shelf.rng[row, word]
    communities, groups = state.gone.shape
    for community in range(communities):
        for group in range(groups):
            state.gone[community, group] = shelf.gone[row, community, group]
