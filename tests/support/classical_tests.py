"""The classical tests of random numbers (Knuth, The Art of Computer Programming 2, 3.3.2) and generators that fail.

A test returns the chance of something at least as odd as what it sees, both tails together.
"""

from collections.abc import Callable

import numpy as np
from scipy.stats import binom, norm
from support.goodness import chance

Words = np.ndarray  # uint64 (n,)

NUMBER = 1 << 20
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def units(words: Words) -> np.ndarray:
    return (words >> np.uint64(11)) / 2.0**53


def two_sided_binomial(count: float, trials: int, share: float) -> float:
    law = binom(trials, share)
    return float(min(1.0, 2.0 * min(law.cdf(count), law.sf(count - 1))))


def frequency(words: Words) -> float:
    return chance(np.bincount((words >> np.uint64(54)).astype(int), minlength=1024), np.full(1024, len(words) / 1024))


def serial_pairs(words: Words) -> float:
    digits = (words >> np.uint64(59)).astype(int)
    pairs = np.bincount(digits[0::2] * 32 + digits[1::2], minlength=1024)
    return chance(pairs, np.full(1024, len(words) / 2048))


def runs_above_and_below(words: Words) -> float:
    above = words >> np.uint64(63)
    return two_sided_binomial(np.count_nonzero(np.diff(above.astype(int))), len(words) - 1, 0.5)


def runs_up(words: Words) -> float:
    """Lengths of runs up; after each run one number is left out, so that they are independent (Knuth's exercise 14)."""
    falls = np.flatnonzero(words[1:] < words[:-1]) + 1  # where a new run would begin
    lengths = []
    start = 0
    while start < min(len(words), 400_000) - 50:
        end = falls[np.searchsorted(falls, start, side="right")]
        lengths.append(end - start)
        start = end + 1
    longer = 1.0 / np.cumprod(np.arange(1.0, 12.0))  # P(length >= r) = 1/r!
    law = np.append(longer[:-1] - longer[1:], longer[-1])
    return chance(np.bincount(np.minimum(lengths, 11), minlength=12)[1:], law * len(lengths))


def gaps(words: Words) -> float:
    """Distances between numbers below 1/8."""
    distances = np.diff(np.flatnonzero(words < np.uint64(1 << 61)))
    law = np.append(0.125 * 0.875 ** np.arange(60), 0.875**60)
    return chance(np.bincount(np.minimum(distances, 61), minlength=62)[1:], law * len(distances))


def bits(words: Words) -> float:
    """Ones, and changes from word to word, of each of the 64 bits."""
    worst = 1.0
    for bit in range(64):
        column = (words >> np.uint64(bit) & np.uint64(1)).astype(int)
        worst = min(worst, two_sided_binomial(column.sum(), len(words), 0.5))
        worst = min(worst, two_sided_binomial(np.count_nonzero(np.diff(column)), len(words) - 1, 0.5))
    return min(1.0, 128 * worst)


def correlation(words: Words) -> float:
    """Of each number with the next, and with those 2 to 16 on."""
    centred = units(words) - 0.5
    z = [np.sum(centred[:-lag] * centred[lag:]) * 12 / np.sqrt(len(words) - lag) for lag in range(1, 17)]
    return min(1.0, 16 * 2.0 * norm.sf(np.max(np.abs(z))))


# Bad generators.


def congruential(seed: int) -> Words:
    """A linear congruential generator with the modulus 2^64: its low bits have short periods."""
    words = [seed]
    for _ in range(NUMBER - 1):
        words.append((words[-1] * 6364136223846793005 + 1442695040888963407) & MASK)
    return np.array(words, np.uint64)


def counter(seed: int) -> Words:
    """Steps of a golden ratio: evenly spread, and each one knows the next."""
    return np.arange(NUMBER, dtype=np.uint64) * np.uint64(GOLDEN) + np.uint64(seed)


def lopsided(seed: int) -> Words:
    """Good numbers, but one in twenty is lifted to the upper half."""
    words = np.random.default_rng([seed, 5]).integers(0, MASK, NUMBER, np.uint64, endpoint=True)
    words[::20] |= np.uint64(1 << 63)
    return words


def rising_addresses(seed: int) -> Words:
    """The first words of xoshiro256++ begun with (seed, 0, 0, iteration) itself in place of its hash."""
    total = np.uint64(seed) + np.arange(NUMBER, dtype=np.uint64)
    return (total << np.uint64(23) | total >> np.uint64(41)) + np.uint64(seed)


# Every test, and the generator that it must see through.
CONTROLS: dict[Callable[[Words], float], Callable[[int], Words]] = {
    frequency: lopsided,
    serial_pairs: counter,
    runs_above_and_below: counter,
    runs_up: counter,
    gaps: counter,
    bits: congruential,
    correlation: rising_addresses,
}
