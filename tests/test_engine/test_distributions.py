"""Poisson and binomial numbers against SciPy's laws, in every regime of their algorithms."""

from typing import Any

import mpmath
import numpy as np
import pytest
from numba import njit
from scipy import stats
from support.goodness import fits

from engine.numerics.distributions import binomial, poisson
from engine.numerics.poisson_tables import COARSE_OTHER, COARSE_STAY, FINE_OTHER, FINE_STAY
from engine.numerics.random import open_stream

pytestmark = pytest.mark.law

NUMBER = 400_000
SHIFT = 0.05  # of the standard deviation: a wrong mean that must be told apart

MEANS = [0.001, 0.2499, 0.25, 0.3, 1.0, 5.1, 7.999999, 8.0, 8.3, 12.0, 30.0, 200.0, 255.99, 256.0, 1000.0, 1e5, 1e8]
TRIALS = [
    (1, 0.3),
    (2, 0.5),
    (3, 1e-3),
    (19, 0.5),
    (20, 0.5),
    (21, 0.5),
    (50, 0.03),
    (50, 0.97),
    (1000, 0.00999),
    (1000, 0.01),
    (1000, 0.0101),
    (1000, 0.4),
    (1000, 0.6),
    (10**6, 1e-7),
    (10**6, 9.9e-6),
    (10**6, 1e-5),
    (10**6, 1.01e-5),
    (10**6, 1e-3),
    (10**6, 0.5),
    (10**6, 0.9),
    (10**6, 1.0 - 1e-6),
    (10**6, 1.0 - 1.1e-5),
]


@njit
def poissons(address, mean, counts):
    rng = np.zeros(4, np.uint64)
    open_stream(rng, address, 0, 0, 0, 0)
    for k in range(counts.size):
        counts[k] = poisson(rng, mean)


@njit
def binomials(address, trials, probability, counts):
    rng = np.zeros(4, np.uint64)
    open_stream(rng, address, 1, 0, 0, 0)
    for k in range(counts.size):
        counts[k] = binomial(rng, trials, probability)


def poisson_numbers(seed: int, mean: float, number: int = NUMBER) -> np.ndarray:
    counts = np.zeros(number, np.int64)
    poissons(seed, float(mean), counts)
    return counts


def binomial_numbers(seed: int, trials: int, probability: float, number: int = NUMBER) -> np.ndarray:
    counts = np.zeros(number, np.int64)
    binomials(seed, trials, float(probability), counts)
    return counts


def follow(numbers: np.ndarray, law: Any) -> bool:
    """Whether the numbers fit the law: chi-square over single numbers, or over ranges of them where they are many."""
    low, high = int(law.ppf(1e-9)), int(law.ppf(1.0 - 1e-9))
    edges = np.unique(np.linspace(low - 1, high, min(high - low + 2, 400)).astype(np.int64))
    below = law.cdf(edges)
    shares = np.concatenate([[below[0]], np.diff(below), [law.sf(edges[-1])]])
    counts = np.bincount(np.searchsorted(edges, numbers), minlength=len(shares))
    return fits(counts, shares / shares.sum() * len(numbers))


@pytest.mark.parametrize("mean", MEANS)
def test_poisson_numbers_follow_their_law(mean: float, seed: int) -> None:
    """False alarm 1e-6 each; a mean off by a twentieth of the standard deviation is told apart."""
    numbers = poisson_numbers(seed, mean)
    assert follow(numbers, stats.poisson(mean))
    assert not follow(numbers, stats.poisson(mean + SHIFT * np.sqrt(mean)))


@pytest.mark.parametrize(("step", "stay", "other"), [(0.25, FINE_STAY, FINE_OTHER), (8.0, COARSE_STAY, COARSE_OTHER)])
def test_tables_hold_their_law(step: float, stay: np.ndarray, other: np.ndarray) -> None:
    """What the cells of a table give together, exactly: no chance in it."""
    for row in range(1, len(stay)):
        given = np.bincount(other[row], weights=1.0 - stay[row], minlength=stay.shape[1]) + stay[row]
        mass, law = mpmath.exp(-row * step), []
        for count in range(stay.shape[1]):
            law.append(float(mass))
            mass *= row * step / mpmath.mpf(count + 1)
        assert np.max(abs(given / stay.shape[1] - law)) < 1e-15
        assert stats.poisson(row * step).sf(stay.shape[1] - 1) < 1e-25, "what the table leaves out"


@pytest.mark.parametrize(("trials", "probability"), TRIALS)
def test_binomial_numbers_follow_their_law(trials: int, probability: float, seed: int) -> None:
    """False alarm 1e-6 each; a mean off by a twentieth of the standard deviation is told apart."""
    numbers = binomial_numbers(seed, trials, probability)
    assert follow(numbers, stats.binom(trials, probability))
    shift = SHIFT * np.sqrt(probability * (1.0 - probability) / trials)
    assert not follow(numbers, stats.binom(trials, probability + (shift if probability <= 0.5 else -shift)))


def test_a_poisson_law_is_not_binomial(seed: int) -> None:
    """Negative control of the shape: equal means, a variance of 1 - p."""
    assert not follow(poisson_numbers(seed, 20.0), stats.binom(200, 0.1))
    assert not follow(binomial_numbers(seed, 200, 0.1), stats.poisson(20.0))


def test_successive_numbers_are_unrelated(seed: int) -> None:
    """Both algorithms of both laws: pairs of neighbours, split at the median. False alarm 1e-6 each."""
    for numbers, law in (
        (poisson_numbers(seed, 3.0), stats.poisson(3.0)),
        (poisson_numbers(seed, 50.0), stats.poisson(50.0)),
        (binomial_numbers(seed, 100, 0.03), stats.binom(100, 0.03)),
        (binomial_numbers(seed, 500, 0.4), stats.binom(500, 0.4)),
    ):
        middle = law.median()
        high = (numbers > middle).astype(int)
        share = law.sf(middle)
        pairs = np.bincount(high[0::2] * 2 + high[1::2], minlength=4)
        shares = np.array([(1 - share) ** 2, (1 - share) * share, share * (1 - share), share**2])
        assert fits(pairs, shares * pairs.sum())


def test_nobody_leaves_where_nobody_can(seed: int) -> None:
    for mean in (0.0, -1.0, 1e-320):
        assert not poisson_numbers(seed, mean, 1000).any()
    for trials, probability in [(0, 0.5), (-3, 0.5), (10**6, 0.0), (10**6, -0.1), (10, 1e-320)]:
        assert not binomial_numbers(seed, trials, probability, 1000).any()


def test_everybody_leaves_where_everybody_must(seed: int) -> None:
    for trials in (1, 7, 10**6):
        for probability in (1.0, 1.5):
            assert (binomial_numbers(seed, trials, probability, 1000) == trials).all()


def test_successes_are_from_none_to_all(seed: int) -> None:
    for trials, probability in TRIALS:
        numbers = binomial_numbers(seed, trials, probability, 20_000)
        assert numbers.min() >= 0
        assert numbers.max() <= trials
