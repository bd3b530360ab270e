"""How a search moves: where it begins, what it proposes, when it goes there; compiled, chance given."""

import math
from typing import NamedTuple

from calibrate.methods.space import Space, set_parameter
from engine.numerics.jit import internal
from engine.numerics.random import uniform
from engine.types import Floats, Words

# Choice: of a jump, tried on the paper's case (docs/search.md). The length is that of the article, 2.38 / sqrt(2).
JUMP_LENGTH, CROSSOVER, WHOLE_JUMPS, JUMP_BLUR = 1.68, 0.5, 0.1, 0.002


class Moves(NamedTuple):
    """How the walk moves."""

    step: float  # standard deviation of a proposal, as a share of the range walked
    subset: float  # probability that a parameter moves in a proposal
    temperature: float  # points
    rescore: int  # every so many draws the present point is simulated again, 0 for never
    jumps: float  # share of the proposals that are jumps, where there is an archive


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
    _move_by(point, space, row, normal_of(rng) * moves.step * (space.high[row] - space.low[row]))
    return True


@internal
def normal_of(rng: Words) -> float:
    """Return a standard normal number (Box and Muller 1958)."""
    return math.sqrt(-2.0 * math.log(uniform(rng))) * math.cos(2.0 * math.pi * uniform(rng))


@internal
def walked_at(point: Floats, space: Space, row: int) -> float:
    """Return the parameter ``row`` of ``point`` on the scale walked."""
    value = point[space.place[row]]
    return math.log(value) if space.log[row] else value


@internal
def _move_by(point: Floats, space: Space, row: int, distance: float) -> None:
    """Move one parameter of ``point`` by ``distance`` on the scale walked, folded back at the ends."""
    walked = walked_at(point, space, row) + distance
    set_parameter(point, space, row, reflected(walked, space.low[row], space.high[row]))


@internal
def jump(point: Floats, here: Floats, archive: Floats, space: Space, rng: Words) -> None:
    """Set ``point`` to ``here`` moved by the difference of two places of the ``archive``, (places, 12).

    As long and as wide as the country that chains have seen, without a step to be chosen: DE-MC(Z), ter Braak and Vrugt
    2008, equation 2, with crossover. The jump is as likely as its reverse, so no correction is due.
    """
    copy_point(point, here)
    parameters = space.place.size
    one, other = int(uniform(rng) * len(archive)), int(uniform(rng) * len(archive))
    lone = int(uniform(rng) * parameters)
    length = JUMP_LENGTH / math.sqrt(CROSSOVER * parameters) * (0.5 + uniform(rng))
    if uniform(rng) < WHOLE_JUMPS:  # from one region to another, if the two places lie in both
        length = 1.0
    for row in range(parameters):
        if uniform(rng) < CROSSOVER or row == lone:
            difference = walked_at(archive[one], space, row) - walked_at(archive[other], space, row)
            blur = normal_of(rng) * JUMP_BLUR * (space.high[row] - space.low[row])
            _move_by(point, space, row, length * difference + blur)


@internal
def is_taken(new: float, old: float, temperature: float, rng: Words) -> bool:
    """Return whether the walk goes to the proposal: surely if not worse, else with probability exp(difference/T).

    A worth that is no finite number, should there ever be one, is left at once, and gone to from such a one alone.
    """
    return new >= old or not math.isfinite(old) or uniform(rng) < math.exp((new - old) / temperature)
