"""The posterior of the parameters and the miss: pseudo-marginal Metropolis with a particle filter's estimates.

    go from x to x' with probability min(1, L̂(x') p(x') / (L̂(x) p(x)))

L̂ is unbiased and made once for each proposal; that of the present point is kept until the chain leaves it. So the
chain settles at exactly the posterior, whatever the number of particles (Andrieu and Roberts 2009): they decide how
long it stays where a lucky estimate has led it. A point is the parameters and the miss, 1/sqrt(k).

Proposals are draws from a normal law like the archive, jumps by the difference of two of its places (ter Braak and
Vrugt 2008), and the walk's small steps. The archive grows with the past and so changes less and less: it does not move
what the chains settle at.
"""

import math
from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from calibrate.methods.archive import archive_of, grown
from calibrate.methods.base import NOTHING, START, Columns, Meets, Rule, first_of_chain
from calibrate.methods.independence import Guess, fit_guess, make_guess, propose_anywhere
from calibrate.methods.moves import Moves, copy_point, propose_in_company, round_whole, spread_within
from calibrate.methods.priors import Prior, log_prior, make_prior, posterior_space
from calibrate.methods.space import Space
from calibrate.methods.walk import standing, standing_rows, state_of
from calibrate.objective.filtered_draw import (
    FilteredBlock,
    PickingBench,
    PickingBenches,
    make_filtered_block,
    make_filtered_draw,
)
from calibrate.objective.objectives import OBJECTIVES, Objective
from engine.errors import UsageError
from engine.numerics.jit import compiled, internal
from engine.numerics.random import PROPOSAL, open_stream, uniform
from engine.scenario import Scenario
from engine.types import Flags, Floats, Integers, Words

TEMPERATURE = 1.0  # a posterior has no other
# Choice: tried on the paper's case (docs/posterior.md). Every second proposal is from anywhere. Of the others most are
# jumps, of all lengths; a posterior is narrower than what a search walks over, so steps are small and of one parameter.
ANYWHERE, JUMPS, SHORTEST, STEP, SUBSET = 0.5, 0.9, 0.15, 0.03, 0.05
PLENTY = 10  # places for each number of a point, as the article on jumps advises; before, the starts are there too
MOST_PLACES = 1024  # of the archive: a law of thirteen numbers needs more of them than jumps do


@internal
def least_taken(stayed: float, beside: float, rng: Words) -> float:
    """Return the least estimate with which a chain goes to a proposal, its luck drawn before the estimate is made.

    ``stayed`` is what speaks for where it stands, ``beside`` what speaks for the proposal beside its estimate. So the
    filter is told what it must reach, and need not finish where it cannot.
    """
    return stayed - beside + math.log(uniform(rng)) if math.isfinite(stayed) else -math.inf


@compiled
def sample(
    bench: PickingBench,
    space: Space,
    prior: Prior,
    moves: Moves,
    seed: int,
    chain: int,
    first: int,
    here: Floats,
    worth: float,
    archive: Floats,
    guess: Guess,
    scratch: Floats,
    origin: Floats,
    block: FilteredBlock,
) -> float:
    """Fill ``block`` with the draws from iteration ``first`` on; return the estimate with which the chain then stands.

    ``here``, (parameters + 1,), is where it stands, at iteration 0 where it begins, and is moved along; ``worth`` is
    the estimate there. ``scratch`` and ``origin`` are (parameters + 1,), ``archive`` (places, parameters + 1).
    """
    for row in range(block.score.size):
        iteration = first + row
        open_stream(bench.rng, seed, chain, iteration, PROPOSAL, 0)
        back, least = 0.0, -math.inf
        if iteration == 0:
            copy_point(scratch, here)
        else:
            spread_within(origin, here, space, bench.rng)
            if uniform(bench.rng) < guess.share:
                back = propose_anywhere(scratch, origin, guess, space, bench.rng)
            else:
                propose_in_company(scratch, origin, archive, space, moves, bench.rng)
            round_whole(scratch, space)
            stayed, beside = worth + log_prior(here, space, prior), log_prior(scratch, space, prior) + back
            least = least_taken(stayed, beside, bench.rng)
        for place in range(block.points.shape[1]):
            block.points[row, place] = scratch[place]
        block.miss[row] = scratch[scratch.size - 1]
        new = make_filtered_draw(bench, seed, chain, iteration, block, row, least)
        taken = new >= least
        if taken:
            copy_point(here, scratch)
            worth = new
        block.accepted[row] = taken
    return worth


