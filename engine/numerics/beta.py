"""The Beta distribution function, accurate in its lower tail, one number at a time; and the pieces it is made of."""

import math

from engine.numerics.jit import internal

_HALF_LOG_TWO_PI = 0.9189385332046727


@internal
def stirling_error(z: float) -> float:
    """Return log Γ(z) - ((z - 1/2) log z - z + log(2π)/2) for z > 0; absolute error below 2e-15.

    From z = 10 on the asymptotic series (NIST Handbook, 5.11.1), whose first term left out is below 6e-17.
    """
    if z < 10.0:
        return math.lgamma(z) - ((z - 0.5) * math.log(z) - z + _HALF_LOG_TWO_PI)
    w = 1.0 / (z * z)
    series = 1.0 / 156.0
    series = series * w - 691.0 / 360360.0
    series = series * w + 1.0 / 1188.0
    series = series * w - 1.0 / 1680.0
    series = series * w + 1.0 / 1260.0
    series = series * w - 1.0 / 360.0
    series = series * w + 1.0 / 12.0
    return series / z


@internal
def log_ratio_minus(ratio: float, u: float) -> float:
    """Return log(1 + u) - u for u > -1, without the cancellation near 0; ``ratio`` is 1 + u with its own rounding.

    Near 0, with s = u/(2 + u): log(1 + u) = 2·artanh(s) and 2s - u = -u·s, so a series of one sign in s is left. Far
    from 0 the logarithm of the ratio, which still has its digits where u is all but -1.
    """
    if abs(u) > 0.5:
        return math.log(ratio) - u
    s = u / (2.0 + u)
    q = s * s
    series = 0.0
    for k in range(35, 1, -2):  # q <= 1/9: the first term left out is below 1e-17 of the first
        series = series * q + 1.0 / k
    return 2.0 * s * q * series - u * s


@internal
def log_density_constant(a: float, b: float) -> float:
    """Return the part of log(x^a (1-x)^b / B(a,b)) that does not depend on x; see beta_density."""
    return (
        0.5 * math.log(a / (a + b) * b)
        + stirling_error(a + b)
        - stirling_error(a)
        - stirling_error(b)
        - _HALF_LOG_TWO_PI
    )


@internal
def beta_density(a: float, b: float, x: float) -> float:
    """Return x^a (1-x)^b / B(a,b), that is x(1-x) times the Beta(a, b) density at ``x`` in (0, 1).

    Written about the mean m = a/(a+b) as exp(a·log(x/m) + b·log((1-x)/(1-m))) times a constant: nothing large is
    subtracted, so the digits stay when a + b is large (Loader 2000, "Fast and accurate computation of binomial
    probabilities").
    """
    y = 1.0 - x
    distance = x * b - y * a  # (a + b)(x - m)
    above = log_ratio_minus(x * (a + b) / a, distance / a)
    below = log_ratio_minus(y * (a + b) / b, -distance / b)
    exponent = a * above + b * below
    return math.exp(exponent + log_density_constant(a, b))


@internal
def beta_lower_tail(a: float, b: float, x: float) -> float:
    """Return the probability that a Beta(a, b) variable is at most ``x``; a, b > 0.

    Relative error below 1e-11 for a, b from 0.5 to 1e6 wherever the result is above 1e-300 (shown against mpmath in the
    tests). Beyond the mean the complement of the other tail.
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    if x * (a + b + 2.0) > a + 1.0:
        y = 1.0 - x
        return 1.0 - beta_density(b, a, y) * _continued_fraction(b, a, y)
    return beta_density(a, b, x) * _continued_fraction(a, b, x)


@internal
def _continued_fraction(a: float, b: float, x: float) -> float:
    """Return I_x(a, b) over the density of ``beta_density``, for x not beyond the mean.

    Continued fraction 8.17.22 of the NIST Handbook, two of its steps in one as in function BFRAC of Didonato & Morris
    (1992, Algorithm 708): nothing is lost by subtraction where x is all but 1. Evaluated by Lentz's method.
    """
    y = 1.0 - x
    c = 1.0 + (a * y - b * x)
    c0 = b / a
    c1 = 1.0 + 1.0 / a
    result = c / c1
    ratio_c = result
    ratio_d = 0.0
    p = 1.0
    s = a + 1.0
    most = 500 + int(10.0 * math.sqrt(a + b))
    for n in range(1, most):
        t = n / a
        w = n * (b - n) * x
        e = a / s
        over = p * (p + c0) * e * e * w * x
        under = n + w / s + (1.0 + t) / (c1 + t + t) * (c + n * (1.0 + y))
        p = 1.0 + t
        s += 2.0
        ratio_d = 1.0 / (under + over * ratio_d)
        ratio_c = under + over / ratio_c
        change = ratio_c * ratio_d
        result *= change
        if abs(change - 1.0) < 4e-16:
            break
    return 1.0 / result
