"""The walk in company: half of a chain's proposals are jumps by the difference of two places where the group has been.

DE-MC(Z) of ter Braak and Vrugt (2008) mixed with the walk's small steps, under the walk's rule of acceptance. The
archive is where the chains stood at their barriers, so a group is one independent start, however many chains it has.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from calibrate.methods.base import Meets
from calibrate.methods.moves import Moves
from calibrate.methods.walk import NOWHERE, Walk, standing
from engine.parameters import NAMES
from engine.scenario import Scenario
from engine.types import Floats

JUMPS = 0.5  # Choice: tried on the paper's case (docs/search.md)
MOST_PLACES = 512  # of an archive; when it is full, every other barrier is dropped


class Population(Walk):
    """The walk in company, of one scenario from one seed, as calibrate.methods.base has it; states are the walk's."""

    meets: ClassVar[Meets] = Meets(group=8, every=50)

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self.moves = self.moves._replace(jumps=JUMPS)

    def meet(self, told: bytes, group: int, barrier: int, states: Sequence[bytes]) -> bytes:
        """Return the archive, and how many barriers lie between what is kept in it; as in Method.

        It spans the whole past: where it would grow too long, every other barrier is left out from then on.
        """
        spacing, archive = archive_of(told)
        if barrier % spacing:
            return told
        archive = np.concatenate([archive, [standing(state)[0] for state in states]])
        while len(archive) > MOST_PLACES:
            spacing *= 2
            kept = archive.reshape(-1, len(states), len(NAMES))[1::2]
            archive = kept.reshape(-1, len(NAMES))
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
