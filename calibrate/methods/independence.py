"""Proposals that do not depend on where a chain stands: from a normal law like the places of the archive.

A jump reaches a fraction of a posterior's width, so it takes hundreds of them to forget a place. A proposal from a law
close to the posterior forgets it at once, if it is taken (Tierney 1994, section 2.3.3; fitted to the chains' own past:
Haario, Saksman and Tamminen 2001). The law is cut off at the box: what falls outside is drawn anew, which changes its
density by one factor everywhere.
"""

import math
from typing import NamedTuple

import numpy as np

from calibrate.methods.moves import copy_point, normal_of, walked_at
from calibrate.methods.space import Space, set_parameter
from engine.numerics.jit import compiled, internal
from engine.types import Floats, Words

BREADTH = 1e-3  # of a parameter's range: a standard deviation that is added, or places in a row would leave no width


class Guess(NamedTuple):
    """A normal law on the scale walked, a row a row of the space."""

    share: float  # of the proposals that are drawn from it
    mean: Floats
    root: Floats  # (rows, rows): the lower triangle whose square is the covariance (Cholesky)
    deviate: Floats  # room for standard normal numbers, (rows,)
    walked: Floats  # room for a draw, (rows,)


def make_guess(space: Space, share: float) -> Guess:
    """Return room for the law of an archive."""
    rows = len(space.place)
    return Guess(share, np.zeros(rows), np.zeros((rows, rows)), np.zeros(rows), np.zeros(rows))


@compiled
def fit_guess(guess: Guess, archive: Floats, space: Space) -> None:
    """Set the law to mean and covariance of the places of the ``archive``, (places, parameters + 1)."""
    places, rows = archive.shape[0], space.place.size
    for row in range(rows):
        total = 0.0
        for place in range(places):
            total += walked_at(archive[place], space, row)
        guess.mean[row] = total / places
    for row in range(rows):
        for column in range(row + 1):
            total = 0.0
            for place in range(places):
                here = walked_at(archive[place], space, row) - guess.mean[row]
                total += here * (walked_at(archive[place], space, column) - guess.mean[column])
            if row == column:
                total += places * (BREADTH * (space.high[row] - space.low[row])) ** 2
            total /= places
            for inner in range(column):
                total -= guess.root[row, inner] * guess.root[column, inner]
            guess.root[row, column] = math.sqrt(total) if row == column else total / guess.root[column, column]


@internal
def propose_anywhere(point: Floats, here: Floats, guess: Guess, space: Space, rng: Words) -> float:
    """Set ``point`` to a draw from the law inside the box; return the log of how much likelier the way back is.

    That is the law's density at ``here`` over that at the proposal, before whole numbers are rounded.
    """
    rows = space.place.size
    inside = False
    while not inside:
        inside = True
        for row in range(rows):
            guess.deviate[row] = normal_of(rng)
            walked = guess.mean[row]
            for column in range(row + 1):
                walked += guess.root[row, column] * guess.deviate[column]
            guess.walked[row] = walked
            inside &= space.low[row] <= walked <= space.high[row]
    copy_point(point, here)
    back = 0.0
    for row in range(rows):
        back += 0.5 * guess.deviate[row] ** 2
        set_parameter(point, space, row, guess.walked[row])
    for row in range(rows):
        left = walked_at(here, space, row) - guess.mean[row]
        for column in range(row):
            left -= guess.root[row, column] * guess.deviate[column]
        guess.deviate[row] = left / guess.root[row, row]
        back -= 0.5 * guess.deviate[row] ** 2
    return back
