"""What could have been, as tables and a picture: escapes by year in both worlds, and the ways of the difference."""

import re
import shlex
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import StrMethodFormatter

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH, event_patches, mark_years, small_years
from analysis.counterfactual.effect import WAYS, Effect, Spread, effect_of, spread, ways, with_total
from analysis.counterfactual.worlds import FACTUAL, OTHERWISE, entries_of, in_words
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import Ranking
from engine.errors import counted
from engine.plot_style import BORDER, CONTEXT, INLAND, OURS, PAPER, our_style, short
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.types import Floats

IN_WORDS = {"direct": "directly", "beliefs": "through beliefs", "repression": "through repression"}
COLOURS = {"direct": OURS, "beliefs": BORDER, "repression": INLAND}
FIGURES = ("mean", "p05", "p95", "chance_error")
FOR_PAGE = (10, 50)  # draws, and runs of each
MANY = 0.1  # of runs that are left out


def without(run: Run, events: Sequence[str], ranking: Ranking) -> list[Exhibit]:
    """Return what there would have been without these events, of few runs: for the page."""
    draws, runs = FOR_PAGE
    effect = effect_of(run, entries_of(run.scenario, events, []), draws, runs, ranking=ranking)
    words = "".join(f" --without {shlex.quote(event)}" for event in events)
    command = line_of(run, "counterfactual", f"{words} --draws {draws} --runs {runs}")
    return exhibits_of(run.scenario, effect, command)


def exhibits_of(scenario: Scenario, effect: Effect, command: str) -> list[Exhibit]:
    """Return escapes by year in both worlds with their picture, and the ways of the difference."""
    words = " and ".join(map(in_words, effect.entries))
    name = "counterfactual_" + re.sub(r"[^a-z0-9]+", "_", words.lower().replace("×", "times")).strip("_")
    both = spread(with_total(effect.escapes[:, :, [FACTUAL, OTHERWISE]]))
    differs = spread(with_total(ways(effect.escapes)))
    by_year = Exhibit(
        name,
        f"What could have been: {words}",
        sentence(effect, both, differs, words),
        command,
        picture(scenario, both, differs, words),
        years_table(scenario, both, differs),
        warnings_of(effect),
    )
    by_way = Exhibit(
        f"{name}_ways",
        f"How it acts: {words}",
        "Escapes as it was less those otherwise. Directly: what people want and can, with beliefs and repression held "
        "on the path that they took as it was. Through beliefs: by what becomes known. Through repression: by the "
        "state's reaction. Each of these two is the mean of what it adds before the other and after it, so the parts "
        "add up.",
        command,
        table=ways_table(differs),
    )
    return [by_year, by_way]


def sentence(effect: Effect, both: Spread, differs: Spread, words: str) -> str:
    """Return what the tables say, with what the interval is of and what pairing saves."""
    runs, draws = effect.stopped.shape[1], len(effect.escapes)
    total = differs.mean[:, -1]
    parts = ", ".join(f"{round(total[WAYS.index(way)]):,} {said}" for way, said in IN_WORDS.items())
    what = "posterior draws" if effect.posterior else "best draws, which are no posterior"
    was, other = effect.stops
    fewer = len(effect.stopped) - draws
    dropped = f", and {counted(fewer, 'draw')} of which too few are left" if fewer else ""
    return (
        f"As it was {both.mean[0, -1]:,.0f} escape in all, {words} {both.mean[1, -1]:,.0f}: a difference of "
        f"{round(total[0]):,} (90 % of draws {differs.low[0, -1]:,.0f} to {differs.high[0, -1]:,.0f}; chance leaves a "
        f"standard error of {differs.error[0, -1]:,.0f}), {parts}. {counted(runs, 'run')} of each of {draws} {what}, "
        f"in each world on the same chance, which takes {effect.saved:.0%} off the variance of the difference. "
        f"{was:.1%} of runs are stopped as it was, {other:.1%} otherwise; {effect.left_out:.1%}, those stopped in one "
        f"of the worlds, are left out{dropped}."
    )


