"""Weeks of countries so small that second rings are frequent, lived as a run lives them, with chances set by hand."""

import numpy as np
from numba import njit
from support.law_of_a_week import MOST
from support.left_alone import left_alone
from support.names import NAMES

from engine.kernel.attempts import name_week
from engine.kernel.chance_updates import CALM, CONTESTED, CROWDED, calm_unseen_rate, put_in
from engine.kernel.chances import LARGEST, set_moments, share_rate
from engine.kernel.inputs import NEVER_STOP, Inputs
from engine.kernel.recording import observe
from engine.kernel.regimes.behaviour import adjust
from engine.kernel.repeats import RATE
from engine.kernel.run import begin
from engine.kernel.state import Now, State, make_state
from engine.kernel.week import calm_attempts, forget_unseen, learn_week, other_attempts
from engine.numerics.index_list import LENGTH
from engine.parameters import Parameters

TOLERANCE = NAMES.index("tolerance")
CHANCES = np.array([0.05, 0.03, 0.004, 0.0, 0.0, 0.0, 0.0, 0.0])  # p by group
HEADS = np.array([[3, 12, 50, 0, 0, 0, 0, 0], [10, 4, 0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0]])  # by province
REPRESSION = np.array([0.4, 0.8, 0.5])


@njit
def set_country(inputs, state, chances, visibility, mood):
    """Set chances of leaving far above chances.RARE; the bound on them, set by hand, is what keeps them exact."""
    moments, alone = state.chances.moments, state.crowded.size == mood.size
    state.chances.likeliest[0] = chances.argmax()
    state.quiet[:] = CALM
    state.crowded[:] = 0
    if not alone:
        state.together[:] = 0.0
        state.known_together[:] = 0.0
    for community in range(mood.size):
        province = inputs.province[community]
        for group in range(chances.size):
            state.chances.leaving[community, group] = chances[group]
        set_moments(state.chances, inputs.heads, 0, community, 0)
        moments[LARGEST, community] *= 1.1
        state.mood[community] = mood[community]
        state.crowded[province] += mood[community] == CROWDED
        state.quiet[province] = CONTESTED if mood[community] != CALM else state.quiet[province]
        state.known_rate[community] = share_rate(moments, community, visibility)
        if mood[community] == CROWDED:
            state.known_rate[community] = 0.0
        if not alone:
            put_in(state, community, province)
    for province in range(state.quiet.size):
        state.is_calm[province] = 1.0 if state.quiet[province] == CALM else 0.0
    state.calm_clock[RATE], _ = calm_unseen_rate(state.together, state.known_together, state.is_calm)


@njit
def live(inputs, state, point, visibility, repression, seed, iteration, record, names):
    """Live the weeks of a country as engine.kernel.run.run does, with beliefs that do not move.

    Returns attempts and escapes; ``names``, (communities, groups, MOST), counts weeks by how many of a group attempted.
    """
    begin(inputs, state, point, seed, 0, iteration)
    state.tolerance[:] = point[TOLERANCE]
    state.repression[: repression.size] = repression
    total_attempts = 0
    total_escapes = 0
    for week in range(record.attempts.shape[0]):
        now = Now(seed, 0, iteration, week, 0)
        attempts, escapes = calm_attempts(inputs, state, now, visibility)
        more_attempts, more_escapes = other_attempts(inputs, state, now, visibility)
        observe(inputs, state, now, visibility, record)
        name_week(inputs, state, now, 0, visibility)
        for community in range(names.shape[0]):
            for group in range(names.shape[1]):
                names[community, group, min(state.names.of_group[community, group], MOST - 1)] += 1
        adjust(inputs, state, point, False)
        forget_unseen(state)
        learn_week(inputs, state, week)
        state.memory.moved[LENGTH] = 0
        total_attempts += attempts + more_attempts
        total_escapes += escapes + more_escapes
    return total_attempts, total_escapes


def country(
    heads: np.ndarray, weeks: int, ability: np.ndarray | None = None, home: tuple[int, ...] | None = None
) -> tuple[Inputs, State]:
    """A country of one kind of community and one year, whose people differ by group in ability alone.

    ``home`` is the first community of each province, and one past the last; without it each is a province.
    """
    communities, groups = heads.shape
    home = home or tuple(range(communities + 1))
    provinces = len(home) - 1
    inputs = Inputs(
        heads=heads[None].astype(float),
        ability=np.zeros((1, groups)) if ability is None else ability[None],
        motivation=np.full((1, groups), 100.0),
        ability_growth=np.zeros(1),
        motivation_growth=np.zeros(1),
        events=np.zeros((1, 1)),
        kind=np.zeros(communities, np.int64),
        earlier=np.arange(communities) - 1,
        learner=np.arange(communities),
        province=np.repeat(np.arange(provinces), np.diff(home)),
        home=np.array(home),
        initial=np.ones(provinces),
        reacts=True,
        by_discontent=False,
        schedule=np.zeros(weeks),
        by_payoff=1.0,
        by_kind=False,
        number_rounded=False,
        known_rounded_down=False,
        leavers_go=False,
        compares_attempts=False,
        weeks_per_year=weeks,
        stop_above=NEVER_STOP,
        stops_by_attempts=False,
        counted=0,
        course=left_alone(1, weeks, communities),
    )
    return inputs, make_state(inputs)


def parameters(**values: float) -> np.ndarray:
    """A point at which repression stays as it is and nobody remembers anything."""
    at_rest = {"adjustment_rate": 0.0, "memory_weeks": 0, "tolerance": 1e9, "demographic_scale": 1.0}
    others = {name: 1.0 for name in NAMES if name not in at_rest}
    return Parameters(**(others | at_rest | values)).vector()
