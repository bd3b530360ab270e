"""A posterior as tables and pictures, with what each of them shows."""

from typing import Any

import numpy as np

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.libraries import arviz
from analysis.posterior import pictures
from analysis.posterior.paths import Paths, kinds_of, paths_of
from analysis.posterior.predictive import LeftOut, Predictive, left_out, predicted
from analysis.posterior.sample import MISS, Sample, sample_of
from analysis.posterior.table import ENOUGH, SETTLED, Line, lines_of
from analysis.run_data.made_by import line_of
from engine.errors import counted, to_type
from engine.results.run_record import Run
from engine.types import Floats

HINT = 0.7  # k-hat above which leaving a year out by weights cannot be relied on
CENTRAL = (0.05, 0.5, 0.95)


def exhibits_of(run: Run) -> list[Exhibit]:
    """Return all that there is to see of a posterior; raise DataError for another run."""
    library, sample = arviz(), sample_of(run)
    command = line_of(run, "posterior")
    lines, paths = lines_of(sample, library), paths_of(sample)
    found = [
        unseen(sample, paths, command),
        parameters(sample, lines, command),
        Exhibit(
            "posterior_pairs",
            "Parameters in pairs",
            "Each parameter's draws, and below those of each pair: where a cloud is a thin line, the record tells only "
            "of the two together.",
            command,
            pictures.pairs(sample),
        ),
    ]
    if not by_likelihood(run):
        return found
    predictive = predicted(sample)
    without = left_out(sample, library)
    return [*found, records(sample, predictive, without, command), never_seen(sample, paths, predictive, command)]


def by_likelihood(run: Run) -> bool:
    """Return whether a posterior's rule is the likelihood; the energy score says not how a record lies around a run."""
    return run.scenario.posterior.rule == "likelihood"


def interval(draws: Floats, form: str = ".2f") -> str:
    """Return the median and the central 90 % of draws in words."""
    low, middle, high = np.nanquantile(draws, CENTRAL)
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def unseen(sample: Sample, paths: Paths, command: str) -> Exhibit:
    """Return what happened unseen, and whether repression fell."""
    scenario = sample.scenario
    first, last = paths.repression[:, 0], paths.repression[:, -1]
    fell = float(np.mean(last < first))
    there = np.nan_to_num(paths.repression, nan=1.0)  # not after an early stop
    lowest, when = there.min(axis=1), np.array(scenario.calendar, np.float64)[there.argmin(axis=1)]
    bands = [np.nanquantile(series, CENTRAL, axis=0) for series in paths[:4] if np.isfinite(series).any()]
    names = [name for name, series in zip(Paths._fields, paths[:4], strict=False) if np.isfinite(series).any()]
    head = ("year", *(f"{name}_{end}" for name in names for end in ("p05", "p50", "p95")))
    rows: list[list[Cell]] = [
        [year, *(float(end) for ends in bands for end in ends[:, place])]
        for place, year in enumerate(scenario.calendar)
    ]
    said = (
        f"Did repression fall? In {fell:.0%} of {len(first)} draws of the posterior it is lower in "
        f"{scenario.calendar[-1]} than in {scenario.calendar[0]}: from {interval(first)} to {interval(last)} (median "
        f"and nine draws in ten). It is lowest in {interval(when, '.0f')}, at {interval(lowest)}. What the record does "
        "not tell is here with what it leaves open: attempts, and what people believed."
    )
    if not by_likelihood(sample.run):
        said += " (By the energy score: plain runs at points of its posterior, which no record chose among.)"
    return Exhibit(
        "posterior_paths",
        "What happened unseen",
        said,
        command,
        pictures.unseen(scenario, paths),
        Table(head, rows),
    )


