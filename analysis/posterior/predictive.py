"""Does the record look like a draw from the model? New records from the posterior, and each year left out in turn."""

import warnings
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import nbinom

from analysis.posterior.sample import Sample
from calibrate.objective.likelihood import means
from engine.seeds import seed_from
from engine.simulation import simulate_batch
from engine.types import Floats, Integers

NEW_RUNS = 2_000  # points of the posterior that are simulated anew
WEIGHED = 4_000  # draws, at most, that the leaving out of years weighs


class Predictive(NamedTuple):
    """New records, and where the real one lies among them."""

    records: Integers  # (runs, years): of new runs at points of the posterior, missed as the record may be
    place: Floats  # (fitted years,): the share of new records below the real one (half of the equal ones): PIT


class LeftOut(NamedTuple):
    """How likely each year is by a posterior that has not seen it."""

    log_likelihood: Floats  # (fitted years,): log of the predictive probability of the record
    shape: Floats  # (fitted years,): k-hat of the weights' tail; above 0.7 the number beside it is no more than a hint


def new_records(rng: np.random.Generator, mean: Floats, miss: Floats) -> Integers:
    """Return a record for each run: negative binomial around ``mean``, (runs, years), of this ``miss``, (runs,)."""
    size = miss[:, None] ** -2
    found: Integers = rng.poisson(rng.gamma(size, mean / size))
    return found


def predicted(sample: Sample) -> Predictive:
    """Return new records from the posterior, their chance new too."""
    scenario, seed = sample.scenario, sample.run.record.seed
    chain, draw = sample.some(NEW_RUNS)
    points, miss = sample.points[chain, draw], sample.miss[chain, draw]
    fresh = seed_from(seed, 2)
    batch = simulate_batch(scenario, points, fresh)
    rng = np.random.default_rng(fresh)
    records = new_records(rng, means(scenario, batch.by_year, batch.weeks_run), miss)
    return Predictive(records, place_in(records, scenario.yearly_target())[: scenario.fitted_years])


def place_in(records: Integers, record: Floats) -> Floats:
    """Return, year by year, the share of ``records``, (runs, years), below the ``record``, (years,)."""
    share: Floats = (records < record).mean(axis=0) + 0.5 * (records == record).mean(axis=0)
    return share


def left_out(sample: Sample, library: Any) -> LeftOut:
    """Return each year's predictive probability without it, by Pareto smoothed importance sampling (Vehtari 2017).

    Given a draw's run, the years of the record are independent, so a year can be taken out of it by its weight.
    """
    scenario = sample.scenario
    fitted = scenario.fitted_years
    every = max(1, sample.miss.size // WEIGHED)
    size = sample.miss[:, ::every, None] ** -2
    mean = sample.means[:, ::every, :fitted]
    record = scenario.yearly_target()[:fitted]
    pointwise = nbinom.logpmf(record, size, size / (size + mean))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of, k-hat, is in the table
        data = library.from_dict(posterior={"miss": sample.miss[:, ::every]}, log_likelihood={"record": pointwise})
        worth = efficiency(np.exp(pointwise - pointwise.max(axis=(0, 1))), library)
        found = library.loo(data, pointwise=True, reff=worth)
    return LeftOut(np.asarray(found.loo_i), np.asarray(found.pareto_k))


def efficiency(likelihood: Floats, library: Any) -> float:
    """Return how many independent draws one is worth for the mean of ``likelihood``, (chains, draws, years).

    The mean over the years. Pareto smoothing asks it of what is averaged (Vehtari and others 2024), not of a parameter.
    """
    worth = [float(library.ess(year, method="mean", relative=True)) for year in np.moveaxis(likelihood, 2, 0)]
    return min(1.0, float(np.nanmean(worth)))
