"""The space to search: which parameters move, between which bounds, on which scale."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.parameters import NAMES
from engine.scenario import Scenario


class Space(NamedTuple):
    """One row a free parameter, in the order of NAMES; bounds on the scale that is walked.

    That scale is the logarithm for a parameter of log scale. An integer is walked from half below its least to half
    above its largest value and rounded, so that its two ends are as likely as the rest.
    """

    place: NDArray[np.int64]  # of the parameter in the point
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    log: NDArray[np.bool_]
    integer: NDArray[np.bool_]
    least: NDArray[np.float64]  # bounds of the parameter itself
    largest: NDArray[np.float64]
    held: NDArray[np.float64]  # (12,): a point with the values of the parameters that do not move


def make_space(scenario: Scenario) -> Space:
    """Return the space of a scenario's free parameters."""
    free = [scenario.parameters[name] for name in scenario.free_names]
    log = np.array([entry.scale == "log" for entry in free], dtype=np.bool_)
    integer = np.array([entry.integer for entry in free], dtype=np.bool_)
    least = np.array([entry.low for entry in free], dtype=np.float64)
    largest = np.array([entry.high for entry in free], dtype=np.float64)
    low, high = least - 0.5 * integer, largest + 0.5 * integer
    held = [scenario.parameters[name].fixed for name in NAMES]
    return Space(
        place=np.array([NAMES.index(name) for name in scenario.free_names], dtype=np.int64),
        low=np.where(log, np.log(low, where=log, out=np.zeros_like(low)), low),
        high=np.where(log, np.log(high, where=log, out=np.zeros_like(high)), high),
        log=log,
        integer=integer,
        least=least,
        largest=largest,
        held=np.array([0.0 if value is None else value for value in held], dtype=np.float64),
    )
