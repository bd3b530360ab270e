"""The profiles as a table and a picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.common.exhibit import Exhibit, Table
from analysis.common.panels import TOP, WIDTH, label_left, legend_above
from analysis.profile.search import Cell
from analysis.profile.verdict import SURE, Verdict
from calibrate.objective.objectives import Objective
from engine.plot_style import CONTEXT, OURS, logarithmic, our_style
from engine.scenario import Scenario

HEAD = ("parameter", "best", "low", "high", "verdict", "highest", "lowest", "largest_error")


def exhibits_of(
    scenario: Scenario,
    objective: Objective,
    found: Sequence[tuple[list[Cell], Verdict]],
    drop: float,
    draws: int,
    command: str,
) -> list[Exhibit]:
    """Return the verdicts, and the profiles with their picture; a profile's cells are in the order of their values."""
    says = (
        f"For each value of a parameter the best {objective.words} that {draws:,} draws found, all others searched "
        f"anew, on fresh seeds. A value is within the interval if it lies no more than {drop:.2f} {objective.unit} "
        f"below the highest, give or take {SURE:g} standard errors. Identified: both ends of the range are out; "
        "one-sided: one is; flat: neither. Where a search has not found the best, a profile is too low and its "
        "interval too narrow: see whether it stays with more --draws."
    )
    return [
        Exhibit("profile", "How well each parameter is known", says, command, picture(scenario, objective, found, drop),
                Table(HEAD, [list(verdict) for _, verdict in found])),
        Exhibit("profile_cells", "The profiles, cell by cell", "Every value that was searched, and the point found.",
                command, table=cells_table(scenario, found)),
    ]  # fmt: skip


def cells_table(scenario: Scenario, found: Sequence[tuple[list[Cell], Verdict]]) -> Table:
    """Return a row for each cell with the point that was measured."""
    free = [list(scenario.parameters).index(name) for name in scenario.free_names]
    rows: list[list[str | float]] = []
    for cell in (cell for cells, _ in found for cell in cells):
        point = [cell.points[0][place] for place in free]
        rows.append([cell.parameter, cell.value, cell.mean, cell.error, *point])
    return Table(("profiled", "value", "mean", "standard_error", *scenario.free_names), rows)


def picture(
    scenario: Scenario, objective: Objective, found: Sequence[tuple[list[Cell], Verdict]], drop: float
) -> Figure:
    """Return a panel for each parameter: worth by value, with the interval shaded."""
    columns = min(2, len(found))
    rows = -(-len(found) // columns)
    highest = max(verdict.highest for _, verdict in found)
    # What lies far below the best says no more than "out", and would flatten the rest.
    floor = highest - max(12 * drop, 8 * max(verdict.error for _, verdict in found))
    least = max(min(verdict.lowest for _, verdict in found), floor)
    room = (highest - least) or 1.0  # none where every value is worth the same
    with our_style():
        figure = Figure(figsize=(WIDTH, TOP + 0.4 + 1.7 * rows), layout="constrained")
        panels = list(figure.subplots(rows, columns, sharey=True, squeeze=False).flat)
        for panel, (cells, verdict) in zip(panels, found, strict=False):
            value, mean, error = (np.array([cell[place] for cell in cells]) for place in (1, 2, 3))
            panel.axvspan(verdict.low, verdict.high, color=OURS, alpha=0.15, linewidth=0)
            panel.axhline(verdict.highest - drop, color=CONTEXT, linewidth=0.8)
            panel.errorbar(value, mean, SURE * error, fmt="o-", ms=3, lw=1, color=OURS)
            below = value[mean < least - 0.05 * room]  # off the picture
            panel.plot(below, np.full(len(below), least), "v", ms=5, color=OURS)
            panel.set_title(f"{verdict.parameter}: {verdict.verdict}")
            panel.set_ylim(least - 0.05 * room, highest + 0.12 * room)
            if scenario.parameters[verdict.parameter].scale == "log":
                logarithmic(panel, "x")
        for unused in panels[len(found) :]:
            unused.set_axis_off()
        label_left(figure, f"{objective.words} on fresh seeds")
        legend_above(
            figure,
            [
                Line2D([], [], color=OURS, marker="o", ms=3, label=f"best found, ± {SURE:g} standard errors"),
                Line2D([], [], color=OURS, marker="v", ms=5, linestyle="", label="lower than is drawn"),
                Line2D([], [], color=CONTEXT, lw=0.8, label=f"{drop:.2f} below the highest"),
                Patch(color=OURS, alpha=0.15, linewidth=0, label="interval"),
            ],
        )
    return figure
