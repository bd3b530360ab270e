"""What a search method is: chains that begin somewhere and go on block by block, all they need to go on in some bytes.

A method is free in how it chooses points. What it must keep is this: the draws of a chain depend on seed, chain,
state and what it was told at the last barrier alone, and the state after a block says all else that the next block
needs. Then a run gives the same bytes on any number of workers, and however often it was cut and resumed. Nothing
outside a method looks into a state.

Chains that help each other form groups, the first so many, the next so many. At a barrier, each so many draws, a chain
waits until all of its group are there; ``meet`` makes of where they stand what each is told.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from calibrate.objective.filtered_draw import AnyBlock
from calibrate.objective.objectives import Objective
from engine.scenario import Scenario
from engine.types import Flags, Floats, Integers

Columns = dict[str, NDArray[Any]]  # the draws of a part by column; that of lists is (rows, years)
Rule = tuple[Flags, str]  # the rows of a part that break it, and what is wrong with them

START = b""  # the state of a chain that has not begun
NOTHING = b""  # what chains are told before their first barrier


class Meets(NamedTuple):
    """Which chains help each other, and how often."""

    group: int  # so many chains in a row
    every: int  # so many draws of each, from one barrier to the next; 0 for never


ALONE = Meets(group=1, every=0)


class Method(Protocol):
    """One way to search a scenario from one seed: any chain, any stretch of it, on any thread."""

    independent: ClassVar[bool]  # whether no draw of a chain depends on those before it
    meets: ClassVar[Meets]
    compiles: ClassVar[str]  # the compiled function (file.name) that takes the time at first use
    objective: Objective  # what it climbs
    names: tuple[str, ...]  # the parameters of a point, in its order

    def __init__(self, scenario: Scenario, seed: int) -> None: ...

    def compile(self) -> None:
        """Compile or load the machine code, before there are threads."""

    def meet(self, told: bytes, group: int, barrier: int, states: Sequence[bytes]) -> bytes:
        """Return what ``group``, 0 for the first, is told at its ``barrier``-th meeting, 1 for the first.

        ``states`` are those of its chains there, in their order, ``told`` what they were told before.
        """

    def step(self, chain: int, first: int, count: int, state: bytes, told: bytes = NOTHING) -> tuple[AnyBlock, bytes]:
        """Return the record of ``count`` draws of ``chain`` from iteration ``first`` on, and the state after them.

        ``state`` is that before them, START at iteration 0, ``told`` what the chain was told at its last barrier. The
        same arguments give the same bytes.
        """

    def state_at(self, columns: Columns, row: int, before: bytes) -> bytes:
        """Return the state in which the draw in ``row`` of a part was made; of one row past the last, the part's end.

        ``before`` is the state in which the part begins.
        """

    def starts(self, worth: Floats) -> Integers:
        """Return which start of its chain each draw belongs to, 0 for the first; ``worth`` is of all its draws."""

    def rules(self, columns: Columns, before: bytes | None) -> Iterator[Rule]:
        """Yield what must hold of the draws of a part, beside what holds for any run; ``before`` None: not known."""


def first_of_chain(columns: Columns) -> Flags:
    """Return which rows are the first draw of their chain."""
    first: Flags = np.equal(columns["iteration"], 0)
    return first
