"""The probe: columns that move as the searched parameters do and have no effect, which show what such a column gets.

They are moved by the search's own rule and go where their chain went: of a parameter without effect the chains'
decisions do not depend, so this is what its column would be in law. Of a ladder of temperatures nearly: its rungs have
steps of their own, and here all of them have the mean.
"""

import math

import numpy as np

from analysis.importance.forest import Ranks
from calibrate.methods.archive import archive_of, grown
from calibrate.methods.base import NOTHING
from calibrate.methods.moves import JUMP_LENGTH, WHOLE_JUMPS
from calibrate.methods.population import JUMPS, Population
from engine.types import Flags, Floats, Integers

DRAWINGS = 8  # of the probe, taken in turn by the trees: one walk may by chance run along with the score
TRIES = 8  # jumps out of the range are made anew; after so many a small step is


def walk_without_effect(
    walk: Integers, accepted: Flags, step: float, moving: float, rng: np.random.Generator, rescore: int = 0
) -> Floats:
    """Return the proposals, (draws,) in [0, 1], of a parameter without effect that walks along with the search.

    ``walk`` numbers the walks that the draws are of, a start of a chain each; at each ``rescore``-th draw, if not 0, a
    walk proposes where it stands. Reflecting at the end is the same as on the way, because a step is as likely up as
    down.
    """
    proposals = np.empty(len(walk))
    for number in np.unique(walk):
        rows = np.flatnonzero(walk == number)
        steps = np.where(rng.random(len(rows)) < moving, step * rng.normal(size=len(rows)), 0.0)
        if rescore:
            steps[::rescore] = 0.0
        steps[0] = rng.random()  # the start, from 0
        taken = np.concatenate([[True], accepted[rows][1:]])
        stood = np.concatenate([[0.0], np.cumsum(steps * taken)[:-1]])
        proposals[rows] = folded(stood + steps)
    return proposals


def folded(values: Floats) -> Floats:
    """Return ``values`` folded back into [0, 1] as by mirrors at both ends."""
    return np.asarray(1.0 - np.abs(values % 2.0 - 1.0))


def company_without_effect(
    chain: Integers, accepted: Flags, step: float, moving: float, parameters: int, rng: np.random.Generator
) -> Ranks:
    """Return the same, (DRAWINGS, draws), of parameters that are moved along with a population of so many.

    A jump is made anew where it would leave the range of this one alone: where all others would have is not known. So
    it moves a little more than a column of the search without effect, whose short jumps are taken sooner.
    """
    proposals = np.empty((DRAWINGS, len(chain)), dtype=np.float32)
    length = JUMP_LENGTH / math.sqrt(2.0 * parameters)
    for group in np.unique(chain // Population.meets.group):
        members = [
            np.flatnonzero(chain == number) for number in np.unique(chain[chain // Population.meets.group == group])
        ]
        taken = np.zeros((max(map(len, members)), len(members)), np.bool_)
        for number, rows in enumerate(members):
            taken[: len(rows), number] = accepted[rows]
        moved = _group_without_effect(taken, step, moving, length, rng)
        for number, rows in enumerate(members):
            proposals[:, rows] = moved[: len(rows), number].T
    return proposals


def _group_without_effect(taken: Flags, step: float, moving: float, length: float, rng: np.random.Generator) -> Ranks:
    """Return the proposals, (draws, chains, DRAWINGS), of a group; ``taken``, (draws, chains): which it took."""
    draws, chains = taken.shape
    every = Population.meets.every
    proposals = np.empty((draws, chains, DRAWINGS), dtype=np.float32)
    stood, told = rng.random((chains, DRAWINGS)), NOTHING
    for begin in range(0, draws, every):
        told = grown(told, stood, begin // every) if begin else told
        archive = archive_of(told, DRAWINGS)[1]
        count = min(every, draws - begin)
        moves, small = _moves(archive, (count, TRIES, chains, DRAWINGS), step, moving, length, rng)
        for row in range(count):
            there = stood + moves[row]
            inside = small[row] | ((there >= 0.0) & (there <= 1.0))
            first = inside.argmax(axis=0)[None]
            proposal = folded(np.take_along_axis(there, first, axis=0)[0]) if begin + row else stood  # the start
            proposals[begin + row] = proposal
            stood = np.where(taken[begin + row][:, None], proposal, stood)
    return proposals


def _moves(
    archive: Floats, shape: tuple[int, ...], step: float, moving: float, length: float, rng: np.random.Generator
) -> tuple[Floats, Flags]:
    """Return moves of this shape, and which of them are small steps: those that are not jumps by the ``archive``."""
    steps = np.where(rng.random(shape) < moving, step * rng.normal(size=shape), 0.0)
    places = len(archive)
    if places < 2:
        return steps, np.ones(shape, np.bool_)
    one = rng.integers(places, size=shape)
    other = (one + 1 + rng.integers(places - 1, size=shape)) % places
    drawing = np.arange(DRAWINGS)
    lengths = np.where(rng.random(shape) < WHOLE_JUMPS, 1.0, length)
    small = rng.random(shape) >= JUMPS
    small[:, -1] = True
    return np.where(small, steps, lengths * (archive[one, drawing] - archive[other, drawing])), small
