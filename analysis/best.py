"""Which draws are good, and which were lucky: ``python -m analysis.best results/`` ranks the best ones on fresh seeds.

A recorded score is one run. The best of many such is flattered: the search kept it because its run was lucky.
"""

import sys
from argparse import Namespace
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from analysis.common.command import parser_of, run
from analysis.common.exhibit import Cell, Exhibit, Table, hand_over
from analysis.common.further import beside_runs, panels_of, told
from analysis.common.panels import WIDTH, against_record, legend_above, mark_years, record_handles, small_years
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import LEADERS, MORE, SEEDS, TOP, Ranking, ranked
from engine.cli.arguments import Parser, whole_number
from engine.cli.yearly_table import BAND, spread
from engine.plot_style import CONTEXT, OURS, our_style
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.simulation import simulate_batch
from engine.types import Floats

RUNS = 100  # of the best point
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
    objective = ranking.draws.objective
    gap = ranking.lucky_gap[np.isfinite(ranking.lucky_gap)]
    if not gap.size:
        return ["none of the draws has a score on fresh seeds"]
    unfinished = "" if ranking.draws.record.status == "finished" else f" (the run is {ranking.draws.record.status})"
    return [
        f"{len(ranking.place)} best of {len(ranking.draws.score):,} draws{unfinished}, ranked by their "
        f"{objective.fair} on {ranking.seeds} fresh seeds",
        f"lucky gap, recorded {objective.words} minus that: {gap.mean():.2f} {objective.unit} on average, "
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
        "a draw: on the line it was recorded as what it is worth on average, below the line it was lucky.",
        command=line_of(opened, "best"),
        figure=picture(ranking),
        table=table_of(ranking),
    )


def exhibits_of(opened: Run, ranking: Ranking) -> list[Exhibit]:
    """Return the best point and its curve, then the ranking."""
    return [*found(opened, ranking), exhibit_of(opened, ranking)]


def found(opened: Run, ranking: Ranking) -> list[Exhibit]:
    """Return the curve of the best point beside the record, and its values beside the ranges searched."""
    scenario, draws, where = opened.scenario, ranking.draws, int(ranking.place[0])
    seed = (opened.record.seed + 1) % 2**63  # another than the run's, so that its chance is fresh
    batch = simulate_batch(scenario, np.tile(draws.points[where], (RUNS, 1)), seed)
    begun = batch.weeks_run[:, None] > np.arange(scenario.years) * scenario.weeks_per_year
    curve, record = spread(batch.by_year, begun), scenario.yearly_target()
    command = line_of(opened, "best")
    address = f"chain {draws.chain[where]}, iteration {draws.iteration[where]:,}"
    recorded, mean, error = draws.score[where], ranking.again.mean[0], ranking.again.error[0]
    rows = [
        [year, float(told), *map(_none_if_nan, column)]
        for year, told, column in zip(scenario.calendar, record, curve.T, strict=True)
    ]
    values: list[list[Cell]] = [
        [
            name,
            float(draws.points[where, scenario.names.index(name)]),
            scenario.parameters[name].low,
            scenario.parameters[name].high,
        ]
        for name in scenario.free_names
    ]
    ends = tuple(f"p{100 * share:02.0f}" for share in BAND)
    further = [further_exhibit(scenario, batch.tallies, command)] if scenario.target.also else []
    return [
        Exhibit(
            "best_point",
            "The best point beside the record",
            f"The best draw on fresh seeds ({address}), simulated {RUNS} times more. {how_it_fits(scenario, curve)} It "
            f"scored {recorded:.2f} when it was found and scores {mean:.2f} ± {error:.2f} on seeds that chose nothing. "
            "Below the same on a logarithmic axis, where the early years can be seen.",
            command,
            curve_picture(scenario, curve),
            Table(("year", "record", "mean", *ends), rows),
        ),
        *further,
        Exhibit(
            "best_values",
            "The values of the best point",
            "What the best point is, and the range that was searched. A value at an end of its range says that the "
            "range may be too narrow.",
            command,
            table=Table(("parameter", "value", "low", "high"), values),
        ),
    ]


def further_exhibit(scenario: Scenario, tallies: Floats, command: str) -> Exhibit:
    """Return the further series that the scenario names beside the runs of the best point."""
    table = beside_runs(scenario, tallies)
    return Exhibit(
        "best_further",
        "The further series beside the best point",
        f"The same {RUNS} runs beside what else was to be met. {told(table)}.",
        command,
        panels_of(scenario, table, RUNS),
        table,
    )


def _none_if_nan(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def how_it_fits(scenario: Scenario, curve: Floats) -> str:
    """Return how far the mean is from the record, in people a year and in per cent, and where it is farthest."""
    record, (mean, low, high) = scenario.yearly_target(), np.nan_to_num(curve)
    gap = np.abs(mean - record)
    share = f", {gap.sum() / record.sum():.0%} of it" if record.sum() else ""
    inside = int(((low <= record) & (record <= high)).sum())
    place = int(np.argmax(np.abs(np.log((mean + 1) / (record + 1)))))
    return (
        f"Its mean misses the record by {gap.mean():,.0f} people a year{share}; the record lies in the band of nine "
        f"runs in ten in {inside} of {scenario.years} years. By ratio it is farthest off in "
        f"{scenario.calendar[place]}: {mean[place]:,.0f} people where the record has {record[place]:,.0f}."
    )


def curve_picture(scenario: Scenario, curve: Floats) -> Figure:
    """Return the mean and the band beside the record, on a plain axis and on a logarithmic one."""
    highest = max(scenario.yearly_target().max(initial=1.0), float(np.nanmax(curve)))
    with our_style():
        figure = Figure(figsize=(WIDTH, 6.0), layout="constrained")
        panels = figure.subplots(2, 1, sharex=True)
        for axes, scale in zip(panels, ("", ", logarithmic"), strict=True):
            against_record(axes, scenario, curve)
            axes.set_ylabel(f"{scenario.target.compares} a year{scale}")
        panels[0].set_ylim(0, None)
        small_years(panels[1], highest)
        mark_years(panels, scenario, 12)
        legend_above(figure, record_handles(scenario, RUNS))
    return figure


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
        axes.plot(ends, ends, color="black", linewidth=1, label="no luck")
        objective = ranking.draws.objective
        axes.set_xlabel(f"{objective.words} recorded in the search ({objective.unit})")
        axes.set_ylabel(f"{objective.fair} on {ranking.seeds} fresh seeds, ± 2 standard errors ({objective.unit})")
        figure.legend(loc="outside upper left", ncols=3, columnspacing=1.2)
    return figure


def parser() -> Parser:
    """Return the command's options."""
    about = "The best draws of a run, simulated again on fresh seeds and ranked by what they are worth on average."
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
    hand_over(exhibits_of(options.run, ranking), options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
