"""What the commands of analysis have in common: a run to look at, a place for what is made, and how slips are told."""

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from calibrate.objective.objectives import OBJECTIVES
from engine.cli.arguments import Parser
from engine.cli.ending import exit_code_of
from engine.errors import UsageError, to_type
from engine.results.atomic_write import check_place
from engine.results.run_record import open_run


def parser_of(name: str, about: str, place: str = "DIR", default: str = "") -> Parser:
    """Return the options that every command has; ``about`` says in a sentence what it makes."""
    parser = Parser(prog=to_type(f"analysis.{name}"), description=about, allow_abbrev=False)
    parser.add_argument("results", type=Path, help=f"the directory that `{to_type('calibrate')} --out` filled")
    parser.add_argument(
        "--objective", choices=OBJECTIVES, help="what draws are ranked by (default: what the search climbed)"
    )
    parser.add_argument("--out", type=Path, metavar=place, help=f"default RESULTS/analysis/{default}")
    return parser


@contextmanager
def no_empty_folder(out: Path) -> Iterator[None]:
    """Take away, on the way out, what came into being of ``out`` and the folders above it and holds nothing."""
    missing = [folder for folder in (out, *out.parents) if not os.path.exists(folder)]
    try:
        yield
    finally:
        for folder in missing:
            with suppress(OSError):  # it holds something, or was never made
                folder.rmdir()


def open_results(options: argparse.Namespace) -> None:
    """Open the results that the options name as ``run``, and set where what is made of them goes."""
    options.out = options.out or options.results / "analysis"
    options.run = open_run(options.results, options.objective)


def run(
    parser: Parser,
    argv: Sequence[str] | None,
    work: Callable[[argparse.Namespace], object],
    problems_of: Callable[[argparse.Namespace], list[str]] = lambda options: [],
    stopped: str = "nothing was stored",
    place_of: Callable[[argparse.Namespace], Path] = lambda options: Path(options.out),
    begin: Callable[[argparse.Namespace], None] = open_results,
) -> int:
    """Return the exit code of a command: 0 done, 2 bad usage, 3 results or data unreadable, 130 after Ctrl-C.

    ``work`` gets the options, with what ``begin`` opened: ``run``, the results, and ``out`` always set.
    ``problems_of`` tells what is wrong with the options, a line each; ``stopped`` is what to say after Ctrl-C.
    ``place_of`` tells the directory that gets what is made; one that takes nothing is told before there is work.
    """

    def done() -> int:
        options, problems = parser.read(argv)
        problems += problems_of(options)
        if problems:
            raise UsageError("\n".join(problems))
        begin(options)
        place = place_of(options)
        with no_empty_folder(place):
            check_place(place, f"--out {options.out}", "another directory")
            work(options)
        return 0

    return exit_code_of(done, f"stopped; {stopped}")
