"""The particle filter: unbiased against a finite sum and against plain runs, and each of its particles a run."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from scipy.stats import nbinom, norm
from support import four_people
from support.busy_country import BUSY
from support.places import DPRK, QUICK

from calibrate.objective.likelihood import LEAST, Evidence, log_likelihoods
from calibrate.objective.particle_filter import (
    Cloud,
    FilterBench,
    estimate,
    filter_bench,
    make_filter_bench,
    take_line,
)
from engine.kernel.recording import make_record
from engine.kernel.run import run_by_years
from engine.kernel.state import make_state
from engine.kernel_inputs import make_inputs
from engine.scenario import load_scenario
from engine.simulation import simulate_batch

FALSE_ALARM = 1e-6
# Around quick's record, half of the runs stopped: known attempts, the tolerance and the memory all matter.
LIVELY = np.array([84.13, 45.16, 1.029, 14.06, 43.74, 6.05e-4, 0.6614, 0.7119, 17.0, 1.946, 0.8472, 1.0, 0.0, 0.0])


class Clouds(NamedTuple):
    """Very many evaluations of one point; arrays as in Cloud, with one axis more before."""

    total: np.ndarray  # (evaluations,): log of the estimates
    effective: np.ndarray
    parent: np.ndarray
    escapes: np.ndarray
    weeks_run: np.ndarray
    log_weight: np.ndarray


def evaluated(bench: FilterBench, point: np.ndarray, seed: int, number: int, size: float) -> Clouds:
    names = Clouds._fields[1:]
    totals, kept = [], {name: [] for name in names}
    for iteration in range(number):
        totals.append(estimate(bench, point, seed, 0, iteration, size))
        for name in names:
            kept[name].append(getattr(bench.cloud, name).copy())
    return Clouds(np.array(totals), *(np.array(kept[name]) for name in names))


def reckoned(clouds: Clouds, evidence: Evidence, size: float, reset: bool = True, whole: bool = True) -> np.ndarray:
    """The estimates once more, from what the particles did, (evaluations,).

    Without ``reset`` by a filter that leaves the weights as they were after it resampled; if not ``whole`` by one that
    loses the factor of a year after which it did.
    """
    number, years, particles = clouds.escapes.shape
    weight, total = np.full((number, particles), 1.0 / particles), np.zeros(number)
    for year in range(years):
        if year > 0:
            again = clouds.effective[:, year - 1] < 0.5 * particles
            children = np.take_along_axis(weight, clouds.parent[:, year], axis=1)
            weight = np.where(again[:, None], 1.0 / particles if reset else children, weight)
            weight /= weight.sum(axis=1, keepdims=True)
        ends = evidence.weeks_per_year * (year + 1)
        missing = np.clip(ends - clouds.weeks_run[:, year], 0, evidence.weeks_per_year)
        mean = np.maximum(clouds.escapes[:, year] + evidence.pace * missing, LEAST)
        density = nbinom.pmf(evidence.counts[year], size, size / (size + mean))
        factor = (weight * density).sum(axis=1)
        weight = weight * density / factor[:, None]
        lost = (clouds.effective[:, year] < 0.5 * particles) & (year + 1 < years)
        total += np.where(lost & ~np.bool_(whole), 0.0, np.log(factor))
    return total


def deviation(values: np.ndarray, exact: float, exact_error: float = 0.0) -> float:
    """By how many standard errors a mean is off."""
    return float(abs(values.mean() - exact) / np.hypot(values.std() / np.sqrt(values.size), exact_error))


LIMIT = norm.isf(FALSE_ALARM / 2)


@cache
def of_four_people(seed: int) -> Clouds:
    bench = make_filter_bench(four_people.inputs(), four_people.evidence(), 6)
    return evaluated(bench, four_people.POINT.vector(), seed, 12_000, four_people.SIZE)


def test_its_mean_is_the_sum_over_all_that_may_happen(seed: int) -> None:
    """Of four people in four weeks. Fails once in a million if the filter is unbiased.

    The controls: filters that do not reset the weights, or that lose a factor, are noticed by far.
    """
    clouds, evidence, size = of_four_people(seed), four_people.evidence(), four_people.SIZE
    exact = four_people.likelihood()
    assert deviation(np.exp(clouds.total), exact) < LIMIT
    resampled = (clouds.effective[:, :-1] < 3.0).mean()
    assert 0.1 < resampled < 0.9, "years with and years without are many"
    for wrong in ({"reset": False}, {"whole": False}):
        assert deviation(np.exp(reckoned(clouds, evidence, size, **wrong)), exact) > 2 * LIMIT, wrong


def test_its_lines_are_those_of_all_that_may_happen(seed: int) -> None:
    """E (escapes of the first year)·Π g, by the ancestors of the last particles. Fails once in a million if right.

    The control: the particles that stand in the same slots in the first year are not the ancestors.
    """
    clouds, exact = of_four_people(seed), four_people.likelihood(of_first=True)
    number, years, particles = clouds.parent.shape
    slots = np.tile(np.arange(particles), (number, 1))
    for year in range(years - 1, 0, -1):
        slots = np.take_along_axis(clouds.parent[:, year], slots, axis=1)
    weight = np.exp(clouds.log_weight + clouds.total[:, None])
    first = clouds.escapes[:, 0]
    assert deviation((weight * np.take_along_axis(first, slots, axis=1)).sum(axis=1), exact) < LIMIT
    assert deviation((weight * first).sum(axis=1), exact) > 2 * LIMIT


def test_its_mean_is_that_of_plain_runs(seed: int) -> None:
    """At a lively point of a small country, half of whose runs are stopped. Fails once in a million if unbiased.

    The control: at a point whose memory is two weeks shorter it is noticed.
    """
    scenario, size = load_scenario(QUICK, ["likelihood.size=2"]), 2.0

    def plainly(point: np.ndarray) -> np.ndarray:
        runs = simulate_batch(scenario, np.tile(point, (30_000, 1)), seed + 1)
        assert 0.2 < runs.stopped.mean() < 0.8
        return np.exp(log_likelihoods(scenario, runs.by_year, runs.weeks_run)[:, 0])

    found = np.exp(evaluated(filter_bench(scenario, 32), LIVELY, seed, 400, size).total)
    here, there = plainly(LIVELY), plainly(LIVELY - 4.0 * (np.arange(LIVELY.size) == 8))
    assert deviation(found, here.mean(), here.std() / np.sqrt(here.size)) < LIMIT
    assert deviation(found, there.mean(), there.std() / np.sqrt(there.size)) > 2 * LIMIT


class Line(NamedTuple):
    """A particle's line lived again, elsewhere and observed."""

    slots: np.ndarray
    escapes: np.ndarray  # (years,)
    outcome: tuple


