"""Who wants to leave and can: ability, motivation and utility, and the threshold they set for the belief."""

from engine.numerics.elementary import exponential, logarithm
from engine.numerics.jit import internal
from engine.parameters import NAMES

_INTERCEPT = NAMES.index("utility_intercept")
_SLOPE = NAMES.index("utility_slope")
_FAMINE_EFFECT = NAMES.index("famine_effect")
_SCALE = NAMES.index("demographic_scale")
_ECONOMY_EFFECT = NAMES.index("economy_effect")


@internal
def set_thresholds(thresholds, top, ability, motivation, growth, famine, point):
    """Fill ``thresholds``, (6, kinds, groups), for one year, and ``top``, (kinds,), the group with the largest x.

    The rows are x, 1 - x, log x, log(1 - x), 1/x and 1/(1 - x), where x = U/(1 + U) is the expected repression below
    which a person leaves (paper, "Determining the probability of defection"). ``ability`` and ``motivation``, (kinds,
    groups), are the sums of Figure 2 without growth and famine; ``growth``, (2,), the year's growth
    times its coefficients in the two, ``famine`` 1 in a famine year.

    With E = exp(-(γ1 + γ2·motivation·ability)), U = 1/(1 + E), so x = 1/(2 + E) and 1 - x = (1 + E)/(2 + E).
    """
    scale = point[_SCALE]  # s
    push = point[_FAMINE_EFFECT] * famine  # δ·famine
    ability_year = point[_ECONOMY_EFFECT] * growth[0]
    motivation_year = point[_ECONOMY_EFFECT] * growth[1]
    intercept, slope = point[_INTERCEPT], point[_SLOPE]  # γ1, γ2
    kinds, groups = ability.shape
    for kind in range(kinds):
        for group in range(groups):
            able = 1.0 / (1.0 + exponential(-scale * (ability[kind, group] + ability_year)))
            moved = 1.0 / (1.0 + exponential(-push - scale * (motivation[kind, group] + motivation_year)))
            e = exponential(-(intercept + slope * moved * able))
            x = 1.0 / (2.0 + e)
            y = (1.0 + e) * x
            thresholds[0, kind, group] = x
            thresholds[1, kind, group] = y
            thresholds[2, kind, group] = -logarithm(2.0 + e)
            thresholds[3, kind, group] = logarithm(y)
            thresholds[4, kind, group] = 2.0 + e
            thresholds[5, kind, group] = 1.0 / y
        top[kind] = 0
        for group in range(groups):
            if thresholds[0, kind, group] > thresholds[0, kind, top[kind]]:
                top[kind] = group