def warnings_of(effect: Effect) -> tuple[str, ...]:
    """Return what to beware of where many runs are left out."""
    if effect.left_out <= MANY:
        return ()
    was, other = effect.stops
    return (
        f"{effect.left_out:.0%} of runs are left out, because they are stopped in one of the worlds ({was:.0%} as it "
        f"was, {other:.0%} otherwise): what is told is of the others, and that so many explode is an effect too",
    )


def years_table(scenario: Scenario, both: Spread, differs: Spread) -> Table:
    """Return a row a year, and one for all years."""
    head = ["year", *(f"{world}_{figure}" for world in ("as_it_was", "otherwise") for figure in FIGURES[:3])]
    head += [f"difference_{figure}" for figure in FIGURES] + list(IN_WORDS)
    rows: list[Sequence[Cell]] = []
    for place, year in enumerate([*map(str, scenario.calendar), "all"]):
        row: list[Cell] = [year]
        row += [float(part[world, place]) for world in (0, 1) for part in both[:3]]
        row += [_number(part[0, place]) for part in differs]
        row += [float(differs.mean[WAYS.index(way), place]) for way in IN_WORDS]
        rows.append(row)
    return Table(tuple(head), rows)


def ways_table(differs: Spread) -> Table:
    """Return a row a way, over all years."""
    rows = [(way, *(_number(part[place, -1]) for part in differs)) for place, way in enumerate(WAYS)]
    return Table(("way", *FIGURES), rows)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def picture(scenario: Scenario, both: Spread, differs: Spread, words: str) -> Figure:
    """Return escapes in both worlds above, and the ways of their difference below."""
    with our_style():
        figure = Figure(figsize=(WIDTH, 6.4), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True)
        edges, record = np.arange(scenario.years + 1.0) + scenario.first_year, scenario.yearly_target()
        middle = edges[:-1] + 0.5
        upper.stairs(record, edges, color=CONTEXT, linewidth=1.2, baseline=None)
        for world, colour in ((0, OURS), (1, PAPER)):
            low, high = both.low[world, :-1], both.high[world, :-1]
            upper.fill_between(middle, low, high, color=colour, alpha=0.2, linewidth=0)
            upper.plot(middle, both.mean[world, :-1], color=colour, linewidth=1.6)
        highest = float(max(both.high[:, :-1].max(), record.max()))
        if highest > 4 * max(record.max(), both.mean[0, :-1].max()):
            small_years(upper, highest)
        else:
            upper.set_ylim(0)
            upper.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        upper.set_title("escapes a year")
        stack(lower, middle, differs.mean[:, :-1])
        lower.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        lower.set_title("as it was less otherwise, by the way it acts")
        mark_years([upper, lower], scenario, 12)
        upper.legend(
            handles=[
                Line2D([], [], color=OURS, label="as it was"),
                Line2D([], [], color=PAPER, label=short(words)),
                Line2D([], [], color=CONTEXT, label=f"record: {short(scenario.target.series)}"),
                *event_patches(scenario),
            ],
            loc="upper left",
        )
        handles = [Patch(color=COLOURS[way], linewidth=0, label=said) for way, said in IN_WORDS.items()]
        lower.legend(handles=[Line2D([], [], color="black", marker="o", ms=3, lw=1, label="all"), *handles], loc="best")
        figure.align_ylabels()
    return figure


def stack(axes: object, middle: Floats, parts: Floats) -> None:
    """Draw the parts of each year on top of each other, those below nothing downwards, and their sum as a line."""
    above, below = np.zeros(len(middle)), np.zeros(len(middle))
    for way, colour in COLOURS.items():
        part = parts[WAYS.index(way)]
        axes.bar(middle, part, 0.8, bottom=np.where(part >= 0, above, below), color=colour, linewidth=0)  # type: ignore[attr-defined]
        above, below = above + np.maximum(part, 0), below + np.minimum(part, 0)
    axes.plot(middle, parts[0], color="black", linewidth=1, marker="o", markersize=3)  # type: ignore[attr-defined]
    axes.axhline(0, color="black", linewidth=0.8)  # type: ignore[attr-defined]
