"""The space to search: which parameters move, between which bounds, on which scale; and the unit box it is held in."""

import math
from typing import NamedTuple

import numpy as np

from engine.numerics.jit import compiled, internal
from engine.scenario import Scenario, expect_scenario
from engine.types import Flags, Floats, Integers


class Space(NamedTuple):
    """One row a free parameter, in the order of the scenario's names; bounds on the scale that is walked.

    That scale is the logarithm for a parameter of log scale. An integer is walked from half below its least to half
    above its largest value and rounded, so that its two ends are as likely as the rest.
    """

    place: Integers  # of the parameter in the point
    low: Floats
    high: Floats
    log: Flags
    integer: Flags
    least: Floats  # bounds of the parameter itself
    largest: Floats
    held: Floats  # (parameters,): a point with the values of the parameters that do not move


def make_space(scenario: Scenario) -> Space:
    """Return the space of a scenario's free parameters."""
    expect_scenario(scenario)
    free = [scenario.parameters[name] for name in scenario.free_names]
    log = np.array([entry.scale == "log" for entry in free], dtype=np.bool_)
    integer = np.array([entry.integer for entry in free], dtype=np.bool_)
    least = np.array([entry.low for entry in free], dtype=np.float64)
    largest = np.array([entry.high for entry in free], dtype=np.float64)
    low, high = least - 0.5 * integer, largest + 0.5 * integer
    held = [scenario.parameters[name].fixed for name in scenario.names]
    return Space(
        place=np.array([scenario.names.index(name) for name in scenario.free_names], dtype=np.int64),
        low=np.where(log, np.log(low, where=log, out=np.zeros_like(low)), low),
        high=np.where(log, np.log(high, where=log, out=np.zeros_like(high)), high),
        log=log,
        integer=integer,
        least=least,
        largest=largest,
        held=np.array([0.0 if value is None else value for value in held], dtype=np.float64),
    )


@internal
def set_parameter(point: Floats, space: Space, row: int, walked: float) -> None:
    """Write the parameter ``row`` of the space into ``point`` from its value on the scale walked."""
    value = math.exp(walked) if space.log[row] else walked
    if space.integer[row]:
        value = math.floor(value + 0.5)
    point[space.place[row]] = min(max(value, space.least[row]), space.largest[row])


@compiled
def set_points(points: Floats, unit: Floats, space: Space) -> None:
    """Write the points that lie at ``unit``, (points, free), of the box into ``points``, (points, parameters)."""
    for point in range(unit.shape[0]):
        for row in range(space.place.size):
            walked = space.low[row] + unit[point, row] * (space.high[row] - space.low[row])
            set_parameter(points[point], space, row, walked)


def to_points(space: Space, unit: Floats) -> Floats:
    """Return the points, (points, parameters), at ``unit``, (points, free parameters), of the unit box.

    What lies beyond the box is taken to its edge; whole numbers are rounded, and as likely at both ends as between.
    """
    points = np.tile(space.held, (len(unit), 1))
    set_points(points, np.ascontiguousarray(unit, dtype=np.float64), space)
    return points


def to_unit(space: Space, points: Floats) -> Floats:
    """Return ``points``, (points, parameters), in the unit box, (points, free); a log scale is as long as another."""
    free = points[:, space.place]
    walked = np.where(space.log, np.log(np.where(space.log, free, 1.0)), free)
    unit: Floats = (walked - space.low) / (space.high - space.low)
    return unit
