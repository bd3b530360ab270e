"""Draws whose score is a known formula of their parameters: an even spread of them, or chains that walk."""

from collections.abc import Callable

import numpy as np

from analysis.importance.draws import Draws, Range
from analysis.importance.forest import stream
from analysis.importance.measure import Importance
from analysis.importance.probe import DRAWINGS, walk_without_effect
from calibrate.objective.objectives import OBJECTIVES
from engine.types import Floats

Formula = Callable[[Floats], Floats]  # of points (..., parameters) in the unit box
STEP, SUBSET = 0.1, 0.3


def screened(names: tuple[str, ...], formula: Formula, draws: int, seed: int) -> Draws:
    """Return draws spread over the unit box by chance, with noise of sd 1 on the score; the probe is noise too."""
    rng = np.random.default_rng(seed)
    points = rng.random((draws, len(names)))
    score = formula(points) + rng.normal(size=draws)
    probes = np.array([stream(seed, 0, number).random(draws) for number in range(DRAWINGS)], dtype=np.float32)
    chain, iteration = np.zeros(draws, np.int64), np.arange(draws)
    return Draws(OBJECTIVES["score"], names, list(points.T), probes, score, chain, iteration, chain, True, box(names))


def walked(names: tuple[str, ...], formula: Formula, chains: int, iterations: int, seed: int) -> Draws:
    """Return the draws of the paper's search, temperature 1, written from the paper alone; the probe walks along."""
    rng = np.random.default_rng(seed)
    points = rng.random((chains, iterations, len(names)))
    score = np.empty((chains, iterations))
    accepted = np.ones((chains, iterations), np.bool_)
    here, stands = points[:, 0], np.full(chains, -np.inf)  # so that the first draw is accepted
    for iteration in range(iterations):
        if iteration:
            moving = rng.random(here.shape) < SUBSET
            lone = np.arange(len(names)) == rng.integers(len(names), size=(chains, 1))
            moving |= lone & ~moving.any(axis=1, keepdims=True)
            proposal = here + moving * STEP * rng.normal(size=here.shape)
            points[:, iteration] = 1.0 - np.abs(proposal % 2.0 - 1.0)
        new = formula(points[:, iteration]) + rng.normal(size=chains)
        taken = rng.random(chains) < np.exp(np.minimum(new - stands, 0.0))
        score[:, iteration], accepted[:, iteration] = new, taken
        here, stands = np.where(taken[:, None], points[:, iteration], here), np.where(taken, new, stands)
    chain = np.repeat(np.arange(chains), iterations)
    moving_chance = SUBSET + (1 - SUBSET) ** len(names) / len(names)
    streams = [stream(seed, 0, number) for number in range(DRAWINGS)]
    walks = [walk_without_effect(chain, accepted.ravel(), STEP, moving_chance, each) for each in streams]
    columns = list(points.reshape(-1, len(names)).T.copy())
    probes = np.array(walks, dtype=np.float32)
    return Draws(
        OBJECTIVES["score"],
        names,
        columns,
        probes,
        score.ravel(),
        chain,
        np.tile(np.arange(iterations), chains),
        chain,
        False,
        box(names),
    )


def box(names: tuple[str, ...]) -> dict[str, Range]:
    """Return the unit box."""
    return dict.fromkeys(names, Range(0.0, 1.0, False))


def nothing() -> None:
    """No progress to show."""


def by_name(lines: list[Importance]) -> dict[str, Importance]:
    """Return the lines by the name of their column."""
    return {line.name: line for line in lines}
