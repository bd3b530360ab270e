"""Which good points are joined by a path that never falls below a threshold: a straight one, or one that bends.

# Choice: distance cannot tell a long thin ridge from many regions, nor two regions side by side from one. So clusters
# are counted and shown, but a region is what paths join, and the points of a path are simulated.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from analysis.regions.bends import SPACING, Bend, Means, bend
from analysis.run_data.fresh_seeds import Flags, Floats, Indices

SMALLEST = 5  # points of a region: fewer may be one lucky point and its neighbours
FAILURES = 2  # straight paths that may fall short at a point before it tries no more
SHORTEST = 2  # straight paths that a group of joined points tries at a time


class Joined(NamedTuple):
    """The groups of points that paths join at a threshold."""

    threshold: float
    group: Indices  # of each point; -1 for one that falls short itself
    bends: list[Bend]  # the paths that bend among those that were needed

    def regions(self) -> Indices:
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

    def _shortest(self, willing: Flags, threshold: float) -> Indices:
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

    def _floors(self, pairs: Indices, threshold: float) -> Floats:
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
