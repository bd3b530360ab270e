"""Draws and scores of a planted landscape, so that what regions there are is known; nothing is simulated."""

from collections.abc import Callable

import numpy as np
from scenario_files import QUICK

from analysis.candidates import Recorded, to_points, to_unit
from analysis.fresh import Floats, Scores
from calibrate.space import Space, make_space
from engine.scenario import load_scenario

SCENARIO = load_scenario(QUICK)
SPACE = make_space(SCENARIO)
FREE = len(SPACE.place)
CENTRE = np.full(FREE, 0.5)
# From points in the unit box, (n, free), to their true mean scores, (n,).
Landscape = Callable[[Floats], Floats]


def scores_of(landscape: Landscape, seed: int, noise: float = 0.3, space: Space = SPACE) -> Scores:
    """Return scores that are the landscape's with normal noise."""
    rng = np.random.default_rng(seed)

    def scores(points: Floats, seeds: int) -> Floats:
        mean = landscape(to_unit(space, points))
        drawn: Floats = mean[:, None] + noise * rng.normal(size=(len(points), seeds))
        return drawn

    return scores


def draws_at(unit: Floats, landscape: Landscape, chains: int = 4, status: str = "finished") -> Recorded:
    """Return the record of a run that drew the points ``unit``, (n, free), dealt to the chains in turn."""
    points = to_points(SPACE, unit)
    chain = np.arange(len(unit)) % chains
    order = np.argsort(chain, kind="stable")
    iteration = np.arange(len(unit)) // chains
    score = landscape(to_unit(SPACE, points))
    return Recorded(SCENARIO, 7, status, chain[order], iteration[order], score[order], points[order])


def around(centre: Floats, radius: float, count: int, rng: np.random.Generator) -> Floats:
    """Return points evenly within a ball."""
    way = rng.normal(size=(count, len(centre)))
    way /= np.linalg.norm(way, axis=1)[:, None]
    inside: Floats = centre + radius * rng.random((count, 1)) ** (1 / len(centre)) * way
    return inside
