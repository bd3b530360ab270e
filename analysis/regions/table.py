"""Regions in numbers: what each is like, how their count moves with the threshold, and what may have been missed."""

from collections.abc import Sequence

from analysis.common.exhibit import Cell, Table
from analysis.regions.search import Level, Regions
from analysis.run_data.fresh_seeds import Fair, Scores, fair
from analysis.run_data.ridge import prior_mean, ridge_of
from engine.errors import counted

CONFIDENCE = 0.95
RUNS = 100  # fresh seeds of a region's representative
LEVELS = ("threshold", "points", "clusters", "unclustered", "regions", "bent_paths", "alone")
SUMMARY = (
    "region",
    "points",
    "starts_hit",
    "chain",
    "iteration",
    "mean",
    "standard_error",
    "line_intercept",
    "line_slope",
    "line_residual_error",
    "prior_mean_lowest",
    "prior_mean_highest",
)


def unseen(starts: int) -> float:
    """Return the largest share of starts that a basin none of ``starts`` fell into can take, at CONFIDENCE."""
    return float(1 - (1 - CONFIDENCE) ** (1 / starts))


def representatives(regions: Regions, scores: Scores) -> Fair:
    """Return the means of each region's best point over RUNS fresh seeds, which did not choose it."""
    places = [regions.best(region) for region in range(regions.number)]
    return fair(scores(regions.draws.points[places], RUNS))


def summary(regions: Regions, again: Fair) -> Table:
    """Return a row for each region: size, starts, the address of its best point, the α0-on-β0 line, the prior mean."""
    rows: list[list[Cell]] = []
    hits = regions.hits()
    for region in range(regions.number):
        best, points = regions.best(region), regions.points(region)
        believed = prior_mean(points)
        address = int(regions.draws.chain[best]), int(regions.draws.iteration[best])
        score = float(again.mean[region]), float(again.error[region])
        ends = float(believed.min()), float(believed.max())
        rows.append(
            [region + 1, len(points), hits[region], *address, *score, *(ridge_of(points) or (None,) * 3), *ends]
        )
    return Table(SUMMARY, rows)


def in_words(regions: Regions) -> str:
    """Return how many regions there are, and how many starts hit each."""
    hits = ", ".join(map(str, regions.hits()))
    starts = "start" if hits == "1" else "starts"
    return f"{counted(regions.number, 'region')} found" + (f", hit by {hits} {starts}" if hits else "")


def parameters(regions: Regions) -> Table:
    """Return a row for each region and parameter searched: mean, standard deviation and ends of its good points."""
    rows: list[list[Cell]] = []
    for region in range(regions.number):
        points = regions.points(region)
        for name in regions.draws.scenario.free_names:
            values = points[:, regions.draws.scenario.names.index(name)]
            numbers = values.mean(), values.std(ddof=1), values.min(), values.max()
            searched = regions.draws.scenario.parameters[name]
            rows.append([region + 1, name, *map(float, numbers), searched.low, searched.high])
    return Table(("region", "parameter", "mean", "sd", "lowest", "highest", "searched_from", "searched_to"), rows)


def good_draws(regions: Regions) -> Table:
    """Return a row for each good point: its region (empty for none), address, fair mean and parameters."""
    draws = regions.draws
    rows: list[list[Cell]] = []
    for row, place in enumerate(regions.place):
        region = int(regions.region[row]) + 1
        address = int(draws.chain[place]), int(draws.iteration[place])
        score = float(regions.fair.mean[row]), float(regions.fair.error[row])
        rows.append([region or None, *address, *score, *map(float, draws.points[place, draws.space.place])])
    return Table(("region", "chain", "iteration", "mean", "standard_error", *draws.scenario.free_names), rows)


def levels(found: Sequence[Level]) -> Table:
    """Return a row for each threshold, with the counts by distance and by paths."""
    return Table(LEVELS, [list(level) for level in found])


def certainty(regions: Regions) -> list[str]:
    """Return lines on how sure one can be that there is no other region, and that these are apart."""
    starts = regions.starts
    hits = [
        f"region {region} was hit by {hit} of {counted(starts, 'start')}"
        for region, hit in enumerate(regions.hits(), 1)
    ]
    return [
        *hits,
        f"{counted(starts, 'independent start')} (draws of one start are not independent): a basin not seen "
        f"takes less than {100 * unseen(starts):.2g}% of starts, with {CONFIDENCE:.0%} confidence",
        "a path that is found joins; a path that is not found is no proof that there is none",
    ]


def found(regions: Regions) -> list[str]:
    """Return lines on how many there are, and on the paths that it took to join them."""
    alone = int((regions.region < 0).sum())
    return [
        f"regions: {regions.number}; good points in none: {alone}",
        *(f"a path that bends joined two groups, its lowest mean {floor:.2f}" for floor in regions.floors),
    ]


def text(regions: Regions, again: Fair) -> str:
    """Return all that is to be known of the regions, for the screen."""
    draws = regions.draws
    unfinished = "" if draws.record.status == "finished" else f" (the run is {draws.record.status})"
    heading = [
        f"{len(draws.score):,} draws{unfinished}; {len(regions.place)} of a sample are good, "
        f"{draws.objective.fair} on fresh seeds {regions.threshold:.2f} or more",
        *found(regions),
    ]
    names = draws.scenario.free_names
    spread = {(row[0], row[1]): f"{row[2]:.4g} ± {row[3]:.2g}" for row in parameters(regions).rows}
    head = ("mean ± sd", *(f"region {region + 1}" for region in range(regions.number)))
    wide = [[name, *(spread[region + 1, name] for region in range(regions.number))] for name in names]
    forms = {"threshold": ".2f", "mean": ".2f", "standard_error": ".2f", "prior_mean_lowest": ".2f"}
    forms |= {"line_intercept": ".3g", "line_slope": ".2f", "line_residual_error": ".3g", "prior_mean_highest": ".2f"}
    tables = [levels(regions.levels).as_text(forms)]
    if regions.number:
        tables += [by_region(summary(regions, again), forms), Table(head, wide).as_text()]
    return "\n".join([*heading, "", *(f"{table}\n" for table in tables), *certainty(regions)])


def by_region(table: Table, forms: dict[str, str]) -> str:
    """Return the summary turned over, a column a region, which fits a screen."""
    head = ("", *(f"region {row[0]}" for row in table.rows))
    rows: list[list[Cell]] = []
    for place, name in enumerate(table.head[1:], start=1):
        cells = ["-" if row[place] is None else format(row[place], forms.get(name, "")) for row in table.rows]
        rows.append([name.replace("_", " "), *cells])
    return Table(head, rows).as_text()
