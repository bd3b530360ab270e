"""``python -m analysis.specifications configs/dprk.yaml`` searches under random combinations of readings."""

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from analysis.common.command import run
from analysis.common.exhibit import Table, hand_over
from analysis.specifications.combinations import drawn
from analysis.specifications.exhibits import exhibits_of
from analysis.variants.options import add_options, study_of, typed
from analysis.variants.study import carried_out
from engine.cli.arguments import Parser, whole_number
from engine.errors import to_type

RUNS = 512
OUT = "specifications/"
SHOWN = 24  # rows of a table on the screen


def parser() -> Parser:
    """Return the command's options."""
    about = "Random combinations of readings of a scenario, a short search each: what every choice leads to."
    command = Parser(prog=to_type("analysis.specifications"), description=about, allow_abbrev=False)
    command.add_argument("config", help="the scenario's YAML file, such as configs/dprk.yaml")
    command.add_argument(
        "--runs", type=whole_number(8), default=RUNS, metavar="N", help=f"combinations (default {RUNS})"
    )
    command.add_argument("--out", type=Path, metavar="DIR", default=Path(OUT), help=f"default {OUT}")
    add_options(command)
    return command


def begin(options: Namespace) -> None:
    """Read the scenario, so that what is wrong with it is told before there is work."""
    options.study = study_of(options, options.config, tuple(options.set))
    options.study.scenario()


def work(options: Namespace) -> None:
    """Search what is not on disk yet, print what it comes to, and store pictures and tables."""
    study = options.study
    combinations = drawn(study, options.runs)
    variants = [one.variant for one in combinations.specifications]
    found = carried_out(study, variants, options.workers, options.scheduler)
    words = [options.config, "--runs", str(options.runs), *typed(study)]
    command = f"{to_type('analysis.specifications')} {shlex.join(words)}"
    made = exhibits_of(study, combinations, found, command)
    for exhibit in made[:-1]:
        print(f"{exhibit.title}\n{fill(exhibit.sentence, 110)}")
        if exhibit.table is not None and exhibit.table.rows:
            shown = Table(exhibit.table.head, exhibit.table.rows[:SHOWN])
            print(f"\n{shown.as_text(FORMS)}")
        print()
    hand_over(made, options.out)


FORMS = {
    **dict.fromkeys(("spread", "by_chance", "median", "difference", "low", "high"), ".2f"),
    **dict.fromkeys(("yes", "yes_low", "yes_high", "partly", "no"), ".0%"),
    "p_value": ".3f",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    stopped = "what was searched is kept: the same command goes on"
    return run(parser(), argv, work, stopped=stopped, begin=begin)


if __name__ == "__main__":
    sys.exit(main())
