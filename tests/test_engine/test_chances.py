"""The chances of leaving and their sums against SciPy's incomplete beta, all over the default box."""

from functools import cache
from typing import NamedTuple

import mpmath
import numpy as np
import pytest
from numba import njit
from scipy.special import betainc, expit
from support.names import NAMES
from support.places import DPRK

import engine
from engine.kernel.chance_updates import update_community
from engine.kernel.chances import (
    EXPECTED,
    LARGEST,
    RARE,
    Chances,
    make_chances,
    refresh,
    set_moments,
    share_rate,
    step_escaped,
    step_repressed,
    unstep_escaped,
    unstep_repressed,
)
from engine.kernel.inputs import Inputs
from engine.kernel.state import make_state
from engine.kernel.utility import (
    INVERSE_ONE_MINUS_X,
    INVERSE_X,
    LOG_ONE_MINUS_X,
    LOG_X,
    ONE_MINUS_X,
    X,
    set_thresholds,
)
from engine.kernel_inputs import make_inputs
from engine.parameters import domain_of

CLAIMED = 1e-11
NOBODY = 1e-200  # expected people: further down SciPy loses its digits (all of them from 1e-268 on)

# Everything this file asks of the compiled rooms.


@njit
def set_year(inputs, chances, year, point):
    set_thresholds(inputs, chances.thresholds, chances.likeliest, year, point)


@njit
def fresh(inputs, chances, year, province, alpha, beta):
    kind = inputs.kind[province]
    refresh(chances, province, kind, alpha, beta)
    set_moments(chances, inputs.heads, year, province, kind)
    return chances.moments[EXPECTED, province]


@njit
def beliefs_moved(inputs, chances, point, years, repressed, escaped, sums):
    """The expected attempts of all provinces, (states, provinces), as their beliefs move as in a run."""
    for state in range(years.size):
        year = years[state]
        new_year = state == 0 or years[state - 1] != year
        if new_year:
            set_year(inputs, chances, year, point)
        for province in range(inputs.kind.size):
            known_repressed, known_escaped = repressed[state, province], escaped[state, province]
            moved = chances.at_repressed[province] != known_repressed or chances.at_escaped[province] != known_escaped
            if new_year or moved:
                prior_alpha, prior_beta = point[0], point[1]
                update_community(
                    inputs, chances, year, province, known_repressed, known_escaped, new_year, prior_alpha, prior_beta
                )
            sums[state, province] = chances.moments[EXPECTED, province]


@njit
def stepped(inputs, chances, year, province, alpha, beta, steps):
    """The expected attempts after so many steps of each kind from where the province stands, with no fresh series."""
    kind = inputs.kind[province]
    for _ in range(steps[0]):
        step_repressed(chances, province, kind, alpha, beta)
        alpha += 1.0
    for _ in range(steps[1]):
        step_escaped(chances, province, kind, alpha, beta)
        beta += 1.0
    for _ in range(steps[2]):
        alpha -= 1.0
        unstep_repressed(chances, province, kind, alpha, beta)
    for _ in range(steps[3]):
        beta -= 1.0
        unstep_escaped(chances, province, kind, alpha, beta)
    set_moments(chances, inputs.heads, year, province, kind)
    return chances.moments[EXPECTED, province]


@njit
def shares(chances, heads, share, rates):
    for province in range(share.size):
        set_moments(chances, heads, 0, province, 0)
        rates[province] = share_rate(chances.moments, province, share[province])


class Bench(NamedTuple):
    """A scenario with what a run needs, and the default box."""

    inputs: Inputs
    chances: Chances
    low: np.ndarray
    high: np.ndarray


@cache
def bench() -> Bench:
    scenario = engine.load_scenario(DPRK)
    ranges = [scenario.parameters[name] for name in NAMES]
    low = np.array([entry.low if entry.fixed is None else entry.fixed for entry in ranges], dtype=float)
    high = np.array([entry.high if entry.fixed is None else entry.fixed for entry in ranges], dtype=float)
    inputs = make_inputs(scenario)
    return Bench(inputs, make_state(inputs).chances, low, high)


def thresholds_by_hand(point: np.ndarray, year: int) -> np.ndarray:
    """x = U/(1 + U) of the paper, by kind and group."""
    inputs = bench().inputs
    named = dict(zip(NAMES, point, strict=True))
    economy = named["economy_effect"]
    ability = expit(named["demographic_scale"] * (inputs.ability + economy * inputs.ability_growth[year]))
    push = named["famine_effect"] * inputs.events[year, 0]
    grown = named["demographic_scale"] * (inputs.motivation + economy * inputs.motivation_growth[year])
    utility = expit(named["utility_intercept"] + named["utility_slope"] * expit(push + grown) * ability)
    return utility / (1.0 + utility)


