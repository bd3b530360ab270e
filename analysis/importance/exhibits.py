"""Which parameters decide the score: ``python -m analysis.importance results/`` prints and stores a table.

Draws of a search are not a designed sample: a parameter that every chain settles early looks unimportant. So the
same is measured on a screen of the whole box, if one is given.
"""

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from analysis.common.command import parser_of, run
from analysis.common.exhibit import Exhibit, Table, store
from analysis.importance.chart import importance_chart
from analysis.importance.draws import Draws, check_same_case, load
from analysis.importance.forest import Forest
from analysis.importance.measure import Importance, Weighed, trees_in_all, weigh, weigh_derived
from analysis.importance.partial_dependence import dependence_exhibit
from analysis.importance.table import Line, as_text, head, lines, row
from engine.cli.arguments import Parser, whole_number
from engine.processors import available_processors
from engine.results.directory import read_run

TREES = 500


class Measured(NamedTuple):
    """What came out of one set of draws."""

    draws: Draws
    weighed: Weighed
    derived: list[Importance]
    method: list[str]  # how it was taken, a line each


def measure(results: Path, draws: Draws, trees: int, seed: int, workers: int) -> Measured:
    """Return the importance of every column of the ``draws`` of ``results``, on ``workers`` threads."""
    forest = Forest(trees, max(1, len(draws.names) // 3), seed, workers)
    record = read_run(results)
    with tqdm(total=trees_in_all(draws, trees), unit="tree", disable=None, leave=False) as progress:
        weighed = weigh(draws, forest, progress.update)
        derived = weigh_derived(draws, forest, progress.update)
    kind = "a screen" if draws.screen else f"{len(np.unique(draws.chain))} chains"
    unfinished = "" if record["status"] == "finished" else f" (the run is {record['status']})"
    method = [
        f"{len(draws.score):,} draws of {kind}{unfinished}",
        f"IncNodePurity: {trees} trees of {min(len(draws.score), forest.rows_per_tree):,} draws each, "
        f"{forest.columns_per_split} of {len(draws.names) + 1} columns tried at a split",
        f"loss when shuffled, on {weighed.judged:,} draws held out ({weighed.held_out}): "
        f"R² {weighed.r_squared:.3f} with nothing shuffled",
    ]
    if not weighed.r_squared > 0:
        method.append(
            "note: R² is not above 0: on draws it has not seen this forest knows nothing; believe no rank of it"
        )
    return Measured(draws, weighed, derived, method)


def loaded(results: Path, screen: Path | None, seed: int) -> dict[Path, Draws]:
    """Return the draws of ``results`` and of ``screen``, if there is one; raise what speaks against it."""
    if screen is not None:
        check_same_case(results, screen)
    return {place: load(place, seed) for place in (results, screen) if place is not None}


def table_of(measured: Sequence[Measured]) -> list[Line]:
    """Return the table of importance, of the run and of the screen if there is one."""
    return lines(*([*each.weighed.lines, *each.derived] for each in measured))


def exhibits_of(measured: Sequence[Measured], command: str) -> list[Exhibit]:
    """Return the table and chart of importance, and partial dependence of the run and of the screen."""
    table = table_of(measured)
    first = next(line for line in table if line.kind == "parameter")
    sentence = (
        f"How much each parameter decides the score, the first {first.name}: share of what the splits of a random "
        "forest explain (the paper's measure), and what the forest loses on draws it has not seen when the parameter "
        "is shuffled. Whiskers are 95 % intervals; what does not reach beyond the grey bar cannot be told from a "
        "column without effect."
    )
    chart = importance_chart(table)
    made = [
        Exhibit("importance", "Importance", sentence, command, chart, Table(head(table), [row(line) for line in table]))
    ]
    for number, each in enumerate(measured):
        name = "partial-dependence-screen" if number else "partial-dependence"
        made.append(dependence_exhibit(each.weighed.curves, each.draws.screen, name, command))
    return made


def exhibits(
    results: Path, screen: Path | None = None, trees: int = TREES, seed: int = 0, workers: int | None = None
) -> list[Exhibit]:
    """Return importance and partial dependence of the run in ``results``, beside those of ``screen`` if given."""
    threads = workers or available_processors()
    measured = [measure(place, draws, trees, seed, threads) for place, draws in loaded(results, screen, seed).items()]
    return exhibits_of(measured, command_for(results, screen))


def command_for(results: Path, screen: Path | None) -> str:
    """Return what to type for these exhibits alone."""
    beside = "" if screen is None else f" --screen {shlex.quote(str(screen))}"
    return f"python -m analysis.importance {shlex.quote(str(results))}{beside}"


def workers(text: str) -> int:
    """Return the number of threads that ``text`` asks for."""
    return available_processors() if text == "auto" else whole_number(1)(text)


def parser() -> Parser:
    """Return the command's options."""
    command = parser_of("importance", "Which parameters decide the score of a run.")
    command.add_argument(
        "--screen",
        type=Path,
        metavar="DIR",
        help="a screen of the same case, `python -m calibrate --screen 65536 --out DIR`, to set beside it",
    )
    command.add_argument("--trees", type=whole_number(1), default=TREES, metavar="N", help=f"default {TREES}")
    command.add_argument("--seed", type=whole_number(0), default=0, metavar="N", help="default 0")
    command.add_argument(
        "--workers",
        type=workers,
        default="auto",
        metavar="N|auto",
        help="threads (default auto: one per processor); they change no number",
    )
    return command


def work(options: Namespace) -> None:
    """Measure, print the table, and store it with its pictures."""
    draws = loaded(options.results, options.screen, options.seed)
    store([], options.out)  # a place that cannot be written is told before there is work
    measured = [measure(*each, options.trees, options.seed, options.workers) for each in draws.items()]
    print("\n".join([*(line for each in measured for line in each.method), "", as_text(table_of(measured)), ""]))
    for file in store(exhibits_of(measured, command_for(options.results, options.screen)), options.out):
        print(f"stored {file}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
