"""Further observed series (target.also) beside some runs of one point: as rows, and as small panels."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from analysis.common.exhibit import Table
from analysis.common.panels import WIDTH, event_patches, legend_above, mark_years
from calibrate.objective.further import by_figure, make_further
from engine.cli.yearly_table import BAND
from engine.plot_style import OURS, PAPER, our_style, short
from engine.scenario import Scenario
from engine.types import Floats


def beside_runs(scenario: Scenario, tallies: Floats) -> Table:
    """Return a row for each figure: series, what it is, its years, what was observed, mean and band of the runs."""
    further, runs = make_further(scenario), by_figure(scenario, tallies)
    names, series = list(scenario.target.also), list(scenario.target.also.values())
    ends = tuple(f"p{100 * share:02.0f}" for share in BAND)
    rows = [
        (
            names[place],
            series[place].in_words(),
            scenario.first_year + int(further.first[figure]),
            scenario.first_year + int(further.past[figure]) - 1,
            float(further.observed[figure]),
            float(runs[:, figure].mean()),
            *map(float, np.quantile(runs[:, figure], BAND)),
        )
        for figure, place in enumerate(further.series.tolist())
    ]
    return Table(("series", "of", "first_year", "last_year", "observed", "mean", *ends), rows)


def told(table: Table) -> str:
    """Return the mean of each series over its figures, observed and of the runs, in a sentence."""
    parts = []
    for name in dict.fromkeys(str(row[0]) for row in table.rows):
        rows = [row for row in table.rows if row[0] == name]
        observed, ours = (float(np.mean([float(row[place] or 0) for row in rows])) for place in (4, 5))
        form = ".0%" if str(rows[0][1]).startswith("share") else ",.0f"
        parts.append(f"{name}: observed {observed:{form}}, here {ours:{form}}")
    return "; ".join(parts)


def panels_of(scenario: Scenario, table: Table, runs: int) -> Figure:
    """Return a panel for each series: what was observed, the runs' mean and band; a figure is as long as its years."""
    names = list(dict.fromkeys(str(row[0]) for row in table.rows))
    with our_style():
        figure = Figure(figsize=(WIDTH, 0.8 + 2.4 * len(names)), layout="constrained")
        panels = list(figure.subplots(len(names), 1, sharex=True, squeeze=False).flat)
        for axes, name in zip(panels, names, strict=True):
            rows = [row for row in table.rows if row[0] == name]
            for _, _, first, last, observed, mean, low, high in rows:
                edges = [int(first or 0), int(last or 0) + 1]
                axes.fill_between(edges, float(low or 0), float(high or 0), color=OURS, alpha=0.3, linewidth=0)
                axes.plot(edges, [mean, mean], color=OURS, linewidth=1.4)
                axes.plot(edges, [observed, observed], color=PAPER, linewidth=1.8)
            axes.set_title(short(f"{name} ({rows[0][1]})", 90))
            is_share = str(rows[0][1]).startswith("share")
            axes.set_ylim(0, 1 if is_share else None)
            axes.yaxis.set_major_formatter(PercentFormatter(1) if is_share else StrMethodFormatter("{x:,.0f}"))
        mark_years(panels, scenario, 12)
        legend_above(
            figure,
            [
                Line2D([], [], color=PAPER, label="observed"),
                Line2D([], [], color=OURS, label=f"mean of {runs} fresh runs"),
                Patch(color=OURS, alpha=0.3, linewidth=0, label=f"{BAND[0]:.0%} to {BAND[1]:.0%} of them"),
                *event_patches(scenario),
            ],
        )
    return figure
