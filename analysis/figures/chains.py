"""Pictures of the chains: how they climbed, and their best draws on fresh seeds against the record (Figure 5)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from analysis.common.exhibit import Exhibit, Table
from analysis.common.panels import (
    TOP,
    WIDTH,
    against_record,
    label_left,
    legend_above,
    mark_years,
    record_handles,
    small_panels,
    small_years,
)
from analysis.run_data.best_draws import Best, Traces
from analysis.run_data.fresh_seeds import fair, worth_of
from calibrate.objective.objectives import Objective, ranked_by
from calibrate.objective.score import Score
from engine.cli.compile_notice import tell_of_compiling
from engine.cli.yearly_table import BAND, spread
from engine.plot_style import OURS, our_style
from engine.results.replay import read_draw
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.simulation import simulate_batch
from engine.types import Floats, Integers

MOST = 8  # chains
RUNS = 100  # fresh seeds
WINDOWS = 250  # points of a trace
POOLED = 50  # draws, at least, that a share of them accepted is of


class Again(NamedTuple):
    """A best draw, and what its point came to on fresh seeds."""

    best: Best
    score: float  # mean over the runs
    error: float  # its standard error
    people: Floats  # (3, years): escapes or attempts, mean and both ends of BAND


def best_runs(run: Run, seed: int, chosen: list[Best], command: str) -> Exhibit:
    """Return the best draws against the target, each with the band of runs on fresh seeds (Figure 5)."""
    again = simulated_again(run, seed, chosen[:MOST])
    return Exhibit(
        "best_runs",
        "The best runs against the record (Figure 5 of the paper)",
        sentence(ranked_by(run), again, chosen),
        command,
        panels_of(run.scenario, ranked_by(run), again),
        table_of(run.scenario, again),
    )


def panels_of(scenario: Scenario, objective: Objective, again: list[Again]) -> Figure:
    """Return two panels for each draw: people a year, and the same on a logarithmic axis, which shows small years."""
    with our_style():
        figure = Figure(figsize=(WIDTH, TOP + 0.4 + 1.8 * len(again)), layout="constrained")
        panels = figure.subplots(len(again), 2, sharex=True, sharey="col", squeeze=False)
        for (plain, log), one in zip(panels, again, strict=True):
            against_record(plain, scenario, one.people)
            against_record(log, scenario, one.people)
            plain.set_title(f"chain {one.best.chain}, iteration {one.best.iteration:,}")
            log.set_title("the same, logarithmic")
            scores = f"{objective.words} {one.best.score:.1f},\non average {one.score:.1f}"
            plain.text(0.02, 0.97, scores, transform=plain.transAxes, va="top")
        record = scenario.yearly_target().max(initial=1.0)
        highest = max(record, *(float(np.nanmax(one.people)) for one in again))
        panels[0, 0].set_ylim(0, min(1.05 * highest, 2.5 * record))
        small_years(panels[0, 1], highest)
        mark_years(list(panels.flat), scenario)
        label_left(figure, f"{scenario.target.compares} a year")
        legend_above(figure, record_handles(scenario, RUNS))
    return figure


def sentence(objective: Objective, again: list[Again], chosen: list[Best]) -> str:
    """Return what the picture of the best runs shows."""
    ranked = sum(one.best.ranked for one in again)
    by = "by its mean on fresh seeds" if ranked == len(again) else f"by the {objective.words} recorded in the search"
    if 0 < ranked < len(again):
        by = f"by its mean on fresh seeds in {ranked} chains, by the {objective.words} recorded in the others"
    which = f"the {len(again)} best of {len(chosen)} chains" if len(chosen) > len(again) else f"{len(again)} chains"
    lost = np.mean([one.best.score - one.score for one in again])
    return (
        f"The best draw of each of {which}, chosen {by}, simulated {RUNS} times more with seeds that the search did "
        "not use. The band is what chance alone does to the same settings. On average these points' "
        f"{objective.fair} is {abs(lost):.1f} {objective.unit} {'below' if lost >= 0 else 'above'} the recorded one"
        f"{': a search keeps its luckiest runs.' if lost > 0 else '.'}"
    )


def simulated_again(run: Run, seed: int, chosen: list[Best]) -> list[Again]:
    """Return the best draws with what RUNS runs at their points came to; ``seed`` is that of the fresh chance."""
    scenario, score, objective = run.scenario, Score(run.scenario), ranked_by(run)
    tell_of_compiling("batch.run_each")
    batches = []
    for place, best in enumerate(chosen):
        point = read_draw(run, best.chain, best.iteration).parameters.vector()
        batches.append(simulate_batch(scenario, np.tile(point, (RUNS, 1)), seed, chain=place, score=score))
    first_weeks = np.arange(scenario.years) * scenario.weeks_per_year
    worth = fair(np.array([worth_of(scenario, objective, batch) for batch in batches]))
    return [
        Again(best, float(mean), float(error), spread(batch.by_year, batch.weeks_run[:, None] > first_weeks))
        for best, mean, error, batch in zip(chosen, *worth, batches, strict=True)
    ]


def table_of(scenario: Scenario, again: list[Again]) -> Table:
    """Return a line for each draw and year that a run reached."""
    ends = [f"p{100 * share:02.0f}" for share in BAND]
    head = ("chain", "iteration", "recorded_score", "mean_score", "standard_error", "year", "record", "mean", *ends)
    rows = [
        (
            one.best.chain,
            one.best.iteration,
            one.best.score,
            one.score,
            one.error,
            year,
            float(record),
            *map(float, column),
        )
        for one in again
        for year, record, column in zip(scenario.calendar, scenario.yearly_target(), one.people.T, strict=True)
        if not np.isnan(column[0])
    ]
    return Table(head, rows)


class Trace(NamedTuple):
    """A chain at the ends of some windows of draws of one length."""

    iteration: Integers  # of a window's last draw
    best: Floats  # highest score so far, NaN before there is one
    present: Floats  # score of the point where the walk stands
    accepted: Floats  # share of the window's draws


def trace_of(traces: Traces, place: int) -> Trace:
    """Return a chain's trace at WINDOWS windows at most."""
    score, accepted = traces.score[place], traces.accepted[place]
    draws = len(score)
    ends = np.unique(np.linspace(0, draws, min(WINDOWS, draws) + 1).astype(np.int64))
    so_far = np.fmax.accumulate(score)
    stands = np.maximum.accumulate(np.where(accepted, np.arange(draws), -1))
    present = np.where(stands < 0, np.nan, score[stands])
    counts = np.concatenate([[0], np.cumsum(accepted)])
    last = ends[1:] - 1
    since = np.minimum(ends[:-1], np.maximum(ends[1:] - POOLED, 0))
    share = (counts[ends[1:]] - counts[since]) / (ends[1:] - since)
    return Trace(traces.iteration[place][last], so_far[last], present[last], share)


