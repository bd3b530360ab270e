"""The Beta distribution function against its power series in arithmetic of 200 bits."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from numba import njit

from engine.numerics.beta import (
    beta_density,
    beta_lower_tail,
    log_density_constant,
    log_ratio_minus,
    stirling_error,
)

CLAIMED = 1e-11
POINTS = 2500
SMALLEST, LARGEST = 0.5, 1e6  # shapes
LEAST = 1e-300  # probability

BITS = 200


@njit
def tails(a, b, x, result):
    for k in range(x.size):
        result[k] = beta_lower_tail(a[k], b[k], x[k])


@njit
def densities(a, b, x, result):
    for k in range(x.size):
        result[k] = beta_density(a[k], b[k], x[k])


@njit
def pieces(z, ratio, u, a, b):
    return stirling_error(z), log_ratio_minus(ratio, u), log_density_constant(a, b)


def values(function, a, b, x) -> np.ndarray:
    columns = [np.array(column, dtype=np.float64) for column in (a, b, x)]
    result = np.empty(len(columns[2]))
    function(*columns, result)
    return result


def exact_density(a: float, b: float, x: float, bits: int = BITS) -> mpmath.mpf:
    """x^a (1-x)^b / B(a,b)."""
    with mpmath.workprec(bits):
        a, b, x = (mpmath.mpf(number) for number in (a, b, x))
        log_beta = mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)
        return mpmath.exp(a * mpmath.log(x) + b * mpmath.log1p(-x) - log_beta)


def terms(a: float, b: float, x: float) -> float:
    """About how many terms of the series leave 2^-100: log((a+b)_n/(a+1)_n x^n), bisected in n."""
    if x > 1.0 - 1e-9:
        return math.inf
    low, high = 0.0, 40.0
    while high - low > 1.0 + 0.01 * high:
        n = high if low == 0.0 else 0.5 * (low + high)
        log_term = math.lgamma(a + b + n) - math.lgamma(a + b) - math.lgamma(a + 1 + n) + math.lgamma(a + 1)
        if log_term + n * math.log(x) > -70.0:
            low, high = n, max(high, 2.0 * n)
        elif low == 0.0:
            return n
        else:
            high = n
    return high


def series(a: float, b: float, x: Fraction, bits: int) -> mpmath.mpf:
    """Σ (a+b)_n/(a+1)_n x^n = 2F1(a+b, 1; a+1; x), NIST Handbook 8.17.8, in whole numbers of 2^-bits."""
    one = 1 << bits
    upper, lower, argument = (int(number * one) for number in (Fraction(a) + Fraction(b), Fraction(a) + 1, x))
    term = total = one
    while term > total >> bits - 20 or upper * argument >> bits > lower:
        term = term * upper // lower * argument >> bits
        total += term
        upper += one
        lower += one
    with mpmath.workprec(bits):
        return mpmath.mpf(total) / one


def exact_tail(a: float, b: float, x: float) -> mpmath.mpf:
    """I_x(a, b) by its own series or as the complement of the other tail's, whichever is shorter.

    The complement of a probability of 1e-300 takes 1,000 bits more.
    """
    if terms(a, b, x) < 4 * terms(b, a, 1.0 - x):
        return exact_density(a, b, x) * series(a, b, Fraction(x), BITS) / a
    bits = BITS + 1000
    with mpmath.workprec(bits):
        return 1 - exact_density(a, b, x, bits) * series(b, a, 1 - Fraction(x), bits) / b


def x_of_density(a: float, b: float, log_density: float) -> float:
    """An x at or below the mean where the logarithm of the density is about this, or the mean."""
    constant = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    low, high = math.log(1e-307), math.log(a / (a + b))
    for _ in range(60):
        middle = 0.5 * (low + high)
        if a * middle + b * math.log1p(-math.exp(middle)) + constant < log_density:
            low = middle
        else:
            high = middle
    return math.exp(high)


def cases(seed: int, number: int) -> list[tuple[float, float, float, mpmath.mpf]]:
    """(a, b, x, I_x(a, b)) with shapes over the whole range, a third of them whole numbers apart from a shared one, and
    probabilities from 1e-300 to all but 1; none is left out that the claim covers."""
    rng = np.random.default_rng([seed, 3])
    found = []
    while len(found) < number:
        a, b = np.exp(rng.uniform(math.log(SMALLEST), math.log(LARGEST), 2))
        if rng.uniform() < 0.2:
            a = float(rng.choice([SMALLEST, 1.0, LARGEST]))
        if rng.uniform() < 0.2:
            b = float(rng.choice([SMALLEST, 1.0, LARGEST]))
        where = rng.uniform()
        if where < 0.7:
            x = x_of_density(a, b, -(10.0 ** rng.uniform(-1, math.log10(690.0))))
        elif where < 0.8:  # about the mean, where the computation changes sides
            x = a / (a + b) * (1.0 + 0.01 * rng.standard_normal())
        else:
            x = 1.0 - x_of_density(b, a, -(10.0 ** rng.uniform(-1, 1.5)))
        if 0.0 < x < 1.0:
            truth = exact_tail(a, b, x)
            if truth >= LEAST:
                found.append((float(a), float(b), float(x), truth))
    return found


def largest_error(found, truths) -> float:
    return max(float(abs(value / truth - 1)) for value, truth in zip(found, truths, strict=True))


def test_reference_is_the_integral() -> None:
    """The series of this file against mpmath's own quadrature-free incomplete beta and against closed forms."""
    with mpmath.workprec(BITS):
        for a, b, x in [
            (2.5, 7.25, 0.1),
            (40.0, 30.5, 0.3),
            (0.5, 0.5, 0.9),
            (150.0, 80.0, 0.2),
            (3.0, 900.0, 0.01),
        ]:
            one = mpmath.betainc(a, b, 0, mpmath.mpf(x), regularized=True)
            assert abs(exact_tail(a, b, x) / one - 1) < mpmath.mpf(2) ** -80
        assert abs(exact_tail(1e6, 1.0, 0.9995) / mpmath.mpf(0.9995) ** 1e6 - 1) < mpmath.mpf(2) ** -80
        assert abs(exact_tail(1.0, 1e6, 1e-7) / (1 - (1 - mpmath.mpf(1e-7)) ** 1e6) - 1) < mpmath.mpf(2) ** -80


