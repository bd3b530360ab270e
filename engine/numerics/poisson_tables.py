"""Poisson numbers of some fixed means from tables: one random word and two look-ups each, whatever the mean.

A. J. Walker (1977), "An efficient method for generating discrete random variables with general distributions", ACM
Transactions on Mathematical Software 3; the tables are made as M. D. Vose has them (1991, IEEE Transactions on Software
Engineering 17). A number of any mean is the sum of one of each size of step, and what is left of a mean below the
smallest step: sums of Poisson numbers are Poisson.
"""

from typing import NamedTuple

import numpy as np

from engine.numerics.jit import inlined
from engine.numerics.random import next_word
from engine.types import Floats, Integers, Words


class Tables(NamedTuple):
    """Tables of the means step, 2·step, …; row 0 is not used. Cells are numbers from 0 up, a power of two of them."""

    stay: Floats  # (means, cells): probability that a cell gives its own number
    other: Integers  # (means, cells): the number that it gives else


def make_tables(step: float, means: int, cells: int) -> Tables:
    """Return the tables; ``cells`` must leave out no number that a run will ever see (probability below 1e-25)."""
    tables = Tables(np.ones((means, cells)), np.zeros((means, cells), np.int64))
    for row in range(1, means):
        mean, mode = row * step, int(row * step)
        up = np.cumprod(mean / np.arange(mode + 1, cells))
        down = np.cumprod(np.arange(mode, 0, -1) / mean)
        masses = np.concatenate([down[::-1], [1.0], up])  # over that of the mode
        _fill(tables.stay[row], tables.other[row], cells * masses / masses.sum())
    return tables


def _fill(stay: Floats, other: Integers, masses: Floats) -> None:
    """Make one table of ``masses``, whose mean is 1: a cell with less takes what it lacks from one with more."""
    less = [cell for cell in range(len(masses)) if masses[cell] < 1.0]
    more = [cell for cell in range(len(masses)) if masses[cell] >= 1.0]
    while less and more:
        small, large = less.pop(), more[-1]
        stay[small], other[small] = masses[small], large
        masses[large] -= 1.0 - masses[small]
        if masses[large] < 1.0:
            less.append(more.pop())


#: A mean below COARSE_END is a multiple of COARSE_STEP, a multiple of FINE_STEP below that, and less than FINE_STEP.
FINE_STEP, COARSE_STEP, COARSE_END = 0.25, 8.0, 256.0
FINE_STAY, FINE_OTHER = make_tables(FINE_STEP, int(COARSE_STEP / FINE_STEP), 64)
COARSE_STAY, COARSE_OTHER = make_tables(COARSE_STEP, int(COARSE_END / COARSE_STEP), 512)


@inlined
def draw(rng: Words, stay: Floats, other: Integers, row: np.uint64) -> int:
    """Return a Poisson number of the mean that belongs to ``row``, a uint64, of these tables."""
    word = next_word(rng)
    cell = np.uint64(word & np.uint64(stay.shape[1] - 1))  # the lowest bits; the 52 highest are the uniform number
    if np.float64(np.int64(word >> np.uint64(12))) * (1.0 / 4503599627370496.0) < stay[row, cell]:
        return np.int64(cell)
    return other[row, cell]
