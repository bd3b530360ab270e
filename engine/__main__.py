"""``python -m engine``: a recorded draw simulated again, or one point run once or many times."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from engine.cli.compile_notice import tell_of_compiling
from engine.cli.ending import exit_code_of
from engine.cli.options import Options, read_options
from engine.cli.yearly_table import Runs, as_csv, as_text, gather, stop_line, table_of_years
from engine.parameters import DOMAINS, Parameters
from engine.results.atomic_write import check_place, write_file
from engine.results.replay import read_draw, simulate_again
from engine.results.run_record import open_run
from engine.scenario import Scenario, load_scenario
from engine.scenario.document import printable
from engine.simulation import Trajectory, simulate_many

BATCH = 64  # runs in memory at a time, half a megabyte each


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 done, 2 bad usage or scenario, 3 results unreadable or not the same again."""

    def work() -> int:
        options = read_options(argv)
        for option, file in ("--out", options.out), ("--plot", options.plot):
            if file:
                check_place(file.parent, f"{option} {file}")
        lines = replay(options, *options.draw) if options.draw else run_point(options)
        print("\n".join(map(printable, lines)))
        return 0

    return exit_code_of(work, "stopped before the end")


def replay(options: Options, results: Path, chain: int, iteration: int) -> list[str]:
    """Return what to print of a recorded draw, simulated again; store what is asked for."""
    draw = read_draw(open_run(results), chain, iteration)
    tell_of_compiling("run.run")
    runs = gather(draw.scenario, [simulate_again(draw)])
    score = f"score {draw.row['score']:.2f}"
    likelihood = f", log-likelihood {draw.row['log_likelihood']:.2f}" if "log_likelihood" in draw.row else ""
    accepted = "accepted" if draw.row["accepted"] else "rejected"
    address = f"chain {chain}, iteration {iteration}, seed {draw.seed}"
    return [
        f"{results}: {address}: equal to the record",
        f"recorded: {score}{likelihood}, distance {draw.row['distance']:.2f} escapes a week, {accepted}",
        *report(options, draw.scenario, draw.parameters, runs, f"{address}, {score}"),
    ]


def run_point(options: Options) -> list[str]:
    """Return what to print of the runs of a scenario at one point; store what is asked for.

    Choice: a parameter that the scenario leaves free is taken in the middle of its range, and the user is told.
    """
    scenario = load_scenario(options.config, options.overrides)
    if free := scenario.free_names:
        hint = "give your own by --set parameters.NAME=NUMBER"
        print(f"in the middle of their ranges: {', '.join(free)}; {hint}", file=sys.stderr)
    middle = {name: entry.middle for name, entry in scenario.parameters.items()}
    parameters = Parameters.from_mapping(middle)
    tell_of_compiling("run.run")
    addresses = range(options.seed, options.seed + options.runs)
    runs = gather(scenario, in_batches(scenario, parameters, addresses))
    seeds = f"seed {options.seed}"
    if options.runs > 1:
        seeds = f"{options.runs} runs, seeds {options.seed} to {options.seed + options.runs - 1}"
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
        f"{name:<20}{value:.0f}" if DOMAINS[name].integer else f"{name:<20}{value!r}"
        for name, value in asdict(parameters).items()
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
