"""The placebo test as a table and a picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH, legend_above
from analysis.placebo.search import (
    EFFECT,
    EFFECTS,
    LOOSER,
    LOT,
    NONE,
    PARTICLES,
    POINTS,
    RECORD,
    SINGLE,
    Fit,
    as_good,
    one_of,
)
from engine.plot_style import CONTEXT, OURS, PAPER, our_style

HEAD = ("schedule", EFFECT, "gain", *(f"at_{effect:+g}" for effect in EFFECTS), "events")
UNIT = "of log-likelihood"


def exhibits_of(fits: Sequence[Fit], command: str) -> list[Exhibit]:
    """Return what the schedules add beside each other."""
    says = (
        f"{findings(fits)} Each schedule was held against the best point of each of {POINTS} chains of this run, which "
        "knows no event; of the points nothing moves but the effect d, by which an event multiplies the odds of "
        "repression, exp(d) or exp(-d). A gain is that of the mean likelihood of the points, as filters of "
        f"{PARTICLES} particles estimate it. Dates by lot: each event keeps its direction and has any day of the years "
        "simulated; each schedule has the d that suits it best."
    )
    none = one_of(fits, NONE).best
    table = Table(HEAD, [row_of(fit, none) for fit in fits])
    return [Exhibit("placebo", "Dated events beside events of any date", says, command, picture(fits), table)]


def findings(fits: Sequence[Fit]) -> str:
    """Return what the recorded events are worth beside none and beside chance, and which way the record leans."""
    none, record, looser = (one_of(fits, kind) for kind in SINGLE)
    better, number = as_good(fits)
    sign = record.towards(1) - record.towards(-1)
    prefers = "what its sources say" if sign > 0 else "the contrary of what its sources say"
    return (
        f"The dated events gain {record.best - none.best:+.2f} {UNIT} over none, at d = {record.effect:+g}; {better} "
        f"of {number} schedules with dates by lot gain as much (p = {(1 + better) / (1 + number):.2g}). Of the two "
        f"directions the record prefers {prefers}, by {abs(sign):.2f}; all looser at the same dates gain "
        f"{looser.towards(1) - none.best:+.2f}."
    )


def row_of(fit: Fit, none: float) -> list[Cell]:
    """Return a line of the table; ``none`` is what no event comes to."""
    told = ", ".join(f"{day} {'tighter' if way > 0 else 'looser'}" for day, way in fit.events)
    by_effect: list[Cell] = [worth - none for worth in fit.worth] if fit.events else [None] * len(EFFECTS)
    return [fit.kind, fit.effect, fit.best - none, *by_effect, told]


def singles(fits: Sequence[Fit]) -> Table:
    """Return the lines of the schedules of which there is one, for the screen."""
    none = one_of(fits, NONE).best
    return Table(HEAD[:-1], [row_of(one_of(fits, kind), none)[:-1] for kind in SINGLE])


def picture(fits: Sequence[Fit]) -> Figure:
    """Return what schedules add by the effect of their events, and the most they add, the record among them."""
    none = one_of(fits, NONE).best
    lot = [fit for fit in fits if fit.kind == LOT]
    most = np.array([fit.best for fit in lot]) - none
    with our_style():
        figure = Figure(figsize=(WIDTH, 6.2), layout="constrained")
        by_effect, counted = figure.subplots(2, 1)
        for fit in lot:
            by_effect.plot(EFFECTS, np.array(fit.worth) - none, color=CONTEXT, linewidth=0.5, alpha=0.5)
        counted.hist(most, bins=min(30, max(5, most.size // 5)), color=CONTEXT)
        for kind, colour in ((RECORD, OURS), (LOOSER, PAPER)):
            fit = one_of(fits, kind)
            by_effect.plot(EFFECTS, np.array(fit.worth) - none, "o-", color=colour, markersize=3)
            counted.axvline(fit.best - none, color=colour, linewidth=1.6)
        by_effect.axhline(0.0, color="black", linewidth=0.8)
        highest = max(float(most.max(initial=0.0)), one_of(fits, RECORD).best - none, 0.0)
        by_effect.set_ylim(-15.0, highest + 1.0)  # what lies lower is out, however far
        by_effect.set_xlabel("effect d of an event, in log odds of repression")
        by_effect.set_ylabel(f"gain {UNIT}")
        counted.set_xlabel(f"largest gain {UNIT} over effects")
        counted.set_ylabel("schedules")
        legend_above(
            figure,
            [
                Line2D([], [], color=OURS, marker="o", markersize=3, label=RECORD),
                Line2D([], [], color=PAPER, marker="o", markersize=3, label=LOOSER),
                Patch(color=CONTEXT, label=f"{len(lot)} with {LOT}"),
            ],
        )
    return figure
