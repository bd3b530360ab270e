"""A week of the whole country: the provinces' attempts put together from as few random numbers as the law allows."""

import numpy as np

from engine.kernel.attempts import CALM, CONTESTED, CROWDED, contested_week, crowded_week, known_rings, unseen_rings
from engine.kernel.repeats import UNSEEN_ESCAPE, UNSEEN_REPRESSED
from engine.numerics.distributions import binomial, poisson
from engine.numerics.elementary import fourth_root_above
from engine.numerics.index_list import append
from engine.numerics.jit import inlined, internal, merged, summing
from engine.numerics.random import exponential_time

# Unseen attempts a week up to which a clock tells when the next one comes: then a quiet week costs a comparison.
_FEW = 1.0


@merged
def calm_attempts(inputs, work, year, address, visibility):
    """Draw the known attempts of all provinces and the unseen ones of the calm; return (attempts, escapes)."""
    provinces = inputs.kind.size
    known, mood = work.known, work.mood
    unseen = work.unseen
    seen = np.int64(0)
    escapes = np.int64(0)
    used = np.int64(0)  # known attempts in calm provinces
    unseen[0, provinces] = 0
    unseen[1, provinces] = 0
    if _run_clocks(work.clock, work.known_rate):
        _list_rung(work.heard, work.clock, provinces)
        for place in range(work.heard[0]):
            province = work.heard[1 + place]
            known_rings(work, inputs.heads, year, address, province, visibility)
            seen += known[0, province]
            escapes += known[0, province] - known[1, province]
            used += known[0, province] if mood[province] == CALM else 0
    expected = work.hush[0]
    count = np.int64(0)
    if expected < _FEW:
        work.hush[1] -= expected
        if work.hush[1] >= 0.0:
            return seen, escapes
        count = _rings(work)
    rates = _escape_rate(work.moments, work.known_rate, work.repression, work.calm, visibility)
    escape_rate, most_escape, most = rates
    repressed_rate = max(expected - escape_rate, 0.0)
    if expected < _FEW:
        escape_count = binomial(work.rng[0], count, escape_rate / expected)
        repressed_count = count - escape_count
    else:
        escape_count = poisson(work.rng[0], escape_rate)
        repressed_count = poisson(work.rng[0], repressed_rate)
    pool = UNSEEN_ESCAPE, escape_count, escape_rate, fourth_root_above(most_escape)
    unseen_escapes = unseen_rings(work, inputs.heads, year, address, provinces, pool, used, visibility)
    pool = UNSEEN_REPRESSED, repressed_count, repressed_rate, fourth_root_above(most)
    used += unseen_escapes
    unseen_repressed = unseen_rings(work, inputs.heads, year, address, provinces, pool, used, visibility)
    return seen + unseen_escapes + unseen_repressed, escapes + unseen_escapes


@internal
def _rings(work):
    """Wind the clock of the calm provinces' unseen attempts, which has run out; return how often it rang this week."""
    count = np.int64(0)
    while work.hush[1] < 0.0:
        work.hush[1] += exponential_time(work.rng[0])
        count += 1
    return count


@summing
def expected_unseen(moments, known_rate, calm):
    """Return the rate of unseen attempts of the calm provinces together, and how many are calm."""
    rate, provinces = 0.0, 0.0
    for province in range(calm.size):
        m1, m2, m3, m4 = moments[0, province], moments[1, province], moments[2, province], moments[3, province]
        rate += calm[province] * ((m1 + (m2 + (m3 + m4))) - known_rate[province])
        provinces += calm[province]
    return max(rate, 0.0), provinces


@summing
def _run_clocks(clock, known_rate):
    """Let a week pass on the clocks of the known attempts; return whether one has run out."""
    rung = 0
    for province in range(clock.size):
        clock[province] -= known_rate[province]
        rung += clock[province] < 0.0
    return rung > 0


@inlined
def _list_rung(heard, clock, provinces):
    """List the provinces whose clock has run out, with no branch on which: each is written, and stays if it has."""
    count = np.int64(0)
    for province in range(provinces):
        heard[1 + count] = province
        count += clock[province] < 0.0
    heard[0] = count


@summing
def _escape_rate(moments, known_rate, repression, calm, visibility):
    """Return the calm provinces' rate of unseen escapes, and bounds on one person's rate of these and of all unseen.

    The bounds are to the power of 4, because a sum of such powers, unlike a maximum, is made in vectors.
    """
    hidden = 1.0 - visibility
    rate, most_escape, most = 0.0, 0.0, 0.0
    for province in range(repression.size):
        free = 1.0 - repression[province]
        f = visibility + hidden * free
        m1, m2, m3, m4 = moments[0, province], moments[1, province], moments[2, province], moments[3, province]
        rate += calm[province] * (f * (m1 + f * (m2 + f * (m3 + f * m4))) - known_rate[province])
        chance = calm[province] * moments[4, province] * hidden
        most += (chance * chance) * (chance * chance)
        chance *= free
        most_escape += (chance * chance) * (chance * chance)
    return rate, most_escape, most


@merged
def other_attempts(inputs, work, year, address, visibility):
    """Draw what calm_attempts left: the unseen of contested provinces and all of crowded ones.

    Returns the numbers of attempts and escapes.
    """
    attempts = np.int64(0)
    escapes = np.int64(0)
    for province in range(inputs.kind.size):
        if work.mood[province] == CONTESTED:
            contested_week(work, inputs.heads, year, address, province, visibility)
            attempts += work.unseen[0, province] + work.unseen[1, province]
            escapes += work.unseen[0, province]
        elif work.mood[province] == CROWDED:
            crowded_week(work, inputs.heads, year, province, visibility)
            if work.crowd[province, 2] > 0:
                append(work.heard, province)
            attempts += work.crowd[province, 0]
            escapes += work.crowd[province, 1]
    return attempts, escapes
