"""What the commands of analysis have in common: a run to look at, a place for what is made, and how slips are told."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from engine.cli.arguments import Parser
from engine.cli.ending import exit_code_of
from engine.errors import UsageError, command
from engine.results.atomic_write import check_place
from engine.results.run_record import open_run


def parser_of(name: str, about: str, place: str = "DIR", default: str = "") -> Parser:
    """Return the options that every command has; ``about`` says in a sentence what it makes."""
    parser = Parser(prog=command(f"analysis.{name}"), description=about, allow_abbrev=False)
    parser.add_argument("results", type=Path, help=f"the directory that `{command('calibrate')} --out` filled")
    parser.add_argument("--out", type=Path, metavar=place, help=f"default RESULTS/analysis/{default}")
    return parser


def run(
    parser: Parser,
    argv: Sequence[str] | None,
    work: Callable[[argparse.Namespace], object],
    problems_of: Callable[[argparse.Namespace], list[str]] = lambda options: [],
    stopped: str = "nothing was stored",
    place_of: Callable[[argparse.Namespace], Path] = lambda options: Path(options.out),
) -> int:
    """Return the exit code of a command: 0 done, 2 bad usage, 3 results or data unreadable, 130 after Ctrl-C.

    ``work`` gets the options, with ``run``, the results opened, and ``out`` always set. ``problems_of`` tells what is
    wrong with the options, a line each; ``stopped`` is what to say after Ctrl-C. ``place_of`` tells the directory that
    gets what is made; one that takes nothing is told before there is work.
    """

    def done() -> int:
        options, problems = parser.read(argv)
        problems += problems_of(options)
        if problems:
            raise UsageError("\n".join(problems))
        options.out = options.out or options.results / "analysis"
        options.run = open_run(options.results)
        place = place_of(options)
        new = not place.exists()
        check_place(place, f"--out {options.out}", "another directory")
        try:
            work(options)
        finally:
            if new:
                with suppress(OSError):  # it holds something
                    place.rmdir()
        return 0

    return exit_code_of(done, f"stopped; {stopped}")
