"""Exponential and logarithm: as close to the true value as they claim, everywhere."""

import sys

import mpmath
import numpy as np
import pytest
from numba import njit

from engine.numerics.elementary import exponential, fourth_root_above, logarithm

CLAIMED = 5e-16
POINTS = 100_000


@njit
def exponentials(x, result):
    for k in range(x.size):
        result[k] = exponential(x[k])


@njit
def logarithms(x, result):
    for k in range(x.size):
        result[k] = logarithm(x[k])


@njit
def fourth_roots(x, result):
    for k in range(x.size):
        result[k] = fourth_root_above(x[k])


def values(function, x) -> np.ndarray:
    x = np.asarray(x, dtype=np.float64)
    result = np.empty_like(x)
    function(x, result)
    return result


def largest_error(found, truth, x) -> float:
    """The largest relative error of ``found`` against mpmath's ``truth`` at ``x``."""
    with mpmath.workprec(80):
        exact = [truth(mpmath.mpf(float(point))) for point in x]
        return max(float(abs(value / one - 1)) for value, one in zip(found, exact, strict=True))


def points_of_exponential(seed: int, number: int) -> np.ndarray:
    rng = np.random.default_rng([seed, 1])
    fifth = number // 5
    small = rng.choice([-1.0, 1.0], fifth) * 10.0 ** rng.uniform(-20, 0, fifth)
    halves = (rng.integers(-1000, 1000, fifth) + 0.5) * np.log(2.0)  # where the reduction is at its worst
    halves = halves[abs(halves) < 700]
    everywhere = rng.uniform(-708.0, 709.0, number - fifth - len(halves))
    return np.concatenate([everywhere, small, halves])


def points_of_logarithm(seed: int, number: int) -> np.ndarray:
    rng = np.random.default_rng([seed, 2])
    fifth = number // 5
    near_one = 1.0 + rng.choice([-1.0, 1.0], fifth) * 10.0 ** rng.uniform(-15.5, -0.5, fifth)
    uniform = rng.uniform(0.0, 1.0, fifth) + 2.0**-53  # what the exponential waiting times take it of
    half_powers = np.sqrt(0.5) * 2.0 ** rng.integers(-1000, 1000, fifth) * (1 + rng.integers(-9, 9, fifth) * 2.0**-52)
    everywhere = 10.0 ** rng.uniform(-307.6, 308.2, number - 3 * fifth)
    return np.concatenate([everywhere, near_one, uniform, half_powers])


def test_exponential_is_as_close_as_claimed(seed: int) -> None:
    x = points_of_exponential(seed, POINTS)
    assert largest_error(values(exponentials, x), mpmath.exp, x) < CLAIMED


def test_logarithm_is_as_close_as_claimed(seed: int) -> None:
    x = points_of_logarithm(seed, POINTS)
    assert largest_error(values(logarithms, x), mpmath.log, x) < CLAIMED


def test_a_careless_reduction_is_told_apart(seed: int) -> None:
    """Negative control: ln 2 in one part loses the last digits of exp; log of a rounded sum those of log."""
    x = points_of_exponential(seed, 1000)
    k = np.round(x / np.log(2.0))
    careless = np.exp(x - k * np.log(2.0)) * 2.0**k
    assert largest_error(careless, mpmath.exp, x) > CLAIMED
    x = points_of_logarithm(seed, 1000)
    mantissa, power = np.frexp(x)
    assert largest_error(np.log(mantissa) + power * np.log(2.0), mpmath.log, x) > CLAIMED


@pytest.mark.parametrize("x", [-708.0, 709.0, 0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324])
def test_exponential_at_the_ends(x: float) -> None:
    assert largest_error(values(exponentials, [x]), mpmath.exp, [x]) < CLAIMED


def test_exponential_beyond_the_ends_stays_at_them() -> None:
    low, high = values(exponentials, [-708.0, 709.0])
    assert values(exponentials, [-708.1, -1e9, -np.inf]).tolist() == [low] * 3
    assert values(exponentials, [709.1, 1e9, np.inf]).tolist() == [high] * 3
    assert 0.0 < low < 1e-307
    assert 8e307 < high < np.inf


def test_exponential_of_nothing_is_one() -> None:
    assert values(exponentials, [0.0, -0.0, 1e-17]).tolist() == [1.0] * 3


def test_logarithm_at_the_ends() -> None:
    x = [sys.float_info.min, sys.float_info.max, 1.0 - 2.0**-53, 1.0 + 2.0**-52, 2.0**-53, 0.5, 2.0]
    assert largest_error(values(logarithms, x), mpmath.log, x) < CLAIMED
    assert values(logarithms, [1.0]).tolist() == [0.0]


def test_logarithm_never_falls_where_the_mantissa_wraps() -> None:
    edges = np.sqrt(0.5) * 2.0 ** np.arange(-1000.0, 1000.0)
    x = np.sort(np.concatenate([edges * (1 + step * 2.0**-52) for step in range(-8, 9)]))
    assert (np.diff(values(logarithms, x)) >= 0).all()


def test_a_root_is_never_below_the_true_one_and_never_far_above(seed: int) -> None:
    x = 10.0 ** np.random.default_rng([seed, 3]).uniform(-307.6, 308.2, POINTS)
    ratio = values(fourth_roots, x) / np.sqrt(np.sqrt(x))
    assert ratio.min() >= 1.0
    assert ratio.max() <= 1.08
    assert (values(fourth_roots, [0.0, 1e-320]) == values(fourth_roots, [2.3e-308])).all()
