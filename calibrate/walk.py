"""The paper's search: from where you stand propose a point close by, simulate and score it, go there or stay.

"Metropolis-inspired" (paper, "Results"; Gamerman & Lopes 2006: 128-129): better is always taken, worse with
probability exp((new - old)/temperature). One block of draws is one compiled loop; every proposal is recorded with its
own score, taken or not. A draw's chance comes from its address (seed, chain, iteration) alone.
"""

import math
from threading import local
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calibrate.score import Yardstick, make_yardstick, score_run
from calibrate.space import Space, make_space
from engine.inputs import Inputs, make_inputs
from engine.jit import compiled, internal
from engine.observe import make_record
from engine.parameters import NAMES
from engine.random import PROPOSAL, open_stream, uniform
from engine.scenario import Scenario
from engine.simulate import run
from engine.workspace import make_workspace


class ChainState(NamedTuple):
    """Where a chain stands: all that its next draw needs besides its address."""

    point: NDArray[np.float64]  # (12,), in the order of NAMES
    score: float


class Block(NamedTuple):
    """The record of some draws in a row, one row a draw."""

    points: NDArray[np.float64]  # (draws, 12)
    score: NDArray[np.float64]
    distance: NDArray[np.float64]  # escapes a week
    weeks_run: NDArray[np.int64]
    stopped: NDArray[np.bool_]
    active_years: NDArray[np.int64]
    escapes_total: NDArray[np.int64]
    attempts_total: NDArray[np.int64]
    accepted: NDArray[np.bool_]
    escapes_by_year: NDArray[np.int64]  # (draws, years)


class Rule(NamedTuple):
    """How the walk moves."""

    step: float  # standard deviation of a proposal, as a share of the range walked
    subset: float  # probability that a parameter moves in a proposal
    temperature: float  # points


def make_block(draws: int, years: int) -> Block:
    """Return a block with room for so many draws."""
    return Block(
        points=np.zeros((draws, len(NAMES))),
        score=np.zeros(draws),
        distance=np.zeros(draws),
        weeks_run=np.zeros(draws, np.int64),
        stopped=np.zeros(draws, np.bool_),
        active_years=np.zeros(draws, np.int64),
        escapes_total=np.zeros(draws, np.int64),
        attempts_total=np.zeros(draws, np.int64),
        accepted=np.zeros(draws, np.bool_),
        escapes_by_year=np.zeros((draws, years), np.int64),
    )


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
def advance(inputs, space, yardstick, rule, seed, chain, first, here, score, work, weekly_escapes, record, rng, block):
    """Fill ``block`` with the draws from iteration ``first`` on; return the score where the chain then stands.

    ``here``, (12,), and ``score`` are where it stands before (not read if ``first`` is 0, which starts the chain); the
    array is moved along. The rest is scratch: ``rng`` uint64 (4,), the others as engine.simulate.run takes them.
    """
    for row in range(block.score.size):
        iteration = first + row
        point = block.points[row]
        open_stream(rng, seed, chain, iteration, PROPOSAL, 0)
        if iteration == 0:
            start(point, space, rng)
        else:
            propose(point, here, space, rule, rng)
        outcome = run(inputs, point, seed, chain, iteration, work, weekly_escapes, record)
        new, distance, active = score_run(weekly_escapes, outcome.weeks_run, yardstick, block.escapes_by_year[row])
        taken = iteration == 0 or is_taken(new, score, rule.temperature, rng)
        if taken:
            copy_point(here, point)
            score = new
        block.score[row] = new
        block.distance[row] = distance
        block.weeks_run[row] = outcome.weeks_run
        block.stopped[row] = outcome.stopped
        block.active_years[row] = active
        block.escapes_total[row] = outcome.escapes_total
        block.attempts_total[row] = outcome.attempts_total
        block.accepted[row] = taken
    return score


class Walk:
    """The search of one scenario from one seed: any chain, any stretch of it, on any thread."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seed = seed
        self.inputs: Inputs = make_inputs(scenario)
        self.space: Space = make_space(scenario)
        self.yardstick: Yardstick = make_yardstick(scenario)
        self.rule = Rule(scenario.search.step, scenario.search.subset, scenario.search.temperature)
        self._scratch = local()  # one set of arrays a thread

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
        block = make_block(count, self.inputs.heads.shape[0])
        here = np.zeros(len(NAMES)) if state is None else state.point.copy()
        score = advance(
            self.inputs,
            self.space,
            self.yardstick,
            self.rule,
            self.seed,
            chain,
            first_iteration,
            here,
            0.0 if state is None else float(state.score),
            *self._arrays(),
            block,
        )
        return block, ChainState(here, float(score))

    def _arrays(self) -> tuple[object, ...]:
        if not hasattr(self._scratch, "arrays"):
            self._scratch.arrays = (
                make_workspace(self.inputs),
                np.zeros(self.inputs.weeks, np.int64),
                make_record(0, self.inputs.kind.size),
                np.zeros(4, np.uint64),
            )
        arrays: tuple[object, ...] = self._scratch.arrays
        return arrays
