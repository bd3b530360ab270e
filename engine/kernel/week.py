"""A week of the whole country: the communities' attempts put together from as few random numbers as the law allows."""

import numpy as np

from engine.kernel.attempts import (
    Rings,
    contested_week,
    crowded_week,
    crowded_week_by_kind,
    known_rings,
    seen_by_state,
    unseen_rings,
)
from engine.kernel.belief import learn
from engine.kernel.chance_updates import CALM, CONTESTED, CROWDED
from engine.kernel.chances import EXPECTED, FOURTH, LARGEST, SECOND, THIRD
from engine.kernel.inputs import Inputs
from engine.kernel.repeats import KNOWN, LEFT, RATE, UNSEEN_ESCAPE, UNSEEN_REPRESSED
from engine.kernel.state import Now, State, calm_pool, list_known
from engine.numerics.distributions import binomial, poisson
from engine.numerics.elementary import fourth_root_above
from engine.numerics.index_list import FIRST, LENGTH
from engine.numerics.jit import inlined, internal, merged, summing
from engine.numerics.random import PARTS, exponential_time, open_stream
from engine.types import Floats, Integers, Words

# Unseen attempts a week up to which a clock tells when the next one comes: then a quiet week costs a comparison.
_FEW = 1.0


@merged
def calm_attempts(inputs: Inputs, state: State, now: Now, visibility: float) -> tuple[int, int]:
    """Draw the known attempts of all communities and the unseen ones of the calm; return (attempts, escapes)."""
    communities = inputs.kind.size
    attempts, known_repressed, mood = state.attempts, state.known_repressed, state.mood
    seen = np.int64(0)
    escapes = np.int64(0)
    used = np.int64(0)  # known attempts in calm communities
    pool = calm_pool(state)
    attempts[UNSEEN_ESCAPE, pool] = 0
    attempts[UNSEEN_REPRESSED, pool] = 0
    if _run_clocks(state.known_clock, state.known_rate):
        _list_run_out(state.news, state.known_clock, communities)
        for place in range(state.news[LENGTH]):
            community = state.news[FIRST + place]
            if inputs.course.by_week:
                open_part(state, now, community)
            known_rings(inputs, state, now, community, visibility)
            seen += attempts[KNOWN, community]
            escapes += attempts[KNOWN, community] - known_repressed[community]
            used += attempts[KNOWN, community] if mood[community] == CALM else 0
    if inputs.course.by_week:
        open_part(state, now, communities)
    expected = state.calm_clock[RATE]
    count = np.int64(0)
    if expected < _FEW:
        state.calm_clock[LEFT] -= expected
        if state.calm_clock[LEFT] >= 0.0:
            return seen, escapes
        count = _rings(state.calm_clock, state.rng)
    escape_rate, largest_escape, largest = _calm_escape_rate(
        state.together, state.known_together, state.repression, state.is_calm, visibility
    )
    repressed_rate = max(expected - escape_rate, 0.0)
    if expected < _FEW:
        escape_count = binomial(state.rng, count, escape_rate / expected)
        repressed_count = count - escape_count
    else:
        escape_count = poisson(state.rng, escape_rate)
        repressed_count = poisson(state.rng, repressed_rate)
    rings = Rings(UNSEEN_ESCAPE, escape_count, escape_rate, fourth_root_above(largest_escape))
    unseen_escapes = unseen_rings(inputs, state, now, pool, rings, used, visibility)
    rings = Rings(UNSEEN_REPRESSED, repressed_count, repressed_rate, fourth_root_above(largest))
    used += unseen_escapes
    unseen_repressed = unseen_rings(inputs, state, now, pool, rings, used, visibility)
    return seen + unseen_escapes + unseen_repressed, escapes + unseen_escapes


