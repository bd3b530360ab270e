"""``python -m analysis.reproduction results/`` prints the paper's claims beside ours and writes them as a page."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from textwrap import fill

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.common.once import Once
from analysis.importance.exhibits import TREES, measured_in
from analysis.regions.exhibits import found_in
from analysis.regions.search import SAMPLE
from analysis.reproduction.exhibits import check_claims, exhibits
from analysis.reproduction.page import blocks, page, table_in
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fresh
from analysis.run_data.ranking import rank
from analysis.run_data.reference import add_reference, reference_of
from engine.cli.arguments import Parser, whole_number
from engine.results.atomic_write import write_file

PAGE = "reproduction.md"


def parser() -> Parser:
    """Return the command's options."""
    about = "What the paper reports beside what a run finds: claim by claim, reproduced or not, and why."
    command = parser_of("reproduction", about)
    add = command.add_argument
    add("--trees", type=whole_number(1), default=TREES, metavar="N", help=f"for importance (default {TREES})")
    add("--sample", type=whole_number(5), default=SAMPLE, metavar="N", help=f"draws for regions (default {SAMPLE})")
    add_reference(command)
    return command


def work(options: Namespace) -> None:
    """Compare, print, and store the tables and the page."""
    reference = reference_of(options.run, options.reference)
    check_claims(options.run, reference)
    fresh = Fresh(options.run)
    ranking = rank(recorded(options.run), fresh)
    regions = Once(lambda: found_in(ranking, fresh, sample=options.sample))
    importance = Once(lambda: measured_in(options.run, trees=options.trees))
    found = exhibits(options.run, ranking, importance, regions, reference)
    for exhibit in found:
        print(f"{exhibit.title}\n\n{fill(exhibit.sentence, 110)}\n\n{blocks(table_in(exhibit))}\n")
    text = page(options.run, found).encode()
    hand_over(found, options.out)
    print(f"stored {write_file(options.out / PAGE, text, f'--out {options.out}')}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
