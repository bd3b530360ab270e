"""``python -m analysis.importance results/`` prints and stores which parameters decide the score."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.importance.exhibits import TREES, command_for, exhibits_of, loaded, measure, table_of
from analysis.importance.table import printed
from engine.cli.arguments import Parser, whole_number
from engine.errors import to_type
from engine.processors import available_processors
from engine.results.run_record import open_run


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
        help=f"a screen of the same case, `{to_type('calibrate')} --screen 65536 --out DIR`, to set beside it",
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
    screen = open_run(options.screen) if options.screen else None
    draws = loaded(options.run, screen, options.seed)
    measured = [measure(*each, options.trees, options.seed, options.workers) for each in draws]
    print("\n".join([*(line for each in measured for line in each.method), "", printed(table_of(measured)), ""]))
    hand_over(exhibits_of(measured, command_for(options.run, screen)), options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
