"""Draws and scores of a planted landscape, so that what regions there are is known; nothing is simulated."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from support.places import QUICK

from analysis.regions.search import Regions, find_regions
from analysis.run_data.candidates import Recorded
from analysis.run_data.fresh_seeds import Scores
from analysis.run_data.ranking import rank
from calibrate.methods.space import Space, make_space, to_points, to_unit
from calibrate.objective.objectives import OBJECTIVES
from engine.results.run_record import Run, RunRecord
from engine.scenario import load_scenario
from engine.types import Floats

SCENARIO = load_scenario(QUICK)
SPACE = make_space(SCENARIO)
FREE = len(SPACE.place)
CENTRE = np.full(FREE, 0.5)
GOOD = 6.0
RECORD = RunRecord(
    source_digest="0", versions={}, seed=7, chains=4, iters=1000, scenario=SCENARIO.resolved(), status="finished"
)
RUN = Run(Path("planted"), RECORD, {})  # of which nothing is on disk
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
    record = RECORD.brought_to(status=status)
    return Recorded(
        SCENARIO, record, OBJECTIVES["score"], chain[order], iteration[order], chain[order], score[order], points[order]
    )


def around(centre: Floats, radius: float, count: int, rng: np.random.Generator) -> Floats:
    """Return points evenly within a ball."""
    way = rng.normal(size=(count, len(centre)))
    way /= np.linalg.norm(way, axis=1)[:, None]
    inside: Floats = centre + radius * rng.random((count, 1)) ** (1 / len(centre)) * way
    return inside


def shifted(**places: float) -> Floats:
    """The centre of the box, moved in the dimensions named a, b, ..."""
    centre = CENTRE.copy()
    for name, place in places.items():
        centre[ord(name) - ord("a")] = place
    return centre


ONE, TWO = shifted(a=0.2, b=0.2), shifted(a=0.8, b=0.8)


def two_islands(unit: Floats) -> Floats:
    """Good within 0.2 of ONE or TWO, 0.85 apart."""
    away = np.minimum(np.linalg.norm(unit - ONE, axis=1), np.linalg.norm(unit - TWO, axis=1))
    return 10 - 20 * away


def on_islands(rng: np.random.Generator, count: int = 120) -> Floats:
    return np.concatenate([around(centre, 0.15, count, rng) for centre in (ONE, TWO)])


def found(unit: Floats, landscape: Landscape, seed: int, noise: float = 0.3) -> Regions:
    scores = scores_of(landscape, seed, noise)
    return find_regions(rank(draws_at(unit, landscape), scores), scores, seed, GOOD)
