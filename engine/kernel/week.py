"""A week of the whole country: the provinces' attempts put together from as few random numbers as the law allows."""

import numpy as np

from engine.kernel.attempts import Rings, contested_week, crowded_week, known_rings, seen_by_state, unseen_rings
from engine.kernel.belief import learn
from engine.kernel.chance_updates import CALM, CONTESTED, CROWDED
from engine.kernel.chances import EXPECTED, FOURTH, LARGEST, SECOND, THIRD
from engine.kernel.inputs import Inputs
from engine.kernel.repeats import KNOWN, LEFT, RATE, UNSEEN_ESCAPE, UNSEEN_REPRESSED
from engine.kernel.state import Now, State
from engine.numerics.distributions import binomial, poisson
from engine.numerics.elementary import fourth_root_above
from engine.numerics.index_list import FIRST, LENGTH, append
from engine.numerics.jit import inlined, internal, merged, summing
from engine.numerics.random import exponential_time
from engine.types import Floats, Integers, Words

# Unseen attempts a week up to which a clock tells when the next one comes: then a quiet week costs a comparison.
_FEW = 1.0


@merged
def calm_attempts(inputs: Inputs, state: State, now: Now, visibility: float) -> tuple[int, int]:
    """Draw the known attempts of all provinces and the unseen ones of the calm; return (attempts, escapes)."""
    provinces = inputs.kind.size
    attempts, known_repressed, mood = state.attempts, state.known_repressed, state.mood
    seen = np.int64(0)
    escapes = np.int64(0)
    used = np.int64(0)  # known attempts in calm provinces
    attempts[UNSEEN_ESCAPE, provinces] = 0
    attempts[UNSEEN_REPRESSED, provinces] = 0
    if _run_clocks(state.known_clock, state.known_rate):
        _list_run_out(state.news, state.known_clock, provinces)
        for place in range(state.news[LENGTH]):
            province = state.news[FIRST + place]
            known_rings(inputs.heads, state, now, province, visibility)
            seen += attempts[KNOWN, province]
            escapes += attempts[KNOWN, province] - known_repressed[province]
            used += attempts[KNOWN, province] if mood[province] == CALM else 0
    expected = state.calm_clock[RATE]
    count = np.int64(0)
    if expected < _FEW:
        state.calm_clock[LEFT] -= expected
        if state.calm_clock[LEFT] >= 0.0:
            return seen, escapes
        count = _rings(state.calm_clock, state.rng)
    escape_rate, largest_escape, largest = _calm_escape_rate(
        state.chances.moments, state.known_rate, state.repression, state.is_calm, visibility
    )
    repressed_rate = max(expected - escape_rate, 0.0)
    if expected < _FEW:
        escape_count = binomial(state.rng, count, escape_rate / expected)
        repressed_count = count - escape_count
    else:
        escape_count = poisson(state.rng, escape_rate)
        repressed_count = poisson(state.rng, repressed_rate)
    rings = Rings(UNSEEN_ESCAPE, escape_count, escape_rate, fourth_root_above(largest_escape))
    unseen_escapes = unseen_rings(inputs.heads, state, now, provinces, rings, used, visibility)
    rings = Rings(UNSEEN_REPRESSED, repressed_count, repressed_rate, fourth_root_above(largest))
    used += unseen_escapes
    unseen_repressed = unseen_rings(inputs.heads, state, now, provinces, rings, used, visibility)
    return seen + unseen_escapes + unseen_repressed, escapes + unseen_escapes


@internal
def _rings(clock: Floats, rng: Words) -> int:
    """Wind a clock that has run out; return how often it rang this week."""
    count = np.int64(0)
    while clock[LEFT] < 0.0:
        clock[LEFT] += exponential_time(rng)
        count += 1
    return count


@summing
def _run_clocks(known_clock: Floats, known_rate: Floats) -> bool:
    """Let a week pass on the clocks of the known attempts; return whether one has run out."""
    run_out = 0
    for province in range(known_clock.size):
        known_clock[province] -= known_rate[province]
        run_out += known_clock[province] < 0.0
    return run_out > 0


@inlined
def _list_run_out(news: Integers, known_clock: Floats, provinces: int) -> None:
    """List the provinces whose clock has run out, with no branch on which: each is written, and stays if it has."""
    count = np.int64(0)
    for province in range(provinces):
        news[FIRST + count] = province
        count += known_clock[province] < 0.0
    news[LENGTH] = count


@summing
def _calm_escape_rate(
    moments: Floats, known_rate: Floats, repression: Floats, is_calm: Floats, visibility: float
) -> tuple[float, float, float]:
    """Return the calm provinces' rate of unseen escapes, and bounds on one person's rate of these and of all unseen.

    The bounds are to the power of 4, because a sum of such powers, unlike a maximum, is made in vectors.
    """
    hidden = 1.0 - visibility
    rate, largest_escape, largest = 0.0, 0.0, 0.0
    for province in range(repression.size):
        free = 1.0 - repression[province]
        f = visibility + hidden * free
        m1, m2 = moments[EXPECTED, province], moments[SECOND, province]
        m3, m4 = moments[THIRD, province], moments[FOURTH, province]
        rate += is_calm[province] * (f * (m1 + f * (m2 + f * (m3 + f * m4))) - known_rate[province])
        chance = is_calm[province] * moments[LARGEST, province] * hidden
        largest += (chance * chance) * (chance * chance)
        chance *= free
        largest_escape += (chance * chance) * (chance * chance)
    return rate, largest_escape, largest


@merged
def other_attempts(inputs: Inputs, state: State, now: Now, visibility: float) -> tuple[int, int]:
    """Draw what calm_attempts left, the unseen of contested provinces and all of crowded ones.

    Returns (attempts, escapes).
    """
    attempts = np.int64(0)
    escapes = np.int64(0)
    for province in range(inputs.kind.size):
        if state.mood[province] == CONTESTED:
            contested_week(inputs.heads, state, now, province, visibility)
            attempts += state.attempts[UNSEEN_ESCAPE, province] + state.attempts[UNSEEN_REPRESSED, province]
            escapes += state.attempts[UNSEEN_ESCAPE, province]
        elif state.mood[province] == CROWDED:
            crowded_week(inputs.heads, state, now, province, visibility)
            if state.attempts[KNOWN, province] > 0:
                append(state.news, province)
            all_attempts, all_escapes = seen_by_state(state, province)
            attempts += all_attempts
            escapes += all_escapes
    return attempts, escapes


@merged
def learn_week(state: State, week: int) -> None:
    """Let citizens learn the known attempts of the week, each province its own or all of them the nation's."""
    memory, attempts = state.memory, state.attempts
    nation = memory.known_repressed.size < state.mood.size
    all_repressed = np.int64(0)
    all_escaped = np.int64(0)
    for place in range(state.news[LENGTH]):
        province = state.news[FIRST + place]
        repressed = state.known_repressed[province]
        escaped = attempts[KNOWN, province] - repressed
        attempts[KNOWN, province] = 0
        state.known_repressed[province] = 0
        all_repressed += repressed
        all_escaped += escaped
        if not nation:
            learn(memory, province, week, repressed, escaped)
    if nation:
        learn(memory, np.int64(0), week, all_repressed, all_escaped)
    state.news[LENGTH] = 0


@merged
def forget_unseen(state: State) -> None:
    """Clear the unseen attempts of the week, which nobody learns of and the regime has reacted to."""
    for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
        for province in range(state.mood.size):
            state.attempts[share, province] = 0
