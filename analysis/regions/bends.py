"""A path that bends: from one group of good points, step by step over good points, to another group."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from analysis.run_data.fresh_seeds import SURE, Fair, Floats, Indices

# From points in the unit box, (n, free), and a threshold: their fair means, sure enough to be held against it.
Means = Callable[[Floats, float], Fair]

SPACING = 0.1  # in the unit box, between neighbours on a path: as long as the search's own step in one parameter
STEPS = 60  # before a path is given up
PARENTS, CHILDREN = 16, 4  # how many points grow in a step, and into how many


class Bend(NamedTuple):
    """A path that was found."""

    start: int  # the point that it came from
    goal: int  # the point that it reached
    floor: float  # the lowest fair mean on it


def bend(means: Means, start: Floats, goal: Floats, threshold: float, rng: np.random.Generator) -> Bend | None:
    """Return a path over good points from ``start`` to ``goal``, both (n, free), or None if none is found.

    A tree grows from the points of ``start``, as in the planning of paths for robots: in a step half of those that
    grow are the nearest to the goal and half are any. A child stays if its mean reaches the threshold. Among so many
    tried, some were lucky: a path that is found is simulated once more, and where a point of it surely lies below
    the threshold, by more than SURE standard errors, the branch is cut and the tree grows on.
    """
    tree, parent = start, np.full(len(start), -1)
    for _ in range(STEPS):
        length = cdist(tree, goal)
        nearest, away = length.argmin(axis=1), length.min(axis=1)
        if away.min() <= SPACING:
            path = _way_back(parent, int(away.argmin()))
            again = means(tree[path], threshold)
            weak = ~(again.mean + SURE * again.error >= threshold)
            if not weak.any():
                root = int(cdist(tree[path[-1:]], start).argmin())
                return Bend(root, int(nearest[path[0]]), float(again.mean.min()))
            tree, parent = _pruned(tree, parent, path[weak])
            if not len(tree):
                return None
        else:
            close = np.argsort(away, kind="stable")[: PARENTS // 2]
            grow = np.repeat(np.concatenate([close, rng.choice(len(tree), PARENTS - len(close))]), CHILDREN)
            children = _children(tree[grow], goal[nearest[grow]], rng)
            good = means(children, threshold).mean >= threshold
            tree, parent = np.concatenate([tree, children[good]]), np.concatenate([parent, grow[good]])
    return None


def _children(parents: Floats, goals: Floats, rng: np.random.Generator) -> Floats:
    """Return a point near each parent, SPACING away or half of it, more or less in the direction of its goal."""
    count = len(parents)
    anywhere = _unit_length(rng.normal(size=parents.shape))
    share = rng.random((count, 1))
    direction = _unit_length(share * _unit_length(goals - parents) + (1 - share) * anywhere)
    length = SPACING * np.where(rng.random((count, 1)) < 0.5, 1.0, 0.5)
    return np.clip(parents + length * direction, 0.0, 1.0)


def _unit_length(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = vectors / np.maximum(lengths, np.finfo(np.float64).tiny)
    return scaled


def _way_back(parent: Indices, place: int) -> Indices:
    """Return the places from ``place`` back to the root of its branch."""
    way = [place]
    while parent[way[-1]] >= 0:
        way.append(int(parent[way[-1]]))
    return np.array(way)


def _pruned(tree: Floats, parent: Indices, cut: Indices) -> tuple[Floats, Indices]:
    """Return the tree without the places ``cut`` and all that grew from them."""
    keep = np.ones(len(tree), np.bool_)
    keep[cut] = False
    for place in np.flatnonzero(parent >= 0):  # a parent comes before its children
        keep[place] &= keep[parent[place]]
    moved = np.cumsum(keep) - 1
    return tree[keep], np.where(parent[keep] >= 0, moved[parent[keep]], -1)
