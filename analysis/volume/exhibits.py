"""The share of the box by worth, as a table and a picture."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import t

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH
from analysis.volume.subset import Level, share_above
from calibrate.objective.objectives import Objective
from engine.plot_style import CONTEXT, OURS, PAPER, logarithmic, our_style
from engine.types import Floats

HEAD = ("at_least", "share_of_box", "standard_error", "low", "high", "draws_for_one")
CONFIDENCE = 0.95
MOST_ROWS = 12


class Share(NamedTuple):
    """The share of the box that is worth at least so much: mean of the populations, and how sure it is."""

    mean: float
    error: float  # standard error of the mean
    low: float  # at CONFIDENCE
    high: float


class Volume(NamedTuple):
    """The shares of the box found by independent populations."""

    objective: Objective
    populations: list[list[Level]]
    best: float  # of the recorded draws of the run
    runs: int  # spent

    def at(self, worth: float) -> Share:
        """Return the share of the box that is worth at least so much.

        Its interval is Student's, on the logarithm: shares of populations differ by factors, and none is below 0.
        """
        shares = np.array([share_above(levels, worth) for levels in self.populations])
        mean, error = float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(len(shares)))
        if not mean:
            return Share(0.0, 0.0, 0.0, 0.0)
        factor = float(np.exp(t.ppf(0.5 + CONFIDENCE / 2, len(shares) - 1) * error / mean))
        return Share(mean, error, mean / factor, min(mean * factor, 1.0))


def rungs(volume: Volume) -> list[float]:
    """Return the worths of the table: the run's best, and 1, 2, 4, 8 ... below it, down to half of the box."""
    found = [volume.best]
    while volume.at(found[-1]).mean < 0.5 and len(found) < MOST_ROWS:
        found.append(volume.best - 2.0 ** (len(found) - 1))
    return found


def table_of(volume: Volume) -> Table:
    """Return a row for each worth."""
    rows: list[list[Cell]] = []
    for worth in rungs(volume):
        share = volume.at(worth)
        rows.append([worth, *share, 1 / share.mean if share.mean else None])
    return Table(HEAD, rows)


def exhibits_of(volume: Volume, command: str) -> list[Exhibit]:
    """Return the shares with their picture."""
    count = len(volume.populations)
    share = volume.at(volume.best)
    told = "a share too small for any of the populations to meet"
    if share.mean:
        told = f"a share of {share.mean:.1g} ({CONFIDENCE:.0%} interval {share.low:.1g} to {share.high:.1g})"
    says = (
        f"What share of the box searched (uniform on the scales searched) is worth at least so much in one run. "
        f"{told[:1].upper()}{told[1:]} is worth as much as the best recorded draw, {volume.best:.2f}. "
        f"By subset simulation, {count} independent populations, {volume.runs:,} runs; their spread is the error "
        "(Student's interval of the mean, on the logarithm). One "
        "run may be lucky: this is the share of draws, not of points that are as good on average. A region that none "
        "of the populations met is not in it."
    )
    return [Exhibit("volume", "How much of the box is good", says, command, picture(volume), table_of(volume))]


def picture(volume: Volume) -> Figure:
    """Return the share of the box by worth: each population, and their mean."""
    lowest, best = rungs(volume)[-1], volume.best
    grid = np.linspace(lowest, best, 200)
    with our_style():
        figure = Figure(figsize=(WIDTH, 4.0), layout="constrained")
        axes = figure.subplots()
        lines: Sequence[Floats] = [
            np.array([share_above(levels, float(worth)) for worth in grid]) for levels in volume.populations
        ]
        for place, shares in enumerate(lines):
            label = "a population" if place == 0 else None
            axes.plot(grid, np.where(shares > 0, shares, np.nan), color=CONTEXT, linewidth=0.7, label=label)
        mean, _, low, high = np.transpose([volume.at(float(worth)) for worth in grid])
        axes.fill_between(grid, low, high, where=mean > 0, color=OURS, alpha=0.2, linewidth=0)
        axes.plot(
            grid,
            np.where(mean > 0, mean, np.nan),
            color=OURS,
            linewidth=1.6,
            label=f"their mean, with its {CONFIDENCE:.0%} interval",
        )
        axes.axvline(best, color=PAPER, linewidth=1, label="the run's best draw")
        logarithmic(axes, "y")
        axes.set_xlabel(f"{volume.objective.words} of one run, at least")
        axes.set_ylabel("share of the box")
        axes.legend(loc="lower left")
    return figure
