"""The draws of a posterior: where its chains stood, first half left out, each with the run that stood there with it."""

from typing import NamedTuple

import numpy as np
from scipy.stats import truncnorm

from calibrate.methods.priors import LEAST_MISS, MOST_MISS
from calibrate.methods.space import make_space
from calibrate.objective.likelihood import means
from engine.errors import DataError, to_type
from engine.results.columns import POSTERIOR, by_year_of
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.types import Floats, Integers

FEWEST = 100  # draws of a chain
MISS = "miss"


class Sample(NamedTuple):
    """Draws of points with their runs, as (chains, draws); a draw stands as often as its chain stayed with it."""

    run: Run
    scenario: Scenario
    chains: list[int]
    iteration: Integers  # (chains, draws): where the draw is in the run
    points: Floats  # (chains, draws, parameters), in the order of the scenario's names
    miss: Floats  # (chains, draws): 1/sqrt(k)
    log_likelihood: Floats  # (chains, draws): the filter's estimate
    means: Floats  # (chains, draws, years): m_t of the run; foretold years too
    acceptance: float

    @property
    def names(self) -> tuple[str, ...]:
        """Return what was sampled: the free parameters, and the miss if it was."""
        return self.scenario.free_names + ((MISS,) if self.scenario.samples_miss else ())

    def of(self, name: str) -> Floats:
        """Return the draws of a parameter or of the miss, (chains, draws)."""
        return self.miss if name == MISS else self.points[:, :, self.scenario.names.index(name)]

    def some(self, count: int) -> tuple[Integers, Integers]:
        """Return the places, chains and draws, of some ``count`` draws, spread evenly over all."""
        total = self.miss.size
        flat = np.linspace(0, total - 1, min(count, total)).round().astype(np.int64)
        chain, draw = np.unravel_index(flat, self.miss.shape)
        return chain.astype(np.int64), draw.astype(np.int64)


def sample_of(run: Run) -> Sample:
    """Return the draws of a posterior; raise DataError for another run, or for one that is hardly begun."""
    results, method = run.directory, run.record.method
    if method != POSTERIOR:
        remedy = f"make one with `{to_type('calibrate')} --method {POSTERIOR}`"
        raise DataError(f"{results}: is a run of method {method}, whose draws are no posterior; {remedy}")
    scenario = run.scenario
    free, people = scenario.free_names, by_year_of(scenario.target.compares)
    wanted = ["iteration", *free, "miss", "log_likelihood", "accepted", "weeks_run", people]
    table = run.draws(wanted)
    column = {name: table[name].to_numpy() for name in ("chain", *wanted) if name != people}
    by_year = table[people].combine_chunks().flatten().to_numpy().reshape(len(table), -1)
    chains, first, counts = np.unique(column["chain"], return_index=True, return_counts=True)
    length = int(counts.min())
    if length < FEWEST:
        raise DataError(f"{results}: its shortest chain holds {length} draws; let the run reach {FEWEST} at least")
    rows = first[:, None] + np.arange(length)
    accepted = column["accepted"][rows]
    stands = rows[:, :1] + np.maximum.accumulate(np.where(accepted, np.arange(length), 0), axis=1)
    stands = stands[:, length // 2 :]
    points = np.tile(make_space(scenario).held, (*stands.shape, 1))
    for name in free:
        points[:, :, scenario.names.index(name)] = column[name][stands]
    mean = means(scenario, by_year, column["weeks_run"])
    return Sample(
        run,
        scenario,
        chains.tolist(),
        column["iteration"][stands].astype(np.int64),
        points,
        column["miss"][stands],
        column["log_likelihood"][stands],
        mean[stands],
        float(accepted[:, length // 2 :].mean()),
    )


def prior_quantiles(scenario: Scenario, name: str, shares: Floats) -> Floats:
    """Return the quantiles of the prior of a parameter or of the miss."""
    if name == MISS:
        ends = np.arctan(np.array([LEAST_MISS, MOST_MISS]) / scenario.posterior.miss)  # a Cauchy law's, but for 2/π
        miss: Floats = scenario.posterior.miss * np.tan(ends[0] + shares * (ends[1] - ends[0]))
        return miss
    entry, space = scenario.parameters[name], make_space(scenario)
    row = scenario.free_names.index(name)
    low, high = space.low[row], space.high[row]  # of a whole number half a step beyond its ends
    walked = low + shares * (high - low)
    if name in scenario.posterior.priors:
        law = scenario.posterior.priors[name]
        cut = ((bound - law.mean) / law.deviation for bound in (low, high))
        walked = truncnorm.ppf(shares, *cut, loc=law.mean, scale=law.deviation)
    found: Floats = np.clip(np.exp(walked) if entry.scale == "log" else walked, entry.low, entry.high)
    return found
