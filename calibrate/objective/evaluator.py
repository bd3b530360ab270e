"""Points that were chosen, not walked to, simulated and scored."""

import numpy as np
from numpy.typing import NDArray

from calibrate.objective.draw import Benches, Block, make_block, make_draw
from engine.numerics.jit import compiled
from engine.parameters import NAMES
from engine.scenario import Scenario


@compiled
def evaluate(bench, seed, chain, first, block):
    """Fill ``block``, whose points are set, with their draws, from iteration ``first`` on."""
    for row in range(block.score.size):
        make_draw(bench, seed, chain, first + row, block, row)


class Evaluator:
    """The draws of any points of one scenario, from one seed, on any thread."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seed = seed
        self._years = scenario.years
        self._benches = Benches(scenario)

    def compile(self) -> None:
        """Compile or load the machine code, before there are threads."""
        self.draws(np.zeros((0, len(NAMES))), 0, 0)

    def draws(self, points: NDArray[np.float64], chain: int, first_iteration: int) -> Block:
        """Return the record of ``points``, (draws, 12) in the order of NAMES, none of them accepted.

        Row k is drawn at the address (seed, chain, first_iteration + k): the same arguments give the same bytes.
        """
        block = make_block(len(points), self._years)
        block.points[:] = points
        evaluate(self._benches.mine(), self.seed, chain, first_iteration, block)
        return block
