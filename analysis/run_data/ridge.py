"""The line of prior_alpha on prior_beta: the ridge along which good draws lie, in the paper as in ours."""

from typing import NamedTuple

import numpy as np

from engine.parameters import CORE
from engine.types import Floats

ALPHA, BETA = CORE.index("prior_alpha"), CORE.index("prior_beta")


class Ridge(NamedTuple):
    """α0 = intercept + slope·β0, by least squares."""

    intercept: float
    slope: float
    residual_error: float  # standard error of the residuals


def ridge_of(points: Floats) -> Ridge | None:
    """Return the ridge through ``points``, (n, parameters); None where there is none to draw."""
    alpha, beta = points[:, ALPHA], points[:, BETA]
    if len(points) < 3 or np.ptp(beta) == 0:
        return None
    slope, intercept = line_of(beta, alpha)
    left = alpha - intercept - slope * beta
    return Ridge(intercept, slope, float(np.sqrt((left**2).sum() / (len(points) - 2))))


def line_of(beta: Floats, alpha: Floats) -> tuple[float, float]:
    """Return slope and intercept of the least squares line of ``alpha`` on ``beta``, (n,), which must differ.

    Taken from their middle: good draws can lie so close together that a fit from 0 loses its digits.
    """
    apart = beta - beta.mean()
    slope = float(apart @ alpha / (apart @ apart))
    return slope, float(alpha.mean() - slope * beta.mean())


def prior_mean(points: Floats) -> Floats:
    """Return what people first believe repression to be at ``points``, (n,)."""
    mean: Floats = points[:, ALPHA] / (points[:, ALPHA] + points[:, BETA])
    return mean
