"""One draw of a posterior: a point, what the particle filter makes of it, and one run picked as the rule weighs them.

By the likelihood the picked run is a draw from the runs of the point, given the record; so a chain that keeps it with
its point holds draws of points and runs together (Andrieu, Doucet and Holenstein 2010, section 2.4): what happened
unseen. The energy score weighs no run of a point above another: there it is a plain one.
"""

from threading import local
from typing import NamedTuple

import numpy as np

from calibrate.objective.draw import Block, make_block, note_run
from calibrate.objective.likelihood import make_evidence
from calibrate.objective.particle_filter import FilterBench, evaluate, make_filter_bench, pick, take_line
from calibrate.objective.score import Yardstick, make_yardstick
from engine.kernel_inputs import make_inputs
from engine.numerics.jit import merged
from engine.numerics.random import RESAMPLING, open_stream
from engine.scenario import Scenario
from engine.types import Flags, Floats, Integers, Words


class FilteredBlock(NamedTuple):
    """The record of some draws in a row: calibrate.objective.draw.Block's, and what a filter adds."""

    points: Floats  # (draws, parameters)
    score: Floats  # of the picked run, as all that follows
    log_likelihood: Floats  # the filter's estimate, of the point at this miss
    distance: Floats
    weeks_run: Integers
    stopped: Flags
    active_years: Integers
    escapes_total: Integers
    attempts_total: Integers
    accepted: Flags
    by_year: Integers  # (draws, years)
    further: Floats  # (draws, 0): a filter meets one series
    miss: Floats  # 1/sqrt(k)
    chance_by_year: Integers  # (draws, years): the third word of the address of each year's chance


AnyBlock = Block | FilteredBlock


class PickingBench(NamedTuple):
    """What a thread needs to make such draws."""

    filter: FilterBench
    yardstick: Yardstick
    rng: Words  # (4,): of proposals; the filter's own is of who is resampled


def make_filtered_block(draws: int, years: int, parameters: int) -> FilteredBlock:
    """Return a block with room for so many draws of points of so many parameters."""
    return FilteredBlock(*make_block(draws, years, parameters), np.zeros(draws), np.zeros((draws, years), np.int64))


@merged
def make_filtered_draw(
    bench: PickingBench, seed: int, chain: int, iteration: int, block: FilteredBlock, row: int, least: float
) -> float:
    """Estimate how likely the record is at the point and miss in this row of ``block``, and fill the row; return it.

    An estimate below ``least`` may be any number below it.
    """
    tools = bench.filter
    likelihood = evaluate(tools, block.points[row], seed, chain, iteration, block.miss[row] ** -2, least)
    # After the weeks of all years the stream of who is resampled is nobody's.
    open_stream(tools.rng, seed, chain, iteration, RESAMPLING, tools.weekly.size)
    picked = pick(tools.cloud, tools.rng)
    outcome = take_line(tools.cloud, iteration, picked, tools.weekly, block.chance_by_year[row])
    note_run(outcome, tools.weekly, bench.yardstick, block, row)
    block.log_likelihood[row] = likelihood
    found: float = likelihood
    return found


class PickingBenches:
    """The benches of a scenario with so many particles, one a thread."""

    def __init__(self, scenario: Scenario, particles: int) -> None:
        self._scenario, self._particles = scenario, particles
        self._local = local()

    def mine(self) -> PickingBench:
        """Return the bench of the thread that asks."""
        if not hasattr(self._local, "bench"):
            scenario = self._scenario
            tools = make_filter_bench(
                make_inputs(scenario), make_evidence(scenario), self._particles, scenario.posterior.energy_weight
            )
            self._local.bench = PickingBench(tools, make_yardstick(scenario), np.zeros(4, np.uint64))
        bench: PickingBench = self._local.bench
        return bench
