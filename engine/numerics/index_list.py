"""Lists of whole numbers in arrays that are long enough: place 0 holds how many entries follow it.

Few provinces have news in a week. To walk a list of them costs one branch that the processor cannot foresee, its end;
to look at every province for a flag costs one for each that has it.
"""

from engine.numerics.jit import inlined


@inlined
def append(entries, entry):
    """Add ``entry`` to the list ``entries``, int64 (1 + capacity,)."""
    count = entries[0] + 1
    entries[count] = entry
    entries[0] = count
