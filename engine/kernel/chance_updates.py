"""Keeping each community's chances of leaving at its belief the cheapest exact way: stay, step, copy and step, anew.

A step that subtracts keeps the absolute but not the relative accuracy of what it leaves, so each community carries an
estimate of the relative error that steps may have brought into its expected attempts. Where that passes 4e-12, or a
step is no longer sound, a fresh series ends it.
"""

import numpy as np

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
from engine.parameters import CORE
from engine.types import Floats, Integers

# The mood of a community this week: how its attempts are drawn.
CALM = 0  # too few attempts to be expected for the state to be stirred: together with the other calm ones
CONTESTED = 1  # the state may be stirred: one by one
CROWDED = 2  # the chance of leaving is not small: group by group

_PRIOR_ALPHA = CORE.index("prior_alpha")
_PRIOR_BETA = CORE.index("prior_beta")
_VISIBILITY = CORE.index("visibility")
_MEMORY_WEEKS = CORE.index("memory_weeks")

_MOST_STEPS = 48
_MOST_STEPS_TO_COPY = 40
_LARGEST_ERROR = 4e-12
_EPSILON = 2.3e-16
_DUST = 1e-100  # expected attempts below this take no steps: they would end in denormal numbers, which are slow
_CROWD = 300.0  # expected attempts of a community in a week from which they are drawn group by group


@merged
def update_beliefs(inputs: Inputs, state: State, year: int, week: int, new_span: bool) -> tuple[bool, int]:
    """Forget what is too old and bring all chances of leaving up to date; return whether every community is calm.

    Returns also the week in which something will next be too old, if nothing is learned before. A ``new_span`` is a
    new year, or a week from which parameters are others.
    """
    memory, chances, point = state.memory, state.chances, state.point
    forget(memory, week, point[_MEMORY_WEEKS])
    communities, learners, provinces = state.mood.size, memory.known_repressed.size, state.unsettled.size
    alone = provinces == communities
    if new_span and not alone:
        state.together[:] = 0.0
        state.known_together[:] = 0.0
    # In a new span the first part visits all, in their order: each may take its chances over from an earlier one.
    for place in range(1 if new_span else memory.moved[LENGTH]):
        first, step = (0, 1) if new_span else (memory.moved[FIRST + place], learners)
        for community in range(first, communities, step):
            learner = inputs.learner[community]
            repressed, escaped = memory.known_repressed[learner], memory.known_escaped[learner]
            if new_span or repressed != chances.at_repressed[community] or escaped != chances.at_escaped[community]:
                alpha, beta = point[_PRIOR_ALPHA], point[_PRIOR_BETA]
                if not (alone or new_span):
                    take_out(state, community, inputs.province[community])
                update_community(inputs, chances, year, community, repressed, escaped, new_span, alpha, beta)
                _set_rates(state, community, inputs.province[community], point[_VISIBILITY], inputs.by_kind)
                if not alone:
                    put_in(state, community, inputs.province[community])
    memory.moved[LENGTH] = 0
    for province in range(provinces):
        if state.unsettled[province]:
            _set_moods(inputs, state, province, state.calm_below[0])
    state.calm_clock[RATE], calm = calm_unseen_rate(state.together, state.known_together, state.is_calm)
    weeks = inputs.heads.shape[0] * inputs.weeks_per_year
    return calm == provinces, next_forgotten(memory, point[_MEMORY_WEEKS], weeks)


@inlined
def update_community(
    inputs: Inputs,
    chances: Chances,
    year: int,
    community: int,
    repressed: int,
    escaped: int,
    new_span: bool,
    prior_alpha: float,
    prior_beta: float,
) -> None:
    """Bring the chances of a community to what it knows: ``repressed`` is N_R, ``escaped`` N_D - N_R.

    In a ``new_span`` all thresholds have moved: then a community of the same kind that was brought up to date just now
    may serve as the place to step from.
    """
    kind = inputs.kind[community]
    source = community
    if new_span:
        source = _nearest(chances, inputs.earlier, community, repressed, escaped)
    if source < 0 or not _step(
        chances, inputs.heads, kind, year, community, source, repressed, escaped, prior_alpha, prior_beta
    ):
        alpha, beta = prior_alpha + repressed, prior_beta + escaped  # α = α0 + N_R, β = β0 + N_D - N_R
        refresh(chances, community, kind, alpha, beta)
        set_moments(chances, inputs.heads, year, community, kind)
        chances.steps[community] = 0
        chances.relative_error[community] = 4.0 * _EPSILON
    chances.at_repressed[community] = repressed
    chances.at_escaped[community] = escaped


