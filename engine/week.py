"""A week of the whole country: the provinces' attempts put together from as few random numbers as the law allows."""

import numpy as np

from engine.attempts import CALM, CONTESTED, CROWDED, contested_week, crowded_week, known_rings, unseen_rings
from engine.jit import inlined, summing
from engine.repeats import UNSEEN_ESCAPE, UNSEEN_REPRESSED


@inlined
def calm_attempts(inputs, work, year, address, visibility):
    """Draw the known attempts of all provinces and the unseen ones of the calm; return (known, attempts, escapes)."""
    provinces = inputs.kind.size
    known, clock, mood = work.known, work.clock, work.mood
    unseen = work.unseen
    seen = np.int64(0)
    escapes = np.int64(0)
    used = np.int64(0)  # known attempts in calm provinces
    if _run_clocks(clock, work.known_rate):
        for province in range(provinces):
            if clock[province] < 0.0:
                known_rings(work, inputs.heads, year, address, province, visibility)
                seen += known[0, province]
                escapes += known[0, province] - known[1, province]
                used += known[0, province] if mood[province] == CALM else 0
    unseen[0, provinces] = 0
    unseen[1, provinces] = 0
    rates = _unseen_rates(work.moments, work.known_rate, work.repression, work.calm, visibility)
    escape_rate, repressed_rate, most_escape, most = rates
    unseen_escapes = unseen_rings(
        work,
        inputs.heads,
        year,
        address,
        provinces,
        UNSEEN_ESCAPE,
        escape_rate,
        most_escape,
        used,
        visibility,
    )
    used += unseen_escapes
    unseen_repressed = unseen_rings(
        work, inputs.heads, year, address, provinces, UNSEEN_REPRESSED, repressed_rate, most, used, visibility
    )
    return seen, seen + unseen_escapes + unseen_repressed, escapes + unseen_escapes


@summing
def _run_clocks(clock, known_rate):
    """Let a week pass on the clocks of the known attempts; return whether one has run out."""
    rung = 0
    for province in range(clock.size):
        clock[province] -= known_rate[province]
        rung += clock[province] < 0.0
    return rung > 0


@summing
def _unseen_rates(moments, known_rate, repression, calm, visibility):
    """Return for the calm provinces together: the rates of unseen escapes and unseen repressed attempts, and for each
    of the two a bound on any one person's, to the power of 4: the sum of such powers is made in vectors."""
    hidden = 1.0 - visibility
    escape_rate, total_rate, most_escape, most = 0.0, 0.0, 0.0, 0.0
    for province in range(repression.size):
        free = hidden * (1.0 - repression[province])
        f = visibility + free
        m1, m2, m3, m4 = moments[0, province], moments[1, province], moments[2, province], moments[3, province]
        escape_rate += calm[province] * (f * (m1 + f * (m2 + f * (m3 + f * m4))) - known_rate[province])
        total_rate += calm[province] * ((m1 + (m2 + (m3 + m4))) - known_rate[province])
        chance = calm[province] * moments[4, province] * hidden
        most += (chance * chance) * (chance * chance)
        chance *= 1.0 - repression[province]
        most_escape += (chance * chance) * (chance * chance)
    return escape_rate, total_rate - escape_rate, most_escape, most


@inlined
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
            attempts += work.crowd[province, 0]
            escapes += work.crowd[province, 1]
    return attempts, escapes
