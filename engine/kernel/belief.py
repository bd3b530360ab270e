"""What citizens know: known attempts are learned at the end of their week and forgotten H weeks after.

There is one memory for all, in the order of the weeks, because H is the same for all: what is next forgotten is what
was first learned. Who learns is a learner: a community, or communities of all provinces together, as the nation.
"""

from typing import NamedTuple

import numpy as np

from engine.numerics.index_list import LENGTH, append
from engine.numerics.jit import inlined
from engine.types import Integers

# Places of `Memory.ends`.
OLDEST = 0
END = 1


class Memory(NamedTuple):
    """Known attempts by week and community, one entry each, and what they come to for each learner."""

    week: Integers  # (entries,)
    learner: Integers  # (entries,)
    repressed: Integers  # (entries,): known repressed attempts of that week
    escaped: Integers  # (entries,): known escapes of that week
    ends: Integers  # (2,): the first entry still remembered, and one past the last
    known_repressed: Integers  # (learners,): N_R
    known_escaped: Integers  # (learners,): N_D - N_R
    moved: Integers  # list (engine.numerics.index_list) of learners whose numbers changed since it was last emptied


def make_memory(learners: int, communities: int, weeks: int) -> Memory:
    """Return an empty memory with room for what every community may tell in all weeks."""
    entries = communities * weeks
    return Memory(
        week=np.zeros(entries, np.int64),
        learner=np.zeros(entries, np.int64),
        repressed=np.zeros(entries, np.int64),
        escaped=np.zeros(entries, np.int64),
        ends=np.zeros(2, np.int64),
        known_repressed=np.zeros(learners, np.int64),
        known_escaped=np.zeros(learners, np.int64),
        # From each something may be learned in a week, and all be forgotten, where H grows shorter within a run.
        moved=np.zeros(1 + communities + entries, np.int64),
    )


@inlined
def forget_everything(memory: Memory) -> None:
    """Empty the memory, as at the beginning of a run."""
    memory.ends[:] = 0
    memory.known_repressed[:] = 0
    memory.known_escaped[:] = 0
    memory.moved[LENGTH] = 0


@inlined
def learn(memory: Memory, learner: int, week: int, repressed: int, escaped: int) -> None:
    """Add the known attempts of ``week`` to what ``learner`` knows."""
    entry = memory.ends[END]
    memory.week[entry] = week
    memory.learner[entry] = learner
    memory.repressed[entry] = repressed
    memory.escaped[entry] = escaped
    memory.ends[END] = entry + 1
    memory.known_repressed[learner] += repressed
    memory.known_escaped[learner] += escaped
    append(memory.moved, learner)


@inlined
def forget(memory: Memory, week: int, memory_weeks: float) -> None:
    """Take out of what all know what became known before ``week`` - H: what is left is t-H … t-1."""
    entry, end = memory.ends[OLDEST], memory.ends[END]
    while entry < end and memory.week[entry] < week - memory_weeks:
        learner = memory.learner[entry]
        memory.known_repressed[learner] -= memory.repressed[entry]
        memory.known_escaped[learner] -= memory.escaped[entry]
        append(memory.moved, learner)
        entry += 1
    memory.ends[OLDEST] = entry


@inlined
def next_forgotten(memory: Memory, memory_weeks: float, weeks: int) -> int:
    """Return the week in which something will next be too old, or ``weeks``, how many there are, if that is later."""
    entry = memory.ends[OLDEST]
    if entry == memory.ends[END]:
        return np.int64(weeks)
    return np.int64(min(memory.week[entry] + memory_weeks + 1.0, np.float64(weeks)))
