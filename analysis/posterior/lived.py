"""Runs that stood with some draws of a posterior, lived again: each run once, however long its chain stood there."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from analysis.posterior.sample import Sample
from engine.processors import available_processors
from engine.results.replay import Draw, read_draw, run_of
from engine.simulation import Trajectory
from engine.types import Floats

DRAWS = 200  # that are lived again, spread evenly over all
Watched = TypeVar("Watched")


def lived_again(
    sample: Sample, watch: Callable[[Draw, Trajectory], Watched], by_cell: bool, count: int = DRAWS
) -> list[Watched]:
    """Return what ``watch`` makes of the runs of ``count`` draws, one that stands twice twice; errors as in read_draw.

    ``by_cell`` as in simulate.
    """
    chain, draw = sample.some(count)
    addresses = list(zip(np.array(sample.chains)[chain].tolist(), sample.iteration[chain, draw].tolist(), strict=True))
    unlike = list(dict.fromkeys(addresses))

    def live(address: tuple[int, int]) -> Watched:
        one = read_draw(sample.run, *address)
        return watch(one, run_of(one, by_cell))

    first = live(unlike[0])  # compiles before there are threads
    with ThreadPoolExecutor(available_processors()) as pool:
        found = dict(zip(unlike, [first, *pool.map(live, unlike[1:])], strict=True))
    return [found[address] for address in addresses]


def whole_years(run: Trajectory, yearly: Floats) -> Floats:
    """Return the years of a run, (years,), NaN from the year on in which it was stopped."""
    found = yearly.copy()
    if run.stopped:
        found[run.weeks_run // run.weeks_per_year :] = np.nan
    return found
