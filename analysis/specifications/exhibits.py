"""The specification curve, what each choice moves, and which conclusions are borne out."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH
from analysis.specifications.combinations import Drawn
from analysis.specifications.effects import ByReading, Effect, by_reading, effects
from analysis.variants.exhibits import claims_of, draw_worth, in_order, worth_of
from analysis.variants.found import MORE, Found
from analysis.variants.study import REPEATS, Study
from calibrate.objective.objectives import objective_of
from engine.plot_style import CONTEXT, OURS, our_style, short

MOST_ROWS = 44  # readings in the picture, of the choices that move most
ROW = 0.15  # inches


def exhibits_of(study: Study, drawn: Drawn, found: Sequence[Found], command: str) -> list[Exhibit]:
    """Return all that there is to see of a study of specifications."""
    readings = [one.readings for one in drawn.specifications[REPEATS:]]
    worth = worth_of(found)[REPEATS:]
    moved = effects(worth, readings, study.seed)
    lines = by_reading(worth, readings, study.seed)
    return [
        curve(study, drawn, found, moved, command),
        moving(study, moved, command),
        readings_of(study, lines, command),
        claims_of(found, "specification", command),
        every(study, drawn, found, command),
    ]


def curve(study: Study, drawn: Drawn, found: Sequence[Found], moved: Sequence[Effect], command: str) -> Exhibit:
    """Return the specification curve."""
    objective, order = objective_of(study.scenario()), in_order(found)
    worth, itself = worth_of(found)[REPEATS:], worth_of(found)[:REPEATS]
    ends = np.nanquantile(worth, [0.0, 0.25, 0.5, 0.75, 1.0]) if np.isfinite(worth).any() else [np.nan] * 5
    said = (
        f"{len(order):,} combinations of readings of {len(drawn.choices)} choices, each searched anew "
        f"({study.chains} chains of {study.iters:,} draws); above, the {objective.fair} of the best point of each on "
        f"{MORE} fresh seeds, best first: from {ends[0]:.1f} to {ends[4]:.1f}, half of them between {ends[1]:.1f} and "
        f"{ends[3]:.1f}, median {ends[2]:.1f}. The scenario as it is, searched {REPEATS} times as shortly, has "
        f"{np.nanmin(itself):.1f} to {np.nanmax(itself):.1f} (grey). Below, a dot for the reading of each choice; "
        "those that move most come first."
    )
    return Exhibit(
        "specifications",
        "The specification curve",
        said,
        command,
        picture(study, drawn, found, moved),
        None,
        left_out(drawn),
    )


def left_out(drawn: Drawn) -> tuple[str, ...]:
    """Return what was left out on the way, for a warning each."""
    told = [f"a reading is left out, which the scenario cannot take: {line}" for line in drawn.cannot]
    if drawn.refused:
        told.append(f"{drawn.refused:,} combinations were skipped because the scenario refuses them")
    told += [
        f"{', '.join(names[:-1])} and {names[-1]} were drawn alike, so what one moves is not to be told from what the "
        "others do; more --runs part them"
        for names in alike(drawn)
    ]
    return tuple(told)


def alike(drawn: Drawn) -> list[list[str]]:
    """Return the sets of two choices and more of which one's reading always tells the others'."""
    rows = [one.readings for one in drawn.specifications[REPEATS:]]
    sets: dict[tuple[int, ...], list[str]] = {}
    for choice in drawn.choices:
        labels = [row[choice.name] for row in rows]
        order = {label: number for number, label in enumerate(dict.fromkeys(labels))}  # as they first come
        if len(order) > 1:
            sets.setdefault(tuple(order[label] for label in labels), []).append(choice.name)
    return [names for names in sets.values() if len(names) > 1]


def picture(study: Study, drawn: Drawn, found: Sequence[Found], moved: Sequence[Effect]) -> Figure:
    """Return the worth in order above, the readings below."""
    objective, order = objective_of(study.scenario()), in_order(found)
    names = {choice.name: [reading.label for reading in choice.readings] for choice in drawn.choices}
    ranked = [effect.choice for effect in moved] + [name for name in names if name not in {e.choice for e in moved}]
    rows: list[tuple[str, str]] = []
    for name in ranked:
        if len(rows) + len(names[name]) <= MOST_ROWS:
            rows += [(name, label) for label in names[name]]
    with our_style():
        figure = Figure(figsize=(WIDTH + 2.4, 3.2 + ROW * len(rows)), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2.4, ROW * len(rows)))
        draw_worth(above, found, order, f"{objective.fair} on fresh seeds")
        place = {row: -number for number, row in enumerate(rows)}
        for number, variant in enumerate(order.tolist()):
            for name, label in drawn.specifications[variant].readings.items():
                if (name, label) in place:
                    below.plot(number, place[name, label], ".", color=OURS, ms=min(5.0, 260 / len(order)))
        labels = []
        for number, (name, label) in enumerate(rows):
            first = number == 0 or rows[number - 1][0] != name
            labels.append(f"{short(name, 30)}:  {short(label, 26)}" if first else short(label, 26))
            if first and number:
                below.axhline(0.5 - number, color=CONTEXT, linewidth=0.4)
        below.set_yticks(list(place.values()), labels, fontsize=7)
        below.set_ylim(-len(rows) + 0.4, 0.6)
        below.set_xticks([])
        below.set_xlabel(f"{len(order):,} specifications, the best first")
        handles = [
            Line2D([], [], color=OURS, marker="o", ms=3, label="best point, ± 2 standard errors"),
            Patch(color=CONTEXT, alpha=0.4, linewidth=0, label=f"the scenario as it is, {REPEATS} searches"),
        ]
        figure.legend(handles=handles, loc="outside upper left", ncols=2)
    return figure


def moving(study: Study, moved: Sequence[Effect], command: str) -> Exhibit:
    """Return what each choice moves."""
    objective = objective_of(study.scenario())
    surely = [effect for effect in moved if effect.p_value <= 0.05 / max(len(moved), 1)]
    told = ", ".join(f"{one.choice} ({one.worst} to {one.best}: {one.spread:.1f})" for one in surely)
    said = (
        f"By how many {objective.unit} the medians of a choice's readings lie apart, beside the spread that one in "
        "twenty shuffles of its readings exceeds (by chance), and the share of shuffles as wide (p value). "
        + (f"Beyond chance, with so many choices looked at (Bonferroni): {told}." if surely else "")
        + ("" if surely else "None surely does, with so many choices looked at (Bonferroni); more --runs tell more.")
    )
    rows: list[list[Cell]] = [list(one) for one in moved]
    return Exhibit("choices", "Which choice moves it most", said, command, None, Table(Effect._fields, rows))


def readings_of(study: Study, lines: Sequence[ByReading], command: str) -> Exhibit:
    """Return the median of each reading."""
    said = (
        f"The median {objective_of(study.scenario()).fair} of the specifications with a reading, and by how much it is "
        "above that of all others, with a 95 % interval (bootstrap over specifications)."
    )
    rows: list[list[Cell]] = [list(one) for one in lines]
    return Exhibit("readings", "Reading by reading", said, command, None, Table(ByReading._fields, rows))


def every(study: Study, drawn: Drawn, found: Sequence[Found], command: str) -> Exhibit:
    """Return a row for each specification, with what to type to search it again."""
    names = [choice.name for choice in drawn.choices]
    rows: list[list[Cell]] = [
        [one.number, one.mean, one.error, one.skill, *(spec.readings[name] for name in names), one.problem,
         study.command(spec.variant)]
        for spec, one in zip(drawn.specifications, found, strict=True)
    ]  # fmt: skip
    head = ("number", "mean", "standard_error", "skill", *names, "problem", "command")
    return Exhibit(
        "every_specification",
        "Every specification",
        f"A row for each, the first {REPEATS} the scenario as it is. Each lies in its own directory below `searches`, "
        "a run like any other; the command searches it again. Skill is the share of its record that its mean curve "
        "accounts for, so that those held against unlike records can be compared.",
        command,
        None,
        Table(head, rows),
    )