@inlined
def _nearest(chances: Chances, earlier: Integers, community: int, repressed: int, escaped: int) -> int:
    """Return the community before this one, of its kind, whose belief is the fewest steps away, or -1."""
    best = -1
    fewest = _MOST_STEPS_TO_COPY + 1
    other = earlier[community]
    while other >= 0 and fewest > 0:
        steps = abs(chances.at_repressed[other] - repressed) + abs(chances.at_escaped[other] - escaped)
        if steps <= fewest:
            best, fewest = other, steps
        other = earlier[other]
    return best


@inlined
def _step(
    chances: Chances,
    heads: Floats,
    kind: int,
    year: int,
    community: int,
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
    if source != community:
        for group in range(leaving.shape[1]):
            leaving[community, group] = leaving[source, group]
            density[community, group] = density[source, group]
    alpha, beta = prior_alpha + at_repressed, prior_beta + at_escaped
    # What lowers the chances comes first, so that nothing on the way is larger than both ends.
    for _ in range(more_repressed):
        step_repressed(chances, community, kind, alpha, beta)
        alpha += 1.0
    for _ in range(-more_escaped):
        beta -= 1.0
        unstep_escaped(chances, community, kind, alpha, beta)
    for _ in range(-more_repressed):
        alpha -= 1.0
        unstep_repressed(chances, community, kind, alpha, beta)
    for _ in range(more_escaped):
        step_escaped(chances, community, kind, alpha, beta)
        beta += 1.0
    set_moments(chances, heads, year, community, kind)
    after = chances.moments[EXPECTED, community]
    taken = chances.steps[source] + steps
    if source != community:
        before *= people(heads, year, community) / people(heads, year, source)
    lost = chances.relative_error[source] * before + _EPSILON * (2.0 + 3.0 * taken) * steps * max(before, after)
    chances.steps[community] = taken
    chances.relative_error[community] = lost / after
    return lost < _LARGEST_ERROR * after


@inlined
def _set_rates(state: State, community: int, province: int, visibility: float, by_kind: bool) -> None:
    """Set a community's rates of attempts, and how they are drawn; a crowded one needs no clock of known ones.

    Where each kind of person is drawn by itself, all are crowded.
    """
    chances = state.chances
    crowded = chances.moments[LARGEST, community] >= RARE or chances.moments[EXPECTED, community] >= _CROWD or by_kind
    state.known_rate[community] = 0.0 if crowded else share_rate(chances.moments, community, visibility)
    state.unsettled[province] = 1
    state.crowded[province] += crowded - np.int64(state.mood[community] == CROWDED)
    state.mood[community] = CROWDED if crowded else state.quiet[province]


@inlined
def take_out(state: State, community: int, province: int) -> None:
    """Take a community, before its chances move, out of what its province comes to; the bound stays.

    Sums that are moved so are off by some 1e-16 of the largest they were in this year: attempts that no run will see.
    """
    if state.mood[community] != CROWDED:
        for row in range(LARGEST):
            state.together[row, province] -= state.chances.moments[row, community]
        state.known_together[province] -= state.known_rate[community]


@inlined
def put_in(state: State, community: int, province: int) -> None:
    """Add a community to what its province comes to."""
    if state.mood[community] != CROWDED:
        moments, together = state.chances.moments, state.together
        for row in range(LARGEST):
            together[row, province] += moments[row, community]
        together[LARGEST, province] = max(together[LARGEST, province], moments[LARGEST, community])
        state.known_together[province] += state.known_rate[community]


@inlined
def _set_moods(inputs: Inputs, state: State, province: int, calm_below: float) -> None:
    """Let the communities of a province that are not crowded be calm, if all together cannot stir the state."""
    state.unsettled[province] = 0
    rate = share_rate(state.together, province, 1.0)
    quiet = CALM if state.crowded[province] == 0 and rate <= calm_below else CONTESTED
    state.is_calm[province] = 1.0 if quiet == CALM else 0.0
    if quiet == state.quiet[province]:
        return
    state.quiet[province] = quiet
    for community in range(inputs.home[province], inputs.home[province + 1]):
        if state.mood[community] != CROWDED:
            state.mood[community] = quiet


@summing
def calm_unseen_rate(together: Floats, known_together: Floats, is_calm: Floats) -> tuple[float, float]:
    """Return the rate of unseen attempts of all calm communities, and how many provinces are calm."""
    rate, provinces = 0.0, 0.0
    for province in range(is_calm.size):
        m1, m2 = together[EXPECTED, province], together[SECOND, province]
        m3, m4 = together[THIRD, province], together[FOURTH, province]
        rate += is_calm[province] * ((m1 + (m2 + (m3 + m4))) - known_together[province])
        provinces += is_calm[province]
    return max(rate, 0.0), provinces
