"""What is remembered, against a count of the last H weeks made anew in every week."""

import numpy as np
import pytest
from numba import njit
from support.busy_country import bench

from engine.kernel.belief import forget, learn, next_forgotten
from engine.kernel.state import State

# Everything this file asks of the compiled rooms.


@njit
def remember(work, repressed, escaped, memory_weeks, counts, moved, forgotten):
    """Live weeks with these known attempts, (weeks, rows) each, as engine.kernel.run.run does.

    Sets what is known in each week, ``counts``, (2, weeks, rows), how often each row was listed as moved since the week
    before, ``moved``, (weeks, rows), and when the next attempt would be forgotten, ``forgotten``, (weeks,).
    """
    work.remembered[:] = 0
    work.counts[:] = 0
    work.moved[0] = 0
    weeks, rows = repressed.shape
    for week in range(weeks):
        forget(work, week, memory_weeks)
        for place in range(work.moved[0]):
            moved[week, work.moved[1 + place]] += 1
        work.moved[0] = 0
        forgotten[week] = next_forgotten(work, memory_weeks, weeks)
        for row in range(rows):
            counts[0, week, row] = work.counts[0, row]
            counts[1, week, row] = work.counts[1, row]
            if repressed[week, row] + escaped[week, row] > 0:
                learn(work, row, week, repressed[week, row], escaped[week, row])


def in_the_last(events: np.ndarray, memory_weeks: int) -> np.ndarray:
    """The events of the weeks t - H to t - 1, by week and row."""
    return np.array([events[max(0, week - memory_weeks) : week].sum(axis=0) for week in range(len(events))])


def lived(memory_weeks: int, often: float, seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng([seed, 15, memory_weeks])
    work: State
    inputs, work = bench()
    shape = inputs.weeks, inputs.kind.size
    events = rng.poisson(often, (2, *shape))
    counts, moved, forgotten = np.zeros((2, *shape), np.int64), np.zeros(shape, np.int64), np.zeros(shape[0], np.int64)
    remember(work, *events, float(memory_weeks), counts, moved, forgotten)
    return events, counts, moved, forgotten


@pytest.mark.parametrize("often", [0.002, 0.1, 3.0])
@pytest.mark.parametrize("memory_weeks", [0, 1, 52, 380, 1195, 1196])
def test_known_attempts_are_remembered_for_h_weeks(memory_weeks: int, often: float, seed: int) -> None:
    events, counts, moved, forgotten = lived(memory_weeks, often, seed)
    expected = np.array([in_the_last(kind, memory_weeks) for kind in events])
    assert (counts == expected).all()
    assert (moved[1:][np.diff(expected, axis=1).any(axis=0)] > 0).all(), "whoever's belief moved is listed"
    assert moved.max() <= 2, "once for what is learned and once for what is forgotten: the list has room for that"
    weeks = len(forgotten)
    for week in range(weeks):
        remembered = np.flatnonzero(events[:, max(0, week - memory_weeks) : week].any(axis=(0, 2)))
        first = max(0, week - memory_weeks) + remembered[0] if remembered.size else weeks
        assert forgotten[week] == min(weeks, first + memory_weeks + 1)


def test_a_week_more_of_memory_is_told_apart(seed: int) -> None:
    """Negative control."""
    events, counts, *_ = lived(52, 0.1, seed)
    assert (counts[0] != in_the_last(events[0], 53)).any()
