"""How well a run meets further observed series: people or shares of a kind, in years or periods (target.also).

A run's number is that expected given all that the run drew (engine.kernel.recording). For each series it has

    a distance      mean over the figures of |observed - run|, people a week; of shares: that share of the target's
                    mean, which is so many people a week of the wrong kind
    log L           Σ log NegBin(y; mean m, size k), k = miss⁻², for people, as in calibrate.objective.likelihood;
                    for shares of n observed people Σ log BetaBin(y; n, p φ, (1 - p) φ), φ = 1/(4 miss²) - 1, so that
                    at a half the share observed lies off the run's by ``miss`` in the mean square (Crowder 1978, Beta-
                    binomial ANOVA for proportions, Applied Statistics 27); for shares of an unknown number Σ log of the
                    beta density with the same parameters (Ferrari and Cribari-Neto 2004, Beta regression)

and its weight times the first is taken off the score, times the second added to the likelihood.

# Choice: a share in a run is (people + 1/2) / (all + 1), so that one of nobody is a half and no share is impossible.
# Choice: a figure whose years a stopped run did not all run has the largest distance there is: the cap of a week for
people, a whole share for shares. For log L weeks not run count as in calibrate.objective.likelihood.
"""

import math
from typing import NamedTuple

import numpy as np

from calibrate.objective.likelihood import LEAST, log_of_count
from engine.kernel.recording import ATTEMPTED, ESCAPED
from engine.numerics.jit import compiled, internal, merged
from engine.scenario import Scenario
from engine.scenario.kept import kept
from engine.scenario.observed import asked_about
from engine.types import Flags, Floats, Integers

PREVENTED = 2  # beside ATTEMPTED and ESCAPED: which number of a kind of person is compared
COUNTED = {"attempts": ATTEMPTED, "escapes": ESCAPED, "prevented": PREVENTED}
FOUND, DISTANCE, LOG_LIKELIHOOD = 0, 1, 2  # what a draw has of each series: engine.results.columns.FURTHER


class Further(NamedTuple):
    """The further series of a scenario, ready to be held against runs; of no series where it names none."""

    # By series.
    is_share: Flags
    counted: Integers  # ATTEMPTED, ESCAPED or PREVENTED
    kind: Integers  # whose: place in a tally
    among: Integers  # of a share: whose number it is one of
    miss: Floats
    weight: Floats
    figures: Integers  # how many it has
    # By figure.
    series: Integers
    first: Integers  # year
    past: Integers  # year after its last
    observed: Floats  # people, or a share
    out_of: Floats  # people; 0: not known
    weeks_per_year: int
    pace: float  # people in a week that a stopped run did not run
    cap: float  # the largest distance of people, people a week
    whole: float  # the distance of a whole share, people a week


@kept
def make_further(scenario: Scenario) -> Further:
    """Return the further series of a scenario, made once."""
    series = list(scenario.target.also.values())
    kinds = asked_about(series)
    figures = [
        (place, *figure)
        for place, one in enumerate(series)
        for figure in one.figures(scenario.first_year, scenario.fitted_years)
    ]
    columns = np.array(figures, dtype=np.float64).reshape(-1, 5).T.copy()
    target = scenario.yearly_target()[: scenario.fitted_years]
    return Further(
        is_share=np.array([one.is_share for one in series], np.bool_),
        counted=np.array([COUNTED[one.of] for one in series], np.int64),
        kind=np.array([kinds.index(one.whose) for one in series], np.int64),
        among=np.array([kinds.index(one.among) if one.is_share else 0 for one in series], np.int64),
        miss=np.array([one.miss for one in series], np.float64),
        weight=np.array([one.weight for one in series], np.float64),
        figures=np.bincount(columns[0].astype(np.int64), minlength=len(series)),
        series=columns[0].astype(np.int64),
        first=columns[1].astype(np.int64),
        past=columns[2].astype(np.int64),
        observed=columns[3],
        out_of=columns[4],
        weeks_per_year=scenario.weeks_per_year,
        pace=float(scenario.stop_above or 0),
        cap=scenario.score.distance_cap,
        whole=float(target.mean()) / scenario.weeks_per_year,
    )


@merged
def hold_against(tally: Floats, weeks_run: int, further: Further, row: Floats) -> tuple[float, float]:
    """Return the weighted sums of the distances and of log L of one run, and fill ``row``, (3·series,).

    ``tally`` is (years, kinds, 2), as recorded. A row has FOUND, DISTANCE and LOG_LIKELIHOOD of each series in turn:
    the people of all its figures together, or their share.
    """
    row[:] = 0.0
    distance, likelihood = 0.0, 0.0
    for series in range(further.weight.size):
        people, everyone = 0.0, 0.0
        for figure in range(further.series.size):
            if further.series[figure] != series:
                continue
            here, all_here = _counted(tally, further, series, figure)
            people += here
            everyone += all_here
            gap, log_density = _compared(here, all_here, weeks_run, further, series, figure)
            row[3 * series + DISTANCE] += gap / further.figures[series]
            row[3 * series + LOG_LIKELIHOOD] += log_density
        row[3 * series + FOUND] = _share(people, everyone) if further.is_share[series] else people
        distance += further.weight[series] * row[3 * series + DISTANCE]
        likelihood += further.weight[series] * row[3 * series + LOG_LIKELIHOOD]
    return distance, likelihood


