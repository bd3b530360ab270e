"""The bar chart of importance, in the style of all pictures."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.common.panels import WIDTH
from analysis.importance.partial_dependence import SCREEN
from analysis.importance.table import Line, Measure, beside_the_paper
from engine.plot_style import CONTEXT, OURS, PAPER, our_style

Interval = tuple[float, float | None, float | None]


def importance_chart(table: Sequence[Line]) -> Figure:
    """Return the chart of importance: bars for each line, the first on top, those of the probe in grey."""
    names = [line.name for line in table]
    made_of = sum(line.kind in ("parameter", "probe") for line in table)
    places = np.arange(len(names)) + 0.5 * (np.arange(len(names)) >= made_of)  # a gap before groups and derived
    with our_style():
        figure = Figure(figsize=(WIDTH, 1.4 + 0.3 * len(names)), layout="constrained")
        purity, held_out = figure.subplots(1, 2, sharey=True)
        draw(purity, table, places, lambda told: in_percent(told.share, told.share_low, told.share_high))
        draw(
            held_out,
            table,
            places,
            lambda told: (told.permutation_r2, told.permutation_r2_low, told.permutation_r2_high),
        )
        if beside_the_paper(table):
            paper = [np.nan if line.paper_share is None else 100 * line.paper_share for line in table]
            edge = {"markeredgecolor": "white", "markeredgewidth": 0.8}  # so that it shows on a bar
            purity.plot(paper, places, "D", color=PAPER, markersize=6, label="the paper", **edge)
        for line in table:
            if line.kind == "probe":
                purity.axvline(100 * line.run.share, color=CONTEXT, linestyle=":", linewidth=1)
        purity.set_yticks(places, names)
        purity.invert_yaxis()
        purity.set_xlabel("share of\nIncNodePurity (%)")
        held_out.set_xlabel("R² lost when shuffled,\non draws held out")
        figure.legend(*purity.get_legend_handles_labels(), loc="outside upper right", ncols=3)
    return figure


def in_percent(middle: float, *ends: float | None) -> Interval:
    """Return an interval of fractions in percent."""
    low, high = (None if end is None else 100 * end for end in ends)
    return 100 * middle, low, high


def draw(axes: Axes, table: Sequence[Line], places: np.ndarray, told: Callable[[Measure], Interval]) -> None:
    """Draw one panel: for each line a bar of the run, and one of the screen if there is one."""
    screened = table[0].screen is not None
    height = 0.36 if screened else 0.7
    grey = [line.kind == "probe" for line in table]
    bars(axes, [told(line.run) for line in table], places - screened * height / 2, height, OURS, grey, "this run")
    if screened:
        beside = [told(line.screen) for line in table if line.screen is not None]
        bars(axes, beside, places + height / 2, height, SCREEN, grey, "a screen of the whole box")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def bars(
    axes: Axes,
    intervals: Sequence[Interval],
    places: np.ndarray,
    height: float,
    colour: str,
    grey: Sequence[bool],
    label: str,
) -> None:
    """Draw a bar with a whisker for each interval."""
    middles = np.array([middle for middle, _, _ in intervals])
    whiskers = np.array(
        [[m - (m if low is None else low), (m if high is None else high) - m] for m, low, high in intervals]
    )
    colours = [CONTEXT if probe else colour for probe in grey]
    axes.barh(places, middles, height, color=colours)
    axes.barh(places[:1], middles[:1], height, color=colour, label=label)
    axes.errorbar(middles, places, xerr=whiskers.T, fmt="none", ecolor="black", elinewidth=0.8)
