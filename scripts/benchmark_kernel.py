"""Runs of the kernel against the slow twin, and the walk against bare runs, in interleaved rounds of one process.

What runs on one thread is timed by the processor time of that thread, so that a neighbour on the machine does not
count. Engine and twin take turns, so that a change of the processor's pace meets both.
"""

import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any, NamedTuple

import numpy as np
from benchmark_points import BUSY, POINTS, SEED, TYPICAL, country_of, kind_of, load
from benchmark_rows import Row, ratio
from numpy.typing import NDArray
from twins.cells import simulate_cells
from twins.country import country_from

from calibrate import Score
from calibrate.methods.base import START
from calibrate.methods.screen import draw_each
from calibrate.methods.walk import Walk
from calibrate.objective.draw import Benches, make_block
from engine import Parameters, simulate, simulate_batch
from engine.kernel.inputs import Inputs
from engine.kernel.recording import make_record
from engine.kernel.run import run
from engine.kernel.state import make_state
from engine.kernel_inputs import make_inputs
from engine.numerics.jit import compiled

Clock = Callable[[], float]
WALL: Clock = time.perf_counter
RATIOS = {"busy": 600.0, "many": 250.0, "binding": 250.0}  # of the twin's time to the engine's, at least
MILLISECONDS = {"quiet": 0.05, "spike": 0.05}  # of a run, at most
# Other readings of the paper, and how many times a run of the default one they may take.
READINGS = {
    "belief.scope=category": 5.0,
    "belief.scope=category_nation": 5.0,
    "attempts.number=rounded": None,
    "attempts.known=rounded_down": None,
    "population.leavers=go": None,
}


class Effort(NamedTuple):
    """How long to measure."""

    rounds: int
    seconds: float  # that the engine runs in a round
    box_points: int  # at which the twin runs too
    draws: int  # of a walk
    cold_starts: int
    chains: int  # of a search
    iters: int


def _replay(inputs, points, seed, chain, first, state, weekly, record):  # type: ignore[no-untyped-def]
    """Return the attempts of one run at each of ``points``, (runs, parameters), the first with ``first`` for chance."""
    attempts = np.int64(0)
    for row in range(points.shape[0]):
        attempts += run(inputs, points[row], seed, chain, first + row, state, weekly, record).attempts_total
    return attempts


replay = compiled(_replay)


