"""Streams by address: the same address yields the same numbers, and no two addresses know of each other.

Each classical test raises a false alarm with probability FALSE_ALARM, and has a bad generator that it must see through.
"""

from collections.abc import Callable

import numpy as np
import pytest
from numba import njit
from scipy.stats import kstest, norm
from support.classical_tests import CONTROLS, GOLDEN, MASK, NUMBER, Words, two_sided_binomial, units
from support.goodness import FALSE_ALARM

from engine.numerics.random import exponential_time, next_word, open_stream, uniform

ADDRESS = ("seed", "chain", "iteration", "purpose", "week")


@njit
def words_of_stream(address, words):
    rng = np.zeros(4, np.uint64)
    open_stream(rng, address[0], address[1], address[2], address[3], address[4])
    for k in range(words.size):
        words[k] = next_word(rng)


@njit
def first_words(addresses, words):
    rng = np.zeros(4, np.uint64)
    for k in range(words.size):
        open_stream(rng, addresses[k, 0], addresses[k, 1], addresses[k, 2], addresses[k, 3], addresses[k, 4])
        words[k] = next_word(rng)


@njit
def draws_of_stream(address, uniforms, times):
    rng = np.zeros(4, np.uint64)
    open_stream(rng, address[0], address[1], address[2], address[3], address[4])
    for k in range(uniforms.size):
        uniforms[k] = uniform(rng)
    for k in range(times.size):
        times[k] = exponential_time(rng)


def stream(address: tuple[int, ...], number: int = NUMBER) -> Words:
    words = np.zeros(number, np.uint64)
    words_of_stream(np.array(address, np.int64), words)
    return words


def neighbours(address: tuple[int, ...], word: str, number: int = NUMBER) -> Words:
    """The first number of each of so many streams whose addresses differ in one word, which counts up."""
    addresses = np.tile(np.array(address, np.int64), (number, 1))
    addresses[:, ADDRESS.index(word)] += np.arange(number)
    words = np.zeros(number, np.uint64)
    first_words(addresses, words)
    return words


STREAMS: dict[str, Callable[[int], Words]] = {
    "one stream": lambda seed: stream((seed, 0, 0, 2, 0)),
    **{f"neighbours by {word}": lambda seed, word=word: neighbours((seed, 3, 500, 2, 0), word) for word in ADDRESS},
}


@pytest.mark.parametrize("name", STREAMS)
def test_streams_pass_the_classical_tests(name: str, seed: int) -> None:
    """False alarm 1e-6 for each of the seven."""
    words = STREAMS[name](seed)
    chances = {test.__name__: test(words) for test in CONTROLS}
    assert min(chances.values()) > FALSE_ALARM, chances


@pytest.mark.parametrize("test", CONTROLS)
def test_bad_generators_are_seen_through(test: Callable[[Words], float], seed: int) -> None:
    assert test(CONTROLS[test](seed)) < FALSE_ALARM


def relation(first: Words, second: Words) -> float:
    """The chance of so much correlation, or of so uneven a number of differing bits, between unrelated numbers."""
    z = np.sum((units(first) - 0.5) * (units(second) - 0.5)) * 12 / np.sqrt(len(first))
    differing = np.unpackbits((first ^ second).view(np.uint8)).sum()
    return min(1.0, 4 * norm.sf(abs(z)), 2 * two_sided_binomial(float(differing), 64 * len(first), 0.5))


@pytest.mark.parametrize("word", ADDRESS)
def test_streams_of_neighbouring_addresses_are_unrelated(word: str, seed: int) -> None:
    """The first 2,000 numbers of 500 pairs; false alarm 1e-6. One common number in a hundred is told apart."""
    address = np.array([seed, 3, 500, 2, 7])
    step = np.eye(5, dtype=np.int64)[ADDRESS.index(word)]
    streams = [stream(address + k * step, 2000) for k in range(501)]
    first, second = np.concatenate(streams[:-1]), np.concatenate(streams[1:])
    assert relation(first, second) > FALSE_ALARM
    second[::100] = first[::100]
    assert relation(first, second) < FALSE_ALARM


