"""How likely the yearly record is at a point, whatever the run: a particle filter by year.

    L = E Π_t g_t,   g_t = NegBin(y_t; mean m_t, size k),   over the runs of the point

The plain mean of Π g_t over N runs hangs on the few that come near the record in every year. A filter (Gordon, Salmond
and Smith 1993; Del Moral 2004) asks a year at a time: N particles, each a run, live a year and are weighted by g_t;
where their effective number falls below half of N, they are resampled, those near the record more often, and go on. Its
estimate of L is a product over the years of weighted means of g_t, and is unbiased (Del Moral, proposition 7.4.1).

Chance by address: a particle that stands in slot p of N lives each year with the chance of the address (seed, chain,
iteration·N + p) from the first week of that year on. So two children of one parent, which stand in two slots, part at
once, and the slots in which a particle's line stood tell all of its history: engine.kernel.run.run_by_years lives it
again. Who is resampled has a stream of its own, at (seed, chain, iteration).

An evaluation can be told the least that matters. As soon as not even years met as well as can be would bring it
there, one particle, picked by weight, lives the rest alone: no decision hangs on what it comes to, and its line is a
whole run (early rejection: Solonen and others 2012).

With a weight the particles are plain runs, none resampled, and what they are worth is their energy score.
"""

import math
from typing import NamedTuple

import numpy as np

from calibrate.objective.energy import energy_score
from calibrate.objective.likelihood import LEAST, Evidence, log_of_count, make_evidence, mean_of_year
from engine.kernel.course import begin_span
from engine.kernel.inputs import Inputs
from engine.kernel.recording import Record, make_record
from engine.kernel.run import Outcome, begin, live_year, open_chance
from engine.kernel.shelf import Shelf, make_shelf, put_away, take_up
from engine.kernel.state import State, make_state
from engine.kernel_inputs import make_inputs
from engine.numerics.jit import compiled, inlined, internal, merged
from engine.numerics.random import RESAMPLING, open_stream, uniform
from engine.scenario import Scenario
from engine.types import Flags, Floats, Integers, Words

ENOUGH = 0.5  # effective number, as a share of all, from which particles go on as they are
SLACK = 1e-6  # by how much the best that can be had must fall short: sums are not exact


class Cloud(NamedTuple):
    """What an observer wants of an evaluation: its particles by year and slot."""

    increment: Floats  # (years,): log of the weighted mean of g_t; their sum is the estimate
    effective: Floats  # (years,): effective number of particles after the year, before any resampling
    parent: Integers  # (years, particles): in which slot of the year before each stood; in the first year its own
    escapes: Integers  # (years, particles)
    attempts: Integers  # (years, particles)
    weeks_run: Integers  # (years, particles): since the first week of all
    stopped: Flags  # (years, particles): in this year or before
    log_weight: Floats  # (particles,): after the last year; the weights add up to 1
    weekly: Integers  # what is compared with the record, (years, particles, weeks of a year)


class FilterBench(NamedTuple):
    """What a thread needs to hold points against the record of a scenario; made once for a number of particles."""

    inputs: Inputs
    evidence: Evidence
    state: State  # of the particle that lives
    shelf: Shelf  # (2·particles,): of this year's particles and of those of the year before, in turns
    weekly: Integers  # (weeks,)
    record: Record  # of no week
    rng: Words  # (4,)
    cloud: Cloud  # of the last evaluation
    weight: float  # of the energy score, which then stands in the likelihood's place; 0: the likelihood
    logs: Floats  # (years, particles): room for the energy score


def make_filter_bench(inputs: Inputs, evidence: Evidence, particles: int, weight: float = 0.0) -> FilterBench:
    """Return the arrays for evaluations with so many particles."""
    years, state = inputs.heads.shape[0], make_state(inputs)
    by_slot = (years, particles)
    cloud = Cloud(
        increment=np.zeros(years),
        effective=np.zeros(years),
        parent=np.zeros(by_slot, np.int64),
        escapes=np.zeros(by_slot, np.int64),
        attempts=np.zeros(by_slot, np.int64),
        weeks_run=np.zeros(by_slot, np.int64),
        stopped=np.zeros(by_slot, np.bool_),
        log_weight=np.zeros(particles),
        weekly=np.zeros((*by_slot, inputs.weeks_per_year), np.int64),
    )
    return FilterBench(
        inputs=inputs,
        evidence=evidence,
        state=state,
        shelf=make_shelf(state, 2 * particles),
        weekly=np.zeros(inputs.weeks, np.int64),
        record=make_record(0, inputs.kind.size),
        rng=np.zeros(4, np.uint64),
        cloud=cloud,
        weight=weight,
        logs=np.zeros(by_slot),
    )


