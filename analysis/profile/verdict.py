"""What a profile says of its parameter: an interval that counts chance, and whether the parameter is known at all."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

from analysis.profile.search import Cell

CONFIDENCE = 0.95
SURE = 2.0  # standard errors
IDENTIFIED, ONE_SIDED, FLAT = "identified", "one-sided", "flat"


class Verdict(NamedTuple):
    """What is known of one parameter."""

    parameter: str
    best: float  # value of the highest cell
    low: float  # of the interval
    high: float
    verdict: str  # IDENTIFIED, ONE_SIDED or FLAT
    highest: float  # worth of the highest cell
    lowest: float  # and of the lowest
    error: float  # largest standard error of a cell


def drop_of(objective: str, temperature: float) -> float:
    """Return by how much a cell may lie below the best and still be within the interval.

    Of log-likelihoods half the CONFIDENCE quantile of chi-squared with one degree of freedom (Wilks 1938).

    # Choice: of scores, which are no likelihood, the search's temperature: what the walk itself gives up one time in e.
    """
    return float(chi2.ppf(CONFIDENCE, 1)) / 2 if objective == "likelihood" else temperature


def verdict_of(cells: Sequence[Cell], drop: float) -> Verdict:
    """Return what the cells of one parameter, in the order of their values, say.

    A value is out if its cell lies more than ``drop`` below the highest by more than SURE standard errors of the
    difference. The interval reaches to the last cell on each side that is not out, and on to where the line to the next
    one crosses. So chance in the measure makes it wider, never narrower.
    """
    value, mean, error = (np.array([cell[place] for cell in cells]) for place in (1, 2, 3))
    top = int(mean.argmax())
    allowed = mean[top] - drop - SURE * np.hypot(error, error[top])
    within = np.flatnonzero(mean >= allowed)
    first, last = int(within[0]), int(within[-1])
    low = _crossing(value, mean - allowed, first, first - 1) if first else value[0]
    high = _crossing(value, mean - allowed, last, last + 1) if last < len(value) - 1 else value[-1]
    sides = (first > 0) + (last < len(value) - 1)
    return Verdict(
        cells[0].parameter,
        float(value[top]),
        float(low),
        float(high),
        (FLAT, ONE_SIDED, IDENTIFIED)[sides],
        float(mean[top]),
        float(mean.min()),
        float(error.max()),
    )


def _crossing(value: np.ndarray, above: np.ndarray, inside: int, outside: int) -> float:
    """Return where the line from a cell that is in to its neighbour that is out crosses 0."""
    share = above[inside] / (above[inside] - above[outside])
    return float(value[inside] + share * (value[outside] - value[inside]))
