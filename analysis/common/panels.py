"""Small panels of one size and scale, side by side, with the years below them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator, StrMethodFormatter

from engine.cli.yearly_table import BAND
from engine.plot_style import BORDER, CONTEXT, INLAND, OURS, PAPER, short
from engine.scenario import Scenario
from engine.types import Floats

WIDTH = 7.2  # inches: two panels side by side stay readable on a phone
TOP = 0.6  # inches for the legend
LABELS = 5  # years written below a panel, at most
SHADE = 0.15  # how dark


def small_panels(titles: Sequence[str], height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with a panel for each title, two side by side, all of one scale."""
    rows = -(-len(titles) // 2)
    figure = Figure(figsize=(WIDTH, TOP + 0.4 + height * rows), layout="constrained")
    panels = list(figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False).flat)
    for panel, title in zip(panels, titles, strict=False):
        panel.set_title(short(title))
    for unused in panels[len(titles) :]:
        unused.set_axis_off()
        panels[len(titles) - 2].tick_params(labelbottom=True)  # the last panel of its column
    return figure, panels[: len(titles)]


def legend_above(figure: Figure, handles: Sequence[Artist]) -> None:
    """Put one legend for all panels above them."""
    figure.legend(handles=list(handles), loc="outside upper left", ncols=3, columnspacing=1.2)


def label_left(figure: Figure, label: str) -> None:
    """Write what all panels measure left of them, below the legend."""
    figure.supylabel(label, y=0.5 - 0.5 * TOP / figure.get_figheight(), fontsize=10)


def event_patches(scenario: Scenario) -> list[Artist]:
    """Return the entry of a legend for the years of events, or none where there are none."""
    there = [event for event, years in scenario.events.items() if any(year in years for year in scenario.calendar)]
    words = short(f"{', '.join(there)} years".replace("_", " "))
    return [Patch(color=CONTEXT, alpha=2 * SHADE, linewidth=0, label=words)] if there else []


def mark_years(panels: Sequence[Axes], scenario: Scenario, labels: int = LABELS) -> None:
    """Shade the years of each event in every panel and write at most ``labels`` years below."""
    step = -(-scenario.years // labels)
    written = scenario.calendar[::step]
    for panel in panels:
        for year in scenario.calendar:
            if any(year in years for years in scenario.events.values()):
                panel.axvspan(year, year + 1, color=CONTEXT, alpha=SHADE, linewidth=0, zorder=0)
        panel.set_xticks([year + 0.5 for year in written], [str(year) for year in written])
        panel.set_xlim(scenario.first_year, scenario.first_year + scenario.years)
        panel.tick_params(axis="x", length=0)


def border_first(scenario: Scenario) -> list[int]:
    """Return the places of the provinces, those on the border first."""
    provinces = scenario.population.provinces
    return sorted(range(len(provinces)), key=lambda place: not provinces[place].on_border)


def colours(scenario: Scenario) -> list[str]:
    """Return the colour of each province, by its kind."""
    return [BORDER if province.on_border else INLAND for province in scenario.population.provinces]


def kinds_patches(scenario: Scenario) -> list[Patch]:
    """Return the entries of a legend for the kinds of province there are."""
    names = {BORDER: "on the border", INLAND: "inland"}
    there = colours(scenario)
    return [Patch(color=colour, linewidth=0, label=name) for colour, name in names.items() if colour in there]


def against_record(axes: Axes, scenario: Scenario, people: Floats) -> None:
    """Draw the record by year, and the mean and band of some runs, ``people`` (3, years)."""
    edges, record = np.arange(scenario.years + 1.0) + scenario.first_year, scenario.yearly_target()
    mean, low, high = people
    axes.stairs(record, edges, color=PAPER, fill=True, alpha=0.2)
    axes.stairs(record, edges, color=PAPER, linewidth=1.2)
    axes.fill_between(edges[:-1] + 0.5, low, high, color=OURS, alpha=0.3, linewidth=0)
    axes.plot(edges[:-1] + 0.5, mean, color=OURS, linewidth=1.4)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def record_handles(scenario: Scenario, runs: int) -> list[Artist]:
    """Return what a legend says of against_record."""
    return [
        Line2D([], [], color=PAPER, label=f"record: {short(scenario.target.series)}"),
        Line2D([], [], color=OURS, label=f"mean of {runs} fresh runs"),
        Patch(color=OURS, alpha=0.3, linewidth=0, label=f"{BAND[0]:.0%} to {BAND[1]:.0%} of them"),
        *event_patches(scenario),
    ]


def small_years(axes: Axes, highest: float) -> None:
    """Give axes as much height from 10 to 100 as from 100 to 1,000, and a place for nobody.

    A curve at 300 where the record has 8 lies on the floor of a plain axis.
    """
    axes.set_yscale("symlog", linthresh=1, linscale=0.5)
    axes.set_ylim(0, 2 * highest)
    axes.set_yticks([0, *10.0 ** np.arange(1 + int(np.log10(2 * highest)))])
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.yaxis.set_minor_locator(NullLocator())
