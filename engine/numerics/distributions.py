"""Poisson and binomial numbers, exact in law: tables or inversion where the mean is small, rejection beyond.

W. Hörmann (1993), "The transformed rejection method for generating Poisson random variables", Insurance: Mathematics
and Economics 12 (algorithm PTRS), and "The generation of binomial random variates", Journal of Statistical
Computation and Simulation 46 (algorithm BTRS). Their constants are valid from a mean of 10.
"""

import math

import numpy as np

from engine.numerics.jit import inlined, internal
from engine.numerics.poisson_tables import (
    COARSE_END,
    COARSE_OTHER,
    COARSE_STAY,
    COARSE_STEP,
    FINE_OTHER,
    FINE_STAY,
    FINE_STEP,
    draw,
)
from engine.numerics.random import uniform
from engine.types import Words

_INVERSION_BELOW = 10.0


@inlined
def poisson(rng: Words, mean: float) -> int:
    """Return a Poisson number of the given mean (0 for a mean of 0 or less), an int64."""
    if mean <= 0.0:
        return np.int64(0)
    if mean >= COARSE_END:
        return _poisson_by_rejection(rng, mean)
    count = np.int64(0)
    if mean >= COARSE_STEP:
        row = np.uint64(mean / COARSE_STEP)
        mean -= np.float64(row) * COARSE_STEP
        count += draw(rng, COARSE_STAY, COARSE_OTHER, row)
    if mean >= FINE_STEP:
        row = np.uint64(mean / FINE_STEP)
        mean -= np.float64(row) * FINE_STEP
        count += draw(rng, FINE_STAY, FINE_OTHER, row)
    left = uniform(rng)
    if left > 1.0 - mean:  # more than exp(-mean) perhaps: in the most frequent case no exponential is needed
        count += _poisson_by_inversion(left, mean)
    return count


@internal
def _poisson_by_inversion(left: float, mean: float) -> int:
    mass = math.exp(-mean)
    count = 0
    while left > mass and count < 20:  # a mean below 1/4 reaches 20 with probability 1e-31
        left -= mass
        count += 1
        mass *= mean / count
    return np.int64(count)


@internal
def _poisson_by_rejection(rng: Words, mean: float) -> int:
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    squeeze = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u = uniform(rng) - 0.5
        v = uniform(rng)
        us = 0.5 - abs(u)
        count = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= squeeze:
            return np.int64(count)
        if count < 0 or (us < 0.013 and v > us):
            continue
        if math.log(v * inverse_alpha / (a / (us * us) + b)) <= count * math.log(mean) - mean - math.lgamma(
            count + 1.0
        ):
            return np.int64(count)


@internal
def binomial(rng: Words, trials: int, probability: float) -> int:
    """Return the number of successes in ``trials`` trials of this probability, clipped to [0, 1]; an int64."""
    if trials <= 0 or probability <= 0.0:
        return np.int64(0)
    if probability >= 1.0:
        return np.int64(trials)
    p = min(probability, 1.0 - probability)
    if trials * p < _INVERSION_BELOW:
        count = _binomial_by_inversion(rng, trials, p)
    else:
        count = _binomial_by_rejection(rng, trials, p)
    return count if probability <= 0.5 else np.int64(trials) - count


@internal
def _binomial_by_inversion(rng: Words, trials: int, p: float) -> int:
    left = uniform(rng)
    odds = p / (1.0 - p)
    mass = math.exp(trials * math.log1p(-p))
    count = 0
    while left > mass and count < trials and count < 200:
        left -= mass
        mass *= odds * (trials - count) / (count + 1)
        count += 1
    return np.int64(count)


@internal
def _binomial_by_rejection(rng: Words, trials: int, p: float) -> int:
    spread = math.sqrt(trials * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    center = trials * p + 0.5
    squeeze = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * spread
    log_odds = math.log(p / (1.0 - p))
    mode = math.floor((trials + 1) * p)
    height = math.lgamma(mode + 1.0) + math.lgamma(trials - mode + 1.0)
    while True:
        u = uniform(rng) - 0.5
        v = uniform(rng)
        us = 0.5 - abs(u)
        count = math.floor((2.0 * a / us + b) * u + center)
        if us >= 0.07 and v <= squeeze:
            return np.int64(count)
        if count < 0 or count > trials:
            continue
        bound = height - math.lgamma(count + 1.0) - math.lgamma(trials - count + 1.0) + (count - mode) * log_odds
        if math.log(v * alpha / (a / (us * us) + b)) <= bound:
            return np.int64(count)
