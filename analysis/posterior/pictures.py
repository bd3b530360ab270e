"""The pictures of a posterior: pairs of parameters, what happened unseen, new records beside the real one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import StrMethodFormatter

from analysis.common.panels import WIDTH, event_patches, mark_years, small_years
from analysis.posterior.paths import Paths
from analysis.posterior.predictive import Predictive
from analysis.posterior.sample import Sample
from engine.plot_style import CONTEXT, OURS, PAPER, few_ticks, our_style, short
from engine.scenario import Scenario
from engine.types import Floats

WIDE, NARROW = (0.05, 0.95), (0.25, 0.75)  # bands
SHOWN = 1_500  # draws in the pairs
BINS = 24


def pairs(sample: Sample) -> Figure:
    """Return the draws of each parameter, and below those of each pair."""
    names, scenario = sample.names, sample.scenario
    chain, draw = sample.some(SHOWN)
    values = [sample.of(name)[chain, draw] for name in names]
    log = [name not in scenario.parameters or scenario.parameters[name].scale == "log" for name in names]
    with our_style():
        figure = Figure(figsize=(1.45 * len(names), 1.45 * len(names)))
        panels = figure.subplots(len(names), len(names), squeeze=False)
        figure.subplots_adjust(0.08, 0.07, 0.99, 0.98, 0.08, 0.08)
        for row, column in np.ndindex(panels.shape):
            axes: Any = panels[row, column]
            if column > row:
                axes.set_axis_off()
                continue
            if column == row:
                scale = np.log if log[row] else np.asarray
                edges = np.histogram_bin_edges(scale(values[row]), BINS)
                ends = np.exp(edges) if log[row] else edges
                axes.hist(values[row], ends.tolist(), color=OURS, alpha=0.6)
                axes.set_yticks([])
            else:
                axes.plot(values[column], values[row], ".", color=OURS, markersize=1.5, alpha=0.3, rasterized=True)
                if log[row]:
                    few_ticks(axes, "y")
            if log[column]:
                few_ticks(axes, "x")
            axes.tick_params(labelbottom=row == len(names) - 1, labelleft=column == 0 < row, labelsize=8)
            axes.tick_params(axis="x", rotation=45)
            if row == len(names) - 1:
                axes.set_xlabel(names[column], fontsize=9)
            if column == 0 and row > 0:
                axes.set_ylabel(names[row], fontsize=9)
        figure.align_labels()
        return figure


def band(axes: Axes, years: Floats, draws: Floats, colour: str = OURS) -> None:
    """Draw the median of ``draws``, (draws, years), and its bands; NaN are left out."""
    shares = (*WIDE, *NARROW, 0.5)
    low, high, inner_low, inner_high, middle = np.nanquantile(draws, shares, axis=0)
    axes.fill_between(years, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.fill_between(years, inner_low, inner_high, color=colour, alpha=0.3, linewidth=0)
    axes.plot(years, middle, color=colour, linewidth=1.4)


def band_handles(what: str, colour: str = OURS) -> list[Line2D | Patch]:
    """Return what a legend says of ``band``."""
    return [
        Line2D([], [], color=colour, label=f"{what}, median"),
        Patch(color=colour, alpha=0.5, linewidth=0, label="half of them"),
        Patch(color=colour, alpha=0.2, linewidth=0, label="nine in ten"),
    ]


def unseen(scenario: Scenario, paths: Paths) -> Figure:
    """Return repression, as it was and as it was believed to be, and attempts and known ones, by year."""
    years = np.array(scenario.calendar) + 0.5
    series: Sequence[tuple[str, Floats]] = [
        ("repression, mean of the people", paths.repression),
        ("repression, as people expect it", paths.expected),
        ("attempts a year", paths.attempts),
        ("attempts a year that became known", paths.known),
    ]
    series = [(title, draws) for title, draws in series if np.isfinite(draws).any()]
    with our_style():
        figure = Figure(figsize=(WIDTH, 0.5 + 1.7 * len(series)), layout="constrained")
        panels = figure.subplots(len(series), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (title, draws) in zip(panels, series, strict=True):
            band(axes, years, draws)
            axes.set_title(title)
            axes.set_ylim(0, 1 if "repression" in title else None)
        mark_years(list(panels), scenario, 12)
        handles = [*band_handles("draws of the posterior"), *event_patches(scenario)]
        figure.legend(handles=handles, loc="outside upper left", ncols=4, columnspacing=1.2)
        return figure


def fan(scenario: Scenario, predictive: Predictive) -> Figure:
    """Return new records beside the real one, on a plain axis and on a logarithmic one, and the real one's place."""
    years, record = np.array(scenario.calendar) + 0.5, scenario.yearly_target()
    fitted = scenario.fitted_years
    with our_style():
        figure = Figure(figsize=(WIDTH, 7.2), layout="constrained")
        plain, log, place = figure.subplots(3, 1, sharex=True, height_ratios=[1, 1, 0.7])
        for axes in (plain, log):
            band(axes, years, predictive.records.astype(np.float64))
            axes.plot(years, record, "o", color=PAPER, markersize=4)
            if fitted < scenario.years:
                axes.axvline(scenario.first_year + fitted, color=CONTEXT, linewidth=1, linestyle="--")
        highest = float(np.quantile(predictive.records, WIDE[1], axis=0).max())
        plain.set_ylim(0, 1.05 * max(highest, record.max()))
        small_years(log, max(highest, record.max()))
        plain.set_title("people a year")
        log.set_title("the same, logarithmic")
        place.bar(years[:fitted], predictive.place - 0.5, 0.8, 0.5, color=PAPER)
        place.set_ylim(0, 1)
        place.axhspan(*WIDE, color=OURS, alpha=0.2, linewidth=0)
        place.set_title("where the record lies among new ones (half-way: in their middle)")
        mark_years([plain, log, place], scenario, 12)
        plain.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        handles: list[Artist] = [
            Line2D([], [], color=PAPER, marker="o", linestyle="", label=short(scenario.target.series))
        ]
        handles += [*band_handles("new records"), *event_patches(scenario)]
        figure.legend(handles=handles, loc="outside upper left", ncols=3, columnspacing=1.2)
        return figure
