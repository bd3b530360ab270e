"""What citizens know: known attempts are learned at the end of their week and forgotten H weeks after.

There is one memory for all, in the order of the weeks, because H is the same for all: what is next forgotten is what
was first learned. ``memory``, int64 (entries, 4), holds the week, the row (a province, or the nation), its known
repressed attempts of that week and its known escapes; ``remembered``, int64 (2,), the first entry still remembered and
one past the last; ``counts``, int64 (2, rows), N_R and N_D - N_R; ``moved`` is the list (index_list) of rows whose
counts have changed since somebody last looked.
"""

import numpy as np

from engine.numerics.index_list import append
from engine.numerics.jit import inlined


@inlined
def learn(work, row, week, repressed, escaped):
    """Add the known attempts of ``week`` to the belief of ``row``."""
    entry = work.remembered[1]
    work.memory[entry, 0] = week
    work.memory[entry, 1] = row
    work.memory[entry, 2] = repressed
    work.memory[entry, 3] = escaped
    work.remembered[1] = entry + 1
    work.counts[0, row] += repressed
    work.counts[1, row] += escaped
    append(work.moved, row)


@inlined
def forget(work, week, memory_weeks):
    """Take out of all beliefs what became known before ``week`` - H: what is left is t-H … t-1."""
    entry, end = work.remembered[0], work.remembered[1]
    while entry < end and work.memory[entry, 0] < week - memory_weeks:
        row = work.memory[entry, 1]
        work.counts[0, row] -= work.memory[entry, 2]
        work.counts[1, row] -= work.memory[entry, 3]
        append(work.moved, row)
        entry += 1
    work.remembered[0] = entry


@inlined
def next_forgotten(work, memory_weeks, weeks):
    """Return the week in which something will next be too old, or ``weeks``, how many there are, if that is later."""
    entry = work.remembered[0]
    if entry == work.remembered[1]:
        return np.int64(weeks)
    return np.int64(min(work.memory[entry, 0] + memory_weeks + 1.0, np.float64(weeks)))
