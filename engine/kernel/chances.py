"""How likely each group of a community is to leave, kept up to date as the belief moves.

For each group of a community (people whose threshold x is the same) two numbers are kept: its chance of leaving this
week p = I_x(α, β), the lower tail of the belief, and the density g = x^α (1-x)^β / B(α, β) that moves it. A fresh pair
is a power series shared by all groups; one attempt more or less in the belief is a step of a few multiplications.
"""

import math
from typing import NamedTuple

import numpy as np

from engine.kernel.utility import (
    INVERSE_ONE_MINUS_X,
    INVERSE_X,
    LOG_ONE_MINUS_X,
    LOG_X,
    ONE_MINUS_X,
    THRESHOLD_ROWS,
    X,
)
from engine.numerics.beta import beta_density, beta_lower_tail, log_density_constant
from engine.numerics.elementary import exponential
from engine.numerics.jit import inlined, internal, summing
from engine.types import Floats, Integers

#: From this chance of leaving on, a community's attempts are drawn group by group instead of from their sum.
RARE = 1e-3

# Rows of the moments of a community's chances: Σ n p^k / k over its groups of n people, and the largest p of anybody.
# One array, because a busy run is a tenth slower with an array more that each week reads.
EXPECTED = 0  # k = 1: the expected attempts
SECOND = 1
THIRD = 2
FOURTH = 3
LARGEST = 4

_CONVERGES_BELOW = 0.9  # ratio of successive terms of the series up to which it is used
_LARGEST_SUM = 2e4  # of α + β, for the logarithms of x kept by the year to have the digits
_LEAST = 1e-35
_SERIES_LENGTH = 512
_RATIOS = 32  # are made at a time, in vectors
_SERIES_END = 1e-16
_SMALLEST_EXPONENT = -650.0  # chances below 1e-282 are given as that: arithmetic near 1e-308 is a hundred times slower


class Chances(NamedTuple):
    """How likely each group is to leave, and what that comes to for its community."""

    thresholds: Floats  # (rows, kinds, groups): of the year, engine.kernel.utility
    likeliest: Integers  # (kinds,): the group with the largest threshold, and so the largest chance of leaving
    leaving: Floats  # (communities, groups): chance of leaving this week, p
    density: Floats  # (communities, groups): g
    moments: Floats  # (5, padded): EXPECTED to FOURTH, and LARGEST
    at_repressed: Integers  # (communities,): N_R to which `leaving` belongs
    at_escaped: Integers  # (communities,): N_D - N_R to which it belongs
    steps: Integers  # (communities,): how many were taken since the last fresh series
    relative_error: Floats  # (communities,): of the expected attempts, as steps may have left it
    series: Floats  # (terms,): scratch
    scaled: Floats  # (groups,): scratch


def make_chances(kinds: int, communities: int, groups: int, padded: int) -> Chances:
    """Return the arrays, with no value of any meaning in them."""
    return Chances(
        thresholds=np.zeros((THRESHOLD_ROWS, kinds, groups)),
        likeliest=np.zeros(kinds, np.int64),
        leaving=np.zeros((communities, groups)),
        density=np.zeros((communities, groups)),
        moments=np.zeros((5, padded)),
        at_repressed=np.zeros(communities, np.int64),
        at_escaped=np.zeros(communities, np.int64),
        steps=np.zeros(communities, np.int64),
        relative_error=np.zeros(communities),
        series=np.zeros(_SERIES_LENGTH),
        scaled=np.zeros(groups),
    )


@internal
def refresh(chances: Chances, community: int, kind: int, alpha: float, beta: float) -> None:
    """Set the chances of leaving of a community, of this kind, for the belief Beta(alpha, beta).

    I_x(a, b) = g/a · Σ (a+b)_n/(a+1)_n x^n (NIST Handbook, 8.17.7-8): the coefficients do not depend on x, all terms
    are positive, so the chances keep their digits down to 1e-300. Where the series is slow (x near or beyond the mean)
    or α + β is large, each group is computed alone by its continued fraction.
    """
    thresholds, leaving, density = chances.thresholds, chances.leaving, chances.density
    series, scaled = chances.series, chances.scaled
    groups = leaving.shape[1]
    largest = thresholds[X, kind, chances.likeliest[kind]]
    total = alpha + beta
    if largest * total > _CONVERGES_BELOW * (alpha + 1.0) or total > _LARGEST_SUM:
        for group in range(groups):
            x = thresholds[X, kind, group]
            leaving[community, group] = beta_lower_tail(alpha, beta, x)
            density[community, group] = beta_density(alpha, beta, x)
        return
    count = _series_terms(series, alpha, beta, largest)
    inverse = 1.0 / largest
    for group in range(groups):
        scaled[group] = thresholds[X, kind, group] * inverse
        leaving[community, group] = 0.0
    for n in range(count - 4, -1, -4):  # Horner, four terms a pass
        c0, c1, c2, c3 = series[n], series[n + 1], series[n + 2], series[n + 3]
        for group in range(groups):
            z = scaled[group]
            leaving[community, group] = (((leaving[community, group] * z + c3) * z + c2) * z + c1) * z + c0
    constant = log_density_constant(alpha, beta)
    log_mean, log_rest = math.log(alpha / total), math.log(beta / total)
    for group in range(groups):
        exponent = alpha * (thresholds[LOG_X, kind, group] - log_mean)
        exponent += beta * (thresholds[LOG_ONE_MINUS_X, kind, group] - log_rest)
        g = exponential(max(exponent + constant, _SMALLEST_EXPONENT))
        density[community, group] = g
        leaving[community, group] *= g / alpha


