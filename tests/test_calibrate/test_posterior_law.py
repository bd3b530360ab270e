"""Where a posterior settles: the sampler's own lines on a known density, estimated with noise, by a double."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import halfcauchy, kstest, norm
from support.compiled_lines import with_names
from support.goodness import fits
from support.names import MISS, NAMES, PLAIN, SIZE
from support.places import QUICK

from calibrate.methods.independence import fit_guess, make_guess, propose_anywhere
from calibrate.methods.moves import Moves, copy_point, propose_in_company, reflected, walked_at
from calibrate.methods.posterior import ANYWHERE, JUMPS, SHORTEST, SUBSET, sample
from calibrate.methods.priors import LEAST_MISS, MOST_MISS, Prior, make_prior, posterior_space
from calibrate.methods.space import Space, set_parameter
from calibrate.objective.filtered_draw import make_filtered_block
from engine.numerics.jit import internal
from engine.numerics.random import uniform
from engine.scenario import load_scenario

pytestmark = pytest.mark.law

RARE = 1e-6  # false-alarm rate of one comparison
RATE, VISIBILITY, WEEKS = (NAMES.index(name) for name in ("adjustment_rate", "visibility", "memory_weeks"))
# The likelihood: of ln rate normal, of visibility exp(3 v), of the weeks, 3 to 9, exp(0.4 k); flat in the miss, which
# so keeps its prior. The prior of ln rate is normal too, and their product is.
MIDDLE, SPREAD, SLOPE, GROWTH = -6.0, 1.5, 3.0, 0.4
BEFORE, WIDTH = -5.0, 1.0
NOISE = 0.5  # standard deviation of the log of the estimate
THIN, DRAWS, BLOCK = 150, 1_350_000, 45_000


class BenchDouble(NamedTuple):
    rng: NDArray[np.uint64]


@internal
def normal_number(rng):
    return math.sqrt(-2.0 * math.log(uniform(rng))) * math.cos(2.0 * math.pi * uniform(rng))


@internal
def log_density(point):
    z = (math.log(point[RATE]) - MIDDLE) / SPREAD
    return SLOPE * point[VISIBILITY] + GROWTH * point[WEEKS] - 0.5 * z * z


@internal
def unbiased(bench, seed, chain, iteration, block, row, least):
    """The logarithm of an estimate whose mean is the likelihood."""
    return log_density(block.points[row]) + NOISE * normal_number(bench.rng) - 0.5 * NOISE**2


@internal
def mean_of_logs(bench, seed, chain, iteration, block, row, least):
    """The control: right in the mean of its logarithm, and noisier where visibility is high."""
    spread = 0.3 + 1.5 * block.points[row, VISIBILITY]
    return log_density(block.points[row]) + spread * normal_number(bench.rng)


@internal
def noisier(bench, seed, chain, iteration, block, row, least):
    """Unbiased too, and noisier where visibility is high."""
    spread = 0.2 + 0.8 * block.points[row, VISIBILITY]
    return log_density(block.points[row]) + spread * normal_number(bench.rng) - 0.5 * spread**2


@internal
def forgetful(stayed, beside, rng):
    """The rule with the noise of the present point drawn once more, as if its estimate were made anew."""
    return stayed + normal_number(rng) - beside + math.log(uniform(rng))


def sampler_of_double(draw: Any) -> Callable[..., float]:
    lines = with_names(sample, make_filtered_draw=draw)
    compiled: Callable[..., float] = numba.jit(**sample.targetoptions)(lines)
    return compiled


def known() -> tuple[Space, Prior]:
    free = {"adjustment_rate", "visibility", "memory_weeks"}
    held = [f"parameters.{name}={{fixed: 1}}" for name in PLAIN if name not in free]
    law = f"posterior.priors.adjustment_rate={{mean: {BEFORE}, deviation: {WIDTH}}}"
    scenario = load_scenario(QUICK, [*held, law, "parameters.memory_weeks={low: 3, high: 9}"])
    return posterior_space(scenario), make_prior(scenario)


def places(walk: Callable[..., float], seed: int, share: float = ANYWHERE) -> NDArray[np.float64]:
    """Where the sampler stands at every THIN-th draw, (draws, 13), jumping by places spread over the density.

    ``share`` is of the proposals from anywhere.
    """
    space, prior = known()
    moves = Moves(0.3, SUBSET, 1.0, 0, JUMPS, SHORTEST, True)
    here, worth = space.held.copy(), 0.0
    here[[RATE, VISIBILITY, WEEKS]] = 3e-3, 0.5, 5
    rng = np.random.default_rng(seed)
    archive = np.tile(here, (60, 1))
    # High rates with high visibilities: then folds by parameter are no longer as likely as their reverse.
    z = rng.normal(size=60)
    archive[:, RATE] = np.exp(MIDDLE + SPREAD * z)
    archive[:, VISIBILITY] = norm.cdf(z + 0.2 * rng.normal(size=60))
    archive[:, WEEKS] = rng.integers(3, 10, 60)
    archive[:, MISS] = np.exp(rng.normal(-1, 1, 60))
    guess = make_guess(space, share)
    fit_guess(guess, archive, space)
    bench, block, kept = BenchDouble(np.zeros(4, np.uint64)), make_filtered_block(BLOCK, 1, len(NAMES)), []
    for first in range(0, DRAWS, BLOCK):
        before = here.copy()
        worth = walk(
            bench, space, prior, moves, seed, 0, first, here, worth, archive, guess, *np.empty((2, SIZE)), block
        )
        stands = np.maximum.accumulate(np.where(block.accepted, np.arange(BLOCK), -1))[::THIN]
        there = np.column_stack([block.points[stands], block.miss[stands]])
        kept.append(np.where(stands[:, None] < 0, before, there))
    return np.concatenate(kept)


def chances(points: NDArray[np.float64]) -> tuple[float, float, float]:
    """How often draws of the known posterior look as odd as these (KS): rate, visibility, miss."""
    space, _ = known()
    precision = SPREAD**-2 + WIDTH**-2
    law = norm((MIDDLE / SPREAD**2 + BEFORE / WIDTH**2) / precision, precision**-0.5)
    row = list(space.place).index(RATE)
    low, high = law.cdf([space.low[row], space.high[row]])
    rate = (law.cdf(np.log(points[:, RATE])) - low) / (high - low)
    visibility = np.expm1(SLOPE * points[:, VISIBILITY]) / np.expm1(SLOPE)
    cut = halfcauchy.cdf([LEAST_MISS, MOST_MISS], scale=0.3)
    miss = (halfcauchy.cdf(points[:, MISS], scale=0.3) - cut[0]) / (cut[1] - cut[0])
    return tuple(kstest(values, "uniform").pvalue for values in (rate, visibility, miss))  # type: ignore[return-value]


def weeks_fit(points: NDArray[np.float64]) -> bool:
    weights = np.exp(GROWTH * np.arange(3, 10))
    counts = np.bincount(points[:, WEEKS].astype(int), minlength=10)[3:]
    return fits(counts, len(points) * weights / weights.sum())


def folding_each_parameter() -> Any:
    """A jump whose parameters are folded back each by itself, as if they had been moved each by itself."""

    @internal
    def jump_and_fold(point, here, archive, space, moves, rng):
        places = len(archive)
        one, other = int(uniform(rng) * places), int(uniform(rng) * places)
        length = 1.5 * uniform(rng)
        copy_point(point, here)
        for row in range(space.place.size):
            difference = walked_at(archive[one], space, row) - walked_at(archive[other], space, row)
            walked = reflected(walked_at(here, space, row) + length * difference, space.low[row], space.high[row])
            set_parameter(point, space, row, walked)
        return True

    return internal(with_names(propose_in_company, jump=jump_and_fold))


@internal
def as_if_even(point, here, guess, space, rng):
    propose_anywhere(point, here, guess, space, rng)
    return 0.0


@pytest.mark.parametrize("share", [ANYWHERE, 0.0])
def test_it_settles_at_the_posterior_however_noisy_the_estimates(seed: int, share: float) -> None:
    """9,000 places, each 150 draws from the next; KS wants them unrelated: the noise keeps it a few draws in place.

    Fails eight times in a million if the sampler is right. Controls: the mean of logarithms in place of the logarithm
    of the mean; jumps folded back parameter by parameter; proposals from anywhere taken as if all were as likely; an
    estimate of the present point that is made anew.
    """
    points = places(sampler_of_double(noisier), seed, share)
    assert len(points) == DRAWS // THIN
    assert min(chances(points)) > RARE
    assert weeks_fit(points)


# Proposals from anywhere would hide what is wrong with jumps.
ALONE = {"folds by parameter"}
CONTROLS: dict[str, dict[str, Any]] = {
    "mean of logarithms": {"make_filtered_draw": mean_of_logs},
    "folds by parameter": {"propose_in_company": folding_each_parameter()},
    "all as likely": {"propose_anywhere": as_if_even},
    "estimate made anew": {"make_filtered_draw": noisier, "least_taken": forgetful},
}


@pytest.mark.parametrize("control", CONTROLS)
def test_the_controls_are_noticed(seed: int, control: str) -> None:
    lines = with_names(sample, **{"make_filtered_draw": unbiased, **CONTROLS[control]})
    share = 0.0 if control in ALONE else ANYWHERE
    assert min(chances(places(numba.jit(**sample.targetoptions)(lines), seed, share))) < RARE
