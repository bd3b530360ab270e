"""What several runs say of the same quantities: a bar for each, one below the other."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.common.panels import TOP, WIDTH
from engine.plot_style import BORDER, INLAND, OURS, few_ticks, our_style, short

# Orange is the record's.
COLOURS = (OURS, INLAND, BORDER, "#000000", "#56B4E9", "#E69F00")
MOST = len(COLOURS)  # runs


class Bar(NamedTuple):
    """What one run has of a parameter: ends and a middle; all one where it is held, none where it has none."""

    low: float
    middle: float
    high: float


def bars(labels: Sequence[str], by_name: dict[str, list[Bar | None]], log: Sequence[str], legend: str) -> Figure:
    """Return a small panel for each name with a bar for each run; those of ``log`` have a logarithmic axis."""
    rows = -(-len(by_name) // 2)
    with our_style():
        height = TOP + 0.3 * -(-len(labels) // 2) + rows * (0.65 + 0.17 * len(labels))
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        panels = list(figure.subplots(rows, 2, squeeze=False).flat)
        for panel, (name, found) in zip(panels, by_name.items(), strict=False):
            draw_bars(panel, found)
            panel.set_title(f"{name} (log)" if name in log else name)
            if name in log:
                few_ticks(panel, "x", 5)
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
