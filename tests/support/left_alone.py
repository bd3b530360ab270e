"""A run that nothing changes or holds, for countries that are made by hand."""

import numpy as np
from support.names import NAMES

from engine.kernel.inputs import Course
from engine.parameters import domain_of


def left_alone(years: int, weeks_per_year: int, communities: int) -> Course:
    """The course of such a run."""
    return Course(
        first_span=np.arange(years + 1),
        begins=weeks_per_year * np.arange(years + 1),
        factor=np.ones((years, len(NAMES))),
        shift=np.zeros((years, len(NAMES))),
        lowest=np.array([domain_of(name).low for name in NAMES]),
        highest=np.array([domain_of(name).high for name in NAMES]),
        told=np.zeros((0, communities, 2), np.int64),
        held=np.zeros((0, communities)),
        by_week=False,
    )
