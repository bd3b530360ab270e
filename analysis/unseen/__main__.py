"""``python -m analysis.unseen results/``: records that were never fitted, beside what a run foretells of them."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from textwrap import fill

from analysis.common.command import parser_of, run
from analysis.common.exhibit import Table, hand_over
from analysis.run_data.reference import add_reference, reference_of
from analysis.unseen.exhibits import check_records, exhibits_of
from analysis.unseen.foretold import POINTS, SEEDS
from engine.cli.arguments import Parser, whole_number

FIGURES = ("record", "p05", "p50", "p95")


def parser() -> Parser:
    """Return the command's options."""
    about = "Records that were never fitted (reference.unseen), beside what good draws or a posterior foretell of them."
    command = parser_of("unseen", about)
    add = command.add_argument
    add("--points", type=whole_number(1), default=POINTS, metavar="N", help=f"good draws, at most (default {POINTS})")
    add("--seeds", type=whole_number(1), default=SEEDS, metavar="N", help=f"fresh seeds a draw (default {SEEDS})")
    add_reference(command)
    return command


def work(options: Namespace) -> None:
    """Print and store what was foretold."""
    reference = reference_of(options.run, options.reference)
    check_records(options.run, reference)
    (found,) = exhibits_of(options.run, reference, options.points, options.seeds)
    assert found.table is not None
    print(f"{found.title}\n{fill(found.sentence, 110)}\n")
    for name, unseen in (reference.unseen or {}).items():
        rows = [row[1:] for row in found.table.rows if row[0] == name]
        form = ".3f" if unseen.is_share else ",.0f"
        print(f"{name}\n{Table(found.table.head[1:], rows).as_text(dict.fromkeys(FIGURES, form))}\n")
    hand_over([found], options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
