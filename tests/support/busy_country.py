"""Runs of the paper's case, as Python and as the search make them, and what holds in each."""

from functools import cache
from itertools import pairwise

import numpy as np
from support.names import NAMES
from support.places import CONFIGS

import engine
from engine.kernel.inputs import Inputs
from engine.kernel.recording import Record, make_record
from engine.kernel.run import Outcome, run
from engine.kernel.state import State, make_state
from engine.kernel_inputs import make_inputs

# Some 2,000 attempts in a full run, of which some 200 become known and change what people do.
BUSY = {
    "prior_alpha": 20.0,
    "prior_beta": 18.0,
    "utility_intercept": -3.5,
    "utility_slope": 4.0,
    "tolerance": 12.0,
    "adjustment_rate": 5e-4,
    "initial_repression": 0.85,
    "visibility": 0.1,
    "memory_weeks": 380,
    "famine_effect": 0.8,
    "demographic_scale": 0.2,
    "economy_effect": 1.0,
    "discontent": 0.0,
    "schedule_effect": 0.0,
}


@cache
def scenario(*overrides: str) -> engine.Scenario:
    return engine.load_scenario(CONFIGS / "dprk.yaml", overrides)


@cache
def bench(*overrides: str) -> tuple[Inputs, State]:
    inputs = make_inputs(scenario(*overrides))
    return inputs, make_state(inputs)


def ran(
    point: np.ndarray, *overrides: str, seed: int = 0, iteration: int = 0, recorded: bool = False
) -> tuple[Outcome, np.ndarray, Record]:
    """One run as the search makes it."""
    inputs, state = bench(*overrides)
    weekly = np.full(inputs.weeks, -1, np.int64)
    record = make_record(inputs.weeks if recorded else 0, inputs.kind.size)
    return Outcome(*run(inputs, point, seed, 0, iteration, state, weekly, record)), weekly, record


def lived(*overrides: str, seed: int = 0, **changes: float) -> engine.Trajectory:
    return engine.simulate(scenario(*overrides), BUSY | changes, seed)


def same(first: engine.Trajectory, second: engine.Trajectory) -> bool:
    """Whether two runs are the same, bit for bit."""
    names = ("attempts", "escapes", "known", "known_repressed", "repression", "weeks_run", "stopped")
    return all(np.array_equal(getattr(first, name), getattr(second, name)) for name in names)


@cache
def box() -> tuple[np.ndarray, np.ndarray]:
    ranges = [scenario().parameters[name] for name in NAMES]
    low = [entry.low if entry.fixed is None else entry.fixed for entry in ranges]
    high = [entry.high if entry.fixed is None else entry.fixed for entry in ranges]
    return np.array(low, dtype=float), np.array(high, dtype=float)


def random_points(rng: np.random.Generator, number: int) -> np.ndarray:
    low, high = box()
    points = rng.uniform(low, high, (number, len(NAMES)))
    rate, memory = NAMES.index("adjustment_rate"), NAMES.index("memory_weeks")
    points[:, rate] = np.exp(rng.uniform(np.log(low[rate]), np.log(high[rate]), number))
    points[:, memory] = np.round(points[:, memory])
    return points


def corners(rng: np.random.Generator, number: int) -> np.ndarray:
    low, high = box()
    return np.where(rng.integers(0, 2, (number, len(NAMES))) == 1, low, high)


def check_world(record: Record, outcome: Outcome, people: np.ndarray, weeks_per_year: int) -> None:
    """What holds in every world, whatever its parameters."""
    ran_weeks = slice(0, outcome.weeks_run)
    attempts, escapes = record.attempts[ran_weeks], record.escapes[ran_weeks]
    known, known_repressed = record.known[ran_weeks], record.known_repressed[ran_weeks]
    repressed = attempts - escapes
    for smaller, larger in pairwise((0, escapes, attempts, people[np.arange(outcome.weeks_run) // weeks_per_year])):
        assert np.all(smaller <= larger)
    assert np.all(known_repressed >= 0)
    assert np.all(known_repressed <= np.minimum(known, repressed))
    assert np.all(known - known_repressed <= escapes)
    assert np.all(record.repression[ran_weeks] >= 0)
    assert np.all(record.repression[ran_weeks] <= 1)
    assert not record.attempts[outcome.weeks_run :].any()


def check_regime(record: Record, outcome: Outcome, point: np.ndarray, counts: str) -> None:
    """The safety valve, province by province and week by week: raised after more than the tolerance, else lowered."""
    tolerance, rate = point[NAMES.index("tolerance")], point[NAMES.index("adjustment_rate")]
    last = outcome.weeks_run - 1
    counted = {
        "attempts": record.attempts,
        "escapes": record.escapes,
        "repressed": record.attempts - record.escapes,
    }[counts][:last]
    now, then = record.repression[:last], record.repression[1 : last + 1]
    expected = np.where(counted > tolerance, np.minimum(1.0, now * (1.0 + rate)), now * (1.0 - rate))
    assert np.all(abs(then - expected) <= 1e-15)
