"""What a run needs besides its parameters and its chance: numbers only. engine.kernel_inputs makes them."""

from typing import NamedTuple

import numpy as np

from engine.types import Floats, Integers

LANES = 8  # groups are padded to whole vectors of this many doubles
NEVER_STOP = np.iinfo(np.int64).max


class Inputs(NamedTuple):
    """A country and its history. Groups are people who leave with equal probability in every week."""

    heads: Floats  # (years, provinces, groups): people
    ability: Floats  # (kinds, groups): sum of Figure 2 without growth
    motivation: Floats  # (kinds, groups): sum of Figure 2 without growth and famine
    ability_growth: Floats  # (years,): growth times its coefficient
    motivation_growth: Floats  # (years,)
    famine: Floats  # (years,): 1 in a famine year
    kind: Integers  # (provinces,): which row of ability and motivation
    learner: Integers  # (provinces,): in whose memory a province learns: its own, or the nation's
    weeks_per_year: int
    stop_above: int  # escapes of the country in a week
    counted: int  # what the state holds against its tolerance: index into regimes.safety_valve.COUNTED

    @property
    def weeks(self) -> int:
        """Return the number of weeks of a full run."""
        return int(self.heads.shape[0]) * self.weeks_per_year
