"""Streams of random numbers by address: (seed, chain, iteration, purpose) alone decides what a stream yields.

So a recorded draw can be run again alone, a resumed search needs no generator state, and nothing depends on the number
of workers. The address is hashed word by word with the finaliser of SplitMix64 (Steele, Lea & Flood 2014) to the
256-bit state of xoshiro256++ (Blackman & Vigna 2021), which yields the numbers.
"""

import math

import numpy as np

from engine.numerics.jit import inlined, internal
from engine.types import Words

# Purposes. Each has its own stream, so that what one of them consumes moves no number of another.
PROPOSAL = 1  # the search: start, proposal, acceptance
ATTEMPTS = 2  # the model: attempts and what becomes of them
PEOPLE = 3  # who they were: drawn only when it matters or is recorded; one stream for each week
PARTS = 5  # the parts of a week, where runs are to stay coupled: one stream for each
RESAMPLING = 4  # the particle filter: who goes on from where; one stream for each year

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@inlined
def _mixed(z: np.uint64) -> np.uint64:
    """Return the 64 bits of ``z`` mixed: the finaliser of SplitMix64, a bijection."""
    z = np.uint64((z ^ (z >> np.uint64(30))) * _MIX_1)
    z = np.uint64((z ^ (z >> np.uint64(27))) * _MIX_2)
    return np.uint64(z ^ (z >> np.uint64(31)))


@internal
def open_stream(rng: Words, seed: int, chain: int, iteration: int, purpose: int, week: int) -> None:
    """Set ``rng``, uint64 (4,), to the beginning of the stream at this address; all words are non-negative integers."""
    key = _mixed(np.uint64(seed) + _GOLDEN)
    for word in (chain, iteration, purpose, week):
        key = _mixed(np.uint64(key ^ np.uint64(word)) + _GOLDEN)
    for lane in range(4):
        key = np.uint64(key + _GOLDEN)
        rng[lane] = _mixed(key)


@inlined
def _rotated(x: np.uint64, bits: int) -> np.uint64:
    return np.uint64((x << np.uint64(bits)) | (x >> np.uint64(64 - bits)))


@inlined
def next_word(rng: Words) -> np.uint64:
    """Return the next 64 random bits and advance ``rng``: one step of xoshiro256++."""
    s0, s1, s2, s3 = rng[0], rng[1], rng[2], rng[3]
    word = np.uint64(_rotated(np.uint64(s0 + s3), 23) + s0)
    shifted = np.uint64(s1 << np.uint64(17))
    s2 ^= s0
    s3 ^= s1
    rng[1] = s1 ^ s2
    rng[0] = s0 ^ s3
    rng[2] = s2 ^ shifted
    rng[3] = _rotated(s3, 45)
    return word


@inlined
def uniform(rng: Words) -> float:
    """Return a uniform number of (0, 1), both ends excluded: the middle of one of 2**52 equal intervals."""
    return (np.float64(np.int64(next_word(rng) >> np.uint64(12))) + 0.5) * (1.0 / 4503599627370496.0)


@inlined
def exponential_time(rng: Words) -> float:
    """Return an exponential waiting time of mean 1."""
    return -math.log(uniform(rng))
