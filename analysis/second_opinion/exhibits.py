"""The two rules side by side: which weight covers, and where the posteriors disagree."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from analysis.common.bars import Bar, bars
from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH
from analysis.posterior.paths import paths_of
from analysis.posterior.sample import MISS, Sample
from analysis.second_opinion.coverage import ENOUGH, WANTED, Coverage
from engine.errors import to_type
from engine.plot_style import CONTEXT, OURS, PAPER, few_ticks, our_style
from engine.types import Floats

CENTRAL = (0.05, 0.5, 0.95)
OF_PATHS = ("repression, first year", "repression, lowest", "repression, last year")


class Opinion(NamedTuple):
    """One posterior under the name that it has here, and the draws of each thing that is compared."""

    label: str
    weight: float  # of the energy score; 0: the likelihood
    draws: dict[str, Floats]

    def ends(self, name: str) -> Floats:
        """Return both ends of the central nine tenths and the median between them."""
        found: Floats = np.nanquantile(self.draws[name], CENTRAL)
        return found


def opinion_of(label: str, sample: Sample) -> Opinion:
    """Return what a posterior says of the parameters, and of repression by its paths."""
    draws = {name: sample.of(name).ravel() for name in sample.names if name != MISS}
    repression = np.nan_to_num(paths_of(sample).repression, nan=1.0)  # not after an early stop
    levels = (repression[:, 0], repression.min(axis=1), repression[:, -1])
    return Opinion(label, sample.scenario.posterior.energy_weight, draws | dict(zip(OF_PATHS, levels, strict=True)))


def agree(one: Floats, other: Floats) -> bool:
    """Return whether each of two (low, median, high) has the other's median between its ends."""
    return bool(one[0] <= other[1] <= one[2] and other[0] <= one[1] <= other[2])


def opinions(first: Opinion, others: Sequence[Opinion], log: Sequence[str], command: str) -> Exhibit:
    """Return each parameter, and repression, by each rule; the first is the likelihood's, which others are held to."""
    all_of_them = [first, *others]
    rows: list[list[Cell]] = []
    apart: dict[str, list[str]] = {other.label: [] for other in others}
    for name in first.draws:
        row: list[Cell] = [name, *map(float, first.ends(name))]
        for other in others:
            same = agree(first.ends(name), other.ends(name))
            row += [*map(float, other.ends(name)), "agree" if same else "disagree"]
            if not same:
                apart[other.label].append(name)
        rows.append(row)
    told = "; ".join(
        f"{label}: {', '.join(names)}" if names else f"{label}: over nothing" for label, names in apart.items()
    )
    ends = ("p05", "p50", "p95")
    head = ("what", *(f"{first.label} {end}" for end in ends))
    for other in others:
        head += (*(f"{other.label} {end}" for end in ends), f"{other.label} verdict")
    by_name: dict[str, list[Bar | None]] = {name: [Bar(*one.ends(name)) for one in all_of_them] for name in first.draws}
    return Exhibit(
        "second_opinion",
        "The likelihood's posterior beside the energy score's",
        f"Where the two disagree (the median of one outside the other's central nine tenths): {told}. A narrower "
        "posterior disagrees more easily; the weight says how narrow the energy score's is.",
        command,
        bars([one.label for one in all_of_them], by_name, log, "dot: median; bar: nine tenths"),
        Table(head, rows),
    )


def coverage(found: Coverage, label: str, miss: float, command: str) -> Exhibit:
    """Return how often intervals hold, by weight, and which weight is to be had for nine in ten."""
    rows: list[list[Cell]] = []
    for place, weight in enumerate(found.weight):
        shares = (float(found.share[place]), *map(float, found.by_name[place]))
        told = shares if found.told[place] else [None] * len(shares)
        rows.append([float(weight), float(found.effective[place]), *told])
    said = (
        f"{found.records} records, made at points of {label} and missed by {miss:.0%} a year as the real one is: how "
        f"many central intervals of {WANTED:.0%} hold their point, mean over parameters, by the weight of the energy "
        f"score. Told where the weights leave {ENOUGH:.0f} independent points or more. {verdict(found, label)}"
    )
    head = ("weight", "independent_points", "covered", *found.names)
    return Exhibit("coverage", "Which weight covers", said, command, drawn(found), Table(head, rows))


def verdict(found: Coverage, label: str) -> str:
    """Return which weight covers, and what to type for runs at it, at a quarter of it and at four times it."""
    if found.chosen is not None:
        lines = (
            f"`{to_type('calibrate')} --method posterior --set posterior.rule=energy --set posterior.weight={one:.2g}`"
            for one in (found.chosen / 4, found.chosen, 4 * found.chosen)
        )
        return (
            f"The largest weight at which nine in ten are held, less a standard error, is {found.chosen:.2g}. "
            f"A quarter of it, it, four times it: {', '.join(lines)}, each with the other options of the first run."
        )
    if not found.told.any():
        return f"{label} has too few unlike points for any weight: let it run longer."
    shares = found.share[found.told]
    if shares[-1] >= found.least:
        return f"At the largest weight that can be told {shares[-1]:.0%} are held: take a run with a larger weight."
    return f"At the smallest weight that can be told {shares[0]:.0%} are held: take a run with a smaller weight."


def drawn(found: Coverage) -> Figure:
    """Return the picture of coverage by weight: each parameter thin, their mean thick."""
    with our_style():
        figure = Figure(figsize=(0.75 * WIDTH, 3.2), layout="constrained")
        axes = figure.subplots()
        weight, by_name = found.weight[found.told], found.by_name[found.told]
        axes.axhline(WANTED, color=PAPER, linewidth=1, linestyle="--", label=f"{WANTED:.0%}, as they should")
        axes.plot(weight, by_name, color=CONTEXT, linewidth=0.7)
        axes.plot([], [], color=CONTEXT, linewidth=0.7, label="each parameter")
        axes.plot(weight, found.share[found.told], "o-", color=OURS, markersize=3, label="their mean")
        if found.chosen is not None:
            axes.axvline(found.chosen, color=OURS, linewidth=0.8, linestyle=":", label="the largest that covers")
        few_ticks(axes, "x", 6)
        axes.set_ylim(max(0.0, min([*by_name.ravel(), WANTED]) - 0.1), 1.02)
        figure.legend(loc="outside upper left", ncols=2)
        axes.set_xlabel("weight of the energy score")
        axes.set_ylabel("intervals that hold")
        return figure
