"""How the mean score goes with one parameter: partial dependence, of forests on units drawn again, and its picture."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH
from analysis.importance.draws import Draws
from analysis.importance.forest import Ranks
from calibrate.objective.objectives import Objective
from engine.parameters import DOMAINS
from engine.plot_style import CONTEXT, OURS, logarithmic, our_style
from engine.types import Floats

SCREEN = "#56B4E9"  # the colour of draws that were not searched for
POINTS = 25
BACKGROUND = 200  # draws over which a tree's predictions are averaged
PANELS = 3  # a row


class Grid(NamedTuple):
    """The values of one parameter at which predictions are made."""

    name: str
    column: int  # of the features
    values: Floats  # (POINTS,), even on the scale searched
    ranks: Floats  # (POINTS,), where they lie among the draws'
    log: bool
    usual: tuple[float, float]  # the middle nine tenths of the draws


class Curve(NamedTuple):
    """The mean score that the forests predict at each value of the grid, and the half width of its interval."""

    grid: Grid
    score: Floats
    half: Floats


def grid_of(draws: Draws, name: str) -> Grid:
    """Return the grid of a parameter over the range searched."""
    place = draws.names.index(name)
    column = draws.columns[place]
    least, largest, log = draws.box[name]
    space = np.geomspace if log else np.linspace
    values = np.asarray(space(least, largest, POINTS), dtype=np.float64)
    distinct = np.unique(column)
    ranks = np.interp(values, distinct, np.arange(len(distinct)))
    low, high = np.quantile(column, (0.05, 0.95))
    return Grid(name, place, values, ranks, log, (float(low), float(high)))


def predictions_along(tree: Any, grids: Sequence[Grid], background: Ranks) -> Floats:
    """Return the mean prediction of a tree, (grids, POINTS), over ``background`` with one column set to each value."""
    told = np.empty((len(grids), POINTS))
    for number, grid in enumerate(grids):
        rows = np.tile(background, (POINTS, 1))
        rows[:, grid.column] = np.repeat(grid.ranks, len(background))
        told[number] = tree.predict(rows).reshape(POINTS, -1).mean(axis=1)
    return told


def dependence_exhibit(curves: Sequence[Curve], screen: bool, objective: Objective, name: str, command: str) -> Exhibit:
    """Return the picture and the table of ``curves``, of the draws of a screen or of a search."""
    of = "draws spread over the whole box" if screen else "the draws of the search"
    rows: list[list[Cell]] = []
    for curve in curves:
        for value, score, half in zip(curve.grid.values, curve.score, curve.half, strict=True):
            ends: list[Cell] = [float(score - half), float(score + half)] if np.isfinite(half) else [None, None]
            rows.append([curve.grid.name, float(value), float(score), *ends])
    sentence = (
        f"Mean {objective.words} that a forest grown on {of} predicts when one parameter is set and all others stay "
        "as they were drawn; the band is the 95 % interval, the grey bar the middle nine tenths of the draws: "
        "beyond it the forest has seen little."
    )
    table = Table(("parameter", "value", f"mean_{objective.column}", "low", "high"), rows)
    title = f"The {objective.words} along the most important parameters, {of}"
    return Exhibit(name, title, sentence, command, chart(curves, SCREEN if screen else OURS, objective), table)


def chart(curves: Sequence[Curve], colour: str, objective: Objective) -> Figure:
    """Return small multiples, one a curve, on one scale of score."""
    rows = -(-len(curves) // PANELS)
    with our_style():
        figure = Figure(figsize=(WIDTH, 0.4 + 2.3 * rows), layout="constrained")
        panels = figure.subplots(rows, min(PANELS, len(curves)), sharey=True, squeeze=False).flatten()
        for axes, curve in zip(panels, curves, strict=False):
            draw(axes, curve, colour)
        for axes in panels[len(curves) :]:
            axes.remove()
        figure.supylabel(f"mean {objective.words} ({objective.unit})", fontsize=10)
    return figure


def draw(axes: Axes, curve: Curve, colour: str) -> None:
    """Draw one panel."""
    grid = curve.grid
    if grid.log:
        logarithmic(axes, "x")
    axes.fill_between(
        grid.values, curve.score - curve.half, curve.score + curve.half, color=colour, alpha=0.25, linewidth=0
    )
    axes.plot(grid.values, curve.score, color=colour, linewidth=1.8)
    axes.plot(grid.usual, (0.02, 0.02), color=CONTEXT, linewidth=4, transform=axes.get_xaxis_transform())
    unit = DOMAINS[grid.name].unit if grid.name in DOMAINS else ""
    axes.set_xlabel(f"{grid.name} ({unit})" if unit else grid.name)
