"""Which draws are good, and which were lucky: ``python -m analysis.best results/`` ranks the best ones on fresh seeds.

A recorded score is one run. The best of many such is flattered: the search kept it because its run was lucky.
"""

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from analysis.common.command import parser_of, run
from analysis.common.exhibit import Cell, Exhibit, Table, store
from analysis.run_data.ranking import LEADERS, MORE, SEEDS, TOP, Ranking, ranked
from engine.cli.arguments import Parser, whole_number
from engine.errors import to_type
from engine.plot_style import CONTEXT, OURS, our_style
from engine.results.run_record import Run

SHOWN = ("rank", "chain", "iteration", "recorded", "mean", "standard_error", "lucky_gap", "again", "again_error")


def table_of(ranking: Ranking) -> Table:
    """Return a row for each draw ranked, with the parameters searched."""
    draws, place = ranking.draws, ranking.place
    rows: list[list[Cell]] = []
    for row, where in enumerate(place):
        second = (float(ranking.again.mean[row]), float(ranking.again.error[row])) if row < LEADERS else (None, None)
        numbers = (draws.score[where], ranking.fair.mean[row], ranking.fair.error[row], ranking.lucky_gap[row])
        address = row + 1, int(draws.chain[where]), int(draws.iteration[where])
        rows.append([*address, *map(float, numbers), *second, *map(float, draws.points[where, draws.space.place])])
    return Table((*SHOWN, *draws.scenario.free_names), rows)


def lines_of(ranking: Ranking) -> list[str]:
    """Return what is to be known of the ranking, for the screen."""
    gap = ranking.lucky_gap[np.isfinite(ranking.lucky_gap)]
    if not gap.size:
        return ["none of the draws has a score on fresh seeds"]
    unfinished = "" if ranking.draws.record.status == "finished" else f" (the run is {ranking.draws.record.status})"
    return [
        f"{len(ranking.place)} best of {len(ranking.draws.score):,} draws{unfinished}, ranked by their mean score on "
        f"{ranking.seeds} fresh seeds",
        f"lucky gap, recorded score minus mean: {gap.mean():.2f} points on average, "
        f"{np.quantile(gap, 0.05):.2f} to {np.quantile(gap, 0.95):.2f} for nine in ten",
        f"again: the first {len(ranking.again.mean)} on {MORE * ranking.seeds} other seeds; "
        "ranking flatters the first mean a little, this one not",
    ]


def exhibit_of(opened: Run, ranking: Ranking) -> Exhibit:
    """Return the ranking as table and picture."""
    return Exhibit(
        name="best",
        title="The best draws on fresh seeds",
        sentence=f"{'. '.join(line[:1].upper() + line[1:] for line in lines_of(ranking))}. In the picture every dot is "
        "a draw: on the line its recorded score was what it scores on average, below the line it was lucky.",
        command=f"{to_type('analysis.best')} {shlex.quote(str(opened.directory))}",
        figure=picture(ranking),
        table=table_of(ranking),
    )


def picture(ranking: Ranking) -> Figure:
    """Return the recorded score of each draw against its fair mean, the leaders marked."""
    with our_style():
        figure = Figure(figsize=(7.2, 5.6), layout="constrained")
        axes = figure.subplots()
        for chosen, colour, label in (
            (slice(LEADERS, None), CONTEXT, "ranked after"),
            (slice(LEADERS), OURS, f"the first {min(LEADERS, len(ranking.place))} by mean"),
        ):
            numbers = ranking.recorded[chosen], ranking.fair.mean[chosen]
            axes.errorbar(*numbers, 2 * ranking.fair.error[chosen], fmt="o", ms=4, lw=0.8, color=colour, label=label)
        ends = ranking.recorded.min(), ranking.recorded.max()
        axes.plot(ends, ends, color="black", linewidth=1, label="no luck: mean = recorded")
        axes.set_xlabel("score recorded in the search (points)")
        axes.set_ylabel(f"mean score on {ranking.seeds} fresh seeds, ± 2 standard errors (points)")
        figure.legend(loc="outside upper left", ncols=3, columnspacing=1.2)
    return figure


def parser() -> Parser:
    """Return the command's options."""
    about = "The best draws of a run, simulated again on fresh seeds and ranked by their mean score."
    command = parser_of("best", about)
    add = command.add_argument
    add("--top", type=whole_number(1), default=TOP, metavar="N", help=f"draws to simulate again (default {TOP})")
    add("--seeds", type=whole_number(SEEDS), default=SEEDS, metavar="N", help=f"for each (default and least {SEEDS})")
    add("--seed", type=whole_number(0), default=0, metavar="N", help="what the fresh seeds come from (default 0)")
    return command


def work(options: Namespace) -> None:
    """Rank the draws, print the first, and store all."""
    ranking = ranked(options.run, options.top, options.seeds, options.seed)
    whole = table_of(ranking)
    shown = Table(SHOWN, [row[: len(SHOWN)] for row in whole.rows[:LEADERS]])
    forms = dict.fromkeys(SHOWN[3:], ".2f")
    print("\n".join([*lines_of(ranking), "", shown.as_text(forms), ""]))
    for file in store([exhibit_of(options.run, ranking)], options.out):
        print(f"stored {file}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
