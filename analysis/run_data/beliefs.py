"""What citizens believe about repression in a run, and the threshold it is held against, worked out from the record.

The kernel keeps only what the next week needs; this is the same arithmetic for all weeks at once.
"""

import numpy as np
from scipy.special import expit

from engine.parameters import Parameters, effect_of
from engine.scenario import Scenario
from engine.scenario.cells import Cells
from engine.simulation import Trajectory
from engine.types import Floats, Integers


def beliefs(scenario: Scenario, parameters: Parameters, trajectory: Trajectory) -> tuple[Floats, Floats]:
    """Return both shapes of the Beta belief in force each week, each (weeks, provinces), where a province has but one.

    α = α0 + N_R and β = β0 + N_D - N_R, of the known attempts of the weeks t-H … t-1 (paper, "Updating expectations").
    """
    weeks = np.arange(scenario.weeks)
    forgotten = np.maximum(weeks - int(parameters.memory_weeks), 0)  # H

    def remembered(counts: Integers) -> Integers:
        if scenario.belief.scope == "nation":
            counts = np.repeat(counts.sum(axis=1, keepdims=True), counts.shape[1], axis=1)
        so_far = np.concatenate([np.zeros((1, counts.shape[1]), np.int64), np.cumsum(counts, axis=0)])
        kept: Integers = so_far[weeks] - so_far[forgotten]
        return kept

    repressed, known = remembered(trajectory.known_repressed), remembered(trajectory.known)  # N_R, N_D
    escaped = (known - repressed).astype(np.float64)
    return parameters.prior_alpha + repressed.astype(np.float64), parameters.prior_beta + escaped


def thresholds(scenario: Scenario, parameters: Parameters, cells: Cells, year: int) -> Floats:
    """Return for each cell (cells,) the expected repression below which its people leave, x = U/(1 + U) or U.

    ``year`` counts from 0. Paper, "Determining the probability of defection".
    """
    scale = parameters.demographic_scale  # s
    growth = parameters.economy_effect * scenario.growth()[year]
    able = cells.ability + scenario.impacts.growth.ability * growth
    willing = cells.motivation + scenario.impacts.growth.motivation * growth
    effects = [getattr(parameters, effect_of(event)) for event in scenario.events]
    push = float(scenario.event_years()[year] @ np.array(effects))  # δ·event, of all events
    both = expit(scale * able) * expit(push + scale * willing)
    utility = expit(parameters.utility_intercept + parameters.utility_slope * both)  # γ1, γ2
    x: Floats = utility / (1.0 + utility) if scenario.belief.threshold == "payoff" else utility
    return x
