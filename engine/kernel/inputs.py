"""What a run needs besides its parameters and its chance: numbers only. engine.kernel_inputs makes them."""

from typing import NamedTuple

import numpy as np

from engine.types import Floats, Integers

LANES = 8  # groups are padded to whole vectors of this many doubles
NEVER_STOP = np.iinfo(np.int64).max


class Course(NamedTuple):
    """What of a run is not left to itself: engine.kernel.course. A span is a year, or a part of one."""

    first_span: Integers  # (years + 1,): the first span of each year, and one past the last
    begins: Integers  # (spans + 1,): the first week of each, and one past the last
    factor: Floats  # (spans, parameters): by how much a parameter of the point is multiplied
    shift: Floats  # (spans, parameters): what is added then
    lowest: Floats  # (parameters,): of what each can take at all
    highest: Floats  # (parameters,)
    told: Integers  # (weeks, communities, 2): escapes and repressed attempts heard of in place of one's own, or no rows
    held: Floats  # (weeks, provinces): repression whatever the state would do, or no rows
    by_week: bool  # whether the chance of each week is its own: then runs with the same do not drift apart


class Inputs(NamedTuple):
    """A country and its history.

    A community is people of one province who share a belief: all of the province, or one kind of person there. Its
    groups are people who leave with equal probability in every week. The communities of a province lie in a row.
    """

    heads: Floats  # (years, communities, groups): people
    ability: Floats  # (kinds, groups): sum of Figure 2 without growth
    motivation: Floats  # (kinds, groups): sum of Figure 2 without growth and events
    ability_growth: Floats  # (years,): growth times its coefficient
    motivation_growth: Floats  # (years,)
    events: Floats  # (years, events): 1 in a year of the event
    kind: Integers  # (communities,): which row of ability and motivation
    earlier: Integers  # (communities,): the last community before it of the same kind, -1 for none
    learner: Integers  # (communities,): in whose memory a community learns; it is the place modulo the learners
    province: Integers  # (communities,): where it lies
    home: Integers  # (provinces + 1,): the first community of each province, and one past the last
    initial: Floats  # (provinces,): by how much R0 is multiplied there
    reacts: bool  # whether repression answers to what the state sees, and not to the schedule alone
    by_discontent: bool  # whether what is tolerated follows motivation
    schedule: Floats  # (weeks,): directions of the events at the beginning of each week, added up
    by_payoff: float  # 1 if people leave below x = U/(1 + U), where the pay-off is 0; 0 if below U itself
    by_kind: bool  # whether each group is one cell, and its attempts are drawn by themselves; so it is with:
    number_rounded: bool  # of attempts, the nearest whole number to the expected one, not by chance
    known_rounded_down: bool  # of known attempts, a share K, not by chance
    leavers_go: bool  # whether those who escape are taken out of the people
    compares_attempts: bool  # whether attempts are compared with the target, and not escapes
    weeks_per_year: int
    stop_above: int  # people of the country in a week, in whose week a run ends if there are more
    stops_by_attempts: bool  # whether these are its attempts, and not its escapes
    counted: int  # what the state holds against its tolerance: index into regimes.safety_valve.COUNTED
    course: Course

    @property
    def weeks(self) -> int:
        """Return the number of weeks of a full run."""
        return int(self.heads.shape[0]) * self.weeks_per_year
