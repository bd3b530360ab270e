"""How many separate regions of good draws a run found: ``python -m analysis.regions results/``."""

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from analysis import region_pictures, region_table
from analysis.best import SEEDS
from analysis.common.command import parser_of, run
from analysis.common.exhibit import Exhibit, store
from analysis.regions.search import ABOVE, SAMPLE, Regions, find_regions
from analysis.regions.zoom import zoomed
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fair, Fresh
from engine.cli.arguments import Parser, whole_number
from engine.errors import UsageError
from engine.results.atomic_write import write_durably

PICTURED = 4  # regions with a picture of what their best point does


def found_in(results: Path, above: float | None = None, seed: int = 0, sample: int = SAMPLE) -> tuple[Regions, Fair]:
    """Return the regions of the run in ``results``, and the mean of each region's best point on further seeds.

    Raises DataError for a run without a scored draw, UsageError if no draw is as good as ``above``.
    """
    draws = recorded(results)
    with tqdm(unit=" runs", disable=None, leave=False) as progress:
        scores = Fresh(draws.scenario, seed, draws.seed, progress.update)
        regions = find_regions(draws, scores, seed, above, sample)
        return regions, region_table.representatives(regions, scores)


def exhibits(results: Path, above: float | None = None, seed: int = 0) -> list[Exhibit]:
    """Return the regions of the run in ``results``: tables, pairs of parameters, and what each best point does."""
    regions, again = found_in(results, above, seed)
    return exhibits_of(regions, again, seed, command_for(results, above))


def command_for(results: Path, above: float | None) -> str:
    """Return what to type for these exhibits alone."""
    return f"python -m analysis.regions {shlex.quote(str(results))}" + ("" if above is None else f" --above {above:g}")


def exhibits_of(regions: Regions, again: Fair, seed: int, command: str) -> list[Exhibit]:
    """Return tables and pictures of the regions."""
    good = f"{regions.threshold:.2f} points or more on fresh seeds"
    certain = ". ".join(line[:1].upper() + line[1:] for line in region_table.certainty(regions))
    made = [
        Exhibit(
            "regions",
            "Regions of good draws",
            f"Each region is a set of good points ({good}) that paths over good points join. {certain}.",
            command,
            table=region_table.summary(regions, again),
        ),
        Exhibit(
            "regions_parameters",
            "The parameters by region",
            "Mean, standard deviation and ends of every parameter searched, over the good points of each region.",
            command,
            table=region_table.parameters(regions),
        ),
        Exhibit(
            "regions_threshold",
            "Clusters and regions by threshold",
            f"How many there are depends on what is called good. Clusters (HDBSCAN) go by distance; what is "
            f"one region is decided by paths, every point of them simulated on {SEEDS} or more fresh seeds.",
            command,
            region_pictures.counts(regions.levels, regions.threshold),
            region_table.levels(regions.levels),
        ),
        Exhibit(
            "regions_pairs",
            "The good points, in pairs of parameters",
            "Every dot is a draw that is good on average, in the colour of its region. Shown are the "
            "parameters that good points spread least over; the table has all.",
            command,
            region_pictures.pairs(regions),
            region_table.good_draws(regions),
        ),
    ]
    for region in range(min(regions.number, PICTURED)):
        made.append(
            Exhibit(
                f"regions_{region + 1}",
                f"What the best point of region {region + 1} does",
                f"It scores {again.mean[region]:.2f} ± {again.error[region]:.2f} on average. Mean and band of "
                f"{region_table.RUNS} runs on fresh seeds, against the target.",
                command,
                region_pictures.representative(regions, region, seeds_of(regions, seed)),
            )
        )
    return made


def seeds_of(regions: Regions, seed: int) -> list[int]:
    """Return the fresh seeds of the pictures."""
    words = np.random.SeedSequence([seed, regions.draws.seed, 1]).generate_state(region_table.RUNS, np.uint64)
    return [int(word >> np.uint64(1)) for word in words]


def write_config(regions: Regions, region: int, file: Path, origin: str) -> None:
    """Leave the zoomed scenario of ``region`` in ``file``; raise UsageError where that cannot be."""
    if region >= regions.number:
        there = f"give one from 1 to {regions.number}" if regions.number else "there is none; give a lower --above"
        raise UsageError(f"--region {region + 1}: no such region; {there}")
    content = zoomed(regions, region, origin).encode()
    try:
        write_durably(file, file.with_name(f".{file.name}"), lambda beside: beside.write(content))
    except OSError as error:
        raise UsageError(f"--write-config {file}: cannot be written ({error.strerror}); give another file") from None


def parser() -> Parser:
    """Return the command's options."""
    command = parser_of("regions", "The separate regions of good draws in a run, by their mean score on fresh seeds.")
    add = command.add_argument
    default = f"default {ABOVE:.0%} of the way from silence to the best".replace("%", "%%")
    add("--above", type=float, metavar="SCORE", help=f"the least mean score of a good draw ({default})")
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
    store([], options.out)  # a place that cannot be written is told before there is work
    regions, again = found_in(options.results, options.above, options.seed, options.sample)
    print(f"{region_table.text(regions, again)}\n")
    command = command_for(options.results, options.above)
    for file in store(exhibits_of(regions, again, options.seed, command), options.out):
        print(f"stored {file}")
    if options.write_config is not None:
        write_config(regions, (options.region or 1) - 1, options.write_config, str(options.results))
        print(f"stored {options.write_config}")
        print(f"Next: python -m calibrate --config {shlex.quote(str(options.write_config))} --out results-zoomed/")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, problems_of)


if __name__ == "__main__":
    sys.exit(main())