def climb(traces: Traces, chosen: list[Best], command: str) -> Exhibit:
    """Return the score by iteration: where each chain stands, and its best so far."""
    found = traces_shown(traces, chosen)
    with our_style():
        figure, panels = small_panels([f"chain {chain}" for chain in found], 1.4)
        for panel, trace in zip(panels, found.values(), strict=True):
            panel.plot(trace.iteration, trace.present, color=OURS, linewidth=0.8)
            panel.plot(trace.iteration, trace.best, color="black", linewidth=1.2)
        label_iterations(figure, panels, f"{traces.objective.words} ({traces.objective.unit})")
        stands = Line2D([], [], color=OURS, label="where the chain stands")
        legend_above(figure, [Line2D([], [], color="black", label="best so far"), stands])
    highest = [float(trace.best[-1]) for trace in found.values()]
    return Exhibit(
        "traces",
        "How the chains climbed",
        f"{traces.objective.words.capitalize()} by draw in {those(traces, found)}. They end with a best of "
        f"{min(highest):.1f} to {max(highest):.1f}. Chains that still climb at the right edge have not been run for "
        "long enough.",
        command,
        figure,
        Table(
            ("chain", "iteration", "best_so_far", "present", "accepted_share"),
            [
                (chain, *(None if np.isnan(value) else float(value) for value in line))
                for chain, trace in found.items()
                for line in zip(*trace, strict=True)
            ],
        ),
    )


def acceptance(traces: Traces, chosen: list[Best], command: str) -> Exhibit:
    """Return the share of proposals that each chain accepted, by iteration."""
    found = traces_shown(traces, chosen)
    with our_style():
        figure, panels = small_panels([f"chain {chain}" for chain in found], 1.2)
        for panel, trace in zip(panels, found.values(), strict=True):
            panel.plot(trace.iteration, 100 * trace.accepted, color=OURS, linewidth=0.8)
        panels[0].set_ylim(0, None)
        label_iterations(figure, panels, "proposals accepted (%)")
    share = [float(accepted.mean()) for accepted in traces.accepted]
    return Exhibit(
        "acceptance",
        "How often the chains moved",
        f"Share of proposals accepted, in {those(traces, found)}; over the whole run from {min(share):.1%} to "
        f"{max(share):.1%} by chain. A chain that hardly moves has found a narrow peak or is stuck on one.",
        command,
        figure,
    )


def traces_shown(traces: Traces, chosen: list[Best]) -> dict[int, Trace]:
    """Return the traces of the best chains, by number."""
    shown = sorted(best.chain for best in chosen[:MOST])
    return {chain: trace_of(traces, traces.chain.index(chain)) for chain in shown}


def those(traces: Traces, found: dict[int, Trace]) -> str:
    """Return the chains shown, in words."""
    count, all_of_them = len(found), len(traces.chain)
    return f"the {count} best of {all_of_them} chains" if count < all_of_them else f"all {count} chains"


def label_iterations(figure: Figure, panels: Sequence[Axes], label: str) -> None:
    """Label what the panels of a trace share."""
    label_left(figure, label)
    figure.supxlabel("iteration (draws of the chain)", fontsize=10)
    for panel in panels:
        panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        panel.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
