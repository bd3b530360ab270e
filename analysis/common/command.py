"""What the commands of analysis have in common: a run to look at, a place for what is made, and how slips are told."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.cli.arguments import Parser, reader_gone
from engine.errors import DataError, UsageError, on_command_line
from engine.results.run_record import open_run


def parser_of(name: str, about: str, place: str = "DIR", default: str = "") -> Parser:
    """Return the options that every command has; ``about`` says in a sentence what it makes."""
    parser = Parser(prog=f"python -m analysis.{name}", description=about, allow_abbrev=False)
    parser.add_argument("results", type=Path, help="the directory that `python -m calibrate --out` filled")
    parser.add_argument("--out", type=Path, metavar=place, help=f"default RESULTS/analysis/{default}")
    return parser


def run(
    parser: Parser,
    argv: Sequence[str] | None,
    work: Callable[[argparse.Namespace], object],
    problems_of: Callable[[argparse.Namespace], list[str]] = lambda options: [],
    stopped: str = "nothing was stored",
) -> int:
    """Return the exit code of a command: 0 done, 2 bad usage, 3 results or data unreadable, 130 after Ctrl-C.

    ``work`` gets the options, with ``run``, the results opened, and ``out`` always set. ``problems_of`` tells what is
    wrong with the options, a line each; ``stopped`` is what to say after Ctrl-C.
    """
    try:
        with on_command_line():
            options, problems = parser.read(argv)
            problems += problems_of(options)
            if problems:
                raise UsageError("\n".join(problems))
            options.out = options.out or options.results / "analysis"
            options.run = open_run(options.results)
            work(options)
            sys.stdout.flush()
    except BrokenPipeError:
        return reader_gone()
    except (UsageError, DataError) as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"stopped; {stopped}", file=sys.stderr)
        return 130
    return 0
