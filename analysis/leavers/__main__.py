"""``python -m analysis.leavers results/``: who escapes in the best draws, beside who is known to have left."""

import sys
from argparse import Namespace
from collections.abc import Sequence

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.leavers.exhibits import exhibits
from analysis.run_data.reference import add_reference, reference_of
from engine.cli.arguments import Parser, whole_number

MOST_SEEDS = 1_000
WORDS = ("trait", "level", "record_is")
ADDRESS = ("chain", "iteration", "year")
COUNTS = dict.fromkeys(("attempts_a_run", "escapes_a_run"), ",.0f")


def parser() -> Parser:
    """Return the command's options."""
    command = parser_of("leavers", "Who escapes in the best draws of a run, beside who is known to have left.")
    command.add_argument(
        "--draw",
        nargs=2,
        type=whole_number(0),
        action="append",
        default=[],
        metavar=("CHAIN", "ITERATION"),
        help="this draw; repeatable (default: the best of each chain on fresh seeds)",
    )
    command.add_argument(
        "--seeds", type=whole_number(0), default=30, metavar="N", help="fresh seeds a draw (default 30)"
    )
    add_reference(command)
    return command


def problems_of(options: Namespace) -> list[str]:
    """Return a line for each option that will not do."""
    if 1 <= options.seeds <= MOST_SEEDS:
        return []
    return [f"--seeds {options.seeds}: give a whole number from 1 to {MOST_SEEDS:,}"]


def work(options: Namespace) -> None:
    """Simulate, print the tables, and store them with their pictures."""
    draws = [(chain, iteration) for chain, iteration in options.draw]
    reference = reference_of(options.run, options.reference)
    found = exhibits(options.run, draws, options.seeds, reference=reference)
    for exhibit in found:
        assert exhibit.table is not None
        forms = dict.fromkeys(set(exhibit.table.head) - {*ADDRESS, *WORDS}, ".1%") | COUNTS
        print(f"{exhibit.title}\n{exhibit.sentence}\n\n{exhibit.table.as_text(forms)}\n")
    hand_over(found, options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, problems_of)


if __name__ == "__main__":
    sys.exit(main())
