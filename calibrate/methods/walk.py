"""The paper's search: from where you stand propose a point close by, simulate and score it, go there or stay.

What a point is worth is its score, or the likelihood where the scenario says so.
"Metropolis-inspired" (paper, "Results"; Gamerman & Lopes 2006: 128-129): better is always taken, worse with
probability exp((new - old)/temperature). One block of draws is one compiled loop; every proposal is recorded with its
own worth, taken or not. A draw's chance comes from its address (seed, chain, iteration) alone.
"""

import math
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

import numpy as np

from calibrate.methods.base import START, Columns, Rule, first_of_chain
from calibrate.methods.space import Space, make_space, set_parameter
from calibrate.objective.draw import Bench, Benches, Block, make_block, make_draw
from calibrate.objective.objectives import objective_of
from engine.numerics.jit import compiled, internal
from engine.numerics.random import PROPOSAL, open_stream, uniform
from engine.parameters import NAMES
from engine.scenario import Scenario
from engine.types import Flags, Floats, Integers, Words

# Chance is compared with a uniform number of at least 2^-53, so nothing this unlikely is ever taken.
LEAST_LOGARITHM = -53 * math.log(2)


class Moves(NamedTuple):
    """How the walk moves."""

    step: float  # standard deviation of a proposal, as a share of the range walked
    subset: float  # probability that a parameter moves in a proposal
    temperature: float  # points


@internal
def reflected(value: float, low: float, high: float) -> float:
    """Return ``value`` folded back into [low, high] as by mirrors at both ends."""
    width = high - low
    offset = (value - low) % (2.0 * width)
    return min(max(low + min(offset, 2.0 * width - offset), low), high)


@internal
def copy_point(target: Floats, source: Floats) -> None:
    """Write one point over another; a slice assignment would allocate, for the case that the two overlap."""
    for parameter in range(source.size):
        target[parameter] = source[parameter]


@internal
def start(point: Floats, space: Space, rng: Words) -> None:
    """Set ``point`` to a uniform point of the space, uniform on the scale walked."""
    copy_point(point, space.held)
    for row in range(space.place.size):
        set_parameter(point, space, row, space.low[row] + uniform(rng) * (space.high[row] - space.low[row]))


@internal
def propose(point: Floats, here: Floats, space: Space, moves: Moves, rng: Words) -> None:
    """Set ``point`` to a proposal close to ``here``.

    Each parameter moves with probability ``subset``, by a normal step; if none would, one picked evenly does.
    Choice: the paper says "randomly selected close to the previous simulation"; kernel and subset are ours.
    """
    copy_point(point, here)
    parameters = space.place.size
    lone = int(uniform(rng) * parameters)
    moved = False
    for row in range(parameters):
        moved |= _maybe_move(point, space, row, moves, rng, moves.subset)
    if not moved and parameters > 0:
        _maybe_move(point, space, lone, moves, rng, 1.0)


@internal
def _maybe_move(point: Floats, space: Space, row: int, moves: Moves, rng: Words, probability: float) -> bool:
    """Move one parameter of ``point`` with this probability; return whether it was moved."""
    if uniform(rng) >= probability:
        return False
    normal = math.sqrt(-2.0 * math.log(uniform(rng))) * math.cos(2.0 * math.pi * uniform(rng))
    here = point[space.place[row]]
    walked = math.log(here) if space.log[row] else here
    walked += normal * moves.step * (space.high[row] - space.low[row])
    set_parameter(point, space, row, reflected(walked, space.low[row], space.high[row]))
    return True


@internal
def is_taken(new: float, old: float, temperature: float, rng: Words) -> bool:
    """Return whether the walk goes to the proposal: surely if not worse, else with probability exp(difference/T).

    A worth that is no finite number, should there ever be one, is left at once, and gone to from such a one alone.
    """
    return new >= old or not math.isfinite(old) or uniform(rng) < math.exp((new - old) / temperature)


