"""The archive of a group of chains: where they stood at the barriers of the recent half of their past.

What chains passed on their way to where they are is forgotten. Of a long past every second barrier is kept, then every
fourth, and on, so that there are never more than ``most``.
"""

import math

import numpy as np

from engine.types import Floats

RECENT = 0.5  # share of the barriers of which an archive tells
MOST_PLACES = 256  # of a search's archive; beyond, every other barrier is left out


def grown(told: bytes, places: Floats, barrier: int, most: int = MOST_PLACES) -> bytes:
    """Return the archive that was ``told`` before with the ``places`` of this ``barrier``, (chains, width)."""
    chains, width = places.shape
    spacing, archive = archive_of(told, width)
    if barrier % spacing:
        return told
    archive = np.concatenate([archive, places])[-chains * math.ceil(RECENT * barrier / spacing) :]
    if len(archive) > most:  # at an odd barrier: the one before it stays
        spacing *= 2
        archive = archive.reshape(-1, chains, width)[-2::-2][::-1].reshape(-1, width)
    return np.append(archive, spacing).astype("<f8").tobytes()


def archive_of(told: bytes, width: int) -> tuple[int, Floats]:
    """Return how many barriers lie between what an archive keeps, and its places, (places, width), oldest first."""
    if not told:
        return 1, np.zeros((0, width))
    numbers = np.frombuffer(told, "<f8").astype(np.float64)
    return int(numbers[-1]), numbers[:-1].reshape(-1, width).copy()
