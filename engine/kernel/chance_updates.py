"""Keeping each province's chances of leaving at its belief the cheapest exact way: stay, step, copy and step, anew.

A step that subtracts keeps the absolute but not the relative accuracy of what it leaves, so each province carries an
estimate of its drift: the relative error that steps may have brought into its sum of rates. Where that passes 4e-12, or
a step is no longer sound, a fresh series ends it.
"""

from engine.kernel.attempts import CALM, CONTESTED, CROWDED
from engine.kernel.chances import (
    RARE,
    people,
    refresh,
    set_moments,
    share_rate,
    step_escaped,
    step_repressed,
    unstep_escaped,
    unstep_repressed,
)
from engine.numerics.jit import inlined

_MOST_STEPS = 48
_MOST_STEPS_TO_COPY = 40
_MOST_DRIFT = 4e-12
_EPSILON = 2.3e-16
_DUST = 1e-100  # expected attempts below this take no steps: they would end in denormal numbers, which are slow
_CROWD = 300.0  # expected attempts of a province in a week from which they are drawn group by group


@inlined
def update_province(work, heads, kind, year, province, learned, new_year, prior_alpha, prior_beta):
    """Bring the province to the known attempts ``learned``, (2,): N_R and N_D - N_R.

    In a ``new_year`` all thresholds have moved: then a province of the same kind that was brought up to date just now
    may serve as the place to step from.
    """
    repressed, escaped = learned[0], learned[1]
    source = province
    if new_year:
        source = _nearest(work.standing, kind, province, repressed, escaped)
    if source < 0 or not _step(
        work, heads, kind[province], year, province, source, repressed, escaped, prior_alpha, prior_beta
    ):
        alpha, beta = prior_alpha + repressed, prior_beta + escaped  # α = α0 + N_R, β = β0 + N_D - N_R
        refresh(
            work.tail,
            work.density,
            province,
            kind[province],
            work.thresholds,
            work.top,
            alpha,
            beta,
            work.series,
            work.scaled,
        )
        set_moments(work.moments, work.tail, heads, province, year, work.top[kind[province]])
        work.standing[2, province] = 0
        work.drift[province] = 4.0 * _EPSILON
    work.standing[0, province] = repressed
    work.standing[1, province] = escaped


@inlined
def _nearest(standing, kind, province, repressed, escaped):
    """Return the province before this one, of its kind, whose belief is the fewest steps away, or -1."""
    best = -1
    fewest = _MOST_STEPS_TO_COPY + 1
    for other in range(province):
        if kind[other] == kind[province]:
            steps = abs(standing[0, other] - repressed) + abs(standing[1, other] - escaped)
            if steps < fewest:
                best, fewest = other, steps
    return best


@inlined
def _step(work, heads, kind, year, province, source, repressed, escaped, prior_alpha, prior_beta):
    """Step from where ``source`` stands to this belief; return whether the result can be trusted."""
    tail, density, thresholds = work.tail, work.density, work.thresholds
    at_repressed, at_escaped = work.standing[0, source], work.standing[1, source]
    more, less = repressed - at_repressed, escaped - at_escaped
    steps = abs(more) + abs(less)
    before = work.moments[0, source]
    if steps > 0 and (steps > _MOST_STEPS or work.moments[4, source] > RARE or before < _DUST):
        return False
    if source != province:
        for group in range(tail.shape[1]):
            tail[province, group] = tail[source, group]
            density[province, group] = density[source, group]
    alpha, beta = prior_alpha + at_repressed, prior_beta + at_escaped
    for _ in range(more):  # what lowers the chances comes first, so that nothing on the way is larger than both ends
        step_repressed(tail, density, province, kind, thresholds, alpha, beta)
        alpha += 1.0
    for _ in range(-less):
        beta -= 1.0
        unstep_escaped(tail, density, province, kind, thresholds, alpha, beta)
    for _ in range(-more):
        alpha -= 1.0
        unstep_repressed(tail, density, province, kind, thresholds, alpha, beta)
    for _ in range(less):
        step_escaped(tail, density, province, kind, thresholds, alpha, beta)
        beta += 1.0
    set_moments(work.moments, tail, heads, province, year, work.top[kind])
    after = work.moments[0, province]
    age = work.standing[2, source] + steps
    if source != province:
        before *= people(heads, year, province) / people(heads, year, source)
    lost = work.drift[source] * before + _EPSILON * (2.0 + 3.0 * age) * steps * max(before, after)
    work.standing[2, province] = age
    work.drift[province] = lost / after
    return lost < _MOST_DRIFT * after


@inlined
def set_mood(work, province, visibility, calm_below):
    """Set what the province is this week, and the rate of its known attempts; a crowded one needs no clock."""
    expected = work.moments[0, province]
    work.known_rate[province] = share_rate(work.moments, province, visibility)
    if work.moments[4, province] >= RARE or expected >= _CROWD:
        work.mood[province] = CROWDED
        work.known_rate[province] = 0.0
    elif share_rate(work.moments, province, 1.0) > calm_below:
        work.mood[province] = CONTESTED
    else:
        work.mood[province] = CALM
    work.calm[province] = 1.0 if work.mood[province] == CALM else 0.0
