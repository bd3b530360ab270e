"""The paper's search: from where you stand propose a point close by, simulate and score it, go there or stay.

"Metropolis-inspired" (paper, "Results"; Gamerman & Lopes 2006: 128-129): better is always taken, worse with
probability exp((new - old)/temperature). One block of draws is one compiled loop; every proposal is recorded with its
own score, taken or not. A draw's chance comes from its address (seed, chain, iteration) alone.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calibrate.methods.space import Space, make_space
from calibrate.objective.draw import Benches, Block, make_block, make_draw
from engine.numerics.jit import compiled, internal
from engine.numerics.random import PROPOSAL, open_stream, uniform
from engine.parameters import NAMES
from engine.scenario import Scenario


class ChainState(NamedTuple):
    """Where a chain stands: all that its next draw needs besides its address."""

    point: NDArray[np.float64]  # (12,), in the order of NAMES
    score: float


class Rule(NamedTuple):
    """How the walk moves."""

    step: float  # standard deviation of a proposal, as a share of the range walked
    subset: float  # probability that a parameter moves in a proposal
    temperature: float  # points


@internal
def reflected(value, low, high):
    """Return ``value`` folded back into [low, high] as by mirrors at both ends."""
    width = high - low
    offset = (value - low) % (2.0 * width)
    return min(max(low + min(offset, 2.0 * width - offset), low), high)


@internal
def set_parameter(point, space, row, walked):
    """Write the parameter ``row`` of the space into ``point`` from its value on the scale walked."""
    value = math.exp(walked) if space.log[row] else walked
    if space.integer[row]:
        value = math.floor(value + 0.5)
    point[space.place[row]] = min(max(value, space.least[row]), space.largest[row])


@internal
def copy_point(target, source):
    """Write one point over another; a slice assignment would allocate, for the case that the two overlap."""
    for parameter in range(source.size):
        target[parameter] = source[parameter]


@internal
def start(point, space, rng):
    """Set ``point`` to a uniform point of the space, uniform on the scale walked."""
    copy_point(point, space.held)
    for row in range(space.place.size):
        set_parameter(point, space, row, space.low[row] + uniform(rng) * (space.high[row] - space.low[row]))


@internal
def propose(point, here, space, rule, rng):
    """Set ``point`` to a proposal close to ``here``.

    Each parameter moves with probability ``subset``, by a normal step; if none would, one picked evenly does.
    Choice: the paper says "randomly selected close to the previous simulation"; kernel and subset are ours.
    """
    copy_point(point, here)
    parameters = space.place.size
    lone = int(uniform(rng) * parameters)
    moved = False
    for row in range(parameters):
        moved |= _maybe_move(point, space, row, rule, rng, rule.subset)
    if not moved and parameters > 0:
        _maybe_move(point, space, lone, rule, rng, 1.0)


@internal
def _maybe_move(point, space, row, rule, rng, probability):
    """Move one parameter of ``point`` with this probability; return whether it was moved."""
    if uniform(rng) >= probability:
        return False
    normal = math.sqrt(-2.0 * math.log(uniform(rng))) * math.cos(2.0 * math.pi * uniform(rng))
    here = point[space.place[row]]
    walked = math.log(here) if space.log[row] else here
    walked += normal * rule.step * (space.high[row] - space.low[row])
    set_parameter(point, space, row, reflected(walked, space.low[row], space.high[row]))
    return True


@internal
def is_taken(new, old, temperature, rng):
    """Return whether the walk goes to the proposal: surely if not worse, else with probability exp(difference/T).

    A score that is no finite number, should there ever be one, is left at once, and gone to from such a one alone.
    """
    return new >= old or not math.isfinite(old) or uniform(rng) < math.exp((new - old) / temperature)


@compiled
def advance(bench, space, rule, seed, chain, first, here, score, block):
    """Fill ``block`` with the draws from iteration ``first`` on; return the score where the chain then stands.

    ``here``, (12,), and ``score`` are where it stands before (not read if ``first`` is 0, which starts the chain); the
    array is moved along.
    """
    for row in range(block.score.size):
        iteration = first + row
        point = block.points[row]
        open_stream(bench.rng, seed, chain, iteration, PROPOSAL, 0)
        if iteration == 0:
            start(point, space, bench.rng)
        else:
            propose(point, here, space, rule, bench.rng)
        new = make_draw(bench, seed, chain, iteration, block, row)
        taken = iteration == 0 or is_taken(new, score, rule.temperature, bench.rng)
        if taken:
            copy_point(here, point)
            score = new
        block.accepted[row] = taken
    return score


class Walk:
    """The search of one scenario from one seed: any chain, any stretch of it, on any thread."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seed = seed
        self.space: Space = make_space(scenario)
        self.rule = Rule(scenario.search.step, scenario.search.subset, scenario.search.temperature)
        self._benches = Benches(scenario)

    def compile(self) -> None:
        """Compile or load the machine code, before there are threads."""
        self.advance(0, 0, 1, None)

    def advance(
        self, chain: int, first_iteration: int, count: int, state: ChainState | None
    ) -> tuple[Block, ChainState]:
        """Return the record of ``count`` draws from ``first_iteration`` on, and where the chain stands after them.

        ``state`` is where it stands before, None for its start at iteration 0. The same arguments give the same bytes,
        on any thread and however a chain is cut into blocks.
        """
        if (state is None) != (first_iteration == 0):
            raise ValueError(f"iteration {first_iteration} of chain {chain} needs {'no ' if state else 'a '}state")
        bench = self._benches.mine()
        block = make_block(count, bench.inputs.heads.shape[0])
        here = np.zeros(len(NAMES)) if state is None else state.point.copy()
        before = 0.0 if state is None else float(state.score)
        score = advance(bench, self.space, self.rule, self.seed, chain, first_iteration, here, before, block)
        return block, ChainState(here, float(score))
