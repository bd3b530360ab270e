"""A schedule: on known dates something made repression tighter or looser in the whole country.

    odds of repression <- odds · exp(direction · d),   odds = R / (1 - R),   direction +1 for tighter, -1 for looser

No source says by how much, so one d, the parameter `schedule_effect`, is for all events; at 0 nothing happens. A
repression of 0 or 1 stays what it is.
"""

import math

from engine.kernel.inputs import Inputs
from engine.kernel.state import State
from engine.numerics.jit import inlined, merged
from engine.parameters import CORE

_EFFECT = CORE.index("schedule_effect")  # so many places further on as there are events with years
_LARGEST = 700.0  # exp of it is a number that a float holds


@merged
def happen(inputs: Inputs, state: State, week: int) -> None:
    """Let the events of this week, which begins, move ``state.repression``."""
    step = inputs.schedule[week] * state.point[_EFFECT + inputs.events.shape[1]]
    if step != 0.0:
        factor = math.exp(min(max(step, -_LARGEST), _LARGEST))
        for province in range(state.repression.size):
            state.repression[province] = shifted(state.repression[province], factor)


@inlined
def shifted(repression: float, factor: float) -> float:
    """Return the probability whose odds are ``factor`` times those of ``repression``."""
    tighter = repression * factor
    return tighter / (1.0 - repression + tighter)