class Posterior:
    """The posterior of one scenario from one seed, as calibrate.methods.base has it.

    A chain's state is where it stands: the point, whose last number is the miss, and the estimate with which it went
    there. What it was told is the archive.
    """

    independent: ClassVar[bool] = False
    meets: ClassVar[Meets] = Meets(group=32, every=20)
    compiles: ClassVar[str] = "posterior.sample"
    objective: Objective = OBJECTIVES["likelihood"]

    def __init__(self, scenario: Scenario, seed: int) -> None:
        found = scenario.posterior
        if found.particles is None or found.starts is None:
            raise UsageError("posterior.particles, posterior.starts: give both, or let calibrate find them")
        self.seed = seed
        self.names, self.space = scenario.names, posterior_space(scenario)
        self.prior: Prior = make_prior(scenario)
        self.moves = Moves(STEP, SUBSET, TEMPERATURE, 0, JUMPS, SHORTEST, True)
        self.starts_at = np.tile(self.space.held, (len(found.starts), 1))
        for row, start in enumerate(found.starts):
            self.starts_at[row, self.space.place[: len(scenario.free_names)]] = [
                start[name] for name in scenario.free_names
            ]
        self._years = scenario.years
        self._benches = PickingBenches(scenario, found.particles)

    def compile(self) -> None:
        """Compile or load the machine code, before there are threads."""
        self.step(0, 0, 1, START)

    def meet(self, told: bytes, group: int, barrier: int, states: Sequence[bytes]) -> bytes:
        """Return the archive; as in Method."""
        return grown(told, np.array([standing(state)[0] for state in states]), barrier, MOST_PLACES)

    def step(
        self, chain: int, first: int, count: int, state: bytes, told: bytes = NOTHING
    ) -> tuple[FilteredBlock, bytes]:
        """Return the next draws of a chain and where it then stands; as in Method."""
        if (state == START) != (first == 0):
            raise ValueError(f"iteration {first} of chain {chain} needs {'a' if state == START else 'no'} state")
        size = self.space.held.size
        block = make_filtered_block(count, self._years, size - 1)
        here, before = self.starts_at[chain % len(self.starts_at)].copy(), 0.0
        if state != START:
            here, before = standing(state)
        archive = archive_of(told, size)[1]
        guess = make_guess(self.space, ANYWHERE if len(archive) >= PLENTY * size else 0.0)
        if len(archive) < PLENTY * size:
            archive = np.concatenate([self.starts_at, archive])
        fit_guess(guess, archive, self.space)
        where = self.seed, chain, first, here, before
        tools = self._benches.mine(), self.space, self.prior, self.moves
        worth = sample(*tools, *where, archive, guess, np.empty(size), np.empty(size), block)
        return block, state_of(here, float(worth))

    def points_in(self, columns: Columns) -> Floats:
        """Return the points, (rows, parameters + 1), of a part."""
        rows = len(columns["miss"])
        held = zip(self.names, self.space.held, strict=False)
        parts = [columns[name] if name in columns else np.full(rows, value) for name, value in held]
        return np.column_stack([*parts, columns["miss"]]).astype(np.float64)

    def state_at(self, columns: Columns, row: int, before: bytes) -> bytes:
        """Return where the chain stood before ``row``: at the last draw that was accepted; as in Method."""
        where = int(standing_rows(columns["accepted"])[row])
        if where < 0:
            return before
        return state_of(self.points_in(columns)[where], float(columns["log_likelihood"][where]))

    def starts(self, worth: Floats) -> Integers:
        """Return 0 for each draw: a chain starts once; as in Method."""
        return np.zeros(len(worth), np.int64)

    def rules(self, columns: Columns, before: bytes | None) -> Iterator[Rule]:
        """Yield the one rule that can be told without the archive; as in Method."""
        first: Flags = first_of_chain(columns)
        yield first & ~columns["accepted"], "a chain's first draw is not accepted"
