"""What the state does: a safety valve for each province, and the rate below which it cannot close."""

import math

import numpy as np

from engine.numerics.jit import inlined, internal

NEVER = 1e-19  # a chance that no run of any length will see: 12,000 province-weeks make 1e-15 of it


@inlined
def adjusted(repression, counted, tolerance, rate):
    """Return next week's repression: raised by ``rate`` if more was counted than is tolerated, else lowered by it."""
    if counted > tolerance:
        return min(1.0, repression * (1.0 + rate))
    return repression * (1.0 - rate)


@inlined
def lower_all(repression, rate):
    """Lower the repression of all provinces, as a week in which none can reach its tolerance does."""
    for province in range(repression.size):
        repression[province] *= 1.0 - rate


@internal
def calm_rate(tolerance):
    """Return a rate up to which a Poisson number exceeds ``tolerance`` with probability below NEVER.

    From the Chernoff bound P(N >= m) <= exp(m - rate)·(rate/m)^m, solved for log(rate/m) by bisection. A province
    below this rate lowers its repression whatever happens, so its attempts need not be drawn one by one.
    """
    m = math.floor(tolerance) + 1.0
    low, high = -1e3, 0.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if m * (1.0 - math.exp(middle) + middle) < np.log(NEVER):
            low = middle
        else:
            high = middle
    return m * math.exp(low)
