"""The utility that the record needs, as a table and a picture."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH, event_patches, mark_years
from analysis.inverse.needed import Given, Year, by_year, needed
from engine.plot_style import INLAND, OURS, PAPER, our_style
from engine.scenario import Scenario

HEAD = ("visibility", *Year._fields)
LARGEST_SHOWN = 2.0  # of a utility: what lies beyond is as impossible as that
DASHES = ("-", "--", ":", "-.")


class Solved(NamedTuple):
    """What was taken for granted, and what it needs year by year."""

    given: Given
    years: list[Year]

    @property
    def impossible(self) -> list[int]:
        """Return the years in which the people, on average, would need a utility of 1 or more."""
        return [year.year for year in self.years if not year.utility < 1]


def solved(scenario: Scenario, given: Sequence[Given]) -> list[Solved]:
    """Return what each of ``given`` needs."""
    return [Solved(one, by_year(scenario, needed(scenario, one))) for one in given]


def spans(years: Sequence[int]) -> str:
    """Return years in words, those in a row as from-to."""
    if not years:
        return "no year"
    runs = np.split(np.array(years), np.flatnonzero(np.diff(years) != 1) + 1)
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def verdict(one: Solved) -> str:
    """Return in a sentence whether the record can be had."""
    given = one.given
    first, last = given.repression[0], given.repression[-1]
    what = (
        f"With a visibility of {given.visibility:.3g}, a memory of {given.memory_weeks} weeks, a prior of "
        f"({given.prior_alpha:.4g}, {given.prior_beta:.4g}) and repression from {first:.0%} to {last:.0%}"
    )
    if one.impossible:
        return f"{what} the record cannot be met: utility would have to reach 1 in {spans(one.impossible)}."
    highest = max(one.years, key=lambda year: year.utility)
    return f"{what} it can be: the largest utility needed, {highest.utility:.2f}, is that of {highest.year}."


def exhibits_of(scenario: Scenario, given: Sequence[Given], command: str) -> list[Exhibit]:
    """Return the utility needed by year, with its picture."""
    found = solved(scenario, given)
    says = (
        f"{' '.join(map(verdict, found))} A utility is a number below 1, and is the same for all people here; the "
        "calculation leaves out chance, which makes do with less where beliefs rest on few known attempts. What is "
        "possible by it may still not be what the model does: the utility needed would have to follow from events, "
        "growth and the two coefficients."
    )
    rows: list[list[Cell]] = [[one.given.visibility, *year] for one in found for year in one.years]
    return [
        Exhibit(
            "inverse",
            "The utility that the record needs",
            says,
            command,
            picture(scenario, found),
            Table(HEAD, rows),
        )
    ]


def picture(scenario: Scenario, found: Sequence[Solved]) -> Figure:
    """Return a panel with the utility needed, and one with what people would expect beside what is true."""
    with our_style():
        figure = Figure(figsize=(WIDTH, 5.2), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True)
        middle = np.array(scenario.calendar) + 0.5
        upper.axhspan(1, LARGEST_SHOWN, color=PAPER, alpha=0.12, linewidth=0)
        weeks = scenario.first_year + (np.arange(scenario.weeks) + 0.5) / scenario.weeks_per_year
        for place, one in enumerate(found):
            dash = DASHES[place % len(DASHES)]
            utility = np.minimum([year.utility for year in one.years], 2 * LARGEST_SHOWN)
            upper.plot(middle, utility, dash, color=OURS, label=f"visibility {one.given.visibility:.3g}")
            lower.plot(middle, [year.expected for year in one.years], dash, color=OURS)
            lower.plot(weeks, one.given.repression, dash, color=INLAND, linewidth=1)
        upper.set_ylim(0, LARGEST_SHOWN)
        lower.set_ylim(0, 1)
        upper.set_title("utility needed, mean of the people")
        lower.set_title("repression, as it is and as people expect it")
        handles, _ = upper.get_legend_handles_labels()
        handles.append(Patch(color=PAPER, alpha=0.12, linewidth=0, label="cannot be"))
        handles += event_patches(scenario)
        upper.legend(handles=handles, loc="upper left", ncols=2)
        lower.legend(
            handles=[Line2D([], [], color=INLAND, lw=1, label="given"), Line2D([], [], color=OURS, label="expected")],
            loc="best",
            ncols=2,
        )
        mark_years([upper, lower], scenario, 12)
        figure.align_ylabels()
    return figure
