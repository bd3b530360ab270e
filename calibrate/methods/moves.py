"""How a search moves: where it begins, what it proposes, when it goes there; compiled, chance given."""

import math
from typing import NamedTuple

from calibrate.methods.space import Space, set_parameter
from engine.numerics.jit import internal
from engine.numerics.random import uniform
from engine.types import Floats, Words

JUMP_LENGTH, WHOLE_JUMPS = 2.38, 0.1  # the article's: 2.38 / sqrt(2 parameters), every tenth jump the whole difference


class Moves(NamedTuple):
    """How the walk moves."""

    step: float  # standard deviation of a proposal, as a share of the range walked
    subset: float  # probability that a parameter moves in a proposal
    temperature: float  # points
    rescore: int  # every so many draws the present point is simulated again, 0 for never
    jumps: float  # share of the proposals that are jumps, where there is an archive
    shortest: float  # jumps are from this share up to the whole of their length, evenly on a logarithmic scale
    folds: bool  # whether a jump out of the space is thrown back on its line, or refused


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
def propose_in_company(point: Floats, here: Floats, archive: Floats, space: Space, moves: Moves, rng: Words) -> None:
    """Set ``point`` to a jump by the ``archive``, (places, parameters), at a chance of ``jumps``, else close by.

    What jumps out of the space is refused unsimulated, and another proposal made. So the draws are those of a walk that
    stays for a draw at each such jump, without these draws: it is at x as often as exp(worth/T) times the chance that a
    proposal from x stays inside. Folding jumps back as steps are did worse (docs/search.md); a posterior needs it.
    """
    while len(archive) > 1 and uniform(rng) < moves.jumps:
        if jump(point, here, archive, space, moves, rng):
            return
    propose(point, here, space, moves, rng)


@internal
def jump(point: Floats, here: Floats, archive: Floats, space: Space, moves: Moves, rng: Words) -> bool:
    """Set ``point`` to ``here`` moved by the difference of two places of the ``archive``; return whether it is inside.

    As long and as wide as the country that chains have seen, without a step to be chosen: DE-MC(Z), ter Braak and Vrugt
    2008, equation 2, without its blur, which small steps make up for. A jump is as likely as its reverse, so no
    correction is due.
    """
    copy_point(point, here)
    parameters, places = space.place.size, len(archive)
    one = int(uniform(rng) * places)
    other = (one + 1 + int(uniform(rng) * (places - 1))) % places
    length = JUMP_LENGTH / math.sqrt(2.0 * parameters)
    if moves.shortest < 1.0:
        length *= moves.shortest ** uniform(rng)
    if uniform(rng) < WHOLE_JUMPS:  # from one region to another, if the two places lie in both
        length = 1.0
    if moves.folds:
        length = folded_length(length, here, archive[one], archive[other], space)
    for row in range(parameters):
        difference = walked_at(archive[one], space, row) - walked_at(archive[other], space, row)
        walked = walked_at(here, space, row) + length * difference
        if not (moves.folds or space.low[row] <= walked <= space.high[row]):
            return False
        set_parameter(point, space, row, walked)
    return True


@internal
def folded_length(length: float, here: Floats, one: Floats, other: Floats, space: Space) -> float:
    """Return the length of a jump along ``one`` - ``other`` that is thrown back on its own line where it would leave.

    A fold of each parameter by itself would not do: the way back would need another difference than this one.
    """
    least, largest = -math.inf, math.inf  # lengths at which the line enters and leaves the space
    for row in range(space.place.size):
        difference = walked_at(one, space, row) - walked_at(other, space, row)
        walked = walked_at(here, space, row)
        if difference != 0.0:
            ends = (space.low[row] - walked) / difference, (space.high[row] - walked) / difference
            least, largest = max(least, min(ends[0], ends[1])), min(largest, max(ends[0], ends[1]))
    return reflected(length, least, largest) if least < largest < math.inf else 0.0


@internal
def spread_within(point: Floats, here: Floats, space: Space, rng: Words) -> None:
    """Set ``point`` to ``here`` with each whole number moved evenly within what is rounded to it.

    Where a point stood before it was rounded is anybody's guess; guessed anew, moves are as likely as their reverse.
    """
    copy_point(point, here)
    for row in range(space.place.size):
        if space.integer[row]:
            value = here[space.place[row]]
            ends = value - 0.5, value + 0.5
            if space.log[row]:
                low, high = math.log(ends[0]), math.log(ends[1])
                point[space.place[row]] = math.exp(low + uniform(rng) * (high - low))
            else:
                point[space.place[row]] = ends[0] + uniform(rng) * (ends[1] - ends[0])


@internal
def round_whole(point: Floats, space: Space) -> None:
    """Round what was spread and has not moved since."""
    for row in range(space.place.size):
        if space.integer[row]:
            set_parameter(point, space, row, walked_at(point, space, row))


@internal
def is_taken(new: float, old: float, temperature: float, rng: Words) -> bool:
    """Return whether the walk goes to the proposal: surely if not worse, else with probability exp(difference/T).

    A worth that is no finite number, should there ever be one, is left at once; NaN is gone to from such a one alone.
    """
    return new >= old or not math.isfinite(old) or uniform(rng) < math.exp((new - old) / temperature)
