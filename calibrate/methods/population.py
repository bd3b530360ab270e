"""The walk in company: most of a chain's proposals are jumps by the difference of two places where the group has been.

DE-MC(Z) of ter Braak and Vrugt (2008) mixed with the walk's small steps, under the walk's rule of acceptance. The
archive is where the chains stood at the recent half of their barriers: what they passed on their way up is forgotten.
A group is one independent start, however many chains it has.
"""

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from calibrate.methods.base import Meets
from calibrate.methods.moves import Moves
from calibrate.methods.walk import NOWHERE, Walk, standing
from engine.parameters import NAMES
from engine.scenario import Scenario
from engine.types import Floats

# Choice: tried on the paper's case (docs/search.md)
JUMPS = 0.9
RECENT = 0.5  # share of the barriers of which an archive tells
MOST_PLACES = 256  # of an archive; beyond, every other barrier is left out


class Population(Walk):
    """The walk in company, of one scenario from one seed, as calibrate.methods.base has it; states are the walk's."""

    meets: ClassVar[Meets] = Meets(group=8, every=25)

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self.moves = self.moves._replace(jumps=JUMPS)

    def meet(self, told: bytes, group: int, barrier: int, states: Sequence[bytes]) -> bytes:
        """Return the archive, and how many barriers lie between what is kept in it; as in Method."""
        spacing, archive = archive_of(told)
        if barrier % spacing:
            return told
        archive = np.concatenate([archive, [standing(state)[0] for state in states]])
        archive = archive[-len(states) * math.ceil(RECENT * barrier / spacing) :]
        if len(archive) > MOST_PLACES:  # at an odd barrier: the one before it stays
            spacing *= 2
            archive = archive.reshape(-1, len(states), len(NAMES))[-2::-2][::-1].reshape(-1, len(NAMES))
        return np.append(archive, spacing).astype("<f8").tobytes()

    def moves_of(self, chain: int, told: bytes) -> tuple[Moves, Floats]:
        """Return how a chain moves, and the archive; as in Walk."""
        return self.moves, archive_of(told)[1]


def archive_of(told: bytes) -> tuple[int, Floats]:
    """Return how many barriers lie between what an archive keeps, and its places, (places, 12)."""
    if not told:
        return 1, NOWHERE
    numbers = np.frombuffer(told, "<f8").astype(np.float64)
    return int(numbers[-1]), numbers[:-1].reshape(-1, len(NAMES)).copy()