@internal
def open_part(state: State, now: Now, part: int) -> None:
    """Give a part of a week its own stream, so that what one part consumes moves no number of another.

    Parts are the known attempts of each community, the unseen ones of the calm, and the others of each province.
    """
    parts = state.mood.size + 1 + state.unsettled.size
    open_stream(state.rng, now.seed, now.chain, now.iteration, PARTS, now.week * parts + part)


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
    for community in range(known_clock.size):
        known_clock[community] -= known_rate[community]
        run_out += known_clock[community] < 0.0
    return run_out > 0


@inlined
def _list_run_out(news: Integers, known_clock: Floats, communities: int) -> None:
    """List the communities whose clock has run out, with no branch on which: each is written, and stays if it has."""
    count = np.int64(0)
    for community in range(communities):
        news[FIRST + count] = community
        count += known_clock[community] < 0.0
    news[LENGTH] = count


@summing
def _calm_escape_rate(
    together: Floats, known_together: Floats, repression: Floats, is_calm: Floats, visibility: float
) -> tuple[float, float, float]:
    """Return the calm provinces' rate of unseen escapes, and bounds on one person's rate of these and of all unseen.

    The bounds are to the power of 4, because a sum of such powers, unlike a maximum, is made in vectors.
    """
    hidden = 1.0 - visibility
    rate, largest_escape, largest = 0.0, 0.0, 0.0
    for province in range(repression.size):
        free = 1.0 - repression[province]
        f = visibility + hidden * free
        m1, m2 = together[EXPECTED, province], together[SECOND, province]
        m3, m4 = together[THIRD, province], together[FOURTH, province]
        rate += is_calm[province] * (f * (m1 + f * (m2 + f * (m3 + f * m4))) - known_together[province])
        chance = is_calm[province] * together[LARGEST, province] * hidden
        largest += (chance * chance) * (chance * chance)
        chance *= free
        largest_escape += (chance * chance) * (chance * chance)
    return rate, largest_escape, largest


@merged
def other_attempts(inputs: Inputs, state: State, now: Now, visibility: float) -> tuple[int, int]:
    """Draw what calm_attempts left, the unseen of contested communities and all of crowded ones.

    Returns (attempts, escapes).
    """
    attempts, escapes, crowded = np.int64(0), np.int64(0), np.int64(0)
    for province in range(state.unsettled.size):
        first, past = inputs.home[province], inputs.home[province + 1]
        if inputs.course.by_week:
            open_part(state, now, inputs.kind.size + 1 + province)
        if state.quiet[province] == CONTESTED and state.crowded[province] < past - first:
            more_attempts, more_escapes = contested_week(inputs, state, now, province, visibility)
            attempts += more_attempts
            escapes += more_escapes
        crowded += state.crowded[province]
        for community in range(first, past if state.crowded[province] > 0 else first):
            if state.mood[community] != CROWDED:
                continue
            if inputs.by_kind:
                crowded_week_by_kind(inputs, state, now, community, visibility)
            else:
                crowded_week(inputs, state, now, community, visibility)
            more_attempts, more_escapes = seen_by_state(state, community)
            attempts += more_attempts
            escapes += more_escapes
    if crowded > 0:
        list_known(state)
    return attempts, escapes


@merged
def learn_week(inputs: Inputs, state: State, week: int) -> None:
    """Let each learner learn the known attempts of the week, of all communities whose attempts it hears of."""
    attempts = state.attempts
    for place in range(state.news[LENGTH]):
        community = state.news[FIRST + place]
        repressed = state.known_repressed[community]
        escaped = attempts[KNOWN, community] - repressed
        attempts[KNOWN, community] = 0
        state.known_repressed[community] = 0
        learn(state.memory, inputs.learner[community], week, repressed, escaped)
    state.news[LENGTH] = 0


@merged
def forget_unseen(state: State) -> None:
    """Clear the unseen attempts of the week, which nobody learns of and the regime has reacted to."""
    for share in (UNSEEN_ESCAPE, UNSEEN_REPRESSED):
        for pool in range(state.attempts.shape[1]):
            state.attempts[share, pool] = 0
