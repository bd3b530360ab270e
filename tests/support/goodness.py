"""Does a table of counts fit a law? Pearson's chi-square; a large table too even is as suspect as a wild one."""

from typing import Any

import numpy as np
from scipy.stats import chi2

FALSE_ALARM = 1e-6  # of one comparison
ENOUGH_CELLS = 20  # for the lower tail: in a smaller table of whole numbers an exact hit is no wonder
LEAST_EXPECTED = 200.0  # cells are merged to this, where the tail of chi-square holds as far out as one in a million


def merged(counts: Any, expected: Any) -> np.ndarray:
    """Both tables, (2, cells), rare cells added up until each is expected ``LEAST_EXPECTED`` times."""
    counts, expected = np.ravel(counts).astype(float), np.ravel(expected).astype(float)
    cells = [np.zeros(2)]
    for cell in np.column_stack([counts, expected])[np.argsort(expected, kind="stable")]:
        if cells[-1][1] >= LEAST_EXPECTED:
            cells.append(np.zeros(2))
        cells[-1] = cells[-1] + cell
    return np.array(cells).T


def chance(counts: Any, expected: Any) -> float:
    """How often the law shows a table as far from ``expected`` as ``counts``, or if it is large as close to it.

    Both tables hold all cells of the same number of observations.
    """
    assert abs(np.sum(counts) - np.sum(expected)) < 1e-6 * np.sum(expected)
    counts, expected = merged(counts, expected)
    if len(expected) == 1:
        return 1.0
    statistic = np.sum((counts - expected) ** 2 / expected)
    law = chi2(len(expected) - 1)
    if len(expected) < ENOUGH_CELLS:
        return float(law.sf(statistic))
    return float(min(1.0, 2.0 * min(law.sf(statistic), law.cdf(statistic))))


def fits(counts: Any, expected: Any) -> bool:
    """Whether the counts may come from the law; denies it wrongly with probability FALSE_ALARM."""
    return chance(counts, expected) > FALSE_ALARM
