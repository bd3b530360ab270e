"""``python -m analysis.diagnostics results/``: how the chains of a search behave; --netcdf exports them."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.common.libraries import arviz
from analysis.diagnostics.exhibits import exhibits
from analysis.diagnostics.export import export
from analysis.diagnostics.occupied_points import occupied_points
from engine.cli.arguments import Parser
from engine.results.atomic_write import check_place

FORMS = {
    "acceptance": ".1%",
    "best_score": ".2f",
    "best_log_likelihood": ".2f",
    "standing_log_likelihood": ".2f",
    "standing_score": ".2f",
    "longest_stay_share": ".1%",
    "rhat": ".3f",
    "ess": ",.0f",
    "mean": ".4g",
    "sd": ".3g",
}


def parser() -> Parser:
    """Return the command's options."""
    about = "How the chains of a search behave: acceptance, stays, R-hat and effective sample size."
    command = parser_of("diagnostics", about)
    command.add_argument("--netcdf", type=Path, metavar="FILE", help="store the chains for ArviZ, in one NetCDF file")
    return command


def work(options: Namespace) -> None:
    """Print and store how the chains behave, and the chains themselves if asked to."""
    arviz()  # what is missing is told before there is work
    if options.netcdf:
        check_place(options.netcdf.parent, f"--netcdf {options.netcdf}")
    walk = occupied_points(options.run)
    found = exhibits(options.run, walk)
    for exhibit in found:
        assert exhibit.table is not None
        print(f"{exhibit.title}\n{exhibit.sentence}\n\n{exhibit.table.as_text(FORMS)}\n")
    hand_over(found, options.out)
    if options.netcdf:
        print(export(walk, options.netcdf))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
