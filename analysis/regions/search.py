"""The separate regions of good draws: a spread-out sample on fresh seeds, clustered by distance, joined by paths."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import chi2
from sklearn.cluster import HDBSCAN

from analysis.regions.paths import SMALLEST, Joined, joined
from analysis.run_data.candidates import Recorded, spread_draws
from analysis.run_data.fresh_seeds import Fair, Scores, fair, settled
from analysis.run_data.ranking import SEEDS, Ranking
from calibrate.methods.space import to_points, to_unit
from calibrate.objective.further import of_nobody
from calibrate.objective.score import Score
from engine.errors import UsageError
from engine.scenario import Scenario
from engine.types import Floats, Integers

ABOVE = 0.8  # of the way from silence to the best fair mean
SURE = 0.95
OTHERS = (-0.1, -0.05, 0.0, 0.05, 0.1)  # further thresholds, beside the chosen one, in shares of that way
SAMPLE = 360  # draws simulated again, for all thresholds together


class Level(NamedTuple):
    """What is found at one threshold."""

    threshold: float
    points: int  # good points in the sample
    clusters: int  # by distance
    unclustered: int  # points in no cluster
    regions: int  # joined by paths
    bends: int  # paths that bend among those that were needed
    alone: int  # points in no region


class Regions(NamedTuple):
    """The good points of a run and the regions that they fall into; the region with the best point is the first."""

    draws: Recorded
    threshold: float
    place: Integers  # of each good point in ``draws``
    fair: Fair  # of each
    region: Integers  # of each, from 0 on; -1 for none
    floors: Floats  # the lowest fair mean on each path that bends
    levels: list[Level]  # the lowest threshold first

    @property
    def number(self) -> int:
        """Return the number of regions."""
        return int(self.region.max(initial=-1)) + 1

    def size(self, region: int) -> int:
        """Return the number of good points in a region, -1: in none."""
        return int((self.region == region).sum())

    @property
    def starts(self) -> int:
        """Return the number of independent starts of the run."""
        return len(np.unique(self.draws.start))

    def hits(self) -> list[int]:
        """Return how many starts hit each region: those whose best draw was good, and has one of its points nearest.

        What was recorded decides that a draw was good: a start that was lucky once counts.
        """
        draws = self.draws
        order = np.lexsort((-draws.score, draws.start))
        best = order[np.unique(draws.start[order], return_index=True)[1]]
        best = best[draws.score[best] >= self.threshold]
        tree = cKDTree(to_unit(draws.space, draws.points[self.place]))
        _, nearest = tree.query(to_unit(draws.space, draws.points[best]))
        region = self.region[nearest]
        return [int((region == number).sum()) for number in range(self.number)]

    def points(self, region: int) -> Floats:
        """Return the good points of a region, (n, parameters)."""
        inside: Floats = self.draws.points[self.place[self.region == region]]
        return inside

    def best(self, region: int) -> int:
        """Return the place, in ``draws``, of the region's best point."""
        inside = np.flatnonzero(self.region == region)
        return int(self.place[inside[np.argmax(self.fair.mean[inside])]])


