"""A screen: draws spread evenly over the whole box, none of which depends on another.

The points of a chain are a Sobol sequence, scrambled by seed and chain: the chains are independent screens of the
same box, and more draws or more chains leave those that there are as they were. It is stored as a search is.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrate.methods.space import Space, make_space
from calibrate.methods.walk import ChainState, set_parameter
from calibrate.objective.draw import Block
from calibrate.objective.evaluator import Evaluator
from engine.numerics.jit import compiled
from engine.scenario import Scenario

KIND = "screen"  # what run.json says that it is; a search says nothing


@compiled
def place(points, unit, space):
    """Write the points that lie at ``unit``, (draws, free parameters), of the box into ``points``."""
    for draw in range(unit.shape[0]):
        for row in range(space.place.size):
            walked = space.low[row] + unit[draw, row] * (space.high[row] - space.low[row])
            set_parameter(points[draw], space, row, walked)


def sobol_points(seed: int, chain: int, first: int, count: int, columns: int) -> NDArray[np.float64]:
    """Return points number ``first`` and on of the chain's sequence, (count, columns), in [0, 1)."""
    from scipy.stats.qmc import Sobol  # a second to import, and only a screen needs it

    sequence = Sobol(columns, scramble=True, seed=np.random.default_rng((seed, 1 + chain)))
    if first:
        sequence.fast_forward(first)
        return np.asarray(sequence.random(count))
    return np.asarray(sequence.random(1 << (count - 1).bit_length()))[:count]  # the first call wants a power of two


class Screen:
    """The screen of one scenario from one seed: any chain, any stretch of it, on any thread, as walk.Walk."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seed = seed
        self.space: Space = make_space(scenario)
        self._evaluator = Evaluator(scenario, seed)

    def compile(self) -> None:
        """Compile or load the machine code, before there are threads."""
        self.advance(0, 0, 1, None)

    def advance(
        self, chain: int, first_iteration: int, count: int, state: ChainState | None
    ) -> tuple[Block, ChainState]:
        """Return the record of ``count`` draws from ``first_iteration`` on, all accepted, and the last of them.

        ``state`` is not read: a draw depends on its address alone.
        """
        unit = sobol_points(self.seed, chain, first_iteration, count, self.space.place.size)
        points = np.tile(self.space.held, (count, 1))
        place(points, unit, self.space)
        block = self._evaluator.draws(points, chain, first_iteration)
        block.accepted[:] = True
        return block, ChainState(points[-1].copy(), float(block.score[-1]))


def is_screen(record: Mapping[str, Any]) -> bool:
    """Return whether run.json, ``record``, is that of a screen."""
    return record.get("kind") == KIND
