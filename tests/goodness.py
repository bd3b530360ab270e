"""Does a table of counts fit a law? Pearson's chi-square, both tails: too even a table is as suspect as a wild one."""

from typing import Any

import numpy as np
from scipy.stats import chi2

FALSE_ALARM = 1e-6  # of one comparison
LEAST_EXPECTED = 200.0  # cells are merged to this, where the tail of chi-square holds as far out as one in a million


def merged(counts: Any, expected: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both tables with their rarest cells added up, so that each cell is expected ``LEAST_EXPECTED`` times."""
    counts, expected = np.ravel(counts).astype(float), np.ravel(expected).astype(float)
    order = np.argsort(expected, kind="stable")
    counts, expected = counts[order], expected[order]
    together = np.searchsorted(np.cumsum(expected), LEAST_EXPECTED) + 1  # the fewest that suffice
    first = slice(0, together)
    return np.append(counts[first].sum(), counts[together:]), np.append(expected[first].sum(), expected[together:])


def chance(counts: Any, expected: Any) -> float:
    """How often the law shows a table as far from ``expected`` as ``counts``, in either direction.

    Both tables hold all cells of the same number of observations.
    """
    assert abs(np.sum(counts) - np.sum(expected)) < 1e-6 * np.sum(expected)
    counts, expected = merged(counts, expected)
    if len(expected) == 1:
        return 1.0
    statistic = np.sum((counts - expected) ** 2 / expected)
    law = chi2(len(expected) - 1)
    return float(min(1.0, 2.0 * min(law.sf(statistic), law.cdf(statistic))))


def fits(counts: Any, expected: Any) -> bool:
    """Whether the counts may come from the law; denies it wrongly with probability FALSE_ALARM."""
    return chance(counts, expected) > FALSE_ALARM
