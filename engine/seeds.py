"""Seeds made from other numbers: of a search within a study, of simulations that no search has chosen among."""

import numpy as np


def seeds_from(count: int, *words: int) -> list[int]:
    """Return ``count`` seeds, from 0 to 2**63 - 1, that these ``words`` decide: whole numbers from 0.

    Other words give others, but for a chance of 2**-63 for each pair (NumPy's SeedSequence).
    """
    drawn = np.random.SeedSequence(words).generate_state(count, np.uint64) >> np.uint64(1)
    seeds: list[int] = drawn.tolist()
    return seeds


def seed_from(*words: int) -> int:
    """Return the seed that these ``words`` decide, the first of seeds_from."""
    return seeds_from(1, *words)[0]