class Engine:
    """The kernel with its arrays at hand, so that a run costs nothing but itself."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.scratch = (
            make_state(inputs),
            np.zeros(inputs.weeks, np.int64),
            make_record(0, inputs.kind.size),
        )

    def replay(self, points: NDArray[np.float64], first: int = 0, chain: int = 0) -> int:
        """Return the attempts of the runs at ``points``, (runs, parameters), made in one compiled loop."""
        return int(replay(self.inputs, points, SEED, chain, first, *self.scratch))

    def enough(self, parameters: Parameters, seconds: float) -> NDArray[np.float64]:
        """Return the point as many times as it can be run in so many seconds, at least once."""
        count, spent = 1, 0.0
        self.replay(repeated(parameters, 1))
        while spent < seconds / 4.0:
            count *= 2
            spent, _ = timed(self.replay, repeated(parameters, count))
        return repeated(parameters, max(1, round(count * seconds / spent)))


def repeated(parameters: Parameters, count: int) -> NDArray[np.float64]:
    """Return the point ``count`` times, (count, parameters)."""
    return np.tile(parameters.vector(), (count, 1))


def timed(
    call: Callable[..., Any], *arguments: Any, clock: Clock = time.thread_time, **named: Any
) -> tuple[float, Any]:
    """Return the seconds that ``call`` takes, and what it returns."""
    began = clock()
    result = call(*arguments, **named)
    return clock() - began, result


def milliseconds(name: str, seconds: list[float], per: int = 1, at_most: float | None = None) -> Row:
    """Return the row of ``seconds`` that ``per`` runs took each."""
    return Row(name, "ms", [1e3 * value / per for value in seconds], at_most=at_most)


def against_twin(name: str, effort: Effort) -> Iterator[Row]:
    """Yield the milliseconds of a run of the engine and of the twin at a point of POINTS, and their ratio."""
    scenario, parameters, kind = country_of(name), POINTS[name], kind_of(name)
    engine, country = Engine(make_inputs(scenario)), country_from(scenario)
    points = engine.enough(parameters, effort.seconds)
    rng = np.random.default_rng(SEED)

    def twin(runs: int) -> None:
        for _ in range(runs):
            simulate_cells(country, parameters, rng)

    runs = 1 + int(effort.seconds / timed(twin, 1)[0])
    fast, slow = [], []
    for number in range(effort.rounds):
        slow.append(timed(twin, runs)[0])
        fast.append(timed(engine.replay, points, number * len(points))[0])
    ours = milliseconds(f"{name}: engine", fast, len(points), MILLISECONDS.get(kind))
    theirs = milliseconds(f"{name}: twin", slow, runs)
    yield from (ours, theirs, ratio(f"{name}: twin / engine", theirs, ours, RATIOS.get(kind)))


def from_python(effort: Effort) -> Iterator[Row]:
    """Yield what a busy run costs when Python calls the kernel, and when a user calls engine.simulate."""
    scenario = country_of("busy 1")
    engine = Engine(make_inputs(scenario))
    point = BUSY.vector()
    calls = len(engine.enough(BUSY, effort.seconds))

    def call_each(first: int) -> None:
        for iteration in range(first, first + calls):
            run(engine.inputs, point, SEED, 0, iteration, *engine.scratch)

    call_each(0)
    rounds = range(effort.rounds)
    yield milliseconds("busy 1: called from Python", [timed(call_each, number * calls)[0] for number in rounds], calls)
    user = [timed(simulate, scenario, BUSY, SEED, 0, number)[0] for number in rounds]
    yield milliseconds("busy 1: engine.simulate, record included", user, at_most=2)


def named_points(kind: str, effort: Effort) -> Iterator[Row]:
    """Yield the rows of all points of a kind."""
    for name in POINTS:
        if kind_of(name) == kind:
            yield from against_twin(name, effort)
    if kind == "busy":
        yield from from_python(effort)


def readings(effort: Effort) -> Iterator[Row]:
    """Yield what a run under other readings costs at the paper's typical point, and over the default in turns.

    Under another reading other people leave, so an attempt is compared as well.
    """
    default = Engine(make_inputs(load("stop_above=null")))
    points = default.enough(TYPICAL, effort.seconds)
    for reading, at_most in READINGS.items():
        other = Engine(make_inputs(load("stop_above=null", reading)))
        others = other.enough(TYPICAL, effort.seconds)
        taken: list[list[float]] = [[], []]
        attempts = [0, 0]
        for number in range(effort.rounds):
            for place, (engine, many) in enumerate(((default, points), (other, others))):
                seconds, people = timed(engine.replay, many, number * len(many))
                taken[place].append(seconds)
                attempts[place] += people
        plain, ours = (
            milliseconds(reading, seconds, len(many)) for seconds, many in zip(taken, (points, others), strict=True)
        )
        over = ratio("", ours, plain).values
        more = attempts[1] / len(others) / (attempts[0] / len(points))
        yield ours
        yield Row(f"{reading} / default", "x", over, at_most=at_most)
        yield Row(f"{reading} / default, an attempt", "x", [value / more for value in over])


def box(effort: Effort) -> Iterator[Row]:
    """Yield the mean cost of uniform random points of the default box, early stop on.

    A walk that takes every proposal, each parameter moved by about its whole range, visits the box evenly.
    """
    scenario = load("search.step=1", "search.subset=1", "search.temperature=1e6")
    walk, country = Walk(scenario, SEED), country_from(scenario)
    walk.compile()
    engine = Engine(make_inputs(scenario))
    rng = np.random.default_rng(SEED)

    def twin(points: NDArray[np.float64]) -> None:
        for row in points.tolist():
            simulate_cells(country, scenario.point(row), rng)

    engine.replay(repeated(BUSY, 1))
    draws, drawn, fast, slow = effort.draws, [], [], []
    for chain in range(effort.rounds):
        seconds, (block, _) = timed(walk.advance, chain, 0, draws, None)
        drawn.append(seconds)
        points = block.points[: effort.box_points]
        slow.append(timed(twin, points)[0])
        fast.append(timed(engine.replay, np.tile(points, (10, 1)))[0])
    yield milliseconds("box: a draw, walk and record included", drawn, draws, at_most=0.09)
    ours = milliseconds("box: engine, at the twin's points", fast, 10 * effort.box_points)
    theirs = milliseconds("box: twin", slow, effort.box_points)
    yield from (ours, theirs, ratio("box: twin / engine", theirs, ours))


def whole_walk(effort: Effort) -> Iterator[Row]:
    """Yield the cost of a draw of a search from its start, and of its run alone."""
    walk = Walk(load(), SEED)
    walk.compile()
    engine = Engine(make_inputs(load()))
    engine.replay(repeated(BUSY, 1))
    walked, bare = [], []
    for chain in range(effort.rounds):
        seconds, (block, _) = timed(walk.advance, chain, 0, effort.draws, None)
        walked.append(seconds)
        bare.append(timed(engine.replay, block.points, 0, chain)[0])
    whole = milliseconds("walk: a draw", walked, effort.draws)
    alone = milliseconds("walk: its run alone", bare, effort.draws)
    yield from (whole, alone, ratio("walk: draw / run", whole, alone))


def batch(effort: Effort) -> Iterator[Row]:
    """Yield what engine.simulate_batch costs a run of uniform points of the box, scored, over compiled loops.

    By the wall clock, on one thread (how two share the work is told by `threads`): over a loop that simulates, scores
    and records the same points, as a screen does, and over one that simulates alone.
    """
    scenario = load("search.step=1", "search.subset=1", "search.temperature=1e6")
    points = Walk(scenario, SEED).step(0, 0, 2 * effort.draws, START)[0].points
    engine, score, bench = Engine(make_inputs(scenario)), Score(scenario), Benches(scenario).mine()
    block = make_block(len(points), scenario.years)
    block.points[:] = points
    calls = (
        lambda first: simulate_batch(scenario, points, SEED, iteration=first, score=score, workers=1),
        lambda first: draw_each(bench, SEED, 0, first, block),
        lambda first: engine.replay(points, first),
    )
    names = ("simulate_batch, scored", "a loop that scores", "a loop of runs alone")
    taken: list[list[float]] = [[], [], []]
    for number in range(effort.rounds + 1):
        for seconds, call in zip(taken, calls, strict=True):
            seconds.append(timed(call, number * len(points), clock=WALL)[0])
    rows = [  # but for the first round, which compiles
        milliseconds(f"batch: {name}", seconds[1:], len(points)) for name, seconds in zip(names, taken, strict=True)
    ]
    yield from rows
    yield Row("batch: simulate_batch / a loop that scores", "x", ratio("", rows[0], rows[1]).values, at_most=1.05)
    yield ratio("batch: simulate_batch / a loop of runs alone", rows[0], rows[2])


def threads(effort: Effort) -> Iterator[Row]:
    """Yield how much faster two threads make two equal stretches of a walk than one thread does, by the wall clock."""
    walk = Walk(load(), SEED)
    first, draws = 200, effort.draws // 5
    state = walk.step(0, 0, first, START)[1]

    def stretch() -> None:
        walk.step(0, first, draws, state)

    def in_turn() -> None:
        stretch()
        stretch()

    def side_by_side() -> None:
        both = [Thread(target=stretch) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()

    one, two = [], []
    for _ in range(effort.rounds):
        one.append(timed(in_turn, clock=WALL)[0])
        two.append(timed(side_by_side, clock=WALL)[0])
    in_one = milliseconds("threads: a draw on one", one, 2 * draws)
    in_two = milliseconds("threads: a draw on two", two, 2 * draws)
    yield from (in_one, in_two, ratio("threads: one / two", in_one, in_two, 1.9))
