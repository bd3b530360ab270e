"""What is remembered, against a count of the last H weeks made anew in every week."""

import numpy as np
import pytest
from numba import njit
from support.busy_country import bench

from engine.kernel.belief import forget, forget_everything, learn, next_forgotten
from engine.numerics.index_list import FIRST, LENGTH

# Everything this file asks of the compiled rooms.


@njit
def remember(memory, repressed, escaped, memory_weeks, counts, moved, forgotten):
    """Live weeks with these known attempts, (weeks, learners) each, as engine.kernel.run.run does.

    Sets what is known in each week, ``counts``, (2, weeks, learners), how often each learner was listed as moved since
    the week before, ``moved``, (weeks, learners), and when the next attempt would be forgotten, ``forgotten``,
    (weeks,).
    """
    forget_everything(memory)
    weeks, learners = repressed.shape
    for week in range(weeks):
        forget(memory, week, memory_weeks)
        for place in range(memory.moved[LENGTH]):
            moved[week, memory.moved[FIRST + place]] += 1
        memory.moved[LENGTH] = 0
        forgotten[week] = next_forgotten(memory, memory_weeks, weeks)
        for learner in range(learners):
            counts[0, week, learner] = memory.known_repressed[learner]
            counts[1, week, learner] = memory.known_escaped[learner]
            if repressed[week, learner] + escaped[week, learner] > 0:
                learn(memory, learner, week, repressed[week, learner], escaped[week, learner])


def in_the_last(events: np.ndarray, memory_weeks: int) -> np.ndarray:
    """The events of the weeks t - H to t - 1, by week and row."""
    return np.array([events[max(0, week - memory_weeks) : week].sum(axis=0) for week in range(len(events))])


def lived(memory_weeks: int, often: float, seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng([seed, 15, memory_weeks])
    inputs, state = bench()
    shape = inputs.weeks, inputs.kind.size
    events = rng.poisson(often, (2, *shape))
    counts, moved, forgotten = np.zeros((2, *shape), np.int64), np.zeros(shape, np.int64), np.zeros(shape[0], np.int64)
    remember(state.memory, *events, float(memory_weeks), counts, moved, forgotten)
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