def sum_by_hand(point: np.ndarray, year: int, province: int, alpha: float, beta: float) -> float:
    inputs = bench().inputs
    x = thresholds_by_hand(point, year)[inputs.kind[province]]
    return float(np.sum(inputs.heads[year, province] * betainc(alpha, beta, x)))


def largest_error(found: np.ndarray, truth: np.ndarray) -> float:
    """The largest relative error where anybody is expected; where nobody is, the engine must say so too."""
    somebody = truth > NOBODY
    assert somebody.mean() > 0.5
    assert (found[~somebody] < 1.1 * NOBODY).all()
    return float(np.max(abs(found[somebody] / truth[somebody] - 1.0)))


def random_point(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(bench().low, bench().high)


def random_learned(rng: np.random.Generator, most: float, size: int | None = None) -> np.ndarray:
    return np.floor(np.exp(rng.uniform(0.0, np.log(most), size))).astype(np.int64) - 1


def test_thresholds_are_the_papers(seed: int) -> None:
    rng = np.random.default_rng([seed, 10])
    inputs, chances, *_ = bench()
    for _ in range(200):
        point, year = random_point(rng), int(rng.integers(inputs.heads.shape[0]))
        set_year(inputs, chances, year, point)
        x = thresholds_by_hand(point, year)
        columns = np.array([x, 1.0 - x, np.log(x), 1.0 / x, 1.0 / (1.0 - x)])
        rows = [X, ONE_MINUS_X, LOG_X, INVERSE_X, INVERSE_ONE_MINUS_X]
        assert np.max(abs(chances.thresholds[rows] / columns - 1.0)) < 1e-14
        assert np.max(abs(chances.thresholds[LOG_ONE_MINUS_X] - np.log1p(-x))) < 5e-15  # it is multiplied by β
        assert (chances.likeliest == chances.thresholds[X].argmax(axis=1)).all()


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_thresholds_are_exact_at_the_ends_of_the_domain(sign: float) -> None:
    """With a prior of the least shape even a threshold of 1e-304 leaves half of the people: none may be cut off."""
    inputs, chances, *_ = bench()
    point = np.array([domain_of(name).default or 0.0 for name in NAMES])
    for name in ("utility_intercept", "utility_slope"):
        point[NAMES.index(name)] = sign * domain_of(name).high
    point[NAMES.index("demographic_scale")] = domain_of("demographic_scale").high
    point[NAMES.index("famine_effect")] = domain_of("famine_effect").high
    for year in range(inputs.heads.shape[0]):
        set_year(inputs, chances, year, point)
        log_x = chances.thresholds[LOG_X]
        for kind in range(log_x.shape[0]):
            for group in range(log_x.shape[1]):
                exact = float(exact_log_x(inputs, kind, group, year, point))
                assert abs(log_x[kind, group] - exact) <= 1e-13 * abs(exact)
    assert (chances.thresholds[X].min() < 1e-300) == (sign < 0)


def exact_log_x(inputs, kind, group, year, point):  # type: ignore[no-untyped-def]
    """log x in 60 digits, from the paper's formulas."""
    with mpmath.workdps(60):
        value = {name: mpmath.mpf(float(number)) for name, number in zip(NAMES, point, strict=True)}
        ability = value["demographic_scale"] * (
            mpmath.mpf(float(inputs.ability[kind, group]))
            + value["economy_effect"] * mpmath.mpf(float(inputs.ability_growth[year]))
        )
        motivation = value["famine_effect"] * mpmath.mpf(float(inputs.events[year, 0])) + value["demographic_scale"] * (
            mpmath.mpf(float(inputs.motivation[kind, group]))
            + value["economy_effect"] * mpmath.mpf(float(inputs.motivation_growth[year]))
        )
        both = 1 / ((1 + mpmath.exp(-ability)) * (1 + mpmath.exp(-motivation)))
        return -mpmath.log(2 + mpmath.exp(-(value["utility_intercept"] + value["utility_slope"] * both)))


def test_fresh_sums_are_right_all_over_the_box(seed: int) -> None:
    """10,000 beliefs: the prior, and up to 3,000 known attempts on top of it."""
    rng = np.random.default_rng([seed, 11])
    inputs, chances, *_ = bench()
    found, truth = [], []
    for _ in range(10_000):
        point, year = random_point(rng), int(rng.integers(inputs.heads.shape[0]))
        province = int(rng.integers(inputs.kind.size))
        alpha, beta = point[:2] + (random_learned(rng, 3000, 2) if rng.uniform() < 0.7 else 0)
        set_year(inputs, chances, year, point)
        found.append(fresh(inputs, chances, year, province, alpha, beta))
        truth.append(sum_by_hand(point, year, province, alpha, beta))
    assert largest_error(np.array(found), np.array(truth)) < CLAIMED


def random_beliefs(rng: np.random.Generator, states: int, provinces: int) -> tuple[np.ndarray, np.ndarray]:
    """Known attempts by state and province: few at a time come and go, and now and then many."""
    paths = np.zeros((2, states, provinces), np.int64)
    for path in paths:
        moves = rng.poisson(rng.choice([0.3, 3.0]), path.shape) * rng.choice([-1, 1], path.shape)
        moves += rng.poisson(60.0, path.shape) * (rng.uniform(size=path.shape) < 0.02)
        level = random_learned(rng, 200) + rng.poisson(2.0, provinces)
        for state in range(states):
            level = np.maximum(level + moves[state], 0)
            path[state] = level
    return paths[0], paths[1]


def test_sums_stay_right_as_beliefs_move(seed: int) -> None:
    """12,000 states reached by steps, by copying a neighbour at a new year, and by fresh series, as in a run."""
    rng = np.random.default_rng([seed, 12])
    inputs, chances, *_ = bench()
    provinces = inputs.kind.size
    found, truth = [], []
    for _ in range(60):
        point = random_point(rng)
        years = np.sort(rng.integers(0, inputs.heads.shape[0], 3))[np.repeat([0, 1, 2], 7)[:20]]
        repressed, escaped = random_beliefs(rng, years.size, provinces)
        sums = np.zeros(repressed.shape)
        beliefs_moved(inputs, chances, point, years, repressed, escaped, sums)
        for state, year in enumerate(years):
            x = thresholds_by_hand(point, year)[inputs.kind]
            alpha, beta = point[0] + repressed[state][:, None], point[1] + escaped[state][:, None]
            truth.append(np.sum(inputs.heads[year] * betainc(alpha, beta, x), axis=1))
            found.append(sums[state])
    assert largest_error(np.concatenate(found), np.concatenate(truth)) < CLAIMED


@pytest.mark.parametrize("steps", [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (2, 1, 3, 2)])
def test_steps_go_to_the_neighbouring_belief(steps: tuple[int, ...], seed: int) -> None:
    """Where the step subtracts, relative to the larger of both ends."""
    rng = np.random.default_rng([seed, 13])
    inputs, chances, *_ = bench()
    for _ in range(300):
        point, year = random_point(rng), int(rng.integers(inputs.heads.shape[0]))
        alpha, beta = point[:2] + 4.0
        set_year(inputs, chances, year, point)
        before = fresh(inputs, chances, year, 0, alpha, beta)
        after = stepped(inputs, chances, year, 0, alpha, beta, steps)
        truth = sum_by_hand(point, year, 0, alpha + steps[0] - steps[2], beta + steps[1] - steps[3])
        assert abs(after - truth) <= 1e-12 * max(before, truth) + NOBODY


def test_steps_without_an_end_lose_their_digits() -> None:
    """Negative control: the same number of steps with no fresh series in between are told apart."""
    inputs, chances, low, high = bench()
    point = 0.5 * (low + high)
    set_year(inputs, chances, 0, point)
    fresh(inputs, chances, 0, 0, 10.0, 30.0)
    after = stepped(inputs, chances, 0, 0, 10.0, 30.0, (100, 0, 0, 0))
    assert abs(after / sum_by_hand(point, 0, 0, 110.0, 30.0) - 1.0) > CLAIMED


def test_rates_of_shares_are_logarithms(seed: int) -> None:
    """-Σ n log(1 - f·p) for chances below RARE; the first term alone is told apart."""
    rng = np.random.default_rng([seed, 14])
    rows, groups = 1000, 48
    leaving = RARE * 10.0 ** rng.uniform(-6, 0, (rows, groups))
    heads = rng.integers(0, 100_000, (1, rows, groups)).astype(float)
    share = np.append(rng.uniform(0, 1, rows - 2), [0.0, 1.0])
    chances, rates = make_chances(1, rows, groups, rows), np.zeros(rows)
    chances.leaving[:], chances.likeliest[:] = leaving, 5
    shares(chances, heads, share, rates)
    truth = -np.sum(heads[0] * np.log1p(-share[:, None] * leaving), axis=1)
    assert np.max(abs(rates[share > 0] / truth[share > 0] - 1.0)) < 3e-13
    assert rates[share == 0].tolist() == [0.0]
    assert np.max(abs(share * chances.moments[EXPECTED] / np.where(share > 0, truth, 1.0) - 1.0)[share > 0]) > 1e-5
    assert (chances.moments[LARGEST] == leaving[:, 5]).all()
