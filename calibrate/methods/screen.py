"""A screen: draws spread evenly over the whole box, none of which depends on another.

The points of a chain are a Sobol sequence, scrambled by seed and chain: the chains are independent screens of the
same box, and more draws or more chains leave those that there are as they were. It is stored as a search is.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from calibrate.methods.base import ALONE, NOTHING, START, Columns, Meets, Rule
from calibrate.methods.space import make_space, to_points
from calibrate.objective.draw import Bench, Benches, Block, make_block, make_draw
from calibrate.objective.objectives import objective_of
from engine.numerics.jit import compiled
from engine.scenario import Scenario
from engine.types import Floats, Integers


@compiled
def draw_each(bench: Bench, seed: int, chain: int, first: int, block: Block) -> None:
    """Fill ``block``, whose points are set, with their draws, from iteration ``first`` on, all accepted."""
    for row in range(block.score.size):
        make_draw(bench, seed, chain, first + row, block, row)
        block.accepted[row] = True


def sobol_points(seed: int, chain: int, first: int, count: int, columns: int) -> Floats:
    """Return points number ``first`` and on of the chain's sequence, (count, columns), in [0, 1)."""
    from scipy.stats.qmc import Sobol  # a second to import, and only a screen needs it

    sequence = Sobol(columns, scramble=True, seed=np.random.default_rng((seed, 1 + chain)))
    if first:
        sequence.fast_forward(first)
        return np.asarray(sequence.random(count))
    return np.asarray(sequence.random(1 << (count - 1).bit_length()))[:count]  # the first call wants a power of two


class Screen:
    """The screen of one scenario from one seed, as calibrate.methods.base has it; a chain needs no state to go on."""

    independent: ClassVar[bool] = True
    meets: ClassVar[Meets] = ALONE
    compiles: ClassVar[str] = "screen.draw_each"

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seed = seed
        self.objective = objective_of(scenario)
        self.names, self.space = scenario.names, make_space(scenario)
        self._benches = Benches(scenario)

    def compile(self) -> None:
        """Compile or load the machine code, before there are threads."""
        self.step(0, 0, 1, START)

    def meet(self, told: bytes, group: int, barrier: int, states: Sequence[bytes]) -> bytes:
        """Return nothing: no draw depends on another; as in Method."""
        return NOTHING

    def step(self, chain: int, first: int, count: int, state: bytes, told: bytes = NOTHING) -> tuple[Block, bytes]:
        """Return the next draws of a chain; as in Method."""
        bench = self._benches.mine()
        block = make_block(count, bench.inputs.heads.shape[0], self.space.held.size, bench.further.weight.size)
        block.points[:] = to_points(self.space, sobol_points(self.seed, chain, first, count, self.space.place.size))
        draw_each(bench, self.seed, chain, first, block)
        return block, state

    def state_at(self, columns: Columns, row: int, before: bytes) -> bytes:
        """Return the state of all draws, which is none; as in Method."""
        return before

    def starts(self, worth: Floats) -> Integers:
        """Return 0 for each draw: a chain starts once; as in Method."""
        return np.zeros(len(worth), np.int64)

    def rules(self, columns: Columns, before: bytes | None) -> Iterator[Rule]:
        """Yield the one rule of a screen; as in Method."""
        yield ~columns["accepted"], "not accepted, as every draw of a screen is"
