"""The pictures of runs side by side."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.common.bars import COLOURS
from analysis.common.panels import TOP, WIDTH, against_record, label_left, legend_above, mark_years, small_years
from analysis.compare.seen import RUNS, Seen
from engine.cli.yearly_table import BAND
from engine.plot_style import OURS, PAPER, our_style, short

LABELS = 4  # years below a panel


def curves(seen: Sequence[Seen]) -> Figure:
    """Return a row for each run: people a year beside its record, the same on a logarithmic axis, and repression."""
    same = len({tuple(one.scenario.calendar) for one in seen}) == 1
    with our_style():
        figure = Figure(figsize=(WIDTH, TOP + 0.4 + 1.8 * len(seen)), layout="constrained")
        panels = figure.subplots(len(seen), 3, sharex=same, sharey="col", squeeze=False, width_ratios=(1, 1, 0.8))
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
        for row, one in zip(panels, seen, strict=True):
            mark_years(list(row), one.scenario, LABELS)
        label_left(figure, "people a year")
        handles: list[Artist] = [
            Line2D([], [], color=PAPER, label="its record"),
            Line2D([], [], color=OURS, label=f"mean of {RUNS} fresh runs"),
            Patch(color=OURS, alpha=0.3, linewidth=0, label=f"{BAND[0]:.0%} to {BAND[1]:.0%} of them"),
        ]
        legend_above(figure, handles)
    return figure
