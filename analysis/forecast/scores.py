"""How good a forecast was: log score, CRPS and coverage of draws beside what came."""

from typing import NamedTuple

import numpy as np
from scipy.stats import gaussian_kde

from engine.types import Floats

BANDS = (0.5, 0.9)


class Scored(NamedTuple):
    """Means over the years that are scored; the higher the log score and the lower the CRPS, the better."""

    log_score: float  # of log(1 + people), in natural units a year
    crps: float  # people
    relative_crps: float  # of log(1 + people): a miss by half of them counts the same in each year
    inside_50: int  # years
    inside_90: int


def crps(draws: Floats, told: Floats) -> Floats:
    """Return the continuous ranked probability score of ``draws``, (draws, years), year by year.

    E|X - y| - E|X - X'|/2 (Gneiting and Raftery 2007), the second mean over all pairs of draws by their order.
    """
    count = len(draws)
    ordered = np.sort(draws, axis=0)
    weight = 2 * np.arange(1, count + 1)[:, None] - count - 1
    found: Floats = np.abs(draws - told).mean(axis=0) - (weight * ordered).sum(axis=0) / (count * (count - 1))
    return found


def log_scores(draws: Floats, told: Floats) -> Floats:
    """Return the log density of log(1 + people), year by year, from draws by a Gaussian kernel (Silverman's width)."""
    logs = np.log1p(draws)
    return np.array(
        [
            gaussian_kde(column, "silverman").logpdf(np.log1p(one))[0] if np.ptp(column) else -np.inf
            for column, one in zip(logs.T, told, strict=True)
        ]
    )


def scored(draws: Floats, told: Floats) -> Scored:
    """Return how good ``draws``, (draws, years), were for what came, (years,)."""
    inside = []
    for share in BANDS:
        low, high = np.quantile(draws, (0.5 - share / 2, 0.5 + share / 2), axis=0)
        inside.append(int(((low <= told) & (told <= high)).sum()))
    relative = crps(np.log1p(draws), np.log1p(told)).mean()
    return Scored(
        float(log_scores(draws, told).mean()), float(crps(draws, told).mean()), float(relative), inside[0], inside[1]
    )
