"""What of a run is not left to itself: parameters changed from a week on, and what is held on the path of another run.

A year is one span, or several where a parameter changes within it. At the beginning of a span, as of a year, every
threshold, chance of leaving and mood is made anew, so that nothing of what held before is left. What is left on a clock
is in units of its rate, whatever that is from now on.
"""

import numpy as np

from engine.kernel.inputs import Inputs
from engine.kernel.regimes.behaviour import set_tolerance
from engine.kernel.repeats import KNOWN
from engine.kernel.state import State, list_known
from engine.kernel.utility import set_thresholds
from engine.numerics.jit import inlined, internal, merged
from engine.parameters import CORE
from engine.types import Floats

_INITIAL_REPRESSION = CORE.index("initial_repression")
_TOLERANCE = CORE.index("tolerance")

# The two columns of what is told.
ESCAPED = 0
REPRESSED = 1


@inlined
def value_in(inputs: Inputs, point: Floats, span: int, parameter: int) -> float:
    """Return the value of a parameter in a span, within its domain: a visibility doubled is 1 at most."""
    course = inputs.course
    value = course.factor[span, parameter] * point[parameter] + course.shift[span, parameter]
    return min(max(value, course.lowest[parameter]), course.highest[parameter])


@internal
def begin_span(inputs: Inputs, point: Floats, state: State, year: int, span: int, anew: bool) -> None:
    """Set the parameters of a span, ``state.point``, the thresholds, and what the regime tolerates.

    ``anew`` says that ``state`` may be that of a run at another point.
    """
    tolerance = state.point[_TOLERANCE]
    for parameter in range(state.point.size):
        state.point[parameter] = value_in(inputs, point, span, parameter)
    set_thresholds(inputs, state.chances.thresholds, state.chances.likeliest, year, state.point)
    set_tolerance(inputs, state, year, anew or state.point[_TOLERANCE] != tolerance)


@merged
def first_repression(inputs: Inputs, point: Floats, state: State) -> None:
    """Set the repression of the first week: R0, or its multiple by province, or what is held."""
    level = value_in(inputs, point, np.int64(0), _INITIAL_REPRESSION)
    state.repression[:] = level
    for province in range(inputs.initial.size):
        state.repression[province] = min(1.0, level * inputs.initial[province])
    if inputs.course.held.shape[0] > 0:
        hold(inputs, state, np.int64(0))


@inlined
def hold(inputs: Inputs, state: State, week: int) -> None:
    """Set the repression of a week to what is held; after the last week it stays."""
    held = inputs.course.held
    if week < held.shape[0]:
        for province in range(held.shape[1]):
            state.repression[province] = held[week, province]


@internal
def tell(inputs: Inputs, state: State, week: int) -> None:
    """Put what citizens are told of this week in the place of what they would hear of."""
    told = inputs.course.told
    for community in range(state.mood.size):
        escaped, repressed = told[week, community, ESCAPED], told[week, community, REPRESSED]
        state.attempts[KNOWN, community] = escaped + repressed
        state.known_repressed[community] = repressed
    list_known(state)
