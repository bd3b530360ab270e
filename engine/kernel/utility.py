"""Who wants to leave and can: ability, motivation and utility, and the threshold they set for the belief."""

from engine.kernel.inputs import Inputs
from engine.numerics.elementary import exponential, logarithm
from engine.numerics.jit import inlined, internal
from engine.parameters import CORE, FIRST_EFFECT
from engine.types import Floats, Integers

# Rows of the thresholds: x = U/(1 + U) and what is made of it.
X = 0
ONE_MINUS_X = 1
LOG_X = 2
LOG_ONE_MINUS_X = 3
INVERSE_X = 4
INVERSE_ONE_MINUS_X = 5
THRESHOLD_ROWS = 6

_INTERCEPT = CORE.index("utility_intercept")
_SLOPE = CORE.index("utility_slope")
# Those that stand after the events' effects lie so many places further on as there are events.
_SCALE = CORE.index("demographic_scale")
_ECONOMY_EFFECT = CORE.index("economy_effect")


@internal
def set_thresholds(inputs: Inputs, thresholds: Floats, likeliest: Integers, year: int, point: Floats) -> None:
    """Set the expected repression below which each group leaves in this year, x = U/(1 + U), or U itself.

    Fills ``thresholds``, (rows, kinds, groups), and ``likeliest``, (kinds,), the group with the largest x (paper,
    "Determining the probability of defection of each citizen").

    With E = exp(-(γ1 + γ2·motivation·ability)), U = 1/(1 + E), so x = 1/(2 + E) and 1 - x = (1 + E)/(2 + E).
    # Choice: "area under the beta density, up to benefit" (Figure 4) can be read as U itself; then x = 1/(1 + E).
    """
    payoff = inputs.by_payoff
    events = inputs.events.shape[1]
    scale = point[_SCALE + events]  # s
    push = push_of(inputs, year, point)
    ability_of_year = point[_ECONOMY_EFFECT + events] * inputs.ability_growth[year]
    motivation_of_year = point[_ECONOMY_EFFECT + events] * inputs.motivation_growth[year]
    intercept, slope = point[_INTERCEPT], point[_SLOPE]  # γ1, γ2
    kinds, groups = inputs.ability.shape
    for kind in range(kinds):
        for group in range(groups):
            ability = 1.0 / (1.0 + exponential(-scale * (inputs.ability[kind, group] + ability_of_year)))
            motivation = motivation_of(inputs.motivation[kind, group] + motivation_of_year, scale, push)
            e = exponential(-(intercept + slope * motivation * ability))
            x = 1.0 / (1.0 + payoff + e)
            one_minus_x = (payoff + e) * x
            thresholds[X, kind, group] = x
            thresholds[ONE_MINUS_X, kind, group] = one_minus_x
            thresholds[LOG_X, kind, group] = -logarithm(1.0 + payoff + e)
            thresholds[LOG_ONE_MINUS_X, kind, group] = logarithm(one_minus_x)
            thresholds[INVERSE_X, kind, group] = 1.0 + payoff + e
            thresholds[INVERSE_ONE_MINUS_X, kind, group] = 1.0 / one_minus_x
        likeliest[kind] = 0
        for group in range(groups):
            if thresholds[X, kind, group] > thresholds[X, kind, likeliest[kind]]:
                likeliest[kind] = group


@inlined
def push_of(inputs: Inputs, year: int, point: Floats) -> float:
    """Return by how much the events of a year push everybody, the sum of δ·event."""
    push = 0.0
    for event in range(inputs.events.shape[1]):
        push += point[FIRST_EFFECT + event] * inputs.events[year, event]
    return push


@inlined
def motivation_of(impacts: float, scale: float, push: float) -> float:
    """Return the motivation of people with these impacts, growth included, under the push of events."""
    return 1.0 / (1.0 + exponential(-push - scale * impacts))


@internal
def set_motivation(inputs: Inputs, motivation: Floats, year: int, point: Floats) -> None:
    """Set the motivation of each group in this year, (kinds, groups)."""
    events = inputs.events.shape[1]
    push, scale = push_of(inputs, year, point), point[_SCALE + events]
    of_year = point[_ECONOMY_EFFECT + events] * inputs.motivation_growth[year]
    for kind in range(motivation.shape[0]):
        for group in range(motivation.shape[1]):
            motivation[kind, group] = motivation_of(inputs.motivation[kind, group] + of_year, scale, push)