def lived(bench: FilterBench, point: np.ndarray, seed: int, iteration: int, slot: int) -> Line:
    """A line lived again, which comes to what the filter says of it."""
    inputs, particles = bench.inputs, bench.cloud.log_weight.size
    weekly, record = np.full(inputs.weeks, -1), make_record(inputs.weeks, inputs.kind.size)
    told, chances = np.full(inputs.weeks, -1), np.full(inputs.heads.shape[0], -1)
    outcome = take_line(bench.cloud, iteration, slot, told, chances)
    assert run_by_years(inputs, point, seed, 2, chances, make_state(inputs), weekly, record) == outcome
    assert (weekly == told).all()
    assert (record.escapes.sum(axis=1) == weekly).all()
    return Line(chances - iteration * particles, weekly.reshape(len(chances), -1).sum(axis=1), outcome)


@pytest.mark.parametrize("place", [QUICK, DPRK])
def test_every_particle_can_be_lived_again(seed: int, place: str) -> None:
    """Its yearly escapes along its ancestors, and where it was stopped."""
    scenario, particles = load_scenario(place), 12
    bench, point = filter_bench(scenario, particles), LIVELY if place == QUICK else busy()
    stopped = siblings = 0
    for iteration in range(8):
        estimate(bench, point, seed, 2, iteration, 5.0)
        cloud: Cloud = bench.cloud
        for slot in range(particles):
            line = lived(bench, point, seed, iteration, slot)
            there = np.arange(scenario.years), line.slots
            assert line.escapes.tolist() == cloud.escapes[there].tolist()
            assert line.outcome[:2] == (cloud.weeks_run[-1, slot], cloud.stopped[-1, slot])
            assert line.outcome[2:] == (cloud.escapes[there].sum(), cloud.attempts[there].sum())
            stopped += cloud.stopped[-1, slot]
        for parent, escapes in zip(cloud.parent[1:], cloud.escapes[1:], strict=True):
            assert (np.diff(parent) >= 0).all()
            siblings += np.count_nonzero((np.diff(parent) == 0) & (np.diff(escapes) != 0))
    assert siblings > 0, "children of one parent part"
    assert (stopped > 0) == (place == QUICK)


def busy() -> np.ndarray:
    """A point of the paper's case with known attempts in most weeks and a few thousand escapes."""
    return np.array(list(BUSY.values()))


def test_one_particle_is_one_run(seed: int) -> None:
    scenario = load_scenario(QUICK, ["likelihood.size=4"])
    bench = filter_bench(scenario, 1)
    for iteration in range(20):
        found = estimate(bench, LIVELY, seed, 2, iteration, 4.0)
        line = lived(bench, LIVELY, seed, iteration, 0)
        alone = log_likelihoods(scenario, line.escapes[None], np.array([line.outcome[0]]))[0, 0]
        assert found == pytest.approx(alone, rel=1e-11)
        assert found == bench.cloud.increment.sum()