@compiled
def advance(
    bench: Bench,
    space: Space,
    moves: Moves,
    seed: int,
    chain: int,
    first: int,
    here: Floats,
    worth: float,
    block: Block,
) -> float:
    """Fill ``block`` with the draws from iteration ``first`` on; return the worth of where the chain then stands.

    ``here``, (12,), and ``worth`` are where it stands before (not read if ``first`` is 0, which starts the chain); the
    array is moved along.
    """
    for row in range(block.score.size):
        iteration = first + row
        point = block.points[row]
        open_stream(bench.rng, seed, chain, iteration, PROPOSAL, 0)
        if iteration == 0:
            start(point, space, bench.rng)
        else:
            propose(point, here, space, moves, bench.rng)
        new = make_draw(bench, seed, chain, iteration, block, row)
        taken = iteration == 0 or is_taken(new, worth, moves.temperature, bench.rng)
        if taken:
            copy_point(here, point)
            worth = new
        block.accepted[row] = taken
    return worth


class Walk:
    """The search of one scenario from one seed, as calibrate.methods.base has it.

    A chain's state is where it stands: the point, 12 numbers in the order of NAMES, and the worth that led it there.
    """

    independent: ClassVar[bool] = False
    compiles: ClassVar[str] = "walk.advance"

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seed = seed
        self.objective = objective_of(scenario)
        self.space: Space = make_space(scenario)
        self.moves = Moves(scenario.search.step, scenario.search.subset, scenario.search.temperature)
        self._benches = Benches(scenario)

    def compile(self) -> None:
        """Compile or load the machine code, before there are threads."""
        self.step(0, 0, 1, START)

    def step(self, chain: int, first: int, count: int, state: bytes) -> tuple[Block, bytes]:
        """Return the next draws of a chain and where it then stands; as in Method."""
        if (state == START) != (first == 0):
            raise ValueError(f"iteration {first} of chain {chain} needs {'a' if state == START else 'no'} state")
        bench = self._benches.mine()
        block = make_block(count, bench.inputs.heads.shape[0])
        here, before = standing(state)
        worth = advance(bench, self.space, self.moves, self.seed, chain, first, here, before, block)
        return block, state_of(here, float(worth))

    def state_at(self, columns: Columns, row: int, before: bytes) -> bytes:
        """Return where the chain stood before ``row``: at the last draw that was accepted; as in Method."""
        where = int(standing_rows(columns["accepted"])[row])
        if where < 0:
            return before
        point = np.array(
            [
                columns[name][where] if name in columns else held
                for name, held in zip(NAMES, self.space.held, strict=True)
            ]
        )
        return state_of(point, float(columns[self.objective.column][where]))

    def rules(self, columns: Columns, before: bytes | None) -> Iterator[Rule]:
        """Yield the rule by which the walk goes on or stays; as in Method."""
        new, taken, rows = columns[self.objective.column], columns["accepted"], standing_rows(columns["accepted"])[:-1]
        at_start = np.nan if before is None else standing(before)[1]
        old = np.where(rows < 0, at_start, new[rows])
        first: Flags = first_of_chain(columns)
        yield first & ~taken, "a chain's first draw is not accepted"
        sure = (new >= old) | ~np.isfinite(old)
        unknown = (rows < 0) & (before is None)  # after a part that is missing
        yield ~first & ~unknown & sure & ~taken, "not accepted, though no worse than where the chain stood"
        possible = (new - old) / self.moves.temperature > LEAST_LOGARITHM
        yield ~first & taken & ~sure & ~possible, "accepted, though far too much worse than where the chain stood"


def state_of(point: Floats, worth: float) -> bytes:
    """Return the state of a chain that stands at ``point``, (12,), of this worth."""
    return np.append(point, worth).astype("<f8").tobytes()


def standing(state: bytes) -> tuple[Floats, float]:
    """Return the point, (12,), and the worth at which a chain stands; zeros before it has begun."""
    numbers = np.frombuffer(state or bytes(8 * (len(NAMES) + 1)), "<f8").astype(np.float64)
    return numbers[:-1].copy(), float(numbers[-1])


def standing_rows(accepted: Flags) -> Integers:
    """Return the row of ``accepted`` where the chain stands before each row and after the last, (rows + 1,).

    -1 if that is in an earlier part.
    """
    stands = np.maximum.accumulate(np.where(accepted, np.arange(len(accepted)), -1))
    return np.concatenate([[-1], stands])
