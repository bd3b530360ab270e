"""Which choice moves the objective most: medians by reading, and whether chance alone would part them as far."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.types import Floats

SHUFFLES = 999
LEVEL = 0.95
FEWEST = 2  # specifications of a reading


class ByReading(NamedTuple):
    """One reading of a choice."""

    choice: str
    reading: str
    specifications: int  # with it
    median: float
    difference: float  # from the median of all others
    low: float  # of the 95 % interval of the difference
    high: float


class Effect(NamedTuple):
    """One choice."""

    choice: str
    readings: int
    spread: float  # highest median of a reading minus the lowest
    by_chance: float  # the spread that only one in twenty shuffles of the readings exceeds
    p_value: float  # share of shuffles with as wide a spread
    best: str  # reading with the highest median
    worst: str


def effects(values: Floats, readings: Sequence[Mapping[str, str]], seed: int) -> list[Effect]:
    """Return a line for each choice, the widest spread beyond chance first; NaN values are left out."""
    found = []
    for number, choice in enumerate(readings[0]):
        label = np.array([one[choice] for one in readings])
        there = medians(values, label)
        if len(there) < 2:
            continue
        rng = np.random.default_rng([seed, number])
        spreads = np.array([spread_of(medians(values, rng.permutation(label))) for _ in range(SHUFFLES)])
        spread = spread_of(there)
        p_value = (1 + int((spreads >= spread).sum())) / (1 + SHUFFLES)
        best, worst = max(there, key=lambda one: there[one]), min(there, key=lambda one: there[one])
        found.append(Effect(choice, len(there), spread, float(np.quantile(spreads, LEVEL)), p_value, best, worst))
    return sorted(found, key=lambda one: (one.p_value, -one.spread))


def medians(values: Floats, label: np.ndarray) -> dict[str, float]:
    """Return the median of each reading that enough specifications have."""
    fine = np.isfinite(values)
    return {
        str(one): float(np.median(values[fine & (label == one)]))
        for one in np.unique(label)
        if int((fine & (label == one)).sum()) >= FEWEST
    }


def spread_of(found: Mapping[str, float]) -> float:
    """Return the highest median minus the lowest."""
    return max(found.values()) - min(found.values())


def by_reading(values: Floats, readings: Sequence[Mapping[str, str]], seed: int) -> list[ByReading]:
    """Return a line for each reading: its median beside that of all others, the difference by bootstrap."""
    lines = []
    fine = np.isfinite(values)
    for number, choice in enumerate(readings[0]):
        label = np.array([one[choice] for one in readings])
        rng = np.random.default_rng([seed, number, 1])
        for reading in dict.fromkeys(label.tolist()):
            mine, others = values[fine & (label == reading)], values[fine & (label != reading)]
            if min(len(mine), len(others)) < FEWEST:
                continue
            again = rng.choice(mine, (SHUFFLES, len(mine))), rng.choice(others, (SHUFFLES, len(others)))
            apart = np.median(again[0], axis=1) - np.median(again[1], axis=1)
            low, high = np.quantile(apart, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            middle = float(np.median(mine))
            difference = middle - float(np.median(others))
            lines.append(ByReading(choice, reading, len(mine), middle, difference, float(low), float(high)))
    return lines