@internal
def _series_terms(series: Floats, alpha: float, beta: float, largest: float) -> int:
    """Fill ``series`` with (a+b)_n/(a+1)_n·largest^n until the rest is below 1e-16 of the sum; return how many.

    Scaled by the largest x, no term overflows, however large α + β. The number is a multiple of four: four terms are
    made from the last by the products of their ratios, so that one multiplication, not four, waits for another.
    """
    term = 1.0
    added = 0.0
    for n in range(0, _SERIES_LENGTH, 4):
        if n % _RATIOS == 0:
            for m in range(n, n + _RATIOS):
                series[m] = largest * (1.0 + (beta - 1.0) / (alpha + m))
            if n == 0:
                series[0] = 1.0  # the first term has none before it
        r0, r1, r2, r3 = series[n], series[n + 1], series[n + 2], series[n + 3]
        two = r0 * r1
        four = two * (r2 * r3)
        t0, t1 = term * r0, term * two
        t2, term = t1 * r2, term * four
        series[n], series[n + 1], series[n + 2], series[n + 3] = t0, t1, t2, term
        added += (t0 + t1) + (t2 + term)
        bound = max(r3, largest)  # ratios fall to `largest` if β > 1 and rise to it if not
        if term * bound < _SERIES_END * added * (1.0 - bound):
            return n + 4
    return _SERIES_LENGTH


@inlined
def step_repressed(chances: Chances, community: int, kind: int, alpha: float, beta: float) -> None:
    """Move a community from Beta(alpha, beta) to Beta(alpha + 1, beta): one more known repressed attempt."""
    leaving, density, thresholds = chances.leaving, chances.density, chances.thresholds
    per_alpha = 1.0 / alpha
    growth = (alpha + beta) / alpha
    for group in range(leaving.shape[1]):
        g = density[community, group]
        leaving[community, group] -= g * per_alpha
        density[community, group] = g * thresholds[X, kind, group] * growth


@inlined
def step_escaped(chances: Chances, community: int, kind: int, alpha: float, beta: float) -> None:
    """Move a community from Beta(alpha, beta) to Beta(alpha, beta + 1): one more escape is known."""
    leaving, density, thresholds = chances.leaving, chances.density, chances.thresholds
    per_beta = 1.0 / beta
    growth = (alpha + beta) / beta
    for group in range(leaving.shape[1]):
        g = density[community, group]
        leaving[community, group] += g * per_beta
        density[community, group] = g * thresholds[ONE_MINUS_X, kind, group] * growth


@inlined
def unstep_repressed(chances: Chances, community: int, kind: int, alpha: float, beta: float) -> None:
    """Move a community from Beta(alpha + 1, beta) back to Beta(alpha, beta)."""
    leaving, density, thresholds = chances.leaving, chances.density, chances.thresholds
    per_alpha = 1.0 / alpha
    shrink = alpha / (alpha + beta)
    for group in range(leaving.shape[1]):
        g = density[community, group] * thresholds[INVERSE_X, kind, group] * shrink
        leaving[community, group] += g * per_alpha
        density[community, group] = g


@inlined
def unstep_escaped(chances: Chances, community: int, kind: int, alpha: float, beta: float) -> None:
    """Move a community from Beta(alpha, beta + 1) back to Beta(alpha, beta)."""
    leaving, density, thresholds = chances.leaving, chances.density, chances.thresholds
    per_beta = 1.0 / beta
    shrink = beta / (alpha + beta)
    for group in range(leaving.shape[1]):
        g = density[community, group] * thresholds[INVERSE_ONE_MINUS_X, kind, group] * shrink
        leaving[community, group] -= g * per_beta
        density[community, group] = g


@summing
def people(heads: Floats, year: int, community: int) -> float:
    """Return how many people live in a community, given ``heads``, (years, communities, groups)."""
    count = 0.0
    for group in range(heads.shape[2]):
        count += heads[year, community, group]
    return count


@summing
def set_moments(chances: Chances, heads: Floats, year: int, community: int, kind: int) -> None:
    """Set the moments of a community, Σ n p, Σ n p²/2, Σ n p³/3 and Σ n p⁴/4, and its largest p.

    The moments give the rate of any share of the attempts: see share_rate. In sums of powers a chance below 1e-35
    counts as that: arithmetic near 1e-308 is slow, and nobody will ever see the difference.
    """
    leaving, moments = chances.leaving, chances.moments
    m1, m2, m3, m4 = 0.0, 0.0, 0.0, 0.0
    for group in range(leaving.shape[1]):
        m1 += heads[year, community, group] * leaving[community, group]
        p = max(leaving[community, group], _LEAST)
        square = p * p
        squares = heads[year, community, group] * square
        m2 += squares
        m3 += squares * p
        m4 += squares * square
    moments[EXPECTED, community] = m1
    moments[SECOND, community] = m2 / 2.0
    moments[THIRD, community] = m3 / 3.0
    moments[FOURTH, community] = m4 / 4.0
    moments[LARGEST, community] = leaving[community, chances.likeliest[kind]]


@inlined
def share_rate(moments: Floats, community: int, share: float) -> float:
    """Return Λ(share) = -Σ n log(1 - share·p) over the groups of a community.

    Λ(f) is the rate of a Poisson number of events of which each person's first is an attempt that falls in the share f
    of all attempts. For p below RARE the first four terms of the logarithm leave a relative error below 2.1e-13.
    """
    f = share
    m1, m2 = moments[EXPECTED, community], moments[SECOND, community]
    m3, m4 = moments[THIRD, community], moments[FOURTH, community]
    return f * (m1 + f * (m2 + f * (m3 + f * m4)))
