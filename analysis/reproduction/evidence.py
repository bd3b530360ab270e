"""What the paper's claims are held against: good draws by fair ranking, the two best, regions and importance."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.common.once import Once
from analysis.importance.exhibits import Measured, table_of
from analysis.regions.search import Regions
from analysis.regions.table import in_words
from analysis.run_data.fresh_seeds import Fair
from analysis.run_data.ranking import Ranking
from analysis.run_data.ridge import prior_mean
from engine.errors import DataError
from engine.scenario import Scenario
from engine.scenario.reference import Reference
from engine.simulation import simulate_many
from engine.types import Floats, Integers

GOOD = 0.5  # the share of the ranked draws that is called good


class TwoBest(NamedTuple):
    """The two best draws on fresh seeds: repression in the first and the last week, and weeks above tolerance."""

    first: Floats  # (2,): mean over provinces and seeds
    last: Floats
    above: Floats  # (2,): share of the weeks and provinces in which the tolerance was exceeded

    @property
    def levels(self) -> str:
        """Return where repression begins and ends in each, in words."""
        return "; ".join(f"{first:.0%} to {last:.0%}" for first, last in zip(self.first, self.last, strict=True))


class Evidence(NamedTuple):
    """What the claims are held against."""

    scenario: Scenario
    points: Floats  # (draws, parameters): the good draws
    chains: Integers  # (draws,): of each
    best: TwoBest
    importance: Sequence[str]  # parameters, the most important first; empty if it could not be measured
    no_importance: str  # why not
    regions: str  # how many were found, or why none was, in words
    draws: int  # in the whole run
    reference: Reference  # whose claims they are

    def column(self, name: str) -> Floats:
        """Return the values of a parameter, (draws,)."""
        values: Floats = self.points[:, self.scenario.names.index(name)]
        return values

    def prior_mean(self) -> Floats:
        """Return what people first believe repression to be, (draws,)."""
        return prior_mean(self.points)


def evidence_of(
    ranking: Ranking, importance: Once[list[Measured]], regions: Once[tuple[Regions, Fair]], reference: Reference
) -> Evidence:
    """Return what the claims are held against; what cannot be had of importance and regions is told by the claims."""
    draws, count = ranking.draws, max(2, round(GOOD * len(ranking.place)))
    good = ranking.place[:count]
    if len(good) < 2:
        raise DataError("one draw of the run has a score; let the run reach 2 at least")
    return Evidence(
        scenario=draws.scenario,
        points=draws.points[good],
        chains=draws.chain[good],
        best=two_best(draws.scenario, draws.points[good[:2]], ranking.seeds, draws.record.seed + 1),
        importance=[] if importance.problem() else order_of(importance.get()),
        no_importance=importance.problem(),
        regions=f"regions: {regions.problem()}" if regions.problem() else in_words(regions.get()[0]),
        draws=len(draws.score),
        reference=reference,
    )


def order_of(measured: list[Measured]) -> list[str]:
    """Return the parameters, the most important first."""
    ranks = {line.name: line.run.rank for line in table_of(measured) if line.run.rank is not None}
    return sorted(ranks, key=lambda name: ranks[name])


def two_best(scenario: Scenario, points: np.ndarray, seeds: int, first_seed: int) -> TwoBest:
    """Return repression and the reach of the tolerance in the runs of two points on so many seeds each."""
    found = []
    for point in points:
        parameters = scenario.point(point)
        many = [(first_seed + number) % 2**63 for number in range(seeds)]
        runs = simulate_many(scenario, parameters, many)
        counted = {
            "attempts": [run.attempts for run in runs],
            "escapes": [run.escapes for run in runs],
            "repressed": [run.attempts - run.escapes for run in runs],
        }[scenario.regime.counts]
        above = [weekly[: run.weeks_run] > parameters.tolerance for run, weekly in zip(runs, counted, strict=True)]
        reached = np.concatenate(above).mean()
        found.append((runs[0].repression[0].mean(), np.mean([run.repression[-1] for run in runs]), reached))
    first, last, above = np.array(found).T
    return TwoBest(first, last, above)