def filter_bench(scenario: Scenario, particles: int) -> FilterBench:
    """Return the arrays for evaluations of points of a scenario, for one thread."""
    return make_filter_bench(make_inputs(scenario), make_evidence(scenario), particles)


@compiled
def estimate(bench: FilterBench, point: Floats, seed: int, chain: int, iteration: int, size: float) -> float:
    """Return the log of the estimate of L at a point, for this size k; the particles stay in ``bench.cloud``.

    With a weight w it is -w S, S the energy score of as many plain runs.
    """
    found: float = evaluate(bench, point, seed, chain, iteration, size, -math.inf)
    return found


@merged
def evaluate(
    bench: FilterBench, point: Floats, seed: int, chain: int, iteration: int, size: float, least: float
) -> float:
    """Return what ``estimate`` does, for compiled code; if it is sure to be below ``least``, another number below it.

    Then the one particle that lives the last years alone stands in slot 0 and has all the weight.
    """
    inputs, cloud = bench.inputs, bench.cloud
    years, particles = cloud.parent.shape
    _set_even(cloud.log_weight)
    total, to_come, alone = 0.0, _best_to_come(bench.evidence, size), False
    for year in range(years):
        begin_span(inputs, point, bench.state, year, inputs.course.first_span[year], year == 0)
        if alone:
            cloud.parent[year, 0] = 0
        elif total + to_come < least - SLACK and bench.weight == 0.0 and year > 0:
            alone = True
            _choose_one(bench, seed, chain, iteration, year)
        else:
            _choose_parents(bench, seed, chain, iteration, year)
        for slot in range(1 if alone else particles):
            _live(bench, point, seed, chain, address(iteration, particles, slot), year, slot)
        people = cloud.attempts if inputs.compares_attempts else cloud.escapes
        if bench.weight == 0.0:
            cloud.increment[year] = _weigh(cloud, people, bench.evidence, year, size)
            total += cloud.increment[year]
            to_come -= _best_of_year(bench.evidence, year, size)
        else:
            cloud.effective[year] = particles  # runs that go on as they are
    if bench.weight > 0.0:
        people = cloud.attempts if inputs.compares_attempts else cloud.escapes
        total = -bench.weight * energy_score(people, cloud.weeks_run[years - 1], bench.evidence, bench.logs)
    return total


@inlined
def address(iteration: int, particles: int, slot: int) -> int:
    """Return the third word of the address of the chance in this slot."""
    return iteration * particles + slot


@merged
def _live(bench: FilterBench, point: Floats, seed: int, chain: int, iteration: int, year: int, slot: int) -> None:
    """Let the particle in this slot live a year; one that was stopped stays as it was."""
    state, shelf, cloud = bench.state, bench.shelf, bench.cloud
    particles = cloud.log_weight.size
    parent = cloud.parent[year, slot]
    if year == 0:
        begin(bench.inputs, state, point, seed, chain, iteration)
    elif cloud.stopped[year - 1, parent]:
        cloud.escapes[year, slot] = 0
        cloud.attempts[year, slot] = 0
        cloud.weeks_run[year, slot] = cloud.weeks_run[year - 1, parent]
        cloud.stopped[year, slot] = True
        cloud.weekly[year, slot, :] = 0
        return
    else:
        take_up(shelf, (year - 1) % 2 * particles + parent, state)
        open_chance(state, seed, chain, iteration, year * bench.inputs.weeks_per_year)
    lived = live_year(bench.inputs, point, seed, chain, iteration, state, bench.weekly, bench.record, year)
    put_away(state, shelf, year % 2 * particles + slot)
    cloud.escapes[year, slot] = lived.escapes_total
    cloud.attempts[year, slot] = lived.attempts_total
    cloud.weeks_run[year, slot] = lived.weeks_run
    cloud.stopped[year, slot] = lived.stopped
    first = year * bench.inputs.weeks_per_year
    for week in range(bench.inputs.weeks_per_year):
        ran = first + week < lived.weeks_run
        cloud.weekly[year, slot, week] = bench.weekly[first + week] if ran else 0


@inlined
def _set_even(log_weight: Floats) -> None:
    log_weight[:] = -math.log(log_weight.size)


