"""``python -m analysis.figures results/`` makes the paper's pictures and those that it does not show."""

import sys
from argparse import Namespace
from collections.abc import Sequence

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.figures.exhibits import NAMES, exhibits
from engine.cli.arguments import Parser, whole_number


def parser() -> Parser:
    """Return the command's options."""
    command = parser_of("figures", "Pictures of a run: the paper's, and those that it does not show.")
    command.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=f"one of {', '.join(NAMES)}")
    command.add_argument(
        "--week", type=whole_number(0), metavar="N", help="of the belief; 1 is the first (default: the peak)"
    )
    command.add_argument(
        "--draw",
        type=whole_number(0),
        nargs=2,
        metavar=("CHAIN", "ITERATION"),
        help="whose run to show (default: the best on fresh seeds)",
    )
    return command


def work(options: Namespace) -> None:
    """Make the pictures, say what they show, and store them."""
    draw = tuple(options.draw) if options.draw else None
    found = exhibits(options.run, options.only or NAMES, options.week, draw)
    for exhibit in found:
        print(f"{exhibit.title}\n  {exhibit.sentence}")
    hand_over(found, options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