def test_lower_tail_is_as_close_as_claimed(seed: int) -> None:
    """And the complement of the upper tail is not: negative control."""
    a, b, x, truths = zip(*cases(seed, POINTS), strict=True)
    truth_sizes = np.array([float(mpmath.log10(truth)) for truth in truths])
    assert truth_sizes.min() < -290
    assert truth_sizes.max() > -1e-3
    assert largest_error(values(tails, a, b, x), truths) < CLAIMED
    upper = values(tails, b, a, 1.0 - np.array(x))
    assert largest_error(1.0 - upper, truths) > 0.1


def test_density_is_as_close_as_claimed(seed: int) -> None:
    a, b, x, _ = zip(*cases(seed, 500), strict=True)
    truths = [exact_density(*case) for case in zip(a, b, x, strict=True)]
    normal = [k for k, truth in enumerate(truths) if truth >= LEAST]
    a, b, x, truths = ([column[k] for k in normal] for column in (a, b, x, truths))
    assert largest_error(values(densities, a, b, x), truths) < CLAIMED


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (1.0, 1.0), (1e6, 1e6), (0.5, 1e6), (1e6, 0.5)])
def test_ends_of_x(a: float, b: float) -> None:
    assert values(tails, [a] * 4, [b] * 4, [-1.0, 0.0, 1.0, 2.0]).tolist() == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (26.0, 40.0), (0.5, 1e6), (1e6, 1e6)])
def test_tail_never_falls_as_x_grows(a: float, b: float) -> None:
    """But for the rounding, also where the computation changes sides."""
    mean, deviation = a / (a + b), math.sqrt(a * b / (a + b + 1.0)) / (a + b)
    x = np.linspace(max(1e-12, mean - 8 * deviation), min(1.0 - 1e-12, mean + 8 * deviation), 20_001)
    tail = values(tails, np.full(x.size, a), np.full(x.size, b), x)
    assert (np.diff(tail) >= -CLAIMED * tail[1:]).all()
    assert tail.min() >= 0.0
    assert tail.max() <= 1.0


def test_pieces_are_as_close_as_they_claim(seed: int) -> None:
    rng = np.random.default_rng([seed, 4])
    zs = np.append(np.exp(rng.uniform(math.log(1e-3), math.log(2e6), 398)), [9.999999, 10.0])
    us = np.append(rng.choice([-1.0, 1.0], 398) * 10.0 ** rng.uniform(-12, -0.001, 398), [-0.5, 0.5])
    shapes = np.exp(rng.uniform(math.log(SMALLEST), math.log(LARGEST), (400, 2)))
    for z, u, (a, b) in zip(zs, us, shapes, strict=True):
        stirling, logarithm, constant = pieces(z, 1.0 + u, u, a, b)
        with mpmath.workprec(BITS):
            half = mpmath.mpf(0.5)
            exact = mpmath.loggamma(z) - ((z - half) * mpmath.log(z) - z + mpmath.log(2 * mpmath.pi) / 2)
            assert abs(stirling - exact) < 2e-15 * max(1.0, abs(exact))
            exact = mpmath.log1p(u) - mpmath.mpf(u)
            assert abs(logarithm / exact - 1) < 1e-13
            mean = mpmath.mpf(a) / (mpmath.mpf(a) + mpmath.mpf(b))
            exact = mpmath.log(exact_density(a, b, mean))
            assert abs(constant - exact) < 1e-13