def find_regions(
    ranking: Ranking, scores: Scores, seed: int, above: float | None = None, sample: int = SAMPLE
) -> Regions:
    """Return the regions of good points: those whose fair mean is ``above`` or better. ``scores`` are on fresh seeds.

    # Choice: by default good is four fifths of the way from silence to the best fair mean, because a scale of points
    # has no zero of its own. Log-likelihoods have one: good is what SURE of a region of confidence would hold. Raises
    # UsageError if no point reaches the threshold.
    """
    draws = ranking.draws
    best = float(np.nan_to_num(ranking.again.mean, nan=-np.inf).max())
    nothing = lowest(draws, best)
    reach = max(best - nothing, 0.0)
    threshold = nothing + ABOVE * reach if above is None else above
    if above is None and not reach:
        raise UsageError(
            f"no draw scores better on fresh seeds than a run in which nobody leaves ({nothing:.2f}), so none is good; "
            "let the search go on, or say what is good enough with --above SCORE"
        )
    thresholds = sorted({threshold + share * reach for share in OTHERS})
    place, mean = good_points(draws, scores, ranking, thresholds, sample)
    if not (mean.mean >= threshold).any():
        raise UsageError(f"no draw reaches {threshold:g} on fresh seeds; give --above less than {best:.2f}")
    unit = to_unit(draws.space, draws.points[place])

    def means(path: Floats, level: float) -> Fair:
        return settled(scores, to_points(draws.space, path), level)

    found = joined(means, unit, mean.mean, thresholds, seed)
    (chosen,) = (level for level in found if level.threshold == threshold)
    good = chosen.group >= 0
    levels = [level_of(level, unit) for level in reversed(found)]
    floors = np.array([bend.floor for bend in chosen.bends])
    fairly = Fair(mean.mean[good], mean.error[good])
    return Regions(draws, threshold, place[good], fairly, numbered(chosen, mean.mean)[good], floors, levels)


def lowest(draws: Recorded, best: float) -> float:
    """Return the zero of the scale on which ABOVE is good: of scores that of silence.

    Of log-likelihoods the one that puts what is good ABOVE at half the SURE quantile of chi-squared below the best, a
    degree of freedom for each parameter searched (Wilks 1938).
    """
    if draws.objective.column == "score":
        return silence(draws.scenario)
    return best - float(chi2.ppf(SURE, len(draws.scenario.free_names))) / 2 / (1 - ABOVE)


def silence(scenario: Scenario) -> float:
    """Return the score of a run in which nobody ever escapes."""
    nobody, weeks_run = np.zeros((1, scenario.weeks), np.int64), np.array([scenario.weeks])
    return float(Score(scenario)(nobody, weeks_run, of_nobody(scenario, 1))[0])


def good_points(
    draws: Recorded, scores: Scores, ranking: Ranking, thresholds: Sequence[float], sample: int
) -> tuple[Integers, Fair]:
    """Return the sample's points that reach the lowest threshold on fresh seeds, and their fair means.

    The leaders of the ranking are among them. Each threshold has its share of the sample, or the few draws that score
    high would hardly be in it.
    """
    each = sample // len(thresholds)
    spread = np.concatenate([spread_draws(draws, threshold, each) for threshold in thresholds])
    leaders = ranking.place[: len(ranking.again.mean)]
    others = np.setdiff1d(spread, leaders)
    found = fair(scores(draws.points[others], SEEDS))
    place = np.concatenate([leaders, others])
    mean, error = (np.concatenate(pair) for pair in zip(ranking.again, found, strict=True))
    distinct = np.sort(np.unique(draws.points[place], axis=0, return_index=True)[1])
    kept = distinct[mean[distinct] >= min(thresholds)]
    return place[kept], Fair(mean[kept], error[kept])


def clusters(unit: Floats) -> Integers:
    """Return the cluster of each point by HDBSCAN, -1 for none."""
    if len(unit) <= SMALLEST:
        return np.full(len(unit), -1)
    labels: Integers = HDBSCAN(min_cluster_size=SMALLEST, copy=True).fit(unit).labels_
    return labels


def level_of(found: Joined, unit: Floats) -> Level:
    """Return the counts at one threshold."""
    good = found.group >= 0
    cluster = clusters(unit[good])
    return Level(
        threshold=found.threshold,
        points=int(good.sum()),
        clusters=int(cluster.max(initial=-1)) + 1,
        unclustered=int((cluster < 0).sum()),
        regions=len(found.regions()),
        bends=len(found.bends),
        alone=int((good & ~np.isin(found.group, found.regions())).sum()),
    )


def numbered(found: Joined, mean: Floats) -> Integers:
    """Return the region of each point, numbered from 0 in the order of their best means; -1 for a point in none."""
    regions = sorted(found.regions(), key=lambda group: -mean[found.group == group].max())
    number = np.full(len(mean), -1)
    for place, group in enumerate(regions):
        number[found.group == group] = place
    return number
