"""How many separate regions of good draws a run found, in tables and pictures."""

from analysis.common.exhibit import Exhibit
from analysis.regions import pictures, table
from analysis.regions.search import SAMPLE, Regions, find_regions
from analysis.run_data.fresh_seeds import Fair, Fresh
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import SEEDS, Ranking
from engine.results.run_record import Run
from engine.seeds import seeds_from

PICTURED = 4  # regions with a picture of what their best point does


def found_in(
    ranking: Ranking, fresh: Fresh, above: float | None = None, seed: int = 0, sample: int = SAMPLE
) -> tuple[Regions, Fair]:
    """Return the regions of the run that was ranked, and the mean of each region's best point on further seeds.

    ``fresh`` ranked it, and goes on to seeds not used for that. Raises UsageError if no draw is as good as ``above``.
    """
    regions = find_regions(ranking, fresh, seed, above, sample)
    return regions, table.representatives(regions, fresh)


def command_for(run: Run, above: float | None) -> str:
    """Return what to type for these exhibits alone."""
    return line_of(run, "regions", "" if above is None else f" --above {above:g}")


def exhibits_of(regions: Regions, again: Fair, seed: int, command: str) -> list[Exhibit]:
    """Return tables and pictures of the regions."""
    objective = regions.draws.objective
    good = f"{objective.fair} on fresh seeds {regions.threshold:.2f} or more"
    lines = [*table.found(regions), *table.certainty(regions)]
    certain = ". ".join(line[:1].upper() + line[1:] for line in lines)
    made = [
        Exhibit(
            "regions",
            "Regions of good draws",
            f"Each region is a set of good points ({good}) that paths over good points join. {certain}.",
            command,
            table=table.summary(regions, again),
        ),
        Exhibit(
            "regions_parameters",
            "The range searched, and where good points lie",
            "A row for each parameter: grey, the range that was searched, as it was searched; a mark, a good point in "
            "the colour of its region; the large one, the region's best. Marks all over a range say that the record "
            "does not decide this parameter, marks at an end that the range may have been too narrow. The table has "
            "mean, standard deviation and ends over the good points of each region.",
            command,
            pictures.ranges(regions),
            table.parameters(regions),
        ),
        Exhibit(
            "regions_threshold",
            "Clusters and regions by threshold",
            f"How many there are depends on what is called good. Clusters (HDBSCAN) go by distance; what is "
            f"one region is decided by paths, every point of them simulated on {SEEDS} or more fresh seeds.",
            command,
            pictures.counts(regions.levels, regions.threshold),
            table.levels(regions.levels),
        ),
        Exhibit(
            "regions_pairs",
            "The good points, in pairs of parameters",
            "Every dot is a draw that is good on average, in the colour of its region. Shown are the "
            "parameters that good points spread least over; the table has all. Dots in a line are draws of one chain "
            "that share a value: a proposal of the walk moves only some of the parameters (search.subset).",
            command,
            pictures.pairs(regions),
            table.good_draws(regions),
        ),
    ]
    for region in range(min(regions.number, PICTURED)):
        made.append(
            Exhibit(
                f"regions_{region + 1}",
                f"What the best point of region {region + 1} does",
                f"Its {objective.fair} is {again.mean[region]:.2f} ± {again.error[region]:.2f}. Mean and band of "
                f"{table.RUNS} runs on fresh seeds, against the target.",
                command,
                pictures.representative(regions, region, seeds_of(regions, seed)),
            )
        )
    return made


def seeds_of(regions: Regions, seed: int) -> list[int]:
    """Return the fresh seeds of the pictures."""
    return seeds_from(table.RUNS, seed, regions.draws.record.seed, 1)