def test_one_address_yields_one_stream(seed: int) -> None:
    address = (seed, 1, 2, 3, 4)
    assert (stream(address, 1000) == stream(address, 1000)).all()
    assert (stream(address, 10) == stream(address, 1000)[:10]).all()


def test_no_two_addresses_share_a_number(seed: int) -> None:
    """371,293 streams from all corners of the address; a common first word comes with a chance of 4e-9."""
    numbers = np.array([0, 1, 2, 3, 51, 52, 255, 256, 2**32 - 1, 2**32, seed, 2**62, 2**63 - 1])
    addresses = np.stack(np.meshgrid(*[numbers] * 5), axis=-1).reshape(-1, 5)
    words = np.zeros(len(addresses), np.uint64)
    first_words(addresses, words)
    assert len(np.unique(words)) == len(np.unique(addresses, axis=0))


def mixed(z: int) -> int:
    """SplitMix64's finaliser, as Steele, Lea & Flood (2014) give it: variant 13 of Stafford."""
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def twin(address: tuple[int, ...], number: int) -> list[int]:
    """The stream once more, in Python's whole numbers: xoshiro256++ from its authors' listing in C."""
    key = mixed(address[0] + GOLDEN & MASK)
    for word in address[1:]:
        key = mixed((key ^ word) + GOLDEN & MASK)
    s = [mixed(key + (lane + 1) * GOLDEN & MASK) for lane in range(4)]

    def rotl(x: int, k: int) -> int:
        return x << k & MASK | x >> 64 - k

    words = []
    for _ in range(number):
        words.append(rotl(s[0] + s[3] & MASK, 23) + s[0] & MASK)
        t = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
    return words


def test_streams_are_what_their_authors_wrote(seed: int) -> None:
    rng = np.random.default_rng([seed, 6])
    for address in [(0, 0, 0, 0, 0), (2**63 - 1,) * 5, *map(tuple, rng.integers(0, 2**63 - 1, (50, 5)).tolist())]:
        assert stream(address, 40).tolist() == twin(address, 40)


def test_xoshiro_begins_as_published() -> None:
    """State 1, 2, 3, 4: the numbers that its authors' program prints, as tabulated in the tests of other libraries."""

    @njit
    def words(rng, result):
        for k in range(result.size):
            result[k] = next_word(rng)

    result = np.zeros(4, np.uint64)
    words(np.array([1, 2, 3, 4], np.uint64), result)
    assert result.tolist() == [41943041, 58720359, 3588806011781223, 3591011842654386]


def test_uniform_numbers_lie_in_the_middle_of_equal_intervals(seed: int) -> None:
    """So neither 0 nor 1 can come, and the waiting times are finite and positive."""
    address = (seed, 0, 0, 1, 0)
    uniforms, times = np.zeros(100_000), np.zeros(100_000)
    draws_of_stream(np.array(address), uniforms, times)
    words = stream(address, 200_000)
    middles = ((words >> np.uint64(12)).astype(float) + 0.5) / 2.0**52
    assert (uniforms == middles[:100_000]).all()
    assert (abs(times / -np.log(middles[100_000:]) - 1) < 1e-15).all()
    assert (2.0**52 - 0.5) / 2.0**52 < 1.0  # the largest of them is no 1 by rounding


def test_waiting_times_are_exponential(seed: int) -> None:
    """Kolmogorov-Smirnov, false alarm 1e-6; a mean of 1.01 is told apart."""
    uniforms, times = np.zeros(0), np.zeros(NUMBER)
    draws_of_stream(np.array([seed, 0, 0, 1, 1]), uniforms, times)
    assert kstest(times, "expon").pvalue > FALSE_ALARM
    assert kstest(1.01 * times, "expon").pvalue < FALSE_ALARM
