"""Keeping each province's chances of leaving at its belief the cheapest exact way: stay, step, copy and step, anew.

A step that subtracts keeps the absolute but not the relative accuracy of what it leaves, so each province carries an
estimate of the relative error that steps may have brought into its expected attempts. Where that passes 4e-12, or a
step is no longer sound, a fresh series ends it.
"""

from engine.kernel.belief import forget, next_forgotten
from engine.kernel.chances import (
    EXPECTED,
    FOURTH,
    LARGEST,
    RARE,
    SECOND,
    THIRD,
    Chances,
    people,
    refresh,
    set_moments,
    share_rate,
    step_escaped,
    step_repressed,
    unstep_escaped,
    unstep_repressed,
)
from engine.kernel.inputs import Inputs
from engine.kernel.repeats import RATE
from engine.kernel.state import State
from engine.numerics.index_list import FIRST, LENGTH
from engine.numerics.jit import inlined, merged, summing
from engine.parameters import NAMES
from engine.types import Floats, Integers

# The mood of a province this week: how its attempts are drawn.
CALM = 0  # too few attempts to be expected for the state to be stirred: together with the other calm ones
CONTESTED = 1  # the state may be stirred: one by one
CROWDED = 2  # the chance of leaving is not small: group by group

_PRIOR_ALPHA = NAMES.index("prior_alpha")
_PRIOR_BETA = NAMES.index("prior_beta")
_VISIBILITY = NAMES.index("visibility")
_MEMORY_WEEKS = NAMES.index("memory_weeks")

_MOST_STEPS = 48
_MOST_STEPS_TO_COPY = 40
_LARGEST_ERROR = 4e-12
_EPSILON = 2.3e-16
_DUST = 1e-100  # expected attempts below this take no steps: they would end in denormal numbers, which are slow
_CROWD = 300.0  # expected attempts of a province in a week from which they are drawn group by group


@merged
def update_beliefs(
    inputs: Inputs, state: State, point: Floats, year: int, week: int, new_year: bool, calm_below: float
) -> tuple[bool, int]:
    """Forget what is too old and bring all chances of leaving up to date; return whether every province is calm.

    Returns also the week in which something will next be too old, if nothing is learned before. ``calm_below`` is the
    rate of attempts up to which the regime cannot be stirred.
    """
    memory, chances = state.memory, state.chances
    forget(memory, week, point[_MEMORY_WEEKS])
    provinces = state.mood.size
    nation = memory.known_repressed.size < provinces
    moved = memory.moved[LENGTH]
    everybody = new_year or (nation and moved > 0)
    for place in range(provinces if everybody else moved):
        province = place if everybody else memory.moved[FIRST + place]
        learner = 0 if nation else province
        repressed, escaped = memory.known_repressed[learner], memory.known_escaped[learner]
        if new_year or repressed != chances.at_repressed[province] or escaped != chances.at_escaped[province]:
            alpha, beta = point[_PRIOR_ALPHA], point[_PRIOR_BETA]
            update_province(inputs, chances, year, province, repressed, escaped, new_year, alpha, beta)
            _set_mood(state, province, point[_VISIBILITY], calm_below)
    memory.moved[LENGTH] = 0
    state.calm_clock[RATE], calm = calm_unseen_rate(chances.moments, state.known_rate, state.is_calm)
    weeks = inputs.heads.shape[0] * inputs.weeks_per_year
    return calm == provinces, next_forgotten(memory, point[_MEMORY_WEEKS], weeks)


@inlined
def update_province(
    inputs: Inputs,
    chances: Chances,
    year: int,
    province: int,
    repressed: int,
    escaped: int,
    new_year: bool,
    prior_alpha: float,
    prior_beta: float,
) -> None:
    """Bring the chances of a province to what it knows: ``repressed`` is N_R, ``escaped`` N_D - N_R.

    In a ``new_year`` all thresholds have moved: then a province of the same kind that was brought up to date just now
    may serve as the place to step from.
    """
    kind = inputs.kind[province]
    source = province
    if new_year:
        source = _nearest(chances, inputs.kind, province, repressed, escaped)
    if source < 0 or not _step(
        chances, inputs.heads, kind, year, province, source, repressed, escaped, prior_alpha, prior_beta
    ):
        alpha, beta = prior_alpha + repressed, prior_beta + escaped  # α = α0 + N_R, β = β0 + N_D - N_R
        refresh(chances, province, kind, alpha, beta)
        set_moments(chances, inputs.heads, year, province, kind)
        chances.steps[province] = 0
        chances.relative_error[province] = 4.0 * _EPSILON
    chances.at_repressed[province] = repressed
    chances.at_escaped[province] = escaped


