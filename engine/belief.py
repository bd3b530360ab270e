"""What citizens know: known attempts are learned at the end of their week and forgotten H weeks after.

The memory of a row (a province, or the nation) is a queue of the weeks in which something became known. ``memory``,
int64 (3, rows, weeks), holds the week, its known repressed attempts and its known escapes; ``ends``, int64 (2, rows),
the first entry still remembered and one past the last; ``counts``, int64 (2, rows), N_R and N_D - N_R.
"""

import numpy as np

from engine.jit import inlined


@inlined
def learn(memory, ends, counts, row, week, repressed, escaped):
    """Add the known attempts of ``week`` to the belief of ``row``."""
    entry = ends[1, row]
    memory[0, row, entry] = week
    memory[1, row, entry] = repressed
    memory[2, row, entry] = escaped
    ends[1, row] = entry + 1
    counts[0, row] += repressed
    counts[1, row] += escaped


@inlined
def forget(memory, ends, counts, row, week, memory_weeks):
    """Take out of the belief of ``row`` what became known before ``week`` - H: what is left is t-H … t-1.

    Returns the week in which the next of it will be too old, or the last week there is.
    """
    entry = ends[0, row]
    while entry < ends[1, row] and memory[0, row, entry] < week - memory_weeks:
        counts[0, row] -= memory[1, row, entry]
        counts[1, row] -= memory[2, row, entry]
        entry += 1
    ends[0, row] = entry
    if entry == ends[1, row]:
        return np.int64(memory.shape[2])
    return np.int64(min(memory[0, row, entry] + memory_weeks + 1.0, memory.shape[2]))
