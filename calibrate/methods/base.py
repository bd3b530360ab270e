"""What a search method is: chains that begin somewhere and go on block by block, all they need to go on in some bytes.

A method is free in how it chooses points. What it must keep is this: the draws of a chain depend on seed, chain and
state alone, and the state after a block says all that the next block needs. Then a run gives the same bytes on any
number of workers and machines, and however often it was cut and resumed. Nothing outside a method looks into a state.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from calibrate.objective.draw import Block
from calibrate.objective.objectives import Objective
from engine.scenario import Scenario
from engine.types import Flags

Columns = dict[str, NDArray[Any]]  # the draws of a part by column; escapes_by_year is (rows, years)
Rule = tuple[Flags, str]  # the rows of a part that break it, and what is wrong with them

START = b""  # the state of a chain that has not begun


class Method(Protocol):
    """One way to search a scenario from one seed: any chain, any stretch of it, on any thread."""

    independent: ClassVar[bool]  # whether no draw of a chain depends on those before it
    compiles: ClassVar[str]  # the compiled function (file.name) that takes the time at first use
    objective: Objective  # what it climbs

    def __init__(self, scenario: Scenario, seed: int) -> None: ...

    def compile(self) -> None:
        """Compile or load the machine code, before there are threads."""

    def step(self, chain: int, first: int, count: int, state: bytes) -> tuple[Block, bytes]:
        """Return the record of ``count`` draws of ``chain`` from iteration ``first`` on, and the state after them.

        ``state`` is that before them, START at iteration 0. The same arguments give the same bytes.
        """

    def state_at(self, columns: Columns, row: int, before: bytes) -> bytes:
        """Return the state in which the draw in ``row`` of a part was made; of one row past the last, the part's end.

        ``before`` is the state in which the part begins.
        """

    def rules(self, columns: Columns, before: bytes | None) -> Iterator[Rule]:
        """Yield what must hold of the draws of a part, beside what holds for any run; ``before`` None: not known."""


def first_of_chain(columns: Columns) -> Flags:
    """Return which rows are the first draw of their chain."""
    first: Flags = np.equal(columns["iteration"], 0)
    return first
