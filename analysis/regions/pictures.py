"""Regions as pictures: their points in pairs of parameters, their count by threshold, and what their best points do."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.common.panels import WIDTH
from analysis.regions.search import Level, Regions
from calibrate.methods.space import to_unit
from engine.cli.run_figure import run_figure
from engine.cli.yearly_table import gather
from engine.parameters import domain_of
from engine.plot_style import BORDER, CONTEXT, INLAND, OURS, logarithmic, our_style
from engine.simulation import simulate_many
from engine.types import Integers

# Okabe and Ito's colours that mean nothing else in a picture of regions, then those that do; told apart by shape too.
COLOURS = ("#56B4E9", "#E69F00", "black", "#F0E442", INLAND, BORDER)
SHAPES = "osD^vP"
PAIRED = 6  # parameters: 15 pairs can be read on one page, 55 cannot


def most_settled(regions: Regions) -> Integers:
    """Return the places, among the parameters searched, of the PAIRED that good points spread least over, as searched.

    # Choice: the others fill their range, so that their panels would be even clouds; the table has them all.
    """
    unit = to_unit(regions.draws.space, regions.draws.points[regions.place])
    return np.sort(np.argsort(unit.std(axis=0), kind="stable")[:PAIRED])


def pairs(regions: Regions) -> Figure:
    """Return the good points in each pair of the most settled parameters, coloured by region."""
    space, names = regions.draws.space, regions.draws.scenario.free_names
    chosen = most_settled(regions)
    values = regions.draws.points[regions.place]
    size = max(len(chosen) - 1, 1)
    with our_style():
        figure = Figure(figsize=(2.0 * size + 0.6, 1.9 * size + 0.8), layout="constrained")
        panels = figure.subplots(size, size, squeeze=False, sharex="col", sharey="row")
        for row in range(size):
            for column in range(size):
                axes = panels[row, column]
                below, left = chosen[column], chosen[min(row + 1, len(chosen) - 1)]
                if column > row or below == left:
                    axes.set_axis_off()
                    continue
                scatter(axes, regions, values[:, space.place[below]], values[:, space.place[left]])
                axes.xaxis.set_major_locator(MaxNLocator(3))
                if row == size - 1:
                    axes.set_xlabel(label_of(names[below]))
                    if space.log[below]:
                        logarithmic(axes, "x")
                if column == 0:
                    axes.set_ylabel(label_of(names[left]))
                    if space.log[left]:
                        logarithmic(axes, "y")
        figure.align_labels()
        figure.legend(handles=legend(regions), loc="upper right", borderaxespad=2)
    return figure


def ranges(regions: Regions) -> Figure:
    """Return a strip for each parameter searched: its range, and where the good points of each region lie in it."""
    draws = regions.draws
    names, shown = draws.scenario.free_names, [region for region in range(-1, regions.number) if regions.size(region)]
    unit = to_unit(draws.space, draws.points[regions.place])
    lanes = np.linspace(0.3, -0.3, len(shown) + 2)[1:-1]  # of the regions in a strip, from top to bottom
    with our_style():
        figure = Figure(figsize=(WIDTH, 0.8 + 0.62 * len(names)), layout="constrained")
        axes = figure.subplots()
        for row, name in enumerate(names):
            searched = draws.scenario.parameters[name]
            axes.barh(row, 1.0, 0.6, color=CONTEXT, alpha=0.2, linewidth=0)
            note = " (log)" if searched.scale == "log" else ""
            axes.text(0, row - 0.32, f"{searched.low:g}", fontsize=8, ha="left", va="bottom")
            axes.text(1, row - 0.32, f"{searched.high:g}{note}", fontsize=8, ha="right", va="bottom")
        for region, lane in zip(shown, lanes, strict=True):
            for row in range(len(names)):
                inside = unit[regions.region == region, row]
                colour, shape = look(region)
                axes.plot(inside, np.full(len(inside), row - lane), "|", color=colour, ms=7, alpha=0.7, rasterized=True)
                if region >= 0:
                    best = unit[regions.place == regions.best(region), row][:1]
                    axes.plot(best, [row - lane], shape, color=colour, markeredgecolor="black", ms=6)
        axes.set_yticks(range(len(names)), [label_of(name) for name in names])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(names) - 0.5, -0.65)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xticks([0, 1], ["lowest searched", "highest"])
        axes.spines["left"].set_visible(False)
        figure.legend(handles=legend(regions), loc="outside upper left", ncols=3)
    return figure


def label_of(name: str) -> str:
    """Return a parameter's name with its unit, where it has one."""
    unit = domain_of(name).unit
    return f"{name}\n({unit})" if unit else name


def scatter(axes: Axes, regions: Regions, across: np.ndarray, up: np.ndarray) -> None:
    """Draw the good points of one panel, those of no region below the others."""
    for region in range(-1, regions.number):
        inside = regions.region == region
        colour, shape = look(region)
        axes.plot(across[inside], up[inside], shape, color=colour, ms=3, mew=0.4, alpha=0.8, rasterized=True)


def look(region: int) -> tuple[str, str]:
    """Return colour and shape of a region's points; -1: of those in none."""
    if region < 0:
        return CONTEXT, "x"
    return COLOURS[region % len(COLOURS)], SHAPES[region % len(SHAPES)]


def legend(regions: Regions) -> list[Line2D]:
    """Return an entry for each region, and one for points in none."""
    sizes = {region: regions.size(region) for region in range(-1, regions.number)}
    entries = []
    for region, size in sizes.items():
        colour, shape = look(region)
        name = f"region {region + 1}" if region >= 0 else "in no region"
        if size:
            entries.append(Line2D([], [], color=colour, marker=shape, linestyle="", label=f"{name} ({size} points)"))
    return entries[1:] + entries[:1] if sizes[-1] else entries


def counts(levels: Sequence[Level], threshold: float) -> Figure:
    """Return the number of clusters and of regions at each threshold, the chosen one marked."""
    with our_style():
        figure = Figure(figsize=(7.2, 3.6), layout="constrained")
        axes = figure.subplots()
        at = [level.threshold for level in levels]
        axes.plot(at, [level.clusters for level in levels], "D:", color=CONTEXT, label="clusters, by distance")
        axes.plot(at, [level.regions for level in levels], "o-", color=OURS, label="regions, joined by paths")
        axes.axvline(threshold, color="black", linewidth=0.8, linestyle="--", label="threshold chosen")
        axes.set_ylim(0, 1 + max(max(level.clusters, level.regions) for level in levels))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("the least that a good point is worth on fresh seeds")
        axes.set_ylabel("number")
        figure.legend(loc="outside upper left", ncols=3)
    return figure


def representative(regions: Regions, region: int, seeds: Sequence[int]) -> Figure:
    """Return the best point of a region on fresh ``seeds``, against the target."""
    draws, best = regions.draws, regions.best(region)
    point = draws.scenario.point(draws.points[best])
    runs = gather(draws.scenario, simulate_many(draws.scenario, point, seeds))
    address = f"chain {draws.chain[best]}, iteration {draws.iteration[best]}"
    return run_figure(draws.scenario, runs, f"Region {region + 1}, its best point ({address}) on fresh seeds")
