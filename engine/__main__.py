"""``python -m engine``: a recorded draw simulated again, or one point, a draw's or another, run once or many times."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.cli.compile_notice import tell_of_compiling
from engine.cli.ending import exit_code_of
from engine.cli.options import Options, read_options
from engine.cli.yearly_table import Runs, as_csv, as_text, gather, stop_line, table_of_years
from engine.parameters import Parameters, domain_of
from engine.results.atomic_write import check_place, write_file
from engine.results.replay import Draw, read_draw, simulate_again
from engine.results.run_record import open_run
from engine.scenario import Scenario, load_scenario
from engine.scenario.document import printable
from engine.simulation import Trajectory, parameters_of, simulate, simulate_many

BATCH = 64  # runs in memory at a time, half a megabyte each


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 done, 2 bad usage or scenario, 3 results unreadable or not the same again."""

    def work() -> int:
        options = read_options(argv)
        for option, file in ("--out", options.out), ("--plot", options.plot):
            if file:
                check_place(file.parent, f"{option} {file}")
        print("\n".join(map(printable, lines_of(options))))
        return 0

    return exit_code_of(work, "stopped before the end")


def lines_of(options: Options) -> list[str]:
    """Return what to print of the draw or the point that was asked for; store what is asked for."""
    if options.draw is None:
        return run_point(options)
    results, *address = options.draw
    draw = read_draw(open_run(results), *address)
    if options.overrides or options.seed is not None:
        return run_changed(options, results, draw)
    return replay(options, results, draw)


def replay(options: Options, results: Path, draw: Draw) -> list[str]:
    """Return what to print of a recorded draw, simulated again."""
    tell_of_compiling("run.run")
    runs = gather(draw.scenario, [simulate_again(draw)])
    score = f"score {draw.row['score']:.2f}"
    likelihood = f", log-likelihood {draw.row['log_likelihood']:.2f}" if "log_likelihood" in draw.row else ""
    accepted = "accepted" if draw.row["accepted"] else "rejected"
    address = f"chain {draw.chain}, iteration {draw.iteration}, seed {draw.seed}"
    return [
        f"{results}: {address}: equal to the record",
        f"recorded: {score}{likelihood}, distance {draw.row['distance']:.2f} people a week, {accepted}",
        *report(options, draw.scenario, draw.parameters, runs, f"{address}, {score}"),
    ]


def run_changed(options: Options, results: Path, draw: Draw) -> list[str]:
    """Return what to print of a draw's point where the scenario is changed, or chance is another.

    With its own chance unless seeds are given, so that what differs from the record is what the change did.
    """
    scenario = draw.scenario.changed(options.overrides) if options.overrides else draw.scenario
    parameters = parameters_of(scenario, draw.parameters.as_dict())
    tell_of_compiling("run.run")
    if options.seed is None:
        seeds, trajectories = "its own chance", iter([simulate(scenario, parameters, *draw.address)])
    else:
        seeds, addresses = seeds_of(options.seed, options.runs)
        trajectories = in_batches(scenario, parameters, addresses)
    runs = gather(scenario, trajectories)
    title = "; ".join([f"chain {draw.chain}, iteration {draw.iteration}", *options.overrides, seeds])
    now = runs.escapes.sum(axis=1).mean()
    return [
        f"{results}: the point of {title}",
        f"escapes in all: {draw.row['escapes_total']:,} recorded, {now:,.0f} here{' on average' * (options.runs > 1)}",
        *report(options, scenario, parameters, runs, title),
    ]


def seeds_of(first: int, runs: int) -> tuple[str, range]:
    """Return the seeds of so many runs, in words and one by one."""
    last = first + runs - 1
    return f"seed {first}" if runs == 1 else f"{runs} runs, seeds {first} to {last}", range(first, last + 1)


def run_point(options: Options) -> list[str]:
    """Return what to print of the runs of a scenario at one point; store what is asked for.

    Choice: a parameter that the scenario leaves free is taken in the middle of its range, and the user is told.
    """
    scenario = load_scenario(options.config, options.overrides)
    if free := scenario.free_names:
        hint = "give your own by --set parameters.NAME=NUMBER"
        print(f"in the middle of their ranges: {', '.join(free)}; {hint}", file=sys.stderr)
    middle = {name: entry.middle for name, entry in scenario.parameters.items()}
    parameters = Parameters.from_mapping(middle, scenario.events)
    tell_of_compiling("run.run")
    seeds, addresses = seeds_of(options.seed or 0, options.runs)
    runs = gather(scenario, in_batches(scenario, parameters, addresses))
    return [f"{options.config}: {seeds}", *report(options, scenario, parameters, runs, seeds)]


def in_batches(scenario: Scenario, parameters: Parameters, seeds: range) -> Iterator[Trajectory]:
    """Yield one trajectory for each seed, few of them in memory at a time."""
    for first in range(0, len(seeds), BATCH):
        yield from simulate_many(scenario, parameters, seeds[first : first + BATCH])


def report(options: Options, scenario: Scenario, parameters: Parameters, runs: Runs, title: str) -> list[str]:
    """Return the lines on the point and its years; store table and picture where they are asked for."""
    columns = table_of_years(scenario, runs)
    stored = []
    if options.out:
        stored.append(write_file(options.out, as_csv(columns), f"--out {options.out}"))
    if options.plot:
        from engine.cli.run_figure import run_figure  # a second to load, for nothing without --plot
        from engine.plot_style import image

        picture = image(run_figure(scenario, runs, title), options.plot.suffix.lower())
        stored.append(write_file(options.plot, picture, f"--plot {options.plot}"))
    point = [
        f"{name:<20}{value:.0f}" if domain_of(name).integer else f"{name:<20}{value!r}"
        for name, value in parameters.as_dict().items()
    ]
    return [
        stop_line(scenario, runs),
        "",
        *point,
        "",
        *as_text(columns).split("\n"),
        *(f"stored {file}" for file in stored),
    ]


if __name__ == "__main__":
    sys.exit(main())
