"""The walk in company: most of a chain's proposals are jumps by the difference of two places where the group has been.

DE-MC(Z) of ter Braak and Vrugt (2008) mixed with the walk's small steps, under the walk's rule of acceptance. The
archive is where the chains stood at the recent half of their barriers: what they passed on their way up is forgotten.
A group is one independent start, however many chains it has.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from calibrate.methods.archive import archive_of, grown
from calibrate.methods.base import Meets
from calibrate.methods.moves import Moves
from calibrate.methods.walk import Walk, standing
from engine.scenario import Scenario
from engine.types import Floats

# Choice: tried on the paper's case (docs/search.md)
JUMPS = 0.9


class Population(Walk):
    """The walk in company, of one scenario from one seed, as calibrate.methods.base has it; states are the walk's."""

    meets: ClassVar[Meets] = Meets(group=8, every=25)

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self.moves = self.moves._replace(jumps=JUMPS)

    def meet(self, told: bytes, group: int, barrier: int, states: Sequence[bytes]) -> bytes:
        """Return the archive; as in Method."""
        return grown(told, np.array([standing(state)[0] for state in states]), barrier)

    def moves_of(self, chain: int, told: bytes) -> tuple[Moves, Floats]:
        """Return how a chain moves, and the archive; as in Walk."""
        return self.moves, archive_of(told, self.space.held.size)[1]
