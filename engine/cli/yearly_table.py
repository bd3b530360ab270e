"""The years of one run, or of many of the same point: gathered, then as a table to print and to store."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.results.csv_bytes import csv_bytes
from engine.scenario import Scenario
from engine.simulation import Trajectory

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
BAND = (0.05, 0.95)  # quantiles over the runs


class Runs(NamedTuple):
    """What is kept of some runs of one scenario: the whole of thousands of them would fill the memory."""

    weeks_run: Integers  # (runs,)
    stopped: NDArray[np.bool_]  # (runs,)
    weekly: Integers  # (runs, weeks): what is compared with the target, escapes or attempts
    last_week: Integers  # (runs,): of the last week run, what stops a run: escapes or attempts
    escapes: Integers  # (runs, years)
    attempts: Integers  # (runs, years)
    known: Integers  # (runs, years)
    repression: Floats  # (runs, years): mean over provinces and the weeks run, NaN in a year not begun
    by_province: Floats  # (weeks, provinces): repression, mean over the runs that came so far, NaN if none did

    @property
    def begun(self) -> NDArray[np.bool_]:
        """Return whether a run came as far as the year, (runs, years)."""
        years = self.attempts.shape[1]
        first_weeks = np.arange(years) * (self.weekly.shape[1] // years)
        begun: NDArray[np.bool_] = self.weeks_run[:, None] > first_weeks
        return begun


def gather(scenario: Scenario, trajectories: Iterable[Trajectory]) -> Runs:
    """Return what is kept of the runs, in their order."""
    came = np.zeros((scenario.weeks, 1))
    sums = np.zeros((scenario.weeks, len(scenario.provinces)))
    rows = []
    for run in trajectories:
        ran = np.arange(scenario.weeks) < run.weeks_run
        came[ran] += 1
        sums[ran] += run.repression[ran]
        level = np.where(ran, run.repression.mean(axis=1), 0.0)
        repression = _ratio(*(weekly.reshape(scenario.years, -1).sum(axis=1) for weekly in (level, ran)))
        weekly = getattr(run, scenario.target.compares).sum(axis=1)
        last_week = getattr(run, scenario.stop_counts)[run.weeks_run - 1].sum()
        counts = run.escapes_by_year(), run.attempts_by_year(), run.by_year(run.known)
        rows.append((run.weeks_run, run.stopped, weekly, last_week, *counts, repression))
    return Runs._make([*map(np.array, zip(*rows, strict=True)), _ratio(sums, came)])


def _ratio(sums: Floats, counts: NDArray[Any]) -> Floats:
    """Return the means, NaN where there is nothing to take one of."""
    means: Floats = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return means


def spread(values: NDArray[np.generic], begun: NDArray[np.bool_]) -> Floats:
    """Return mean and both ends of BAND over the runs that began it, for each column: (3, columns).

    ``values`` and ``begun`` are (runs, columns). NaN where no run began.
    """
    found = np.full((3, values.shape[1]), np.nan)
    for column in np.flatnonzero(begun.any(axis=0)):
        chosen = values[begun[:, column], column].astype(np.float64)
        found[:, column] = chosen.mean(), *np.quantile(chosen, BAND)
    return found


class Column(NamedTuple):
    """One column of the table of years."""

    name: str
    values: Floats  # (years,), NaN for none
    total: float  # NaN for none
    decimals: int  # on the screen; 0: these are whole numbers


def table_of_years(scenario: Scenario, runs: Runs) -> list[Column]:
    """Return the columns; of several runs the means, the band of what is compared, and how many began the year."""
    nothing = float("nan")
    target = scenario.yearly_target()
    decimals = 0 if len(runs.stopped) == 1 else 1

    def mean_of(name: str, values: Integers) -> Column:
        return Column(name, spread(values, runs.begun)[0], float(values.sum(axis=1).mean()), decimals)

    columns = [
        Column("year", np.array(scenario.calendar, dtype=np.float64), nothing, 0),
        Column("population", scenario.population_totals().astype(np.float64), nothing, 0),
        Column("target", target, float(target.sum()), 0 if np.all(target == np.round(target)) else 1),
    ]
    for name, values in (("escapes", runs.escapes), ("attempts", runs.attempts), ("known", runs.known)):
        columns.append(mean_of(name, values))
        if decimals and name == scenario.target.compares:
            _, *ends = spread(values, runs.begun)
            totals = np.quantile(values.sum(axis=1), BAND)
            columns += [
                Column(f"{name}_p{100 * share:02.0f}", end, float(total), decimals)
                for share, end, total in zip(BAND, ends, totals, strict=True)
            ]
    columns.append(Column("mean_repression", spread(runs.repression, runs.begun)[0], nothing, 3))
    if decimals:
        columns.append(Column("runs", runs.begun.sum(axis=0).astype(np.float64), nothing, 0))
    return columns


def as_text(columns: list[Column]) -> str:
    """Return the table for the screen, with a last line for all years together."""
    texts = []
    for column in columns:
        comma = "" if column.name == "year" else ","
        cells = [*column.values, column.total]
        shown = ["-" if np.isnan(cell) else f"{cell:{comma}.{column.decimals}f}" for cell in cells]
        if np.isnan(column.total):
            shown[-1] = "all" if column.name == "year" else ""
        heading = column.name.replace("_", " ")
        width = max(map(len, [heading, *shown]))
        texts.append([text.rjust(width) for text in [heading, *shown]])
    return "\n".join("  ".join(line).rstrip() for line in zip(*texts, strict=True))


def as_csv(columns: list[Column]) -> bytes:
    """Return the table as CSV, a line a year, all digits kept, empty where there is no number."""

    def cell(column: Column, year: int) -> float | None:
        value = column.values[year]
        return None if np.isnan(value) else float(value) if column.decimals else int(value)

    rows = [[cell(column, year) for column in columns] for year in range(len(columns[0].values))]
    return csv_bytes([column.name for column in columns], rows)


def stop_line(scenario: Scenario, runs: Runs) -> str:
    """Return one line on how far the runs came."""
    count, stops = len(runs.stopped), int(runs.stopped.sum())
    if not stops:
        return f"all {scenario.weeks:,} weeks run" + (" in every run" if count > 1 else "")
    limit = f"more than {scenario.stop_above:,} {scenario.stop_counts} in a week"
    if count > 1:
        return f"{stops} of {count} runs stopped early: {limit}; a year counts the runs that began it"
    last = int(runs.weeks_run[0]) - 1
    year = scenario.calendar[last // scenario.weeks_per_year]
    weeks = f"stopped after week {last + 1:,} of {scenario.weeks:,}, in {year}"
    return f"{weeks}: {limit} ({runs.last_week[0]:,})"
