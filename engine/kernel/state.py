"""The arrays that one run writes to while it goes, made once for each thread; nothing in them outlives the run."""

from typing import NamedTuple

import numpy as np

from engine.kernel.belief import Memory, make_memory
from engine.kernel.chances import Chances, make_chances
from engine.kernel.inputs import LANES, Inputs
from engine.kernel.repeats import KNOWN, SHARES, Names, make_names
from engine.numerics.index_list import LENGTH, append
from engine.numerics.jit import inlined
from engine.types import Floats, Integers, Words


class Now(NamedTuple):
    """Where a run stands: the address of its chance (engine.numerics.random), the week, and the year it lies in."""

    seed: int
    chain: int
    iteration: int
    week: int
    year: int


class State(NamedTuple):
    """What the next week needs to know, by community unless said otherwise.

    Where it is ``padded``, communities of nobody fill the last vector, so that a loop over them is all vectors.
    """

    point: Floats  # (parameters,): their values in this span, engine.kernel.course
    calm_below: Floats  # (1,): up to which rate of attempts in a province the regime is not stirred
    memory: Memory  # what citizens know
    chances: Chances  # how likely they are to leave
    repression: Floats  # (padded provinces,): R
    tolerance: Floats  # (provinces,): attempts a week in this year
    motivation: Floats  # (kinds, groups): room for that of one year
    mood: Integers  # (communities,): CALM, CONTESTED or CROWDED, engine.kernel.chance_updates
    is_calm: Floats  # (padded provinces,): 1 for a province whose communities are calm, 0 for another
    known_rate: Floats  # (padded,): rate of known attempts, 0 for a crowded community
    known_clock: Floats  # (padded,): what is left until the next known attempt, in units of its rate
    # What the communities of a province that are not crowded come to together: (rows, padded provinces), as
    # chances.moments, LARGEST a bound; and (padded provinces,), as known_rate. Where each province is one community
    # they are those arrays.
    together: Floats
    known_together: Floats
    calm_clock: Floats  # (2,): LEFT and RATE (engine.kernel.repeats) of the calm communities' unseen attempts together
    news: Integers  # list (engine.numerics.index_list) of the communities in which something became known this week
    crowded: Integers  # (provinces,): how many of its communities are CROWDED
    unsettled: Integers  # (provinces,): 1 where rates have moved and the moods are to be set
    quiet: Integers  # (provinces,): CALM or CONTESTED, the mood of its other communities
    # (shares, communities + provinces + 1), of this week: of each community; the unseen ones of each province's
    # contested communities together; of all calm communities together.
    attempts: Integers
    known_repressed: Integers  # (communities,): how many of this week's known attempts were repressed
    crowd: Integers  # (communities, groups): attempts of a crowded community this week
    crowd_escapes: Integers  # (communities, groups): of those, where each group is one kind, else of no size
    gone: Integers  # the same: those who escaped so far and are taken out of the people
    names: Names  # who attempted, where it is asked
    rng: Words  # (4,): the stream of the attempts


def make_state(inputs: Inputs) -> State:
    """Return the arrays for runs of these inputs, with no value of any meaning in them."""
    communities, groups = inputs.heads.shape[1:]
    provinces = inputs.home.size - 1
    padded, padded_provinces = (-(-number // LANES) * LANES for number in (communities, provinces))
    by_kind = (communities, groups) if inputs.by_kind else (0, 0)
    chances, known_rate = make_chances(inputs.ability.shape[0], communities, groups, padded), np.zeros(padded)
    alone = provinces == communities
    return State(
        point=np.zeros(inputs.course.factor.shape[1]),
        calm_below=np.zeros(1),
        memory=make_memory(int(inputs.learner.max()) + 1, communities, inputs.weeks),
        chances=chances,
        repression=np.zeros(padded_provinces),
        tolerance=np.zeros(provinces),
        motivation=np.zeros(inputs.motivation.shape),
        mood=np.zeros(communities, np.int64),
        is_calm=np.zeros(padded_provinces),
        known_rate=known_rate,
        known_clock=np.zeros(padded),
        together=chances.moments if alone else np.zeros((chances.moments.shape[0], padded_provinces)),
        known_together=known_rate if alone else np.zeros(padded_provinces),
        calm_clock=np.zeros(2),
        news=np.zeros(1 + communities, np.int64),
        crowded=np.zeros(provinces, np.int64),
        unsettled=np.zeros(provinces, np.int64),
        quiet=np.zeros(provinces, np.int64),
        attempts=np.zeros((SHARES, communities + provinces + 1), np.int64),
        known_repressed=np.zeros(communities, np.int64),
        crowd=np.zeros((communities, groups), np.int64),
        crowd_escapes=np.zeros(by_kind, np.int64),
        gone=np.zeros(by_kind, np.int64),
        names=make_names(communities, groups),
        rng=np.zeros(4, np.uint64),
    )


@inlined
def contested_pool(state: State, province: int) -> int:
    """Return the column of ``state.attempts`` of the contested communities of a province."""
    return state.mood.size + province


@inlined
def calm_pool(state: State) -> int:
    """Return the column of ``state.attempts`` of all calm communities."""
    return state.mood.size + state.unsettled.size


@inlined
def list_known(state: State) -> None:
    """List the communities in which something became known this week, in their order, whoever found them."""
    state.news[LENGTH] = 0
    for community in range(state.mood.size):
        if state.attempts[KNOWN, community] > 0:
            append(state.news, community)


@inlined
def clear_week(state: State) -> None:
    """Make it the beginning of a week, in which nobody has attempted anything yet."""
    state.news[LENGTH] = 0
    state.attempts[:] = 0
    state.known_repressed[:] = 0
