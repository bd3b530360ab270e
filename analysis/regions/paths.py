"""Which good points are joined by a path that never falls below a threshold: a straight one, or one that bends.

# Choice: distance cannot tell a long thin ridge from many regions, nor two regions side by side from one. So clusters
# are counted and shown, but a region is what paths join, and the points of a path are simulated.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from analysis.run_data.fresh_seeds import SURE, Fair
from engine.types import Flags, Floats, Integers

# From points in the unit box, (n, free), and a threshold: their fair means, sure enough to be held against it.
Means = Callable[[Floats, float], Fair]

SPACING = 0.1  # in the unit box, between neighbours on a path: as long as the search's own step in one parameter
STEPS = 60  # before a path is given up
PARENTS, CHILDREN = 16, 4  # how many points grow in a step, and into how many
SMALLEST = 5  # points of a region: fewer may be one lucky point and its neighbours
FAILURES = 2  # straight paths that may fall short at a point before it tries no more
SHORTEST = 2  # straight paths that a group of joined points tries at a time


class Bend(NamedTuple):
    """A path that was found."""

    start: int  # the point that it came from
    goal: int  # the point that it reached
    floor: float  # the lowest fair mean on it


class Joined(NamedTuple):
    """The groups of points that paths join at a threshold."""

    threshold: float
    group: Integers  # of each point; -1 for one that falls short itself
    bends: list[Bend]  # the paths that bend among those that were needed

    def regions(self) -> Integers:
        """Return the groups of SMALLEST points or more."""
        groups, sizes = np.unique(self.group[self.group >= 0], return_counts=True)
        return groups[sizes >= SMALLEST]


def joined(means: Means, unit: Floats, mean: Floats, thresholds: Sequence[float], seed: int) -> list[Joined]:
    """Return what paths join at each of the ``thresholds``, the highest first.

    ``unit`` (n, free) are the points and ``mean`` their fair means. What is joined at one threshold stays so below it.
    """
    net, rng, found = Net(means, unit, mean), np.random.default_rng(seed), []
    for threshold in sorted(thresholds, reverse=True):
        net.join_straight(threshold)
        bends = net.join_bent(threshold, rng)
        found.append(Joined(threshold, np.where(mean >= threshold, net.group, -1), bends))
    return found


class Net:
    """Good points, and what is known of the paths between them."""

    def __init__(self, means: Means, unit: Floats, mean: Floats) -> None:
        self.means, self.unit, self.mean = means, unit, mean
        self.length = cdist(unit, unit)
        self.floor = np.full(self.length.shape, np.inf)  # the lowest mean met on a straight path that fell short
        self.group = np.arange(len(unit))

    def join(self, one: int, other: int) -> None:
        """Make the groups of two points one."""
        self.group[self.group == self.group[other]] = self.group[one]

    def join_straight(self, threshold: float) -> None:
        """Join what straight paths join, the shortest first."""
        good = self.mean >= threshold
        failures = np.zeros(len(good), np.int64)
        while len(pairs := self._shortest(good & (failures < FAILURES), threshold)):
            for (one, other), floor in zip(pairs, self._floors(pairs, threshold), strict=True):
                if floor >= threshold:
                    self.join(one, other)
                else:
                    self.floor[one, other] = self.floor[other, one] = floor
                    failures[[one, other]] += 1

    def _shortest(self, willing: Flags, threshold: float) -> Integers:
        """Return the pairs to try next, (pairs, 2): from each group its shortest ways out that did not fail yet."""
        found = set()
        for group in np.unique(self.group[willing]):
            inside = np.flatnonzero(willing & (self.group == group))
            outside = np.flatnonzero(willing & (self.group != group))
            block = np.ix_(inside, outside)
            length = np.where(self.floor[block] >= threshold, self.length[block], np.inf)
            for place in np.argsort(length, axis=None, kind="stable")[:SHORTEST]:
                row, column = np.unravel_index(place, length.shape)
                if np.isfinite(length[row, column]):
                    one, other = sorted((int(inside[row]), int(outside[column])))
                    found.add((one, other))
        return np.array(sorted(found), np.int64).reshape(-1, 2)

    def _floors(self, pairs: Integers, threshold: float) -> Floats:
        """Return the lowest mean on each straight path; the middle is asked first, and alone where it falls short."""
        start, end = self.unit[pairs[:, 0]], self.unit[pairs[:, 1]]
        steps = np.maximum(2, np.ceil(self.length[pairs[:, 0], pairs[:, 1]] / SPACING)).astype(np.int64)
        floor = np.full(len(pairs), np.inf)
        for middle in (True, False):
            held = np.flatnonzero(floor >= threshold)
            inner = [(path, step) for path in held for step in range(1, steps[path])]
            asked = [(path, step) for path, step in inner if (step == steps[path] // 2) == middle]
            path, step = np.array(asked, np.int64).reshape(-1, 2).T
            share = (step / steps[path])[:, None]
            mean = self.means((1 - share) * start[path] + share * end[path], threshold).mean
            np.minimum.at(floor, path, np.nan_to_num(mean, nan=-np.inf))  # a run that fails is no way through
        return floor

    def join_bent(self, threshold: float, rng: np.random.Generator) -> list[Bend]:
        """Join groups of SMALLEST points or more by paths that bend, from the smallest on; return these paths."""
        good = self.mean >= threshold
        groups, sizes = np.unique(self.group[good], return_counts=True)
        order = np.argsort(sizes, kind="stable")
        large = groups[order][sizes[order] >= SMALLEST]
        known = good & np.isin(self.group, large)
        found = []
        for group in large[:-1]:
            inside = np.flatnonzero(known & (self.group == group))
            outside = np.flatnonzero(known & (self.group != group))
            if len(inside) and (path := bend(self.means, self.unit[inside], self.unit[outside], threshold, rng)):
                self.join(int(inside[path.start]), int(outside[path.goal]))
                found.append(path)
        return found


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


def _way_back(parent: Integers, place: int) -> Integers:
    """Return the places from ``place`` back to the root of its branch."""
    way = [place]
    while parent[way[-1]] >= 0:
        way.append(int(parent[way[-1]]))
    return np.array(way)


def _pruned(tree: Floats, parent: Integers, cut: Integers) -> tuple[Floats, Integers]:
    """Return the tree without the places ``cut`` and all that grew from them."""
    keep = np.ones(len(tree), np.bool_)
    keep[cut] = False
    for place in np.flatnonzero(parent >= 0):  # a parent comes before its children
        keep[place] &= keep[parent[place]]
    moved = np.cumsum(keep) - 1
    return tree[keep], np.where(parent[keep] >= 0, moved[parent[keep]], -1)
