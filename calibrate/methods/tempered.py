"""The walk at a ladder of temperatures: hot chains roam, cold ones refine, and neighbours on the ladder change places.

Parallel tempering (Geyer 1991) of the walk. Chains keep their points and change their rungs, which comes to the same:
a chain that has found something good cools there. A group is one ladder, and one independent start.
"""

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from calibrate.methods.base import Meets
from calibrate.methods.moves import Moves
from calibrate.methods.walk import NOWHERE, Walk, standing
from engine.types import Floats, Integers

# Choice: temperatures from 0.35 of the scenario's up, each 1.7 times the one below, untuned (docs/search.md).
COLDEST, RATIO = 0.35, 1.7
STEPS = 0.4, 2.5  # least and largest of a rung's step, as shares of the scenario's; between, as the root of temperature


class Tempered(Walk):
    """The tempered walk of one scenario from one seed, as calibrate.methods.base has it; states are the walk's."""

    meets: ClassVar[Meets] = Meets(group=8, every=25)

    @property
    def hottest(self) -> float:
        """Return the temperature of the uppermost rung."""
        return self.temperature_of(self.meets.group - 1)

    def temperature_of(self, rung: int) -> float:
        """Return the temperature of a rung, 0 for the coldest."""
        return self.moves.temperature * COLDEST * RATIO**rung

    def meet(self, told: bytes, group: int, barrier: int, states: Sequence[bytes]) -> bytes:
        """Return the rung of each chain after neighbours were offered to change places; as in Method.

        Chance comes from the address of the meeting alone.
        """
        chains = np.argsort(rungs_of(told, len(states)))  # by rung
        worth = [standing(state)[1] for state in states]
        chances = np.random.default_rng((self.seed, group, barrier)).random(len(states))
        for rung in range(barrier % 2, len(states) - 1, 2):
            cold, hot = chains[rung], chains[rung + 1]
            gain = worth[hot] - worth[cold]
            cooling = 1 / self.temperature_of(rung) - 1 / self.temperature_of(rung + 1)
            if not math.isfinite(gain) or chances[rung] < math.exp(min(0.0, gain * cooling)):
                chains[rung], chains[rung + 1] = hot, cold
        return np.argsort(chains).astype("<i8").tobytes()

    def moves_of(self, chain: int, told: bytes) -> tuple[Moves, Floats]:
        """Return how a chain moves on its rung; as in Walk."""
        rung = int(rungs_of(told, self.meets.group)[chain % self.meets.group])
        moves = self.moves._replace(step=self.moves.step * step_of(rung), temperature=self.temperature_of(rung))
        return moves, NOWHERE


def step_of(rung: int) -> float:
    """Return the step of a rung, as a share of the scenario's."""
    return min(max(math.sqrt(COLDEST * RATIO**rung), STEPS[0]), STEPS[1])


def rungs_of(told: bytes, chains: int) -> Integers:
    """Return the rung of each chain of a group; before the first barrier the first chain is the coldest."""
    return np.frombuffer(told, "<i8").astype(np.int64) if told else np.arange(chains)
