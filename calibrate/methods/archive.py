"""The archive of a group of chains: where they stood at the barriers of the younger half of their past.

What a chain saw while it looked for its way says little of where it will go, so the older half is let go. Of a long
past every second barrier is kept, then every fourth, and on, so that there are never more than MOST_PLACES.
"""

import numpy as np

from engine.types import Floats

MOST_PLACES = 1024


def grown(told: bytes, places: Floats, barrier: int) -> bytes:
    """Return the archive that was ``told`` before with the ``places`` of this ``barrier``, (chains, width)."""
    spacing, numbers, kept = _parts_of(told, *places.shape)
    numbers, kept = np.append(numbers, barrier), np.concatenate([kept, places[None]])
    while True:
        stay = (numbers % spacing == 0) & (2 * numbers >= barrier)
        numbers, kept = numbers[stay], kept[stay]
        if kept[..., 0].size <= MOST_PLACES:
            return np.concatenate([[spacing, len(numbers)], numbers, kept.ravel()]).astype("<f8").tobytes()
        spacing *= 2


def places_in(told: bytes, width: int) -> Floats:
    """Return the places of an archive, (places, width), oldest first."""
    values = np.frombuffer(told, "<f8").astype(np.float64)
    return values[2 + int(values[1]) :].reshape(-1, width).copy() if told else np.zeros((0, width))


def _parts_of(told: bytes, chains: int, width: int) -> tuple[int, Floats, Floats]:
    """Return how many barriers lie between those kept, their numbers, and the places, (barriers, chains, width)."""
    values = np.frombuffer(told, "<f8") if told else np.array([1.0, 0.0])
    barriers = int(values[1])
    return int(values[0]), values[2 : 2 + barriers], values[2 + barriers :].reshape(barriers, chains, width)
