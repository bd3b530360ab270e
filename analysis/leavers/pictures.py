"""Pictures of who leaves: shares by kind of person, and the women among the escapes by year."""

from collections.abc import Sequence
from itertools import groupby
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.common.exhibit import Cell
from analysis.common.panels import event_patches, legend_above, mark_years
from analysis.leavers.count import Share
from engine.plot_style import CONTEXT, OURS, PAPER, our_style, short
from engine.scenario import Scenario
from engine.scenario.reference import Period

WRAPPED = 26  # characters of a level's name in a line


def kinds(table: Sequence[Share]) -> Figure:
    """Return a panel a trait: a row a level, with its share of the population, of the escapes and of the record."""
    traits = [list(lines) for _, lines in groupby(table, key=lambda line: line.trait)]
    traits.sort(key=len)
    with our_style():
        inches = sum(0.5 + 0.34 * len(lines) for lines in traits)
        figure = Figure(figsize=(7.2, 1.1 + inches), layout="constrained")
        panels = figure.subplots(len(traits), 1, sharex=True, height_ratios=[1 + 0.5 * len(lines) for lines in traits])
        for panel, lines in zip(panels, traits, strict=True):
            draw_trait(panel, lines)
        panels[-1].set_xlabel("share (%)")
        panels[-1].set_xlim(0, 100)
        marks = [
            Line2D([], [], color=OURS, marker="o", label="of the escapes, ours"),
            Line2D([], [], color=CONTEXT, marker="|", markersize=12, linestyle="", label="of the population"),
        ]
        if any(line.record is not None for line in table):
            marks.append(Line2D([], [], color=PAPER, marker="D", linestyle="", label="of the record"))
        legend_above(figure, marks)
        figure.align_ylabels(panels)
    return figure


def draw_trait(panel: Axes, lines: Sequence[Share]) -> None:
    """Draw one panel, the first level on top."""
    places = np.arange(len(lines))
    population, mean, low, high = (100 * np.array([line[column] for line in lines]) for column in range(2, 6))
    record = [np.nan if line.record is None else 100 * line.record for line in lines]
    panel.plot(population, places, "|", color=CONTEXT, markersize=14, markeredgewidth=2)
    panel.errorbar(mean, places, xerr=np.maximum([mean - low, high - mean], 0.0), fmt="o", color=OURS, markersize=5)
    panel.plot(record, places, "D", color=PAPER, markersize=5)
    panel.set_yticks(places, [fill(" + ".join(map(short, line.levels)), WRAPPED) for line in lines])
    panel.set_ylim(len(lines) - 0.4, -0.6)
    panel.tick_params(axis="y", length=0)
    panel.set_title(short(lines[0].trait))
    panel.grid(axis="x", color=CONTEXT, alpha=0.3, linewidth=0.6)


def by_year(
    scenario: Scenario, level: str, rows: Sequence[Sequence[Cell]], periods: Sequence[Period], population: float
) -> Figure:
    """Return the share of a level by year: year, mean, lowest, highest in each row, None for nothing.

    The record's periods are of one year or of several, of which only the total is known: a line as long as it is.
    """
    year, mean, low, high = np.array([row[:4] for row in rows], dtype=np.float64).T
    with our_style():
        figure = Figure(figsize=(7.2, 3.4), layout="constrained")
        panel = figure.subplots()
        panel.fill_between(year + 0.5, 100 * low, 100 * high, color=OURS, alpha=0.25, linewidth=0)
        panel.plot(year + 0.5, 100 * mean, "o-", color=OURS, markersize=4, label="of the escapes, ours")
        panel.axhline(100 * population, color=CONTEXT, linewidth=1.5, label="of the population")
        if periods:
            begin = [max(period.first_year, scenario.first_year) for period in periods]
            share = [100 * period.people / period.total for period in periods]
            ends = [period.last_year + 1 for period in periods]
            panel.hlines(share, begin, ends, color=PAPER, linewidth=3, label="of the record, by period")
        mark_years([panel], scenario, 12)
        panel.set_ylim(0, 105)
        panel.set_ylabel(f"{short(level)} (%)")
        handles, _ = panel.get_legend_handles_labels()
        figure.legend(handles=[*handles, *event_patches(scenario)], loc="outside upper left", ncols=2)
    return figure
