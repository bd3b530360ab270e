"""The walk begun anew: a chain that has long found nothing better goes to a new random point, to look for regions.

Each start is a walk of its own. Worth is noisy, so "better" is luck as well: with patience of some hundred draws a
start ends soon after its climb. A start says nothing of the next, so the starts of all chains are independent looks at
the box, and what regions they end in bounds what share of the box may lead elsewhere.
"""

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from calibrate.methods.base import NOTHING, START, Columns, Rule, first_of_chain
from calibrate.methods.moves import Moves, copy_point, is_taken, propose, start
from calibrate.methods.space import Space
from calibrate.methods.walk import Walk, refuted, standing_rows
from calibrate.objective.draw import Bench, Block, make_block, make_draw
from engine.numerics.jit import compiled, internal
from engine.numerics.random import PROPOSAL, open_stream
from engine.scenario import Scenario
from engine.types import Flags, Floats, Integers

WORTH, BEST, SINCE = 0, 1, 2  # of a chain's memory: of where it stands, of its start so far, draws since that
NOT_BEGUN = -1.0  # in SINCE


@internal
def is_stale(memory: Floats, patience: int) -> bool:
    """Return whether the next draw begins anew."""
    since = memory[SINCE]
    return bool(since == NOT_BEGUN or since >= patience)


@internal
def remember(memory: Floats, worth: float, anew: bool) -> None:
    """Note in ``memory``, (3,), the ``worth`` of a draw that begins ``anew``, or goes on."""
    if anew or worth > memory[BEST] or not math.isfinite(memory[BEST]):
        memory[BEST] = worth
        memory[SINCE] = 0.0
    else:
        memory[SINCE] += 1.0


@compiled
def advance_anew(
    bench: Bench,
    space: Space,
    moves: Moves,
    patience: int,
    seed: int,
    chain: int,
    first: int,
    here: Floats,
    memory: Floats,
    block: Block,
) -> None:
    """Fill ``block`` with the draws from iteration ``first`` on; ``here``, (parameters,), and ``memory`` move along."""
    for row in range(block.score.size):
        iteration = first + row
        point = block.points[row]
        anew = is_stale(memory, patience)
        open_stream(bench.rng, seed, chain, iteration, PROPOSAL, 0)
        if anew:
            start(point, space, bench.rng)
        else:
            propose(point, here, space, moves, bench.rng)
        new = make_draw(bench, seed, chain, iteration, block, row)
        taken = anew or is_taken(new, memory[WORTH], moves.temperature, bench.rng)
        if taken:
            copy_point(here, point)
            memory[WORTH] = new
        remember(memory, new, anew)
        block.accepted[row] = taken


@compiled
def begin_anew(worth: Floats, patience: int, memory: Floats, anew: Flags) -> None:
    """Set which draws of this ``worth`` begin ``anew``; ``memory`` is moved along, but for WORTH."""
    for row in range(worth.size):
        anew[row] = is_stale(memory, patience)
        remember(memory, worth[row], anew[row])


class Restart(Walk):
    """The walk begun anew, of one scenario from one seed, as calibrate.methods.base has it.

    A chain's state is where it stands, the point, and its memory.
    """

    compiles: ClassVar[str] = "restart.advance_anew"

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self.patience = scenario.search.patience

    def step(self, chain: int, first: int, count: int, state: bytes, told: bytes = NOTHING) -> tuple[Block, bytes]:
        """Return the next draws of a chain and where it then stands; as in Method."""
        if (state == START) != (first == 0):
            raise ValueError(f"iteration {first} of chain {chain} needs {'a' if state == START else 'no'} state")
        bench = self._benches.mine()
        block = make_block(count, bench.inputs.heads.shape[0], self.space.held.size, bench.further.weight.size)
        here, memory = recalled(state, self.space.held.size)
        advance_anew(bench, self.space, self.moves, self.patience, self.seed, chain, first, here, memory, block)
        return block, state_of(here, memory)

    def starts(self, worth: Floats) -> Integers:
        """Return which start of its chain each draw belongs to; as in Method."""
        return np.cumsum(self._anew(worth, START)[0]) - 1

    def _anew(self, worth: Floats, before: bytes) -> tuple[Flags, Floats]:
        """Return which draws of this worth begin anew, and a chain's memory after them, but for WORTH."""
        anew, memory = np.zeros(len(worth), np.bool_), recalled(before, self.space.held.size)[1]
        begin_anew(np.ascontiguousarray(worth, np.float64), self.patience, memory, anew)
        return anew, memory

    def state_at(self, columns: Columns, row: int, before: bytes) -> bytes:
        """Return where the chain stood before ``row``, and its memory then; as in Method."""
        if row == 0:
            return before
        _, memory = self._anew(columns[self.objective.column][:row], before)
        where = int(standing_rows(columns["accepted"])[row])
        here, past = recalled(before, self.space.held.size)
        if where >= 0:
            here, past[WORTH] = self.point_in(columns, where), columns[self.objective.column][where]
        memory[WORTH] = past[WORTH]
        return state_of(here, memory)

    def rules(self, columns: Columns, before: bytes | None) -> Iterator[Rule]:
        """Yield the rule by which the walk goes on, stays or begins anew; as in Method."""
        if before is None:  # after a part that is missing nobody can say which draws began anew
            yield first_of_chain(columns) & ~columns["accepted"], "a chain's first draw is not accepted"
            return
        worth = columns[self.objective.column]
        anew, _ = self._anew(worth, before)
        yield anew & ~columns["accepted"], "not accepted, though the chain begins anew there"
        yield from refuted(
            worth, columns["accepted"], float(recalled(before, self.space.held.size)[1][WORTH]), anew, self.hottest
        )


def state_of(here: Floats, memory: Floats) -> bytes:
    """Return the state of a chain that stands ``here``, (parameters,), with this ``memory``, (3,)."""
    return np.append(here, memory).astype("<f8").tobytes()


def recalled(state: bytes, parameters: int) -> tuple[Floats, Floats]:
    """Return the point, (parameters,), at which a chain stands, and its memory, (3,)."""
    if state == START:
        return np.zeros(parameters), np.array([0.0, 0.0, NOT_BEGUN])
    numbers = np.frombuffer(state, "<f8").astype(np.float64)
    return numbers[:parameters].copy(), numbers[parameters:].copy()
