"""The pictures of runs side by side."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter

from analysis.common.panels import TOP, WIDTH, against_record, label_left, legend_above, small_years
from analysis.compare.seen import RUNS, Seen
from engine.cli.yearly_table import BAND
from engine.plot_style import BORDER, INLAND, OURS, PAPER, logarithmic, our_style, short

# Orange is the record's.
COLOURS = (OURS, INLAND, BORDER, "#000000", "#56B4E9", "#E69F00")
MOST = len(COLOURS)  # runs
LABELS = 4  # years below a panel


class Bar(NamedTuple):
    """What one run has of a parameter: ends and a middle; all one where it is held, none where it has none."""

    low: float
    middle: float
    high: float


def curves(seen: Sequence[Seen]) -> Figure:
    """Return a row for each run: people a year beside its record, the same on a logarithmic axis, and repression."""
    first = min(one.scenario.first_year for one in seen)
    last = max(one.scenario.calendar[-1] for one in seen) + 1
    written = range(first, last, -(-(last - first) // LABELS))
    with our_style():
        figure = Figure(figsize=(WIDTH, TOP + 0.4 + 1.8 * len(seen)), layout="constrained")
        panels = figure.subplots(len(seen), 3, sharex=True, sharey="col", squeeze=False, width_ratios=(1, 1, 0.8))
        highest = record = 1.0
        for (plain, log, level), one, colour in zip(panels, seen, COLOURS, strict=False):
            against_record(plain, one.scenario, one.curve)
            against_record(log, one.scenario, one.curve)
            years = np.array(one.scenario.calendar) + 0.5
            mean, low, high = one.repression
            level.fill_between(years, low, high, color=colour, alpha=0.3, linewidth=0)
            level.plot(years, mean, color=colour, linewidth=1.4)
            plain.set_title(short(one.label, 22), color=colour)
            log.set_title("logarithmic")
            level.set_title("repression")
            record = max(record, float(one.scenario.yearly_target().max()))
            highest = max(highest, float(np.nanmax(one.curve)))
        panels[0, 0].set_ylim(0, min(1.05 * max(highest, record), 2.5 * record))
        small_years(panels[0, 1], max(highest, record))
        panels[0, 2].set_ylim(0, 1)
        for panel in panels.flat:
            panel.set_xlim(first, last)
            panel.set_xticks([year + 0.5 for year in written], [str(year) for year in written])
            panel.tick_params(axis="x", length=0)
        label_left(figure, "people a year")
        handles: list[Artist] = [
            Line2D([], [], color=PAPER, label="its record"),
            Line2D([], [], color=OURS, label=f"mean of {RUNS} fresh runs"),
            Patch(color=OURS, alpha=0.3, linewidth=0, label=f"{BAND[0]:.0%} to {BAND[1]:.0%} of them"),
        ]
        legend_above(figure, handles)
    return figure


def bars(labels: Sequence[str], by_name: dict[str, list[Bar | None]], log: Sequence[str], legend: str) -> Figure:
    """Return a small panel for each name with a bar for each run; those of ``log`` have a logarithmic axis."""
    rows = -(-len(by_name) // 2)
    with our_style():
        height = TOP + 0.3 * -(-len(labels) // 2) + rows * (0.65 + 0.17 * len(labels))
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        panels = list(figure.subplots(rows, 2, squeeze=False).flat)
        for panel, (name, found) in zip(panels, by_name.items(), strict=False):
            draw_bars(panel, found)
            panel.set_title(name)
            if name in log:
                logarithmic(panel, "x")
                panel.xaxis.set_minor_formatter(NullFormatter())  # labels of a short axis would run into each other
                panel.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=5))
        for unused in panels[len(by_name) :]:
            unused.set_axis_off()
        handles: list[Artist] = [
            Line2D([], [], color=colour, marker="o", lw=3, label=short(label, 30))
            for label, colour in zip(labels, COLOURS, strict=False)
        ]
        figure.legend(handles=handles, loc="outside upper left", ncols=2, title=legend, alignment="left")
    return figure


def draw_bars(panel: Axes, found: Sequence[Bar | None]) -> None:
    """Draw the bar of each run below that of the run before it."""
    for place, (bar, colour) in enumerate(zip(found, COLOURS, strict=False)):
        if bar is not None:
            panel.plot([bar.low, bar.high], [-place, -place], color=colour, lw=3, solid_capstyle="butt")
            panel.plot([bar.middle], [-place], "o", color=colour, ms=5, mec="white", mew=0.6)
    panel.set_ylim(-len(found) + 0.4, 0.6)
    panel.set_yticks([])
    panel.spines["left"].set_visible(False)
