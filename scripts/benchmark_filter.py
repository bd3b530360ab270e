"""The particle filter beside a plain mean of runs: how much a log-likelihood varies, and what it costs.

Points are the first of ``analysis.best``, which is to be run before. A figure is the standard deviation of the log of
the estimate over evaluations at one point, each at its own address; a cell has the median over the points, and the
lowest and highest. Milliseconds are processor time of one thread.
"""

import argparse
import csv
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from calibrate.objective.likelihood import log_likelihoods
from calibrate.objective.particle_filter import estimate, filter_bench
from engine.processors import available_processors
from engine.results.run_record import open_run
from engine.scenario import Scenario
from engine.simulation import Batch, parameters_of, simulate_batch
from engine.types import Floats

PARTICLES = (16, 32, 64, 128, 256)
SIZES = (5.0, 10.0, 15.0, 20.0)
SEED = 20170611


class Figure(NamedTuple):
    """What was found at one point."""

    deviation: Floats  # (sizes, particles): of the filter
    plain: Floats  # (sizes, particles): of a mean of as many runs
    milliseconds: Floats  # (particles,): of an evaluation by the filter
    plain_milliseconds: float  # of a run


def measured(scenario: Scenario, point: Floats, evaluations: int, batch: Batch, took: float) -> Figure:
    """Return the figures at a point, of which ``batch`` has plain runs that took so many milliseconds each."""
    deviation, milliseconds = np.zeros((len(SIZES), len(PARTICLES))), np.zeros(len(PARTICLES))
    for column, particles in enumerate(PARTICLES):
        bench = filter_bench(scenario, particles)
        for row, size in enumerate(SIZES):
            began = time.thread_time()
            found = [estimate(bench, point, SEED, row, iteration, size) for iteration in range(evaluations)]
            milliseconds[column] += 1e3 * (time.thread_time() - began) / (evaluations * len(SIZES))
            deviation[row, column] = np.std(found, ddof=1)
    plain = np.zeros_like(deviation)
    for row, size in enumerate(SIZES):
        held = scenario.changed([f"likelihood.size={size}"])
        found_by_run = log_likelihoods(held, batch.by_year, batch.weeks_run)[:, 0].reshape(evaluations, -1)
        for column, particles in enumerate(PARTICLES):
            means = logsumexp(found_by_run[:, :particles], axis=1) - np.log(particles)
            plain[row, column] = means.std(ddof=1)
    return Figure(deviation, plain, milliseconds, took)


def plainly(scenario: Scenario, point: Floats, runs: int) -> tuple[Batch, float]:
    """Return so many runs at a point, and the milliseconds that one took; nothing else may run meanwhile."""
    began = time.process_time()
    batch = simulate_batch(scenario, np.tile(point, (runs, 1)), SEED)
    return batch, 1e3 * (time.process_time() - began) / runs


def row_of(name: str, values: Floats, digits: int) -> str:
    """Return a line of the table from figures of the points, (points, particles)."""
    cells = [
        f"{np.median(column):.{digits}f} ({column.min():.{digits}f} to {column.max():.{digits}f})"
        for column in values.T
    ]
    return f"| {name} | {' | '.join(cells)} |"


def table_of(figures: list[Figure]) -> str:
    """Return the figures as Markdown."""
    lines = [f"| | {' | '.join(f'{particles}' for particles in PARTICLES)} |", f"|---|{'---|' * len(PARTICLES)}"]
    for row, size in enumerate(SIZES):
        lines.append(row_of(f"filter, k = {size:g}", np.array([figure.deviation[row] for figure in figures]), 2))
    for row, size in enumerate(SIZES):
        lines.append(row_of(f"plain mean, k = {size:g}", np.array([figure.plain[row] for figure in figures]), 2))
    lines.append(row_of("filter, ms", np.array([figure.milliseconds for figure in figures]), 0))
    plain = np.array([figure.plain_milliseconds * np.array(PARTICLES) for figure in figures])
    lines.append(row_of("plain mean, ms", plain, 0))
    return "\n".join(lines)


def main() -> int:
    """Measure at the points asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="a run of which analysis/best.csv is made")
    parser.add_argument("--points", type=int, default=4, help="how many of the best (default 4)")
    parser.add_argument("--evaluations", type=int, default=40, help="for each figure (default 40)")
    given = parser.parse_args()
    scenario = open_run(given.results).scenario
    best = given.results / "analysis" / "best.csv"
    if not best.is_file():
        parser.error(f"{best}: not there; python -m analysis.best {given.results} makes it")
    with best.open(newline="", encoding="utf-8") as file:
        points = [parameters_of(scenario, row).vector() for row in csv.DictReader(file)][: given.points]
    estimate(filter_bench(scenario, 2), points[0], SEED, 0, 0, SIZES[0])  # compiles
    plainly(scenario, points[0], 2)
    plain = [plainly(scenario, point, given.evaluations * PARTICLES[-1]) for point in points]
    with ThreadPoolExecutor(available_processors()) as pool:
        figures = list(pool.map(lambda point, runs: measured(scenario, point, given.evaluations, *runs), points, plain))
    print(table_of(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
