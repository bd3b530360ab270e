"""Exponential and logarithm as plain arithmetic, so that a loop over many of them becomes vector instructions.

The library functions are calls, one number at a time; these cost a tenth of that in a loop over an array. Relative
error below 5e-16 in the ranges given (shown against mpmath in the tests).
"""

import numpy as np

from engine.numerics.jit import inlined

_LOG2_E = 1.4426950408889634
_LN2_HIGH = 0.6931471803691238  # ln 2 in two parts: the first has 21 zero bits at its end, so k times it is exact
_LN2_LOW = 1.9082149292705877e-10
_SQRT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)
_ONE_BITS = np.int64(1023 << 52)
_ROOT_MARGIN = 1.016


@inlined
def exponential(x: float) -> float:
    """Return e to the power ``x``; below -708 the value at -708 (3e-308), above 709 the value at 709 (8e307).

    x = k·ln 2 + r with abs(r) <= ln(2)/2; the Taylor polynomial of degree 13 has a remainder of 4e-18 there.
    """
    x = min(max(x, -708.0), 709.0)
    k = np.floor(x * _LOG2_E + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    bits = np.int64((np.int64(k) + np.int64(1023)) << np.int64(52))  # the double 2**k
    return p * bits.view(np.float64)


@inlined
def logarithm(x: float) -> float:
    """Return the natural logarithm of ``x``, a normal positive double.

    x = 2**k·m with m from sqrt(1/2) to sqrt(2), and log m = 2·artanh(s), s = (m - 1)/(m + 1), abs(s) <= 0.172; the odd
    series to s**23 leaves 2e-19.
    """
    bits = np.int64(np.float64(x).view(np.int64))
    k = np.int64((bits - _SQRT_HALF_BITS) >> np.int64(52))
    m = np.int64(bits - np.int64(k << np.int64(52))).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    p = 1.0 / 23.0
    p = p * q + 1.0 / 21.0
    p = p * q + 1.0 / 19.0
    p = p * q + 1.0 / 17.0
    p = p * q + 1.0 / 15.0
    p = p * q + 1.0 / 13.0
    p = p * q + 1.0 / 11.0
    p = p * q + 1.0 / 9.0
    p = p * q + 1.0 / 7.0
    p = p * q + 1.0 / 5.0
    p = p * q + 1.0 / 3.0
    return np.float64(k) * _LN2_HIGH + (2.0 * s + (2.0 * s * q * p + np.float64(k) * _LN2_LOW))


@inlined
def fourth_root_above(x: float) -> float:
    """Return a bound on the fourth root of ``x`` >= 0: at least it, at most 1.08 times it.

    The bits of a double, as a whole number, are its logarithm up to 0.087 of a factor of two: to divide them is to take
    a root, in three instructions. Of numbers below 1e-308 it is the bound for 1e-308.
    """
    bits = np.int64(np.float64(max(x, 2.3e-308)).view(np.int64))
    return np.int64(((bits - _ONE_BITS) >> np.int64(2)) + _ONE_BITS).view(np.float64) * _ROOT_MARGIN
