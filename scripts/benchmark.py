"""What a run, a search and their growth cost, beside the targets: a table, a file for pyperf, a figure.

Not a timed test: nothing fails where a target is missed. Ratios are taken round by round in one process.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark_growth import MORE, curve, plot
from benchmark_kernel import Effort, batch, box, named_points, readings, threads, whole_walk
from benchmark_points import POINTS, kind_of, portrait
from benchmark_processes import compilation, search
from benchmark_rows import HEADER, Row, line, machine, write

QUICK = Effort(rounds=3, seconds=0.01, box_points=5, draws=200, cold_starts=1, chains=2, iters=200)
FULL = Effort(rounds=15, seconds=0.2, box_points=50, draws=5_000, cold_starts=2, chains=8, iters=20_000)
KINDS = tuple(dict.fromkeys(map(kind_of, POINTS)))
NAMES = (*KINDS, "readings", "box", "walk", "batch", "threads", "search", "compile", "growth")


def command_line() -> argparse.Namespace:
    """Return the checked command line."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--only", metavar="NAME", action="append", choices=NAMES, help="one of %(choices)s; repeatable")
    add("--quick", action="store_true", help="about a minute, for a first look: the numbers are rough")
    add("--long", action="store_true", help="also the search of 8 x 100,000 draws: minutes more")
    add("--json", metavar="FILE", type=Path, help="write all values, for python -m pyperf show and compare_to")
    add("--plot", metavar="FILE", type=Path, help="write a figure of the growth")
    given = parser.parse_args()
    given.only = [name for name in NAMES if name in (given.only or NAMES)]
    if given.plot and "growth" not in given.only:
        parser.error("--plot: the figure shows the growth; add --only growth")
    return given


def measured(name: str, effort: Effort, long: bool) -> Iterator[Row]:
    """Yield the rows of one measure, all but the growth."""
    if name in KINDS:
        yield from named_points(name, effort)
    elif name == "readings":
        yield from readings(effort)
    elif name == "box":
        yield from box(effort)
    elif name == "walk":
        yield from whole_walk(effort)
    elif name == "batch":
        yield from batch(effort)
    elif name == "threads":
        yield from threads(effort)
    elif name == "compile":
        yield from compilation(effort.cold_starts)
    elif name == "search":
        yield from search(effort.chains, effort.iters)
        if long:
            yield from search(8, 100_000)


def show_points(names: list[str]) -> None:
    """Print what the points of these kinds are like."""
    print(f"\n{'point':12} {'weeks':>8} {'attempts':>12} {'escapes':>12} {'changes':>8} {'over tolerance':>15}")
    for name in POINTS:
        if kind_of(name) in names:
            one = portrait(name)
            print(f"{name:12} {one.weeks:>8} {one.attempts:>12,} {one.escapes:>12,} {one.changes:>8} {one.over:>15}")


def show(row: Row) -> Row:
    """Print a row and return it."""
    print(line(row), flush=True)
    return row


def main() -> None:
    """Measure what the command line asks for."""
    given = command_line()
    effort = QUICK if given.quick else FULL
    notes: dict[str, Any] = machine()
    for name, value in notes.items():
        print(f"{name}: {value}")
    show_points(given.only)
    print(f"\n{HEADER}")
    rows, curves = [], []
    for name in given.only:
        rows += [show(row) for row in measured(name, effort, given.long)]
    for axis in MORE if "growth" in given.only else ():
        curves.append(curve(axis, effort))
        rows += [show(row) for row in (*curves[-1].costs, curves[-1].power)]
    if given.json:
        write(given.json, rows, notes)
    if given.plot:
        plot(curves, given.plot)


if __name__ == "__main__":
    main()