def test_it_weighs_and_resamples_as_it_says(seed: int) -> None:
    """Weights, effective numbers and estimate by NumPy; a particle of weight w has floor(N·w) or ceil(N·w) children."""
    scenario, particles, size = load_scenario(QUICK), 20, 3.0
    bench = filter_bench(scenario, particles)
    clouds = evaluated(bench, LIVELY, seed, 50, size)
    np.testing.assert_allclose(reckoned(clouds, bench.evidence, size), clouds.total, rtol=1e-9)
    np.testing.assert_allclose(np.exp(clouds.log_weight).sum(axis=1), 1.0)
    checked = 0
    for cloud in range(50):
        weight = np.full(particles, 1.0 / particles)
        for year in range(scenario.years):
            parent = clouds.parent[cloud, year]
            if year > 0 and clouds.effective[cloud, year - 1] < 0.5 * particles:
                children = np.bincount(parent, minlength=particles)
                assert (abs(children - particles * weight) < 1.0 + 1e-9).all()
                weight, checked = np.full(particles, 1.0 / particles), checked + 1
            else:
                assert parent.tolist() == list(range(particles))
            missing = np.clip(52 * (year + 1) - clouds.weeks_run[cloud, year], 0, 52)
            mean = np.maximum(clouds.escapes[cloud, year] + bench.evidence.pace * missing, LEAST)
            weight = weight * nbinom.pmf(bench.evidence.counts[year], size, size / (size + mean))
            weight /= weight.sum()
            assert clouds.effective[cloud, year] == pytest.approx(1.0 / (weight**2).sum(), rel=1e-9)
        np.testing.assert_allclose(np.exp(clouds.log_weight[cloud]), weight, rtol=1e-8, atol=1e-300)
    assert checked > 20


def test_an_evaluation_depends_on_its_address_alone(seed: int) -> None:
    """Not on the one before in the same arrays; and each word of the address moves it."""
    scenario = load_scenario(QUICK)
    used, fresh = filter_bench(scenario, 16), filter_bench(scenario, 16)
    estimate(used, LIVELY * 1.1, seed, 0, 3, 1.0)
    wanted = estimate(fresh, LIVELY, seed, 1, 5, 4.0)
    assert estimate(used, LIVELY, seed, 1, 5, 4.0) == wanted
    for one, other in zip(used.cloud, fresh.cloud, strict=True):
        np.testing.assert_array_equal(one, other)
    for address in ((seed + 1, 1, 5), (seed, 2, 5), (seed, 1, 6)):
        assert estimate(used, LIVELY, *address, 4.0) != wanted
    estimate(filter_bench(load_scenario(DPRK), 2), busy(), seed, 1, 5, 4.0)
    assert len(estimate.signatures) == 1


def test_one_particle_is_one_run_whichever_is_compared(seed: int) -> None:
    """Nobody to be resampled from: the estimate is the likelihood of the run itself, of its escapes or its attempts."""
    found = []
    for compared in ("escapes", "attempts"):
        scenario = load_scenario(QUICK, ["likelihood.size=4", f"target.compares={compared}"])
        found.append(estimate(filter_bench(scenario, 1), LIVELY, seed, 0, 3, 4.0))
        inputs, record = make_inputs(scenario), make_record(scenario.weeks, len(scenario.provinces))
        chances, weekly = np.full(scenario.years, 3), np.zeros(scenario.weeks, np.int64)
        outcome = run_by_years(inputs, LIVELY, seed, 0, chances, make_state(inputs), weekly, record)
        by_year = getattr(record, compared).reshape(1, scenario.years, -1).sum(axis=2)
        alone = log_likelihoods(scenario, by_year, np.array([outcome.weeks_run]))
        assert found[-1] == pytest.approx(alone[0, 0], rel=1e-9)
    assert found[0] != found[1]


def test_where_all_are_stopped_it_is_the_floor_of_a_stopped_run(seed: int) -> None:
    """Everybody leaves in the first week: no estimate is infinite, and all years but the first are the same."""
    scenario = load_scenario(QUICK, ["likelihood.size=4"])
    bench, point = filter_bench(scenario, 8), LIVELY.copy()
    point[[0, 1, 2]] = 1.0, 100.0, 2.0
    found = estimate(bench, point, seed, 0, 0, 4.0)
    assert bench.cloud.stopped.all()
    assert (bench.cloud.weeks_run == 1).all()
    plain = simulate_batch(scenario, np.tile(point, (8, 1)), seed)
    alone = log_likelihoods(scenario, plain.by_year, plain.weeks_run)[:, 0]
    assert found == pytest.approx(np.log(np.exp(alone - alone.max()).mean()) + alone.max(), rel=1e-9)
