"""``python -m analysis.regions results/``: the separate regions of good draws; --write-config zooms in on one."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

import numpy as np

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.regions.exhibits import command_for, exhibits_of, found_in
from analysis.regions.search import ABOVE, SAMPLE, Regions
from analysis.regions.table import text
from analysis.regions.zoom import zoomed
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fresh
from analysis.run_data.ranking import rank
from engine.cli.arguments import Parser, whole_number
from engine.errors import UsageError, to_type
from engine.results.atomic_write import check_place, write_file


def write_config(regions: Regions, region: int, file: Path, origin: str) -> None:
    """Leave the zoomed scenario of ``region`` in ``file``; raise UsageError where that cannot be."""
    if region >= regions.number:
        there = f"give one from 1 to {regions.number}" if regions.number else "there is none; give a lower --above"
        raise UsageError(f"--region {region + 1}: no such region; {there}")
    write_file(file, zoomed(regions, region, origin).encode(), f"--write-config {file}")


def parser() -> Parser:
    """Return the command's options."""
    command = parser_of("regions", "The separate regions of good draws in a run, by their worth on fresh seeds.")
    add = command.add_argument
    default = f"default {ABOVE:.0%} of the way from silence to the best".replace("%", "%%")
    add("--above", type=float, metavar="SCORE", help=f"the least that a good draw is worth on average ({default})")
    add("--sample", type=whole_number(5), default=SAMPLE, metavar="N", help=f"draws looked at (default {SAMPLE})")
    add("--seed", type=whole_number(0), default=0, metavar="N", help="what the fresh seeds come from (default 0)")
    add("--write-config", type=Path, metavar="FILE", help="write a scenario that zooms in on a region")
    add("--region", type=whole_number(1), metavar="K", help="the region to zoom in on (default 1)")
    return command


def problems_of(options: Namespace) -> list[str]:
    """Return a line for each option that will not do."""
    problems = []
    if options.above is not None and not np.isfinite(options.above):
        problems.append(f"--above {options.above}: give a number of points")
    if options.region is not None and options.write_config is None:
        problems.append(f"--region {options.region}: says nothing without --write-config FILE")
    if options.write_config is not None and options.write_config.exists():
        problems.append(f"--write-config {options.write_config}: is there already; give another file")
    return problems


def work(options: Namespace) -> None:
    """Find the regions, print their tables, store them with their pictures, and zoom in if asked to."""
    if options.write_config:
        check_place(options.write_config.parent, f"--write-config {options.write_config}")
    fresh = Fresh(options.run, options.seed)
    ranking = rank(recorded(options.run), fresh)
    regions, again = found_in(ranking, fresh, options.above, options.seed, options.sample)
    print(f"{text(regions, again)}\n")
    command = command_for(options.run, options.above)
    hand_over(exhibits_of(regions, again, options.seed, command), options.out)
    if options.write_config is not None:
        write_config(regions, (options.region or 1) - 1, options.write_config, str(options.results))
        print(f"stored {options.write_config}")
        print(f"Next: {to_type('calibrate')} --config {quote(str(options.write_config))} --out results-zoomed/")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, problems_of)


if __name__ == "__main__":
    sys.exit(main())
