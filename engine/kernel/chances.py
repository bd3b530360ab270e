"""How likely each group of a province is to leave, kept up to date as the belief moves.

For each group of a province (people whose threshold x is the same) two numbers are kept: its chance of leaving this
week p = I_x(α, β), the lower tail of the belief, and the density g = x^α (1-x)^β / B(α, β) that moves it. A fresh pair
is a power series shared by all groups; one attempt more or less in the belief is a step of a few multiplications.
"""

import math

from engine.numerics.beta import beta_density, beta_lower_tail, log_density_constant
from engine.numerics.elementary import exponential
from engine.numerics.jit import inlined, internal, summing

#: From this chance of leaving on, a province's attempts are drawn group by group instead of from their sum.
RARE = 1e-3

_CONVERGES_BELOW = 0.9  # ratio of successive terms of the series up to which it is used
_LARGEST_SUM = 2e4  # of α + β, for the logarithms of x kept by the year to have the digits
_LEAST = 1e-35
SERIES_LENGTH = 512
_RATIOS = 32  # are made at a time, in vectors
_SERIES_END = 1e-16
_SMALLEST_EXPONENT = -650.0  # chances below 1e-282 are given as that: arithmetic near 1e-308 is a hundred times slower


@internal
def refresh(tail, density, row, kind, thresholds, top, alpha, beta, series, scaled):
    """Set ``tail`` and ``density`` of the province ``row``, (groups,) each, for the belief Beta(alpha, beta).

    I_x(a, b) = g/a · Σ (a+b)_n/(a+1)_n x^n (NIST Handbook, 8.17.7-8): the coefficients do not depend on x, all terms
    are positive, so the tail keeps its digits down to 1e-300. Where the series is slow (x near or beyond the mean) or α
    + β is large, each group is computed alone by its continued fraction.
    """
    groups = tail.shape[1]
    largest = thresholds[0, kind, top[kind]]
    total = alpha + beta
    if largest * total > _CONVERGES_BELOW * (alpha + 1.0) or total > _LARGEST_SUM:
        for group in range(groups):
            x = thresholds[0, kind, group]
            tail[row, group] = beta_lower_tail(alpha, beta, x)
            density[row, group] = beta_density(alpha, beta, x)
        return
    count = _series_terms(series, alpha, beta, largest)
    inverse = 1.0 / largest
    for group in range(groups):
        scaled[group] = thresholds[0, kind, group] * inverse
        tail[row, group] = 0.0
    for n in range(count - 4, -1, -4):  # Horner, four terms a pass
        c0, c1, c2, c3 = series[n], series[n + 1], series[n + 2], series[n + 3]
        for group in range(groups):
            z = scaled[group]
            tail[row, group] = (((tail[row, group] * z + c3) * z + c2) * z + c1) * z + c0
    constant = log_density_constant(alpha, beta)
    log_mean, log_rest = math.log(alpha / total), math.log(beta / total)
    for group in range(groups):
        exponent = alpha * (thresholds[2, kind, group] - log_mean)
        exponent += beta * (thresholds[3, kind, group] - log_rest)
        g = exponential(max(exponent + constant, _SMALLEST_EXPONENT))
        density[row, group] = g
        tail[row, group] *= g / alpha


@internal
def _series_terms(series, alpha, beta, largest):
    """Fill ``series`` with (a+b)_n/(a+1)_n·largest^n until the rest is below 1e-16 of the sum; return how many.

    Scaled by the largest x, no term overflows, however large α + β. The number is a multiple of four: four terms are
    made from the last by the products of their ratios, so that one multiplication, not four, waits for another.
    """
    term = 1.0
    added = 0.0
    for n in range(0, SERIES_LENGTH, 4):
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
    return SERIES_LENGTH


@inlined
def step_repressed(tail, density, row, kind, thresholds, alpha, beta):
    """Move the province ``row`` from Beta(alpha, beta) to Beta(alpha + 1, beta): one more known repressed attempt."""
    per_alpha = 1.0 / alpha
    growth = (alpha + beta) / alpha
    for group in range(tail.shape[1]):
        g = density[row, group]
        tail[row, group] -= g * per_alpha
        density[row, group] = g * thresholds[0, kind, group] * growth


@inlined
def step_escaped(tail, density, row, kind, thresholds, alpha, beta):
    """Move the province ``row`` from Beta(alpha, beta) to Beta(alpha, beta + 1): one more escape is known."""
    per_beta = 1.0 / beta
    growth = (alpha + beta) / beta
    for group in range(tail.shape[1]):
        g = density[row, group]
        tail[row, group] += g * per_beta
        density[row, group] = g * thresholds[1, kind, group] * growth


@inlined
def unstep_repressed(tail, density, row, kind, thresholds, alpha, beta):
    """Move the province ``row`` from Beta(alpha + 1, beta) back to Beta(alpha, beta)."""
    per_alpha = 1.0 / alpha
    shrink = alpha / (alpha + beta)
    for group in range(tail.shape[1]):
        g = density[row, group] * thresholds[4, kind, group] * shrink
        tail[row, group] += g * per_alpha
        density[row, group] = g


@inlined
def unstep_escaped(tail, density, row, kind, thresholds, alpha, beta):
    """Move the province ``row`` from Beta(alpha, beta + 1) back to Beta(alpha, beta)."""
    per_beta = 1.0 / beta
    shrink = beta / (alpha + beta)
    for group in range(tail.shape[1]):
        g = density[row, group] * thresholds[5, kind, group] * shrink
        tail[row, group] -= g * per_beta
        density[row, group] = g


@summing
def people(heads, year, row):
    """Return how many people live in the province ``row``."""
    count = 0.0
    for group in range(heads.shape[2]):
        count += heads[year, row, group]
    return count


@summing
def set_moments(moments, tail, heads, row, year, top):
    """Set ``moments[:, row]``, (5,), of the province ``row``: Σ n p, Σ n p²/2, Σ n p³/3, Σ n p⁴/4, and the largest p.

    The first four give the rate of any share of the attempts: see share_rate. The largest p is that of the group
    ``top``, whose threshold is the largest. In sums of powers a chance below 1e-35 counts as that: arithmetic near
    1e-308 is slow, and nobody will ever see the difference.
    """
    m1, m2, m3, m4 = 0.0, 0.0, 0.0, 0.0
    for group in range(tail.shape[1]):
        m1 += heads[year, row, group] * tail[row, group]
        p = max(tail[row, group], _LEAST)
        square = p * p
        squares = heads[year, row, group] * square
        m2 += squares
        m3 += squares * p
        m4 += squares * square
    moments[0, row] = m1
    moments[1, row] = m2 / 2.0
    moments[2, row] = m3 / 3.0
    moments[3, row] = m4 / 4.0
    moments[4, row] = tail[row, top]


@inlined
def share_rate(moments, row, share):
    """Return Λ(share) = -Σ n log(1 - share·p) over the groups of the province ``row``.

    Λ(f) is the rate of a Poisson number of events of which each person's first is an attempt that falls in the share f
    of all attempts. For p below RARE the first four terms of the logarithm leave a relative error below 2.1e-13.
    """
    f = share
    return f * (moments[0, row] + f * (moments[1, row] + f * (moments[2, row] + f * moments[3, row])))
