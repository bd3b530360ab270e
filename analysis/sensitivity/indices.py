"""Sobol' indices over coefficients and parameters inside a region of good draws, what chance does told apart.

First order: the share of the variance of a run's worth that one input decides alone; total order: the share that goes
with it in any way (Saltelli and others 2010, Computer Physics Communications 181:259). Inputs are independent:

- each coefficient of Figure 2 times a factor that is even between LEAST and MOST;
- each parameter as it is spread over the good draws of the region; α0 and β0 are one input, a pair of a good draw,
  in the order of the prior mean, because good pairs lie on a line and others are good for nothing.

A run has chance of its own. Each evaluation has an address of its own, so chance adds its variance to that of the
inputs, and to what the estimator of the total takes for theirs, and nothing to the first order's. How much that is, the
first matrix simulated twice tells; it is taken out of both.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import qmc, sobol_indices

from analysis.run_data.fresh_seeds import worth_of
from analysis.run_data.ridge import ALPHA, BETA, prior_mean
from analysis.sensitivity.coefficients import Coefficient, moved
from calibrate.objective.objectives import ranked_by
from calibrate.objective.score import Score
from engine.errors import DataError
from engine.results.run_record import Run
from engine.simulation import simulate_batch
from engine.types import Floats

LEAST, MOST = 0.5, 1.5  # times a coefficient
PRIOR = "prior_alpha and prior_beta"
COEFFICIENTS, PARAMETERS = "all coefficients", "all parameters"
RESAMPLES = 500
SHARES = (0.025, 0.975)


class Inputs(NamedTuple):
    """What is moved, from the unit box."""

    coefficients: list[Coefficient]
    good: Floats  # (draws, parameters): the region's
    names: tuple[str, ...]  # of the parameters, PRIOR in place of two
    places: dict[str, int]  # of each parameter in a point

    def __len__(self) -> int:
        return len(self.coefficients) + len(self.names)

    def factors(self, unit: Floats) -> Floats:
        """Return the factors of the coefficients, (rows, coefficients), of points of the unit box, (rows, inputs)."""
        return LEAST + (MOST - LEAST) * unit[:, : len(self.coefficients)]

    def points(self, unit: Floats) -> Floats:
        """Return the parameters, (rows, parameters), of points of the unit box, (rows, inputs)."""
        points = np.tile(self.good[0], (len(unit), 1))
        for place, name in enumerate(self.names, start=len(self.coefficients)):
            if name == PRIOR:
                pairs = self.good[np.argsort(prior_mean(self.good), kind="stable")][:, [ALPHA, BETA]]
                points[:, [ALPHA, BETA]] = pairs[(unit[:, place] * len(pairs)).astype(np.int64)]
            else:
                ordered = np.sort(self.good[:, self.places[name]])
                points[:, self.places[name]] = ordered[(unit[:, place] * len(ordered)).astype(np.int64)]
        return points


class Index(NamedTuple):
    """What one input decides; ends are those of the 95 % interval."""

    input: str
    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float


class Indices(NamedTuple):
    """What each input decides, the largest total first, and what chance does."""

    lines: list[Index]
    chance: float  # share of the variance of a run's worth
    mean: float  # of the worth over the box
    deviation: float  # its standard deviation, chance taken out
    rows: int


def inputs_of(run: Run, found: list[Coefficient], good: Floats) -> Inputs:
    """Return the inputs: the coefficients and what was searched."""
    free = run.scenario.free_names
    pair = {"prior_alpha", "prior_beta"} <= set(free)
    names = tuple(name for name in free if not (pair and name in ("prior_alpha", "prior_beta")))
    places = {name: place for place, name in enumerate(run.scenario.names)}
    return Inputs(found, good, (PRIOR, *names) if pair else names, places)


# From points of the unit box, (rows, inputs), of which those that stand together share their coefficients: worths.
Evaluate = Callable[[Floats], Floats]


def indices_of(inputs: int, groups: dict[str, Sequence[int]], evaluate: Evaluate, rows: int, seed: int) -> Indices:
    """Return the indices of ``groups`` of the inputs, by name, from rows · (groups + 3) evaluations.

    ``rows`` is a power of two. Intervals are by rows drawn again. Raises DataError where chance makes all that varies.
    """
    both = qmc.Sobol(2 * inputs, seed=seed).random_base2(int(rows).bit_length() - 1)
    a, b = both[:, :inputs], both[:, inputs:]
    mixed = []
    for columns in groups.values():
        one = a.copy()
        one[:, list(columns)] = b[:, list(columns)]
        mixed.append(one)
    whole = np.stack([a, a, b, *mixed], axis=1)  # row by row, so that equal coefficients stand together
    found = evaluate(whole.reshape(-1, inputs)).reshape(rows, -1).T
    first, total, noise, variance = estimated(found)
    if not variance > noise:
        raise DataError("chance makes all of the variance of a run here, so nothing is left to share out among inputs")
    rng = np.random.default_rng([seed, 19])
    again = [estimated(found[:, rng.integers(rows, size=rows)]) for _ in range(RESAMPLES)]
    ends = [np.nanquantile([one[which] for one in again], SHARES, axis=0) for which in (0, 1)]
    lines = []
    for place, name in enumerate(groups):
        (first_low, first_high), (total_low, total_high) = (both[:, place].tolist() for both in ends)
        lines.append(
            Index(name, float(first[place]), first_low, first_high, float(total[place]), total_low, total_high)
        )
    lines.sort(key=lambda one: -one.total)
    return Indices(lines, noise / variance, float(np.mean(found[[0, 2]])), math.sqrt(variance - noise), rows)


def estimated(found: Floats) -> tuple[Floats, Floats, float, float]:
    """Return first and total orders, (groups,) each, chance taken out, its variance, and that of a run.

    ``found`` is what the matrices gave, (3 + groups, rows): the first, the first again, the second, the mixed ones.
    The orders are NaN where chance makes all of the variance.
    """
    of_a, again, of_b, of_mixed = found[0], found[1], found[2], found[3:]
    noise, variance = float(((of_a - again) ** 2).mean() / 2), float(np.var([of_a, of_b]))
    if not variance > noise:
        nothing = np.full(len(of_mixed), np.nan)
        return nothing, nothing, noise, variance
    raw = sobol_indices(func={"f_A": of_a[None], "f_B": of_b[None], "f_AB": of_mixed[:, None]}, n=len(of_a))
    first, total = np.ravel(raw.first_order), np.ravel(raw.total_order)
    return first * variance / (variance - noise), (total * variance - noise) / (variance - noise), noise, variance


def groups_of(inputs: Inputs) -> dict[str, Sequence[int]]:
    """Return each input by itself, and all coefficients and all parameters together."""
    names = [*(one.name for one in inputs.coefficients), *inputs.names]
    count = len(inputs.coefficients)
    alone: dict[str, Sequence[int]] = {name: [place] for place, name in enumerate(names)}
    return alone | {COEFFICIENTS: range(count), PARAMETERS: range(count, len(names))}


def evaluator(run: Run, inputs: Inputs, seed: int, told: Callable[[int], object]) -> Evaluate:
    """Return what makes worths of points of the unit box, each by one run with chance of its own."""
    objective = ranked_by(run)

    def evaluate(unit: Floats) -> Floats:
        factors, points = inputs.factors(unit), inputs.points(unit)
        sets, which = np.unique(factors, axis=0, return_inverse=True)
        worth = np.zeros(len(unit))
        for number, one in enumerate(sets):
            here = np.flatnonzero(which.ravel() == number)
            scenario = moved(run.scenario, inputs.coefficients, one)
            batch = simulate_batch(scenario, points[here], seed, chain=number, score=Score(scenario), workers=1)
            found = worth_of(scenario, objective, batch)
            worth[here] = found if found.ndim == 1 else found.max(axis=1)
            told(len(here))
        return worth

    return evaluate
