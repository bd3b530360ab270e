"""The normal law that proposals from anywhere are drawn from: its fit, its draws, its density."""

import math

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest, multivariate_normal, truncnorm
from support.names import SIZE
from support.places import QUICK

from calibrate.methods.independence import BREADTH, Guess, fit_guess, make_guess, propose_anywhere
from calibrate.methods.moves import walked_at
from calibrate.methods.priors import posterior_space
from calibrate.methods.space import Space
from engine.numerics.random import PROPOSAL, open_stream
from engine.scenario import load_scenario
from engine.types import Floats

RARE = 1e-6  # false-alarm rate of one comparison


@numba.njit
def proposed(found: Floats, back: Floats, here: Floats, guess: Guess, space: Space, seed: int) -> None:
    rng = np.zeros(4, np.uint64)
    for row in range(found.shape[0]):
        open_stream(rng, seed, 0, row, PROPOSAL, 0)
        back[row] = propose_anywhere(found[row], here, guess, space, rng)


def space_of(*changes: str) -> Space:
    return posterior_space(load_scenario(QUICK, changes))


def walked(points: Floats, space: Space) -> Floats:
    return np.array([[walked_at.py_func(point, space, row) for row in range(len(space.place))] for point in points])


def archive_in(space: Space, rng: np.random.Generator, places: int) -> NDArray[np.float64]:
    """Places of a law with correlations, in the middle fifth of the box."""
    rows = len(space.place)
    normal = rng.normal(size=(places, rows)) @ rng.normal(size=(rows, rows)) / rows
    scaled = space.low + (space.high - space.low) * np.clip(0.5 + 0.1 * normal, 0.4, 0.6)
    points = np.tile(space.held, (places, 1))
    points[:, space.place] = np.where(space.log, np.exp(scaled), scaled)
    return points


def test_the_law_has_mean_and_covariance_of_the_archive(seed: int) -> None:
    space = space_of()
    archive = archive_in(space, np.random.default_rng(seed), 300)
    guess = make_guess(space, 1.0)
    fit_guess(guess, archive, space)
    places = walked(archive, space)
    breadth = np.diag((BREADTH * (space.high - space.low)) ** 2)
    np.testing.assert_allclose(guess.mean, places.mean(axis=0), rtol=1e-10)
    np.testing.assert_allclose(guess.root @ guess.root.T, np.cov(places.T, bias=True) + breadth, rtol=1e-7, atol=1e-12)


def test_places_that_are_all_one_leave_a_little_width() -> None:
    space = space_of()
    guess = make_guess(space, 1.0)
    fit_guess(guess, np.tile(archive_in(space, np.random.default_rng(1), 1), (20, 1)), space)
    np.testing.assert_allclose(np.diag(guess.root), BREADTH * (space.high - space.low), rtol=1e-6)


def test_proposals_are_of_the_law_inside_the_box_and_know_their_density(seed: int) -> None:
    """A parameter whose law reaches over both ends, by KS against SciPy; fails once in a million if right.

    The control is the law without its ends. The density is held against SciPy's, number by number.
    """
    held = [f"parameters.{name}={{fixed: {value}}}" for name, value in (("memory_weeks", 20), ("famine_effect", 1))]
    space = space_of(*held)
    rng = np.random.default_rng(seed)
    archive = archive_in(space, rng, 200)
    row = int(np.flatnonzero(~space.log)[0])
    place = space.place[row]
    archive[:, place] = space.low[row] + (space.high[row] - space.low[row]) * rng.random(200)
    guess = make_guess(space, 1.0)
    fit_guess(guess, archive, space)
    points, back, here = np.zeros((4_000, SIZE)), np.zeros(4_000), archive[0]
    proposed(points, back, here, guess, space, seed)
    values = walked(points, space)
    assert ((space.low <= values) & (values <= space.high)).all()
    middle, spread = guess.mean[row], math.sqrt((guess.root @ guess.root.T)[row, row])
    ends = (space.low[row] - middle) / spread, (space.high[row] - middle) / spread
    assert kstest(values[:, row], truncnorm(*ends, loc=middle, scale=spread).cdf).pvalue > RARE
    assert kstest(values[:, row], truncnorm(-9, 9, loc=middle, scale=spread).cdf).pvalue < RARE
    law = multivariate_normal(guess.mean, guess.root @ guess.root.T)
    np.testing.assert_allclose(back, law.logpdf(walked(here[None], space)) - law.logpdf(values), rtol=1e-6, atol=1e-6)
