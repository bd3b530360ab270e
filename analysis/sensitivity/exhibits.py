"""What the coefficients of Figure 2 decide, in tables and pictures."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.stats import spearmanr

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH, label_left, legend_above, small_panels
from analysis.sensitivity.coefficients import Coefficient
from analysis.sensitivity.indices import COEFFICIENTS, LEAST, MOST, PARAMETERS, Index, Indices
from analysis.sensitivity.one_at_a_time import FACTORS, PRINTED, SEEDS, Moved
from analysis.variants.exhibits import claims_of, draw_worth, in_order, worth_of
from analysis.variants.found import MORE, Found
from analysis.variants.study import REPEATS, Study, Variant
from calibrate.objective.objectives import Objective
from engine.plot_style import CONTEXT, INLAND, OURS, our_style
from engine.types import Floats

SHOWN = {-1.0: "turned", 0.0: "without", 0.5: "halved", 2.0: "doubled"}  # factors in the table


def moved_one_by_one(objective: Objective, lines: Sequence[Moved], command: str) -> Exhibit:
    """Return each coefficient from its sign turned to doubled, nothing else moved."""
    found = sorted(((one, changes_of(one)) for one in lines), key=lambda pair: min(pair[1]))
    rows: list[list[Cell]] = []
    for one, changes in found:
        error = np.hypot(one.error, one.error[:, [PRINTED]])[:, [FACTORS.index(factor) for factor in SHOWN]]
        sure = float(np.sqrt((error**2).sum(axis=0)).max() / len(error))
        many = one.people.mean(axis=0) / max(one.people[:, PRINTED].mean(), 1.0)
        people = float(many[FACTORS.index(-1.0)]), float(many[FACTORS.index(2.0)])
        rows.append([one.coefficient.name, one.coefficient.value, *changes, sure, *people])
    head = ("coefficient", "printed", *SHOWN.values(), "largest_error", "people_turned", "people_doubled")
    said = (
        f"By how many {objective.unit} the {objective.fair} changes at the best points of {len(lines[0].mean)} "
        f"chains when one coefficient is moved and nothing is searched anew, on the same {SEEDS} seeds; people: how "
        f"many times as many leave. Most hangs on {rows[0][0]}, least on {rows[-1][0]}. That a fit is lost does not "
        "say that the coefficient is needed: other parameters may make up for it, which only a search tells."
    )
    return Exhibit(
        "one_at_a_time", "One coefficient at a time", said, command, lines_picture(objective, lines), Table(head, rows)
    )


def changes_of(one: Moved) -> list[float]:
    """Return by how much the worth changes at the factors of SHOWN, the mean over the points."""
    apart = (one.mean - one.mean[:, [PRINTED]]).mean(axis=0)
    return [float(apart[FACTORS.index(factor)]) for factor in SHOWN]


def lines_picture(objective: Objective, lines: Sequence[Moved]) -> Figure:
    """Return a panel for each coefficient: worth by factor, a thin line a point, a thick one their mean."""
    with our_style():
        figure, panels = small_panels([f"{one.coefficient.name} ({one.coefficient.value:+g})" for one in lines], 1.05)
        for panel, one in zip(panels, lines, strict=True):
            panel.axvline(1.0, color=CONTEXT, linewidth=0.8)
            for mean in one.mean:
                panel.plot(FACTORS, mean, color=CONTEXT, linewidth=0.7)
            panel.plot(FACTORS, one.mean.mean(axis=0), "o-", color=OURS, ms=3, linewidth=1.4)
            panel.set_xticks([-1, 0, 1, 2])
        label_left(figure, f"{objective.fair} on fresh seeds")
        figure.supxlabel("times the printed coefficient", fontsize=10)
        mean = Line2D([], [], color=OURS, marker="o", ms=3, label="mean of the points")
        single = Line2D([], [], color=CONTEXT, label=f"one of the {len(lines[0].mean)} best points")
        legend_above(figure, [mean, single])
    return figure


def indices_exhibit(objective: Objective, found: Indices, good: int, region: str, command: str) -> Exhibit:
    """Return what each input decides inside the region."""
    by_name = {line.input: line for line in found.lines}
    coefficients, parameters = by_name[COEFFICIENTS], by_name[PARAMETERS]
    alone = [line for line in found.lines if line.input not in (COEFFICIENTS, PARAMETERS)]
    surely = [line.input for line in alone if line.total_low > 0]
    together = interval(coefficients.first, coefficients.first_low, coefficients.first_high)
    others = interval(parameters.first, parameters.first_low, parameters.first_high)
    said = (
        f"Sobol' indices of the {objective.words} of a run, {found.rows:,} rows, over {region} ({good:,} good points; "
        f"parameters as they are spread there, both priors as pairs, coefficients {LEAST:g} to {MOST:g} times as "
        f"printed). Chance alone makes {found.chance:.0%} of the variance of a run and is taken out of what follows; "
        f"mean {found.mean:.1f}, standard deviation {found.deviation:.1f} {objective.unit}. All coefficients together "
        f"decide {together} of the rest alone, all parameters {others}. Surely above 0 in all: "
        f"{', '.join(surely) if surely else 'none'}. Parameters are drawn one by one, so this box is wider than the "
        "region itself, whose parameters go together."
    )
    rows: list[list[Cell]] = [list(line) for line in found.lines]
    return Exhibit(
        "indices", "What decides inside the region", said, command, bars_picture(alone), Table(Index._fields, rows)
    )


def interval(value: float, low: float, high: float) -> str:
    """Return a share with its interval."""
    return f"{value:.0%} ({low:.0%} to {high:.0%})"


def bars_picture(lines: Sequence[Index]) -> Figure:
    """Return first and total order of each input, the largest total first."""
    with our_style():
        figure = Figure(figsize=(WIDTH, 1.0 + 0.27 * len(lines)), layout="constrained")
        axes = figure.subplots()
        for place, line in enumerate(lines):
            for offset, colour, ends in (
                (0.14, OURS, (line.total_low, line.total, line.total_high)),
                (-0.14, INLAND, (line.first_low, line.first, line.first_high)),
            ):
                axes.plot(ends[::2], [-place + offset] * 2, color=colour, linewidth=1.6)
                axes.plot(ends[1], -place + offset, "o", color=colour, ms=4)
        axes.axvline(0.0, color=CONTEXT, linewidth=0.8)
        axes.set_yticks(range(0, -len(lines), -1), [line.input for line in lines], fontsize=8)
        axes.set_ylim(-len(lines) + 0.4, 0.6)
        low, high = axes.get_xlim()
        axes.set_xlim(max(low, -0.5), min(high, 1.5))  # of an interval that is longer the rest says no more
        axes.set_xlabel("share of the variance, chance taken out (95 % interval)")
        kinds = ((OURS, "in all (total order)"), (INLAND, "alone (first order)"))
        handles = [Line2D([], [], color=colour, marker="o", ms=4, label=label) for colour, label in kinds]
        legend_above(figure, handles)
    return figure


def recalibrated(
    study: Study,
    objective: Objective,
    variants: Sequence[Variant],
    found: Sequence[Found],
    coefficients: Sequence[Coefficient],
    factors: Floats,
    command: str,
) -> list[Exhibit]:
    """Return what other coefficients come to when all is searched anew."""
    worth = worth_of(found)
    sets, itself = worth[REPEATS:], worth[:REPEATS]
    fine = np.isfinite(sets)
    within = float((sets[fine] >= np.nanmin(itself)).mean()) if fine.any() else float("nan")
    said = (
        f"{len(sets):,} sets of coefficients, each from its sign turned to doubled, calibrated anew ({study.chains} "
        f"chains of {study.iters:,} draws): the {objective.fair} of the best point on {MORE} fresh seeds, best first. "
        f"As printed, searched {REPEATS} times as shortly: {np.nanmin(itself):.1f} to {np.nanmax(itself):.1f} (grey). "
        f"{within:.0%} of the sets do as well as the worst of these or better."
    )
    moves: list[tuple[str, float, float, float]] = []
    for place, one in enumerate(coefficients):
        known = spearmanr(factors[fine, place], sets[fine]) if fine.sum() > 2 else None
        pair = (0.0, 1.0) if known is None else (float(known[0]), float(known[1]))
        moves.append((one.name, one.value, *pair))
    moves.sort(key=lambda row: -abs(row[2]))
    every: list[list[Cell]] = [
        [one.number, one.mean, one.error, one.skill, *([1.0] * len(coefficients) if place < REPEATS else
         map(float, factors[place - REPEATS])), one.problem, study.command(variant)]
        for place, (variant, one) in enumerate(zip(variants, found, strict=True))
    ]  # fmt: skip
    names = tuple(one.name for one in coefficients)
    return [
        Exhibit("recalibrated", "Other coefficients, calibrated anew", said, command, curve_picture(objective, found)),
        Exhibit(
            "recalibrated_coefficients",
            "Which coefficients a fit hangs on",
            "Spearman's correlation of the factor of each coefficient with what a search comes to, and its p value; "
            "with so many looked at, one in twenty is below 0.05 by chance.",
            command,
            None,
            Table(("coefficient", "printed", "correlation", "p_value"), moves),
        ),
        claims_of(found, "set of coefficients", command),
        Exhibit(
            "every_set",
            "Every set of coefficients",
            "The factor of each coefficient, what the search came to, and what to type to search it again.",
            command,
            None,
            Table(("number", "mean", "standard_error", "skill", *names, "problem", "command"), every),
        ),
    ]


def curve_picture(objective: Objective, found: Sequence[Found]) -> Figure:
    """Return the worth of the sets in order."""
    order = in_order(found)
    with our_style():
        figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
        axes = figure.subplots()
        draw_worth(axes, found, order, f"{objective.fair} on fresh seeds")
        axes.set_xlabel(f"{len(order):,} sets of coefficients, the best first")
        as_printed = Patch(color=CONTEXT, alpha=0.4, linewidth=0, label=f"as printed, {REPEATS} searches")
        legend_above(figure, [Line2D([], [], color=OURS, marker="o", ms=3, label="best point, ± 2 s.e."), as_printed])
    return figure