@internal
def _weigh(cloud: Cloud, people: Integers, evidence: Evidence, year: int, size: float) -> float:
    """Weight the particles by g_t, set their effective number, and return the log of the weighted mean of g_t.

    ``people``, (years, particles), are the escapes or attempts that are compared with the record. In a year that is
    foretold g_t is 1.
    """
    log_weight = cloud.log_weight
    if year < evidence.counts.size:
        for slot in range(log_weight.size):
            mean = mean_of_year(people[year, slot], year, cloud.weeks_run[year, slot], evidence)
            log_weight[slot] += log_of_count(evidence.counts[year], mean, size)
    highest = -math.inf
    for slot in range(log_weight.size):
        highest = max(highest, log_weight[slot])
    total = 0.0
    squares = 0.0
    for slot in range(log_weight.size):
        weight = math.exp(log_weight[slot] - highest)
        total += weight
        squares += weight * weight
    log_total = highest + math.log(total)
    for slot in range(log_weight.size):
        log_weight[slot] -= log_total
    cloud.effective[year] = total * total / squares
    return log_total


@internal
def pick(cloud: Cloud, rng: Words) -> int:
    """Return the last slot of a particle picked by weight: its line is a draw from the runs, given the record."""
    left = uniform(rng)
    last = cloud.log_weight.size - 1
    for slot in range(last):
        left -= math.exp(cloud.log_weight[slot])
        if left < 0.0:
            return slot
    return last


@internal
def _best_of_year(evidence: Evidence, year: int, size: float) -> float:
    """Return the most that log g_t can be: that of a run which meets the year's count."""
    if year >= evidence.counts.size:
        return 0.0
    best: float = log_of_count(evidence.counts[year], max(evidence.counts[year], LEAST), size)
    return best


@internal
def _best_to_come(evidence: Evidence, size: float) -> float:
    total = 0.0
    for year in range(evidence.counts.size):
        total += _best_of_year(evidence, year, size)
    return total


@internal
def _choose_one(bench: FilterBench, seed: int, chain: int, iteration: int, year: int) -> None:
    """Let a particle picked by weight stand in slot 0 this year, with all the weight."""
    open_stream(bench.rng, seed, chain, iteration, RESAMPLING, year * bench.inputs.weeks_per_year)
    bench.cloud.parent[year, 0] = pick(bench.cloud, bench.rng)
    bench.cloud.log_weight[:] = -math.inf
    bench.cloud.log_weight[0] = 0.0


@internal
def _choose_parents(bench: FilterBench, seed: int, chain: int, iteration: int, year: int) -> None:
    """Set in which slot of the year before each particle of this year stood, and even the weights if resampled.

    Systematic: one uniform number lays a comb of N teeth over the weights, so a particle of weight w has N·w children
    in the mean, and never a whole one more or fewer.
    """
    cloud, log_weight = bench.cloud, bench.cloud.log_weight
    particles = log_weight.size
    if year == 0 or cloud.effective[year - 1] >= ENOUGH * particles:
        for slot in range(particles):
            cloud.parent[year, slot] = slot
        return
    open_stream(bench.rng, seed, chain, iteration, RESAMPLING, year * bench.inputs.weeks_per_year)
    offset = uniform(bench.rng)
    parent = np.int64(0)
    up_to = math.exp(log_weight[0])
    for slot in range(particles):
        while up_to * particles < slot + offset and parent + 1 < particles:
            parent += 1
            up_to += math.exp(log_weight[parent])
        cloud.parent[year, slot] = parent
    _set_even(log_weight)


@compiled
def take_line(cloud: Cloud, iteration: int, slot: int, weekly: Integers, chance_by_year: Integers) -> Outcome:
    """Return the Outcome of the particle in this last slot, and write what its line lived.

    That is its people by week, (weeks,), and the third word of the address of each year's chance, (years,).
    """
    years, particles, weeks = cloud.weekly.shape
    here = slot
    escapes = attempts = 0
    for year in range(years - 1, -1, -1):
        chance_by_year[year] = address(iteration, particles, here)
        escapes += int(cloud.escapes[year, here])
        attempts += int(cloud.attempts[year, here])
        for week in range(weeks):
            weekly[year * weeks + week] = cloud.weekly[year, here, week]
        here = cloud.parent[year, here]
    last = years - 1
    return Outcome(int(cloud.weeks_run[last, slot]), bool(cloud.stopped[last, slot]), escapes, attempts)
