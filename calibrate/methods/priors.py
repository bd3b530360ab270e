"""What was held likely before: the space of a posterior, which is the search's and the miss, and the prior on it.

A prior is a density on the scale walked, on which proposals are symmetric: uniform for a parameter of which the
scenario says nothing, so for one of log scale its logarithm is uniform. The miss, 1/sqrt(k) of the negative binomial
law, is walked on its logarithm and has a half-Cauchy prior (Gelman 2006), cut off at LEAST_MISS and MOST_MISS.
"""

import math
from typing import NamedTuple

import numpy as np

from calibrate.methods.moves import walked_at
from calibrate.methods.space import Space, make_space
from engine.numerics.jit import compiled
from engine.scenario import Scenario
from engine.types import Floats

LEAST_MISS, MOST_MISS = 0.03, 3.0


class Prior(NamedTuple):
    """A row a row of the space: a normal law where ``deviation`` is finite; and the scale of the miss."""

    mean: Floats
    deviation: Floats
    miss: float


def posterior_space(scenario: Scenario) -> Space:
    """Return the space of a posterior: points have a number more, the miss, held or sampled, which is the last."""
    space, size = make_space(scenario), scenario.likelihood.size
    if not scenario.samples_miss:
        miss = scenario.posterior.miss if size is None else size**-0.5
        return space._replace(held=np.append(space.held, miss))
    return Space(
        place=np.append(space.place, space.held.size),
        low=np.append(space.low, math.log(LEAST_MISS)),
        high=np.append(space.high, math.log(MOST_MISS)),
        log=np.append(space.log, True),
        integer=np.append(space.integer, False),
        least=np.append(space.least, LEAST_MISS),
        largest=np.append(space.largest, MOST_MISS),
        held=np.append(space.held, scenario.posterior.miss),
    )


def make_prior(scenario: Scenario) -> Prior:
    """Return the prior of a scenario, on the space of posterior_space."""
    rows = len(posterior_space(scenario).place)
    mean, deviation = np.zeros(rows), np.full(rows, math.inf)
    for row, name in enumerate(scenario.free_names):
        if name in scenario.posterior.priors:
            law = scenario.posterior.priors[name]
            mean[row], deviation[row] = law.mean, law.deviation
    return Prior(mean, deviation, scenario.posterior.miss)


@compiled
def log_prior(point: Floats, space: Space, prior: Prior) -> float:
    """Return the log of the prior density at a point, (parameters + 1,), on the scale walked, but for a constant."""
    total, last = 0.0, point.size - 1
    for row in range(space.place.size):
        if space.place[row] == last:
            miss = point[last]
            total += math.log(miss) - math.log1p((miss / prior.miss) ** 2)
        elif prior.deviation[row] < math.inf:
            z = (walked_at(point, space, row) - prior.mean[row]) / prior.deviation[row]
            total -= 0.5 * z * z
    return total
