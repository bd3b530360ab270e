"""``python -m analysis.forecast results/``: years that a posterior was not shown, and rivals."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from textwrap import fill

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.forecast.exhibits import exhibits_of
from engine.cli.arguments import Parser, whole_number

FORMS = {
    **dict.fromkeys(("record", "p05", "p50", "p95"), ",.0f"),
    **dict.fromkeys(("log_score", "relative_crps"), ".2f"),
    "crps": ",.0f",
}


def parser() -> Parser:
    """Return the command's options."""
    about = "How well a posterior foretells years that it was not shown (target.until), beside plain rivals."
    command = parser_of("forecast", about)
    command.add_argument("--until", type=whole_number(1), metavar="YEAR", help="last year scored (default: the last)")
    return command


def work(options: Namespace) -> None:
    """Print and store the forecast."""
    found = exhibits_of(options.run, options.until)
    for exhibit in found:
        assert exhibit.table is not None
        print(f"{exhibit.title}\n{fill(exhibit.sentence, 110)}\n\n{exhibit.table.as_text(FORMS)}\n")
    hand_over(found, options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