def parameters(sample: Sample, lines: list[Line], command: str) -> Exhibit:
    """Return the table of the parameters, and what to beware of."""
    rough = [line for line in lines if not line.settled]
    worst = max(lines, key=lambda line: np.nan_to_num(line.rhat, nan=np.inf))
    fewest = min(lines, key=lambda line: min(line.ess_bulk, line.ess_tail))
    said = (
        f"{counted(len(sample.chains), 'chain')} of {sample.miss.shape[1]:,} draws, a first half left out, "
        f"{sample.acceptance:.1%} of the proposals taken. R-hat is at most {worst.rhat:.2f} ({worst.parameter}), the "
        f"draws are worth at least {min(fewest.ess_bulk, fewest.ess_tail):,.0f} independent ones ({fewest.parameter}). "
    )
    if sample.scenario.samples_miss:
        share = np.quantile(sample.of(MISS), CENTRAL)
        said += (
            f"The model misses a year of the record by {share[1]:.0%} ({share[0]:.0%} to {share[2]:.0%}) beyond "
            "what counting people does: that is the miss. "
        )
    said += "narrower says how many times the interval is narrower than the prior's."
    if not by_likelihood(sample.run):
        said += (
            " This posterior is by the energy score, which has no law of how a record lies around a run: so there are "
            f"no new records, left-out years or forecasts of it; `{to_type('analysis.second_opinion')}` sets it beside "
            "the likelihood's."
        )
    warnings: tuple[str, ...] = ()
    if rough:
        names = ", ".join(line.parameter for line in rough)
        warnings = (
            f"the chains have not settled in {names}: R-hat above {SETTLED} or fewer than {ENOUGH:.0f} effective "
            "draws; go on with --resume and more --iters",
        )
    rows: list[list[Cell]] = [list(line) for line in lines]
    return Exhibit(
        "posterior", "The parameters, given the record", said, command, None, Table(Line._fields, rows), warnings
    )


def records(sample: Sample, predictive: Predictive, without: LeftOut, command: str) -> Exhibit:
    """Return new records beside the real one, year by year."""
    scenario = sample.scenario
    fitted, record = scenario.fitted_years, scenario.yearly_target()
    ends = np.quantile(predictive.records, CENTRAL, axis=0)
    inside = int(((ends[0] <= record) & (record <= ends[2]))[:fitted].sum())
    unsure = [year for year, shape in zip(scenario.calendar, without.shape, strict=False) if not shape <= HINT]
    said = (
        f"New records, simulated at points of the posterior: nine in ten of them reach over the real one in {inside} "
        f"of {fitted} years. A year left out in turn has a log predictive probability of "
        f"{without.log_likelihood.sum():.1f} in all"
    )
    said += f" (a hint only in {', '.join(map(str, unsure))}: k-hat above {HINT})." if unsure else "."
    head = ("year", "record", "p05", "p50", "p95", "place", "left_out_log_likelihood", "k_hat")
    nothing: list[Cell] = [None, None, None]
    rows: list[list[Cell]] = []
    for place, year in enumerate(scenario.calendar):
        seen = [float(column[place]) for column in (predictive.place, *without)] if place < fitted else nothing
        rows.append([year, float(record[place]), *map(float, ends[:, place]), *seen])
    return Exhibit(
        "posterior_records",
        "New records beside the real one",
        said,
        command,
        pictures.fan(scenario, predictive),
        Table(head, rows),
    )


def never_seen(sample: Sample, paths: Paths, predictive: Predictive, command: str) -> Exhibit:
    """Return statistics that no fit has seen as such, beside the record's where it has them."""
    scenario = sample.scenario
    record, calendar = scenario.yearly_target(), np.array(scenario.calendar)
    new = predictive.records.astype(np.float64)
    homes = paths.homes.mean(axis=0)
    first = int(homes.argmax())
    found: list[tuple[str, Floats, Any]] = [
        ("year with most", calendar[new.argmax(axis=1)].astype(np.float64), float(calendar[record.argmax()])),
        ("people of that year", new.max(axis=1), float(record.max())),
        ("people in all", new.sum(axis=1), float(record.sum())),
        *(
            (f"share of {level} ({trait})", paths.kinds[:, place], None)
            for place, (trait, level) in enumerate(kinds_of(scenario))
        ),
        (f"share of {scenario.provinces[first]}", paths.homes[:, first], None),
    ]
    if scenario.years > 1:
        fall = ("largest fall from a year to the next", -np.diff(new, axis=1).min(axis=1), -np.diff(record).min())
        found.insert(2, fall)
    rows: list[list[Cell]] = [
        [name, *map(float, np.nanquantile(draws, CENTRAL)), None if told is None else float(told)]
        for name, draws, told in found
    ]
    return Exhibit(
        "posterior_statistics",
        "What the fit has not seen as such",
        "Of new records, and of who left in the draws of the posterior. Who came to the record's country is in "
        f"`{line_of(sample.run, 'leavers')}`.",
        command,
        None,
        Table(("statistic", "p05", "p50", "p95", "record"), rows),
    )
