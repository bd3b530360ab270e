"""What citizens know: known attempts are learned at the end of their week and forgotten H weeks after.

The memory of a row (a province, or the nation) is a queue of the weeks in which something became known. ``memory``,
int64 (3, rows, weeks), holds the week, its known repressed attempts and its known escapes; ``ends``, int64 (2, rows),
the first entry still remembered and one past the last; ``counts``, int64 (2, rows), N_R and N_D - N_R; ``due``, int64
(rows,), the week in which the next entry will be too old, or the number of weeks there are; ``moved``, bool (rows,),
whether ``counts`` may have changed since somebody last looked.
"""

import numpy as np

from engine.jit import inlined, summing


@inlined
def learn(work, row, week, repressed, escaped, memory_weeks):
    """Add the known attempts of ``week`` to the belief of ``row``."""
    entry = work.ends[1, row]
    work.memory[0, row, entry] = week
    work.memory[1, row, entry] = repressed
    work.memory[2, row, entry] = escaped
    work.ends[1, row] = entry + 1
    work.counts[0, row] += repressed
    work.counts[1, row] += escaped
    work.due[row] = min(work.due[row], _too_old(work, week, memory_weeks))
    work.moved[row] = True


@inlined
def forget(work, row, week, memory_weeks):
    """Take out of the belief of ``row`` what became known before ``week`` - H: what is left is t-H … t-1."""
    entry, end = work.ends[0, row], work.ends[1, row]
    while entry < end and work.memory[0, row, entry] < week - memory_weeks:
        work.counts[0, row] -= work.memory[1, row, entry]
        work.counts[1, row] -= work.memory[2, row, entry]
        entry += 1
    work.ends[0, row] = entry
    work.moved[row] = True
    work.due[row] = work.memory.shape[2]
    if entry < end:
        work.due[row] = _too_old(work, work.memory[0, row, entry], memory_weeks)


@summing
def earliest(due):
    """Return the first week in which something will be too old."""
    first = due[0]
    for row in range(due.size):
        first = min(first, due[row])
    return first


@inlined
def _too_old(work, week, memory_weeks):
    """Return the week in which what became known in ``week`` is forgotten, or the number of weeks there are."""
    return np.int64(min(week + memory_weeks + 1.0, np.float64(work.memory.shape[2])))
