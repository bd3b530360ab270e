"""Records that were never fitted beside what was foretold of them: a verdict, a picture, a table.

# Choice: the rule was set before looking. Borne out: the record's mean over its years lies in the central nine tenths
# of the same mean of the runs, and so do at least seven tenths of its years, of theirs; in part: one of the two.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import StrMethodFormatter

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH, legend_above, mark_years
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import Ranking
from analysis.run_data.reference import reference_of
from analysis.unseen.foretold import POINTS, SEEDS, Foretold, foretold
from engine.errors import UsageError, counted
from engine.plot_style import OURS, PAPER, our_style, short
from engine.results.columns import POSTERIOR
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.scenario.reference import Reference
from engine.types import Floats

YES, PARTLY, NO = "borne out", "borne out in part", "not borne out"
CENTRAL = (0.05, 0.5, 0.95)
ENOUGH = 0.7  # of the years
HEAD = ("record_of", "year", "record", "p05", "p50", "p95", "inside")


class Verdict(NamedTuple):
    """What became of one record."""

    borne_out: str
    inside: int  # years
    low: float  # of the mean over the years: central nine tenths of the runs
    middle: float
    high: float
    record: float  # its mean


def check_records(run: Run, reference: Reference) -> None:
    """Return if there are records that were never fitted; else raise UsageError, which says what would do."""
    if not reference.unseen:
        remedy = "give --reference FILE, a scenario file that names them, such as configs/gdr/gdr.yaml"
        raise UsageError(f"{run.directory}: its scenario names no record to foretell (reference.unseen); {remedy}")


def exhibits_of(
    run: Run,
    reference: Reference | None = None,
    points: int = POINTS,
    seeds: int = SEEDS,
    ranking: Ranking | None = None,
) -> list[Exhibit]:
    """Return the records beside what was foretold; errors as in check_records and foretold."""
    named = reference or reference_of(run)
    check_records(run, named)
    found = foretold(run, dict(named.unseen or {}), points, seeds, ranking)
    sentences = " ".join(told(one) for one in found)
    return [
        Exhibit(
            "unseen",
            "What was never fitted",
            f"{source(run, found)} {sentences}",
            line_of(run, "unseen"),
            picture(run.scenario, found),
            Table(HEAD, [row for one in found for row in rows_of(one)]),
        )
    ]


def source(run: Run, found: Sequence[Foretold]) -> str:
    """Return whose runs these are, in a sentence."""
    runs, target = len(found[0].runs), run.scenario.target
    kind = "runs that stood with draws of the posterior" if run.record.method == POSTERIOR else "runs of good draws"
    weighed = [name for name, series in target.also.items() if series.weight > 0]
    if weighed:
        return f"Foretold by {runs:,} {kind}, fitted to {', '.join([target.series, *weighed])}."
    return f"Foretold by {runs:,} {kind}, fitted to {target.series} alone."


def rows_of(one: Foretold) -> list[list[Cell]]:
    """Return a row a year."""
    ends = quantiles(one.runs)
    return [
        [one.name, year, float(record), *map(float, here), bool(here[0] <= record <= here[2])]
        for year, record, here in zip(one.years, one.record, ends.T, strict=True)
    ]


def quantiles(runs: Floats) -> Floats:
    """Return the central quantiles of each year, (3, years), of the runs that have something to show; NaN if none."""
    found = np.full((len(CENTRAL), runs.shape[1]), np.nan)
    some = np.isfinite(runs).any(axis=0)
    found[:, some] = np.nanquantile(runs[:, some], CENTRAL, axis=0)
    return found


def judged(one: Foretold) -> Verdict:
    """Return what became of a record, by the rule above."""
    ends = quantiles(one.runs)
    inside = int(((ends[0] <= one.record) & (one.record <= ends[2])).sum())
    whole = one.runs[np.isfinite(one.runs).all(axis=1)]
    mean = float(one.record.mean())
    if not len(whole):
        return Verdict(NO, inside, np.nan, np.nan, np.nan, mean)
    low, middle, high = map(float, np.quantile(whole.mean(axis=1), CENTRAL))
    held = (low <= mean <= high) + (inside >= ENOUGH * len(one.years))
    return Verdict((NO, PARTLY, YES)[held], inside, low, middle, high, mean)


def told(one: Foretold) -> str:
    """Return the verdict on one record in a sentence or two."""
    verdict = judged(one)
    name = short(one.name.replace("_", " "))
    about = f" ({one.unseen.about})" if one.unseen.about else ""
    said = f"{name[0].upper()}{name[1:]}{about}: {verdict.borne_out}."
    if np.isnan(verdict.middle):
        return f"{said} No run has anything to show in all of these years."
    form = ".2f" if one.is_share else ",.0f"
    side = "" if verdict.low <= verdict.record <= verdict.high else too_far(verdict)
    said += (
        f" Over {one.years[0]}–{one.years[-1]} the mean foretold is {verdict.middle:{form}} ({verdict.low:{form}} to "
        f"{verdict.high:{form}}), the record's {verdict.record:{form}}{side}; {verdict.inside} of "
        f"{counted(len(one.years), 'year')} of it lie inside."
    )
    return said


def too_far(verdict: Verdict) -> str:
    """Return on which side of the record the runs lie."""
    if verdict.low > verdict.record:
        return ", so too much is foretold"
    return ", so too little is foretold"


def picture(scenario: Scenario, found: Sequence[Foretold]) -> Figure:
    """Return a panel a record: the band of the runs, their median, and the record."""
    with our_style():
        figure = Figure(figsize=(WIDTH, 0.6 + 2.3 * len(found)), layout="constrained")
        panels = list(figure.subplots(len(found), 1, sharex=True, squeeze=False).flat)
        for panel, one in zip(panels, found, strict=True):
            scale = 100.0 if one.is_share else 1.0
            years = np.array(one.years) + 0.5
            low, middle, high = scale * quantiles(one.runs)
            panel.fill_between(years, low, high, color=OURS, alpha=0.25, linewidth=0)
            panel.plot(years, middle, color=OURS, linewidth=1.6)
            panel.plot(years, scale * one.record, "o", color=PAPER, markersize=5)
            panel.set_title(short(one.name.replace("_", " ")))
            panel.set_ylabel("%" if one.is_share else "people a year")
            highest = np.nanmax([*high, *(scale * one.record)])
            panel.set_ylim(0, 105 if one.is_share else 1.08 * highest)
            panel.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        mark_years(panels, scenario, 12)
        first, last = min(one.years[0] for one in found), max(one.years[-1] for one in found)
        for panel in panels:
            panel.set_xlim(first, last + 1)
        legend_above(
            figure,
            [
                Line2D([], [], color=PAPER, marker="o", linestyle="", label="record, never fitted"),
                Line2D([], [], color=OURS, label="foretold, median"),
                Patch(color=OURS, alpha=0.25, linewidth=0, label="central 90 %"),
            ],
        )
        figure.align_ylabels(panels)
    return figure
