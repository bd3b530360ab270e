"""What the state does, by the behaviour that the scenario names; the only door of the run to the regimes."""

import math

from engine.kernel.inputs import Inputs
from engine.kernel.regimes import discontent, safety_valve
from engine.kernel.state import State
from engine.numerics.jit import internal, merged
from engine.parameters import CORE
from engine.types import Floats

_TOLERANCE = CORE.index("tolerance")


@internal
def set_tolerance(inputs: Inputs, state: State, year: int, moved: bool) -> None:
    """Set what each province tolerates in a year, and the rate up to which none is stirred, ``state.calm_below``.

    ``moved`` says that the parameter may be another than when this was last done. A state that does not react is
    stirred by no number of attempts.
    """
    if inputs.by_discontent:
        state.calm_below[0] = safety_valve.calm_below(discontent.set_tolerance(inputs, state, state.point, year))
    elif moved:
        tolerance = state.point[_TOLERANCE]
        state.calm_below[0] = safety_valve.calm_below(tolerance) if inputs.reacts else math.inf
        for province in range(state.tolerance.size):
            state.tolerance[province] = tolerance


@merged
def adjust(inputs: Inputs, state: State, point: Floats, all_calm: bool) -> None:
    """Set the repression of next week from what the state has seen in this one."""
    if inputs.reacts:
        safety_valve.adjust(inputs, state, point, all_calm)
