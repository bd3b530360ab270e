"""One draw: a point simulated at its address, what it is worth, and the record of it."""

from threading import local
from typing import Any, NamedTuple

import numpy as np

from calibrate.objective.further import Further, hold_against, make_further
from calibrate.objective.likelihood import Evidence, log_likelihood, make_evidence
from calibrate.objective.score import Yardstick, make_yardstick, score_run
from engine.kernel.inputs import Inputs
from engine.kernel.recording import Record, make_record
from engine.kernel.run import Outcome, run
from engine.kernel.state import State, make_state
from engine.kernel_inputs import make_inputs, people_asked_about
from engine.numerics.jit import inlined, merged
from engine.scenario import Scenario
from engine.types import Flags, Floats, Integers, Words


class Block(NamedTuple):
    """The record of some draws in a row, one row a draw."""

    points: Floats  # (draws, parameters)
    score: Floats
    log_likelihood: Floats
    distance: Floats  # people a week
    weeks_run: Integers
    stopped: Flags
    active_years: Integers
    escapes_total: Integers
    attempts_total: Integers
    accepted: Flags
    by_year: Integers  # (draws, years): what is compared with the target
    further: Floats  # (draws, 3·series): what target.also makes of it, calibrate.objective.further


class Bench(NamedTuple):
    """What a thread needs to simulate and score draws of a scenario."""

    inputs: Inputs
    yardstick: Yardstick
    evidence: Evidence
    further: Further
    by_likelihood: bool  # whether that is the objective, and not the score
    state: State
    weekly: Integers  # (weeks,)
    record: Record  # of no week, with the tallies that target.also asks for
    rng: Words  # (4,)


def make_block(draws: int, years: int, parameters: int, series: int = 0) -> Block:
    """Return a block with room for so many draws of points of so many parameters, and for so many further series."""
    return Block(
        points=np.zeros((draws, parameters)),
        score=np.zeros(draws),
        log_likelihood=np.zeros(draws),
        distance=np.zeros(draws),
        weeks_run=np.zeros(draws, np.int64),
        stopped=np.zeros(draws, np.bool_),
        active_years=np.zeros(draws, np.int64),
        escapes_total=np.zeros(draws, np.int64),
        attempts_total=np.zeros(draws, np.int64),
        accepted=np.zeros(draws, np.bool_),
        by_year=np.zeros((draws, years), np.int64),
        further=np.zeros((draws, 3 * series)),
    )


@merged
def make_draw(bench: Bench, seed: int, chain: int, iteration: int, block: Block, row: int) -> float:
    """Simulate the point in this row of ``block`` at its address, and fill the row; return what the draw is worth.

    Whether it is accepted is the walk's to say.
    """
    outcome = run(bench.inputs, block.points[row], seed, chain, iteration, bench.state, bench.weekly, bench.record)
    score = note_run(outcome, bench.weekly, bench.yardstick, block, row)
    likelihood = log_likelihood(block.by_year[row], outcome.weeks_run, bench.evidence)
    if bench.further.weight.size > 0:
        off, likelier = hold_against(bench.record.tally, outcome.weeks_run, bench.further, block.further[row])
        score -= off
        likelihood += likelier
        block.score[row] = score
    block.log_likelihood[row] = likelihood
    worth: float = likelihood if bench.by_likelihood else score
    return worth


@inlined
def note_run(outcome: Outcome, weekly: Integers, yardstick: Yardstick, block: Any, row: int) -> float:
    """Fill the row of ``block`` with what its run came to, and return its score."""
    score: float
    score, distance, active = score_run(weekly, outcome.weeks_run, yardstick, block.by_year[row])
    block.score[row] = score
    block.distance[row] = distance
    block.weeks_run[row] = outcome.weeks_run
    block.stopped[row] = outcome.stopped
    block.active_years[row] = active
    block.escapes_total[row] = outcome.escapes_total
    block.attempts_total[row] = outcome.attempts_total
    return score


class Benches:
    """The benches of a scenario, one a thread."""

    def __init__(self, scenario: Scenario) -> None:
        self._measures = (
            make_inputs(scenario),
            make_yardstick(scenario),
            make_evidence(scenario),
            make_further(scenario),
        )
        self._asked_about = people_asked_about(scenario)
        self._by_likelihood = scenario.objective == "likelihood"
        self._local = local()

    def mine(self) -> Bench:
        """Return the bench of the thread that asks."""
        if not hasattr(self._local, "bench"):
            inputs = self._measures[0]
            self._local.bench = Bench(
                *self._measures,
                by_likelihood=self._by_likelihood,
                state=make_state(inputs),
                weekly=np.zeros(inputs.weeks, np.int64),
                record=make_record(0, inputs.kind.size, people=self._asked_about),
                rng=np.zeros(4, np.uint64),
            )
        bench: Bench = self._local.bench
        return bench
