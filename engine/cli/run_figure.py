"""The picture of a run, or of many at one point, against the target."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from engine.cli.yearly_table import BAND, Floats, Runs, spread, stop_line
from engine.plot_style import BORDER, CONTEXT, INLAND, OURS, PAPER, our_style, short, weeks_of
from engine.scenario import Scenario
from engine.scenario.target import weekly_target

LABELS = 12  # at most so many years are written below the picture
HEADROOM = 4  # times the target's peak; what escapes above it would flatten all else


def run_figure(scenario: Scenario, runs: Runs, title: str) -> Figure:
    """Return the picture: escapes or attempts by year and by week, and repression, above one another."""
    with our_style():
        figure = Figure(figsize=(8.5, 8.0), layout="constrained")
        heading = f"{title}\n{stop_line(scenario, runs)}" if runs.stopped.any() else title
        figure.suptitle(heading, x=0.01, ha="left", fontsize=10)
        by_year, by_week, repression = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 2))
        draw_years(by_year, scenario, runs)
        draw_weeks(by_week, scenario, runs)
        draw_repression(repression, scenario, runs)
        mark_history((by_year, by_week, repression), scenario, runs)
        step = -(-scenario.years // LABELS)
        written = scenario.calendar[::step]
        repression.set_xticks([year + 0.5 for year in written], [str(year) for year in written])
        repression.set_xlim(scenario.first_year, scenario.first_year + scenario.years)
        for axes in (by_year, by_week, repression):
            axes.tick_params(axis="x", length=0)
        figure.align_ylabels()
    return figure


def draw_years(axes: Axes, scenario: Scenario, runs: Runs) -> None:
    """Draw a bar a year for the target and a dot a year for the runs; a whisker if there are many."""
    middles = np.array(scenario.calendar) + 0.5
    target = scenario.yearly_target()
    axes.bar(middles, target, width=0.8, color=PAPER, alpha=0.35, label=f"target: {short(scenario.target.series)}")
    compares = scenario.target.compares
    mean, low, high = spread(runs.attempts if compares == "attempts" else runs.escapes, runs.begun)
    label = "simulated"
    whiskers = None
    if len(runs.stopped) > 1:
        label = f"simulated: mean and {BAND[0]:.0%} to {BAND[1]:.0%} of {len(runs.stopped)} runs"
        whiskers = np.maximum([mean - low, high - mean], 0.0)
    axes.errorbar(middles, mean, yerr=whiskers, fmt="o-", color=OURS, markersize=4, linewidth=1, label=label)
    finish(axes, f"{compares} a year", target, high)


def draw_weeks(axes: Axes, scenario: Scenario, runs: Runs) -> None:
    """Draw the weekly target as a curve over the weeks simulated."""
    middles = weeks_of(scenario)
    target = weekly_target(scenario)
    ran = runs.weeks_run[:, None] > np.arange(scenario.weeks)
    mean, low, high = spread(runs.weekly, ran)
    if len(runs.stopped) > 1:
        axes.fill_between(middles, low, high, color=OURS, alpha=0.25, linewidth=0)
    axes.plot(middles, mean, color=OURS, linewidth=0.7)
    axes.plot(middles, target, color=PAPER, linewidth=2, label="target, by week")
    finish(axes, f"{scenario.target.compares} a week", target, high)


def draw_repression(axes: Axes, scenario: Scenario, runs: Runs) -> None:
    """Draw a line for each province; thin above wide, so that both kinds show where they are equal."""
    middles = weeks_of(scenario)
    provinces = scenario.population.provinces
    kinds = ((False, INLAND, 2.2, "other provinces"), (True, BORDER, 0.9, "provinces on the border"))
    for on_border, colour, width, label in kinds:
        chosen = [place for place, province in enumerate(provinces) if province.on_border == on_border]
        if chosen:
            lines = axes.plot(middles, 100 * runs.by_province[:, chosen], color=colour, linewidth=width)
            lines[0].set_label(label)
    axes.set_ylim(0, 105)  # a line at 100 shows whole
    axes.set_ylabel("repression (% of attempts)")
    axes.legend(loc="lower left", ncols=2)


def mark_history(panels: Sequence[Axes], scenario: Scenario, runs: Runs) -> None:
    """Shade the years of each event in every panel, and mark where a single run stopped early."""
    for event, years in scenario.events.items():
        shaded = [year for year in scenario.calendar if year in years]
        for axes in panels:
            for year in shaded:
                axes.axvspan(year, year + 1, color=CONTEXT, alpha=0.15, linewidth=0, zorder=0)
        if shaded:
            above = panels[0].get_xaxis_transform()
            panels[0].text(shaded[0], 1.01, short(event.replace("_", " ")), transform=above, color=CONTEXT)
    if len(runs.stopped) == 1 and runs.stopped[0]:
        end = scenario.first_year + runs.weeks_run[0] / scenario.weeks_per_year
        for axes in panels:
            axes.axvline(end, color="black", linewidth=1, linestyle=":")


def finish(axes: Axes, label: str, target: Floats, simulated: Floats) -> None:
    """Label a panel of people; where they explode, keep the target in sight and say how far they go."""
    room, peak = HEADROOM * target.max(), np.nanmax(simulated)
    axes.set_ylim(0, None if room == 0 or peak <= room else room)
    if 0 < room < peak:
        axes.set_title(f"off the scale: up to {peak:,.0f}", loc="right", color=OURS)
    axes.legend(loc="upper left")
    axes.set_ylabel(label)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
