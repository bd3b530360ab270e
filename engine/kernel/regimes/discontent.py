"""A valve of discontent: the more the people of a province want to leave, the more the state lets pass, or the less.

    tolerance of province p in year y = tolerance · exp(κ · (M_p(y) - M_p(first year)))

M_p(y) is the mean motivation of the people of p in y. The paper's note 3 has a state that lets the discontented go so
that they do not rise at home: κ above 0. At 0 it is the paper's safety valve.
"""

import math

from engine.kernel.inputs import Inputs
from engine.kernel.state import State
from engine.kernel.utility import set_motivation
from engine.numerics.jit import internal
from engine.parameters import CORE
from engine.types import Floats

_TOLERANCE = CORE.index("tolerance")
_DISCONTENT = CORE.index("discontent")  # so many places further on as there are events
_ROUNDING = 1e-12  # a difference of motivations up to this is none: 1 attempt exceeds 1 less a rounding, but not 1


@internal
def set_tolerance(inputs: Inputs, state: State, point: Floats, year: int) -> float:
    """Set what each province tolerates in a week of this year, ``state.tolerance``; return the least.

    # Choice: the mean is over all people of the province in that year, those who are gone included; a parameter that
    # is changed in the course of the run counts in both years as it is now.
    """
    tolerance, discontent = state.tolerance, point[_DISCONTENT + inputs.events.shape[1]]  # κ
    set_motivation(inputs, state.motivation, 0, point)
    for province in range(tolerance.size):
        tolerance[province] = _mean(inputs, state.motivation, 0, province)
    set_motivation(inputs, state.motivation, year, point)
    least = math.inf
    for province in range(tolerance.size):
        more = _mean(inputs, state.motivation, year, province) - tolerance[province]
        more = more if abs(more) > _ROUNDING else 0.0
        tolerance[province] = point[_TOLERANCE] * math.exp(discontent * more)
        least = min(least, tolerance[province])
    return least


@internal
def _mean(inputs: Inputs, motivation: Floats, year: int, province: int) -> float:
    """Return the mean motivation of the people of a province, 0 where nobody lives."""
    people, total = 0.0, 0.0
    for community in range(inputs.home[province], inputs.home[province + 1]):
        kind = inputs.kind[community]
        for group in range(motivation.shape[1]):
            heads = inputs.heads[year, community, group]
            people += heads
            total += heads * motivation[kind, group]
    return total / people if people > 0.0 else 0.0