@inlined
def _nearest(chances: Chances, kind: Integers, province: int, repressed: int, escaped: int) -> int:
    """Return the province before this one, of its kind, whose belief is the fewest steps away, or -1."""
    best = -1
    fewest = _MOST_STEPS_TO_COPY + 1
    for other in range(province):
        if kind[other] == kind[province]:
            steps = abs(chances.at_repressed[other] - repressed) + abs(chances.at_escaped[other] - escaped)
            if steps < fewest:
                best, fewest = other, steps
    return best


@inlined
def _step(
    chances: Chances,
    heads: Floats,
    kind: int,
    year: int,
    province: int,
    source: int,
    repressed: int,
    escaped: int,
    prior_alpha: float,
    prior_beta: float,
) -> bool:
    """Step from where ``source`` stands to this belief; return whether the result can be trusted."""
    leaving, density = chances.leaving, chances.density
    at_repressed, at_escaped = chances.at_repressed[source], chances.at_escaped[source]
    more_repressed, more_escaped = repressed - at_repressed, escaped - at_escaped
    steps = abs(more_repressed) + abs(more_escaped)
    before = chances.moments[EXPECTED, source]
    if steps > 0 and (steps > _MOST_STEPS or chances.moments[LARGEST, source] > RARE or before < _DUST):
        return False
    if source != province:
        for group in range(leaving.shape[1]):
            leaving[province, group] = leaving[source, group]
            density[province, group] = density[source, group]
    alpha, beta = prior_alpha + at_repressed, prior_beta + at_escaped
    # What lowers the chances comes first, so that nothing on the way is larger than both ends.
    for _ in range(more_repressed):
        step_repressed(chances, province, kind, alpha, beta)
        alpha += 1.0
    for _ in range(-more_escaped):
        beta -= 1.0
        unstep_escaped(chances, province, kind, alpha, beta)
    for _ in range(-more_repressed):
        alpha -= 1.0
        unstep_repressed(chances, province, kind, alpha, beta)
    for _ in range(more_escaped):
        step_escaped(chances, province, kind, alpha, beta)
        beta += 1.0
    set_moments(chances, heads, year, province, kind)
    after = chances.moments[EXPECTED, province]
    taken = chances.steps[source] + steps
    if source != province:
        before *= people(heads, year, province) / people(heads, year, source)
    lost = chances.relative_error[source] * before + _EPSILON * (2.0 + 3.0 * taken) * steps * max(before, after)
    chances.steps[province] = taken
    chances.relative_error[province] = lost / after
    return lost < _LARGEST_ERROR * after


@inlined
def _set_mood(state: State, province: int, visibility: float, calm_below: float) -> None:
    """Set how the attempts of a province are drawn, and the rate of its known ones; a crowded one needs no clock."""
    chances = state.chances
    expected = chances.moments[EXPECTED, province]
    state.known_rate[province] = share_rate(chances.moments, province, visibility)
    if chances.moments[LARGEST, province] >= RARE or expected >= _CROWD:
        state.mood[province] = CROWDED
        state.known_rate[province] = 0.0
    elif share_rate(chances.moments, province, 1.0) > calm_below:
        state.mood[province] = CONTESTED
    else:
        state.mood[province] = CALM
    state.is_calm[province] = 1.0 if state.mood[province] == CALM else 0.0


@summing
def calm_unseen_rate(moments: Floats, known_rate: Floats, is_calm: Floats) -> tuple[float, float]:
    """Return the rate of unseen attempts of the calm provinces together, and how many are calm."""
    rate, provinces = 0.0, 0.0
    for province in range(is_calm.size):
        m1, m2 = moments[EXPECTED, province], moments[SECOND, province]
        m3, m4 = moments[THIRD, province], moments[FOURTH, province]
        rate += is_calm[province] * ((m1 + (m2 + (m3 + m4))) - known_rate[province])
        provinces += is_calm[province]
    return max(rate, 0.0), provinces
