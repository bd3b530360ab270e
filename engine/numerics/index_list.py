"""Lists of whole numbers in arrays that are long enough: the first place holds how many entries follow it.

Few provinces have news in a week. To walk a list of them costs one branch that the processor cannot foresee, its end;
to look at every province for a flag costs one for each that has it.
"""

from engine.numerics.jit import inlined
from engine.types import Integers

LENGTH = 0  # the place of the number of entries
FIRST = 1  # the place of the first entry


@inlined
def append(entries: Integers, entry: int) -> None:
    """Add ``entry`` to the list ``entries``, int64 (1 + capacity,)."""
    count = entries[LENGTH] + 1
    entries[count] = entry
    entries[LENGTH] = count
