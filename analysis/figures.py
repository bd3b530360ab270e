"""The bar chart of importance, in the style of all pictures."""

from collections.abc import Sequence

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.importance_table import Line
from engine.figure import OURS, PAPER, STYLE

CHANCE = "#999999"


def importance_chart(table: Sequence[Line], probe: str) -> Figure:
    """Return the chart of importance: a bar for each line, the first on top, that of ``probe`` in grey."""
    names = [line.parameter for line in table]
    places = np.arange(len(names))
    colours = [CHANCE if name == probe else OURS for name in names]
    paper = [np.nan if line.paper_share is None else 100 * line.paper_share for line in table]
    with rc_context(STYLE):
        figure = Figure(figsize=(8.5, 1.2 + 0.3 * len(names)), layout="constrained")
        purity, held_out = figure.subplots(1, 2, sharey=True)
        bars(purity, [line.share for line in table], colours, "share of IncNodePurity (%)")
        bars(held_out, [line.permutation_r2 for line in table], colours, "R² lost when shuffled, held out (%)")
        purity.plot(paper, places, "D", color=PAPER, markersize=5, label="the paper")
        purity.axvline(100 * table[names.index(probe)].share, color=CHANCE, linestyle=":", linewidth=1)
        purity.set_yticks(places, names)
        purity.invert_yaxis()
        purity.legend(loc="lower right")
    return figure


def bars(axes: Axes, fractions: Sequence[float], colours: Sequence[str], label: str) -> None:
    """Draw one panel: a bar for each fraction, in percent."""
    axes.barh(np.arange(len(fractions)), 100 * np.asarray(fractions), color=colours, height=0.7)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(label)