@internal
def _counted(tally: Floats, further: Further, series: int, figure: int) -> tuple[float, float]:
    """Return the people of a figure's years that are compared, and among how many they are."""
    people, among = 0.0, 0.0
    kind, all_kinds, counted = further.kind[series], further.among[series], further.counted[series]
    for year in range(further.first[figure], further.past[figure]):
        if counted == PREVENTED:
            people += tally[year, kind, ATTEMPTED] - tally[year, kind, ESCAPED]
            among += tally[year, all_kinds, ATTEMPTED]
        else:
            people += tally[year, kind, counted]
            among += tally[year, all_kinds, counted]
    return people, among


@internal
def _share(people: float, everyone: float) -> float:
    return (people + 0.5) / (everyone + 1.0)


@internal
def _compared(
    people: float, everyone: float, weeks_run: int, further: Further, series: int, figure: int
) -> tuple[float, float]:
    """Return the distance of a run's number from a figure, and log L of the figure."""
    observed, out_of, miss = further.observed[figure], further.out_of[figure], further.miss[series]
    weeks = (further.past[figure] - further.first[figure]) * further.weeks_per_year
    missing = min(max(further.past[figure] * further.weeks_per_year - weeks_run, 0), weeks)
    if further.is_share[series]:
        share = _share(people, everyone)
        gap = abs(observed - share) if missing == 0 else 1.0
        return gap * further.whole, _log_share(observed, out_of, share, 0.25 / (miss * miss) - 1.0)
    gap = min(abs(observed - people) / weeks, further.cap) if missing == 0 else further.cap
    return gap, log_of_count(observed, max(people + missing * further.pace, LEAST), 1.0 / (miss * miss))


@internal
def _log_share(observed: float, out_of: float, share: float, precision: float) -> float:
    """Return log BetaBin of a share of so many people, or log of the beta density of one of an unknown number."""
    a, b = share * precision, (1.0 - share) * precision
    if out_of == 0.0:
        power = (a - 1.0) * math.log(observed) + (b - 1.0) * math.log1p(-observed)
        return power + math.lgamma(precision) - math.lgamma(a) - math.lgamma(b)
    people = observed * out_of
    rest = out_of - people
    ways = math.lgamma(out_of + 1.0) - math.lgamma(people + 1.0) - math.lgamma(rest + 1.0)
    met = math.lgamma(people + a) + math.lgamma(rest + b) - math.lgamma(out_of + precision)
    return ways + met - math.lgamma(a) - math.lgamma(b) + math.lgamma(precision)


@compiled
def hold_each(tallies: Floats, weeks_run: Integers, further: Further, rows: Floats, sums: Floats) -> None:
    """Fill ``rows``, (runs, 3·series), and the weighted ``sums``, (runs, 2), of runs: ``hold_against`` of each."""
    for run in range(weeks_run.size):
        sums[run, 0], sums[run, 1] = hold_against(tallies[run], weeks_run[run], further, rows[run])


def held(scenario: Scenario, tallies: Floats, weeks_run: Integers) -> tuple[Floats, Floats]:
    """Return what runs have of each series, (runs, 3·series), and their weighted distances and log L, (runs, 2)."""
    further = make_further(scenario)
    rows, sums = np.zeros((len(weeks_run), 3 * len(further.weight))), np.zeros((len(weeks_run), 2))
    hold_each(np.ascontiguousarray(tallies), np.asarray(weeks_run), further, rows, sums)
    return rows, sums


def of_nobody(scenario: Scenario, runs: int) -> Floats:
    """Return the tallies of runs in which nobody ever attempts, (runs, years, kinds, 2)."""
    return np.zeros((runs, scenario.years, len(asked_about(scenario.target.also.values())), 2))


def floor_of(scenario: Scenario) -> float:
    """Return the weighted log L of a run that explodes at once, as calibrate.objective.likelihood.floor does."""
    return float(held(scenario, of_nobody(scenario, 1), np.zeros(1, np.int64))[1][0, 1])


def by_figure(scenario: Scenario, tallies: Floats) -> Floats:
    """Return what runs have beside each figure, (runs, figures): people, or a share."""
    further = make_further(scenario)
    found = np.empty((len(tallies), further.series.size))
    for figure, series in enumerate(further.series):
        of_years = tallies[:, further.first[figure] : further.past[figure]].sum(axis=1)
        counted = further.counted[series]
        whose, all_here = of_years[:, further.kind[series]], of_years[:, further.among[series]]
        if counted == PREVENTED:
            people, among = whose[:, ATTEMPTED] - whose[:, ESCAPED], all_here[:, ATTEMPTED]
        else:
            people, among = whose[:, counted], all_here[:, counted]
        found[:, figure] = (people + 0.5) / (among + 1.0) if further.is_share[series] else people
    return found
