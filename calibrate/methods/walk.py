"""The paper's search: from where you stand propose a point close by, simulate and score it, go there or stay.

What a point is worth is its score, or the likelihood where the scenario says so.
"Metropolis-inspired" (paper, "Results"; Gamerman & Lopes 2006: 128-129): better is always taken, worse with
probability exp((new - old)/temperature). One block of draws is one compiled loop; every proposal is recorded with its
own worth, taken or not. A draw's chance comes from its address (seed, chain, iteration) alone.
"""

import math
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from calibrate.methods.base import ALONE, NOTHING, START, Columns, Meets, Rule, first_of_chain
from calibrate.methods.moves import Moves, copy_point, is_taken, propose_in_company, start
from calibrate.methods.space import Space, make_space
from calibrate.objective.draw import Bench, Benches, Block, make_block, make_draw
from calibrate.objective.objectives import objective_of
from engine.numerics.jit import compiled
from engine.numerics.random import PROPOSAL, open_stream
from engine.scenario import Scenario
from engine.types import Flags, Floats, Integers

# Chance is compared with a uniform number of at least 2^-53, so nothing this unlikely is ever taken.
LEAST_LOGARITHM = -53 * math.log(2)
NOWHERE = np.zeros((0, 0))


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
    archive: Floats,
    block: Block,
) -> float:
    """Fill ``block`` with the draws from iteration ``first`` on; return the worth of where the chain then stands.

    ``here``, (parameters,), and ``worth`` are where it stands before (not read if ``first`` is 0, which starts the
    chain); the array is moved along. ``archive``, (places, parameters), is where it may jump by; with fewer than two
    there are no jumps.
    """
    for row in range(block.score.size):
        iteration = first + row
        point = block.points[row]
        again = moves.rescore > 0 and iteration > 0 and iteration % moves.rescore == 0
        open_stream(bench.rng, seed, chain, iteration, PROPOSAL, 0)
        if iteration == 0:
            start(point, space, bench.rng)
        elif again:
            copy_point(point, here)
        else:
            propose_in_company(point, here, archive, space, moves, bench.rng)
        new = make_draw(bench, seed, chain, iteration, block, row)
        taken = iteration == 0 or again or is_taken(new, worth, moves.temperature, bench.rng)
        if taken:
            copy_point(here, point)
            worth = new
        block.accepted[row] = taken
    return worth


class Walk:
    """The search of one scenario from one seed, as calibrate.methods.base has it.

    A chain's state is where it stands, the point, and the worth that led it there.
    """

    independent: ClassVar[bool] = False
    meets: ClassVar[Meets] = ALONE
    compiles: ClassVar[str] = "walk.advance"

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.seed = seed
        self.objective = objective_of(scenario)
        self.names, self.space = scenario.names, make_space(scenario)
        search = scenario.search
        self.moves = Moves(search.step, search.subset, search.temperature, search.rescore or 0, 0.0, 1.0, False)
        self._benches = Benches(scenario)

    @property
    def hottest(self) -> float:
        """Return the highest temperature that a chain may have."""
        return self.moves.temperature

    def compile(self) -> None:
        """Compile or load the machine code, before there are threads."""
        self.step(0, 0, 1, START)

    def meet(self, told: bytes, group: int, barrier: int, states: Sequence[bytes]) -> bytes:
        """Return nothing: chains of a plain walk do not meet; as in Method."""
        return NOTHING

    def moves_of(self, chain: int, told: bytes) -> tuple[Moves, Floats]:
        """Return how a chain moves after it was ``told`` of others, and where it may jump by, (places, parameters)."""
        return self.moves, NOWHERE

    def step(self, chain: int, first: int, count: int, state: bytes, told: bytes = NOTHING) -> tuple[Block, bytes]:
        """Return the next draws of a chain and where it then stands; as in Method."""
        if (state == START) != (first == 0):
            raise ValueError(f"iteration {first} of chain {chain} needs {'a' if state == START else 'no'} state")
        bench = self._benches.mine()
        block = make_block(count, bench.inputs.heads.shape[0], self.space.held.size, bench.further.weight.size)
        here, before = (self.space.held.copy(), 0.0) if state == START else standing(state)
        moves, archive = self.moves_of(chain, told)
        worth = advance(bench, self.space, moves, self.seed, chain, first, here, before, archive, block)
        return block, state_of(here, float(worth))

    def point_in(self, columns: Columns, row: int) -> Floats:
        """Return the point, (parameters,), of a row of a part."""
        held = zip(self.names, self.space.held, strict=True)
        return np.array([columns[name][row] if name in columns else value for name, value in held])

    def state_at(self, columns: Columns, row: int, before: bytes) -> bytes:
        """Return where the chain stood before ``row``: at the last draw that was accepted; as in Method."""
        where = int(standing_rows(columns["accepted"])[row])
        if where < 0:
            return before
        return state_of(self.point_in(columns, where), float(columns[self.objective.column][where]))

    def starts(self, worth: Floats) -> Integers:
        """Return 0 for each draw: a chain starts once; as in Method."""
        return np.zeros(len(worth), np.int64)

    def rules(self, columns: Columns, before: bytes | None) -> Iterator[Rule]:
        """Yield the rule by which the walk goes on or stays; as in Method."""
        free: Flags = first_of_chain(columns)
        yield free & ~columns["accepted"], "a chain's first draw is not accepted"
        if self.moves.rescore:
            again = ~free & (columns["iteration"] % self.moves.rescore == 0)
            yield again & ~columns["accepted"], "not accepted, though it is the present point simulated again"
            free = free | again
        at_start = np.nan if before is None else 0.0 if before == START else standing(before)[1]
        worth = columns[self.objective.column]
        yield from refuted(worth, columns["accepted"], at_start, free, self.hottest, before is not None)


def refuted(
    worth: Floats, taken: Flags, at_start: float, free: Flags, temperature: float, known: bool = True
) -> Iterator[Rule]:
    """Yield the draws that were ``taken`` or not against the rule of Metropolis, but for those that are ``free`` of it.

    ``at_start`` is the worth at which the chain stood before; not ``known`` after a part that is missing.
    """
    rows = standing_rows(taken)[:-1]
    old = np.where(rows < 0, at_start, worth[rows])
    sure = (worth >= old) | ~np.isfinite(old)
    unknown = (rows < 0) & (not known)
    yield ~free & ~unknown & sure & ~taken, "not accepted, though no worse than where the chain stood"
    possible = (worth - old) / temperature > LEAST_LOGARITHM
    yield ~free & taken & ~sure & ~possible, "accepted, though far too much worse than where the chain stood"


def state_of(point: Floats, worth: float) -> bytes:
    """Return the state of a chain that stands at ``point``, (parameters,), of this worth."""
    return np.append(point, worth).astype("<f8").tobytes()


def standing(state: bytes) -> tuple[Floats, float]:
    """Return the point, (parameters,), and the worth at which a chain that has begun stands."""
    numbers = np.frombuffer(state, "<f8").astype(np.float64)
    return numbers[:-1].copy(), float(numbers[-1])


def standing_rows(accepted: Flags) -> Integers:
    """Return the row of ``accepted`` where the chain stands before each row and after the last, (rows + 1,).

    -1 if that is in an earlier part.
    """
    stands = np.maximum.accumulate(np.where(accepted, np.arange(len(accepted)), -1))
    return np.concatenate([[-1], stands])
