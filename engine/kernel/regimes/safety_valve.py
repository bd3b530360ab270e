"""A safety valve for each province: repression rises after a week with more than is tolerated, and falls after others.

Paper, "Updating levels of repression by the state". The state observes all attempts, known to citizens or not.
"""

import math

import numpy as np

from engine.kernel.attempts import seen_in_province
from engine.kernel.chance_updates import CALM
from engine.kernel.inputs import Inputs
from engine.kernel.state import State
from engine.numerics.jit import inlined, internal, merged
from engine.parameters import CORE
from engine.types import Floats

# Choice: the paper's text says tolerated "repressions" in one place and "defections" in another.
COUNTED = ("attempts", "escapes", "repressed")  # what is held against the tolerance; `Inputs.counted` is an index
_ATTEMPTS = COUNTED.index("attempts")
_ESCAPES = COUNTED.index("escapes")

NEVER = 1e-19  # a chance that no run of any length will see: 12,000 province-weeks make 1e-15 of it

_RATE = CORE.index("adjustment_rate")


@internal
def calm_below(tolerance: float) -> float:
    """Return a rate of attempts a week up to which a province exceeds this tolerance with probability below NEVER.

    From the Chernoff bound P(N >= m) <= exp(m - rate)·(rate/m)^m of a Poisson number, solved for log(rate/m) by
    bisection.
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


@merged
def adjust(inputs: Inputs, state: State, point: Floats, all_calm: bool) -> None:
    """Set next week's repression of each province from this week's attempts; a calm province lowers its own.

    ``all_calm`` says that every one is.
    """
    if all_calm:
        _lower_all(state.repression, point[_RATE])
        return
    for province in range(state.tolerance.size):
        counted = np.int64(0)
        if state.quiet[province] != CALM:
            attempts, escapes = seen_in_province(inputs, state, province)
            if inputs.counted == _ATTEMPTS:
                counted = attempts
            elif inputs.counted == _ESCAPES:
                counted = escapes
            else:
                counted = attempts - escapes
        tolerance = state.tolerance[province]
        state.repression[province] = adjusted(state.repression[province], counted, tolerance, point[_RATE])


@inlined
def adjusted(repression: float, counted: int, tolerance: float, rate: float) -> float:
    """Return next week's repression: raised by ``rate`` if more was counted than is tolerated, else lowered by it."""
    if counted > tolerance:
        return min(1.0, repression * (1.0 + rate))
    return repression * (1.0 - rate)


@inlined
def _lower_all(repression: Floats, rate: float) -> None:
    for province in range(repression.size):
        repression[province] *= 1.0 - rate
