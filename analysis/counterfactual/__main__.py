"""``python -m analysis.counterfactual results/ --without famine``: what could have been, and how it would act."""

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence
from textwrap import fill

from analysis.common.command import parser_of, run
from analysis.common.exhibit import Table, hand_over
from analysis.counterfactual.effect import effect_of
from analysis.counterfactual.exhibits import FIGURES, exhibits_of
from analysis.counterfactual.worlds import entries_of
from analysis.run_data.made_by import line_of
from engine.cli.arguments import Parser, whole_number

DRAWS, RUNS = 20, 100
MOST = 200_000  # draws times runs
COLUMNS = ("year", "as_it_was_mean", "otherwise_mean", "difference_mean", "difference_p05", "difference_p95")
WAYS = ("direct", "beliefs", "repression")


def parser() -> Parser:
    """Return the command's options."""
    about = "What could have been at the draws of a run: without the famine, or with anything else changed."
    command = parser_of("counterfactual", about)
    add = command.add_argument
    add("--without", action="append", default=[], metavar="WHAT", help="an event, learning or reaction; repeatable")
    add(
        "--intervention",
        action="append",
        default=[],
        metavar="CHANGE",
        help='as in a scenario, such as "{change: visibility, times: 2, from: 2003}"; repeatable',
    )
    add("--draws", type=whole_number(1), default=DRAWS, metavar="N", help=f"points (default {DRAWS})")
    add("--runs", type=whole_number(2), default=RUNS, metavar="M", help=f"of each point in a world (default {RUNS})")
    add("--seed", type=whole_number(0), default=0, metavar="S", help="of the chance (default 0)")
    return command


def problems_of(options: Namespace) -> list[str]:
    """Return a line for each option that will not do."""
    problems = []
    if not options.without and not options.intervention:
        problems.append("nothing is otherwise; give --without (an event, learning or reaction) or --intervention")
    if options.draws * options.runs > MOST:
        given = f"--draws {options.draws} --runs {options.runs}"
        problems.append(f"{given}: {options.draws * options.runs:,} runs in a world; give {MOST:,} at most")
    return problems


def options_of(options: Namespace) -> str:
    """Return the options as they were typed, for the command of the exhibits."""
    words = [f"--without {shlex.quote(name)}" for name in options.without]
    words += [f"--intervention {shlex.quote(text)}" for text in options.intervention]
    words += [
        f"--{name} {getattr(options, name)}"
        for name, usual in (("draws", DRAWS), ("runs", RUNS), ("seed", 0))
        if getattr(options, name) != usual
    ]
    return "".join(f" {word}" for word in words)


def work(options: Namespace) -> None:
    """Simulate, print and store."""
    scenario = options.run.scenario
    entries = entries_of(scenario, options.without, options.intervention)
    effect = effect_of(options.run, entries, options.draws, options.runs, options.seed)
    found = exhibits_of(scenario, effect, line_of(options.run, "counterfactual", options_of(options)))
    for exhibit in found:
        assert exhibit.table is not None
        table = exhibit.table
        if table.head[0] == "year":
            places = [table.head.index(name) for name in (*COLUMNS, *WAYS)]
            table = Table((*COLUMNS, *WAYS), [[row[place] for place in places] for row in table.rows])
        forms = dict.fromkeys((*FIGURES, *COLUMNS[1:], *WAYS), ",.0f")
        print(f"{exhibit.title}\n{fill(exhibit.sentence, 110)}\n\n{table.as_text(forms)}\n")
    hand_over(found, options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, problems_of)


if __name__ == "__main__":
    sys.exit(main())
