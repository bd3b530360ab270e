"""How sure a measure is: units independent of each other, chains, groups or draws, are drawn again and again."""

import numpy as np
from scipy.stats import t

from analysis.importance.forest import HeldOut
from engine.types import Floats, Integers

LEVEL = 0.95
HELD_OUT_REPLICATES = 500


class Units:
    """The rows of each unit; of a search a unit is a chain or a group that met, of a screen a draw."""

    def __init__(self, unit: Integers) -> None:
        self.order = np.argsort(unit, kind="stable")
        self.ends = np.cumsum(np.bincount(unit))
        self.count = len(self.ends)

    def drawn_again(self, rng: np.random.Generator) -> Integers:
        """Return the rows of as many units as there are, drawn with replacement; a unit's rows come together."""
        picked = rng.integers(self.count, size=self.count)
        if self.count == len(self.order):
            return self.order[picked]
        return np.concatenate([self.order[self.ends[unit - 1] if unit else 0 : self.ends[unit]] for unit in picked])


def half_width(variance: Floats, units: int) -> Floats:
    """Return the half width of the interval at LEVEL, given the variance over bootstrap replicates; nan for one unit.

    Drawn with replacement, few units vary less than they would if new: by (units - 1)/units, which is made good. Few
    also say little about their own spread, hence Student's t.
    """
    if units < 2:
        return np.full(np.shape(variance), np.nan)
    spread = np.sqrt(variance * units / (units - 1))
    return np.asarray(t.ppf(0.5 + LEVEL / 2, units - 1) * spread)


def variance_of_units(by_tree: Floats, trees: int) -> Floats:
    """Return the variance of a mean over ``trees`` trees, were units and trees drawn anew.

    ``by_tree``, (replicates, trees of each, ...), are single trees of forests on units drawn again. These forests are
    small: what their few trees add to the variance is taken out, and what all ``trees`` add is put in. What is left is
    not taken for less than the standard error of the variance found, so that no interval is narrow by chance.
    """
    replicates, each = by_tree.shape[:2]
    between = by_tree.mean(axis=1).var(axis=0, ddof=1)
    within = by_tree.var(axis=1, ddof=1).mean(axis=0)
    least = between * np.sqrt(2.0 / (replicates - 1))
    return np.asarray(np.maximum(between - within / each, least) + within / trees)


def held_out_variance(held: HeldOut, unit: Integers, rng: np.random.Generator) -> Floats:
    """Return the variance of each group's share of variance lost, (groups,), over units judged drawn again."""
    place = np.unique(unit[held.rows], return_inverse=True)[1]
    sums = np.array([np.bincount(place, values) for values in (*held.squares, held.response, held.response**2)])
    rows = np.bincount(place)
    replicates = np.empty((HELD_OUT_REPLICATES, len(held.squares) - 1))
    for number in range(HELD_OUT_REPLICATES):
        times = np.bincount(rng.integers(len(rows), size=len(rows)), minlength=len(rows))
        means = sums @ times / (rows @ times)
        variance = means[-1] - means[-2] ** 2
        replicates[number] = (means[1:-2] - means[0]) / variance if variance > 0 else np.nan
    return np.asarray(np.nanvar(replicates, axis=0, ddof=1))
