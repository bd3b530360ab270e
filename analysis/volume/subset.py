"""Subset simulation: a share too small to be met by chance, as a product of shares that are not.

A population of points of the unit box, each with the worth of one run, is thinned to its best quarter; those spread out
again over all that is worth as much, by Metropolis steps that stay above the level; and so on, level by level (Au and
Beck 2001). A step proposes another point nearby and another run of it: the law that is sampled is that of points and
chance together, as a screen has it. Independent populations tell the error.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from engine.types import Floats

Evaluate = Callable[[Floats], Floats]  # from points of the unit box, (n, dimension), to the worth of one run of each

KEPT = 0.25  # share of a population that is above the next level
MOVES = 8  # steps of each point from one level to the next
SUBSET = 0.3  # probability that a coordinate moves in a step
FIRST_STEP, LEAST_STEP, LARGEST_STEP = 0.3, 0.01, 0.5
WANTED = 0.3  # Choice: share of steps taken, to which their length is brought from level to level
MOST_LEVELS = 60


class Level(NamedTuple):
    """A population of points that are all worth at least ``least``."""

    least: float  # -inf for the first, which is spread over the whole box
    share: float  # of the box, points and chance together, that is worth as much
    worth: Floats  # (points,)


def descend(evaluate: Evaluate, dimension: int, size: int, rng: np.random.Generator, up_to: float) -> Iterator[Level]:
    """Yield the levels of one population of ``size`` points, until half of it is worth ``up_to`` or none can be better.

    A worth that is no finite number counts as the least there is.
    """
    points = rng.random((size, dimension))
    worth = finite(evaluate(points))
    level, step = Level(-math.inf, 1.0, worth), FIRST_STEP
    for _ in range(MOST_LEVELS):
        yield level
        if np.median(level.worth) >= up_to:
            return
        least = next_level(level.worth)
        above = np.flatnonzero(level.worth >= least)
        if len(above) == size:  # all are equal, and no better one is known
            return
        # Every survivor goes on about as often as every other.
        chosen = rng.permutation(np.resize(rng.permutation(above), size))
        points, worth = points[chosen], level.worth[chosen]
        taken = 0
        for _ in range(MOVES):
            points, worth, moved = moved_within(evaluate, points, worth, least, step, rng)
            taken += moved
        step = min(max(step * math.exp(taken / max(MOVES * size, 1) - WANTED), LEAST_STEP), LARGEST_STEP)
        level = Level(least, level.share * len(above) / size, worth)
    yield level


def next_level(worth: Floats) -> float:
    """Return the worth that a quarter of a population has at least; the next better one where none is worse than it."""
    least = float(np.quantile(worth, 1 - KEPT, method="higher"))
    if least == worth.min() and (better := worth[worth > least]).size:
        return float(better.min())
    return least


def moved_within(
    evaluate: Evaluate, points: Floats, worth: Floats, least: float, step: float, rng: np.random.Generator
) -> tuple[Floats, Floats, int]:
    """Return the points and their worth after a Metropolis step that stays above ``least``, and how many moved.

    The proposal is as likely as its reverse (a normal step, folded back at the ends) and its run is a fresh one, so
    that the uniform law of points and chance above the level stays as it is.
    """
    moves = rng.random(points.shape) < SUBSET
    lone = rng.integers(points.shape[1], size=len(points))
    moves[np.arange(len(points)), lone] = True  # which one is no matter of where the point is
    proposed = points + moves * rng.normal(size=points.shape) * step
    proposed = np.abs(proposed) % 2.0
    proposed = np.minimum(proposed, 2.0 - proposed)
    found = finite(evaluate(proposed))
    good = found >= least
    points, worth = np.where(good[:, None], proposed, points), np.where(good, found, worth)
    return points, worth, int(good.sum())


def finite(worth: Floats) -> Floats:
    """Return ``worth`` with the lowest number there is where it is none."""
    return np.nan_to_num(worth, nan=-np.finfo(np.float64).max, neginf=-np.finfo(np.float64).max)


def share_above(levels: list[Level], worth: float) -> float:
    """Return the share of the box that is worth at least ``worth``, by the levels of one population."""
    below = [level for level in levels if level.least <= worth]
    return below[-1].share * float((below[-1].worth >= worth).mean())
