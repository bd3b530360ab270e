"""The exact law of a province's week, person by person: how many attempt, and what becomes of them."""

import numpy as np
from scipy.stats import binom

MOST = 9  # tables end with this many cells to an axis, the last of which is for more as well


def law_of_counts(chances: np.ndarray, heads: np.ndarray, visibility: float, repression: float) -> np.ndarray:
    """P(known repressed, known escaped, unseen escaped, unseen repressed), (MOST,) * 4.

    Groups of ``heads`` people attempt with these ``chances``, each person alone. The generating function of all people
    is the product of theirs; its values on the roots of unity, transformed back, are the law.
    """
    size = 2 * MOST
    root = np.exp(-2j * np.pi * np.arange(size) / size)
    shares = [
        visibility * repression,
        visibility * (1 - repression),
        (1 - visibility) * (1 - repression),
        (1 - visibility) * repression,
    ]
    one = sum(share * along(kind, root) for kind, share in enumerate(shares))
    everybody = np.prod([(1 - p + p * one) ** n for p, n in zip(chances, heads, strict=True)], axis=0)
    law = np.maximum(np.fft.ifftn(everybody).real, 0.0)
    for axis in range(4):
        law = np.moveaxis(law, axis, 0)
        law = np.concatenate([law[: MOST - 1], law[MOST - 1 :].sum(axis=0, keepdims=True)])
        law = np.moveaxis(law, 0, axis)
    return law / law.sum()


def along(axis: int, values: np.ndarray) -> np.ndarray:
    """The values along one of four axes."""
    return values.reshape([-1 if axis == other else 1 for other in range(4)])


def law_of_attempts(chances: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """P(attempts), (MOST,): a sum of binomial numbers, convolved."""
    law = np.ones(1)
    for p, n in zip(chances, heads, strict=True):
        law = np.convolve(law, binom.pmf(np.arange(n + 1), n, p))
    law = np.append(law, np.zeros(MOST))
    return np.append(law[: MOST - 1], law[MOST - 1 :].sum())
