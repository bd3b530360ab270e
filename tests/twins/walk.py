"""The search of the paper in plain Python, over any score: a random walk inspired by Metropolis and Hastings.

Written from the paper ("Results") and the model's description, to be held against the compiled walk in law.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Point = tuple[float, ...]


@dataclass(frozen=True)
class Axis:
    """One searched parameter: its range, in log or not, whole numbers or not. ``low`` < ``high``."""

    low: float
    high: float
    log: bool = False
    integer: bool = False

    def ends(self) -> tuple[float, float]:
        """The ends of the stretch that is walked, on the walked scale."""
        # Choice: every whole number owns the half unit on both sides, the first and the last too, so that all
        # are as likely under a flat score; rounding within [low, high] would give the two ends half a share.
        low, high = (self.low - 0.5, self.high + 0.5) if self.integer else (self.low, self.high)
        return (math.log(low), math.log(high)) if self.log else (low, high)

    def value(self, coordinate: float) -> float:
        """The parameter at a coordinate of the walked scale."""
        value = math.exp(coordinate) if self.log else coordinate
        value = math.floor(value + 0.5) if self.integer else value
        return float(min(max(value, self.low), self.high))  # what rounding put a hair outside

    def coordinate(self, value: float) -> float:
        """The place of a parameter on the walked scale."""
        return math.log(value) if self.log else value


class Draw(NamedTuple):
    """One evaluated point with its own score, kept whether the walk went there or not."""

    point: Point
    score: float
    accepted: bool


def reflected(coordinate: float, low: float, high: float) -> float:
    """Where a step to ``coordinate`` ends when both ends of [low, high] are mirrors, of any length."""
    while not low <= coordinate <= high:
        coordinate = 2.0 * low - coordinate if coordinate < low else 2.0 * high - coordinate
    return coordinate


def first_point(axes: Sequence[Axis], rng: np.random.Generator) -> Point:
    """A point drawn evenly over the walked scale of every axis."""
    # Choice: the paper does not say where a search starts.
    return tuple(axis.value(rng.uniform(*axis.ends())) for axis in axes)


def proposal(point: Point, axes: Sequence[Axis], step: float, subset: float, rng: np.random.Generator) -> Point:
    """A point close by: some of the parameters take a normal step of ``step`` times their range each."""
    # Choice: each parameter moves with probability ``subset``; when none would, one drawn evenly moves.
    moves = [rng.random() < subset for _ in axes]
    if not any(moves):
        moves[rng.integers(len(axes))] = True
    proposed = []
    for value, axis, moved in zip(point, axes, moves, strict=True):
        if moved:
            low, high = axis.ends()
            target = axis.coordinate(value) + step * (high - low) * rng.standard_normal()
            proposed.append(axis.value(reflected(target, low, high)))
        else:
            proposed.append(value)
    return tuple(proposed)


def goes(new: float, old: float, temperature: float, rng: np.random.Generator) -> bool:
    """Whether the walk goes from score ``old`` to ``new``: always if no worse, else by chance."""
    return new >= old or rng.random() < math.exp((new - old) / temperature)


def walk(
    score: Callable[[Point], float],
    axes: Sequence[Axis],
    draws: int,
    rng: np.random.Generator,
    step: float = 0.05,
    subset: float = 0.3,
    temperature: float = 1.0,
) -> list[Draw]:
    """One chain of ``draws`` evaluated points, the first of them the start (always accepted).

    ``score`` may be random; the present point keeps the score it was accepted with and is not scored again.
    """
    point = first_point(axes, rng)
    present = score(point)
    chain = [Draw(point, present, True)]
    while len(chain) < draws:
        proposed = proposal(point, axes, step, subset, rng)
        new = score(proposed)
        accepted = goes(new, present, temperature, rng)
        chain.append(Draw(proposed, new, accepted))
        if accepted:
            point, present = proposed, new
    return chain
