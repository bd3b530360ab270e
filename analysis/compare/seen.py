"""What is looked at of one run: its best point on fresh seeds, what happens there, and its good draws."""

from functools import cached_property

import numpy as np

from analysis.common.once import Once
from analysis.regions.exhibits import found_in
from analysis.regions.search import Regions
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fair, Fresh, fair
from analysis.run_data.ranking import Ranking, rank
from calibrate.objective.likelihood import log_likelihoods
from calibrate.objective.score import Score
from engine.cli.yearly_table import Runs, gather, spread
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.seeds import seeds_from
from engine.simulation import simulate_many
from engine.types import Floats

RUNS = 100  # fresh seeds of a point
GOOD = 0.5  # the share of the ranked draws that is called good
CENTRAL = (0.05, 0.95)


class Seen:
    """One run, under the name that it has beside the others; what takes time is made when it is asked for."""

    def __init__(self, label: str, run: Run, sample: int) -> None:
        self.label, self.run = label, run
        self.scenario: Scenario = run.scenario
        self._fresh = Once(lambda: Fresh(run))
        self.regions: Once[tuple[Regions, Fair]] = Once(
            lambda: found_in(self.ranking, self._fresh.get(), sample=sample)
        )

    @cached_property
    def ranking(self) -> Ranking:
        """Return the best draws on fresh seeds; raise DataError if the run has none."""
        return rank(recorded(self.run), self._fresh.get())

    @property
    def best(self) -> Floats:
        """Return the best point, (parameters,)."""
        point: Floats = self.ranking.draws.points[self.ranking.place[0]]
        return point

    @property
    def address(self) -> tuple[int, int]:
        """Return chain and iteration of the best point."""
        draws, place = self.ranking.draws, self.ranking.place[0]
        return int(draws.chain[place]), int(draws.iteration[place])

    @cached_property
    def runs(self) -> Runs:
        """Return what happens at the best point, RUNS times."""
        return simulated(self.scenario, self.best, self.run.record.seed)

    @property
    def curve(self) -> Floats:
        """Return what is compared with the record, by year: mean and both ends of the band, (3, years)."""
        return spread(getattr(self.runs, self.scenario.target.compares), self.runs.begun)

    @property
    def repression(self) -> Floats:
        """Return repression by year, mean and both ends of the band, (3, years)."""
        return spread(self.runs.repression, self.runs.begun)

    def good(self, name: str) -> tuple[float, float]:
        """Return between which values of a parameter nine in ten of the good draws lie."""
        draws, place = self.ranking.draws, self.ranking.place
        values = draws.points[place[: max(2, round(GOOD * len(place)))], draws.scenario.names.index(name)]
        low, high = np.quantile(values, CENTRAL)
        return float(low), float(high)


def simulated(scenario: Scenario, point: Floats, seed: int) -> Runs:
    """Return RUNS runs at a point, (parameters,), on seeds that the run of ``seed`` did not use."""
    return gather(scenario, simulate_many(scenario, scenario.point(point), seeds_from(RUNS, seed, 5)))


def worths(scenario: Scenario, runs: Runs) -> dict[str, tuple[float, float]]:
    """Return what the runs of one point are worth by each objective, the target alone, with the standard error."""
    by_year = getattr(runs, scenario.target.compares)
    scores = fair(Score(scenario)(runs.weekly, runs.weeks_run)[None])
    likelihood = fair(log_likelihoods(scenario, by_year, runs.weeks_run)[None])
    return {
        "score": (float(scores.mean[0]), float(scores.error[0])),
        "likelihood": (float(likelihood.mean[0]), float(likelihood.error[0])),
    }
