"""``python -m analysis.report results/`` writes all that there is to see of a run into one HTML file."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from analysis.common.command import parser_of, run
from analysis.common.exhibit import store
from analysis.common.once import in_turn
from analysis.common.page import Section, page, piece_of
from analysis.report import run_facts
from analysis.report.sections import PROVENANCE, sections_of
from engine.cli.arguments import Parser
from engine.errors import UsageError, to_type
from engine.results.atomic_write import write_file
from engine.results.run_record import Run, open_run

FILE = "report.html"


def report(opened: Run, file: Path, screen: Run | None = None) -> list[Path]:
    """Return the files stored: every exhibit as PNG, SVG and CSV, and last the page, ``file``, in the same directory.

    A section that cannot be made says so in its place. Raises DataError for a run without draws.
    """
    out = file.parent
    unfinished = run_facts.unfinished(opened)
    stored: list[Path] = []
    made = []
    first, *others = sections_of(opened, screen)
    for title, found in in_turn([*others, first]):  # the first tells what the others found
        if isinstance(found, str):
            made.append(Section(title, [], found))
        else:
            stored += store(found, out)
            pieces = [piece_of(exhibit, out) for exhibit in found]
            made.append(Section(title, pieces, folded=title == PROVENANCE))
    title = f"Report on {opened.directory.resolve().name}"
    content = page(title, run_facts.lead(opened), unfinished, [made[-1], *made[:-1]]).encode()
    return [*stored, write_file(file, content, f"--out {file}")]


def parser() -> Parser:
    """Return the command's options."""
    about = "All that there is to see of a run on one page, an HTML file that needs no network."
    command = parser_of("report", about, "FILE.html|DIR", FILE)
    command.add_argument(
        "--screen", type=Path, metavar="DIR", help=f"what `{to_type('calibrate')} --screen` filled, for importance"
    )
    return command


def file_of(options: Namespace) -> Path:
    """Return the file of the page, which --out names, or the directory that gets it."""
    out: Path = options.out
    return out if out.suffix == ".html" else out / FILE


def work(options: Namespace) -> None:
    """Make the page and say where it is."""
    page_file = file_of(options)
    if page_file.is_dir():
        raise UsageError(f"--out {page_file}: is a directory; give a file in it, or another")
    screen = open_run(options.screen) if options.screen else None
    *beside, file = report(options.run, page_file, screen)
    print(f"stored {len(beside)} pictures and tables in {file.parent}")
    print(f"stored {file} ({file.stat().st_size / 1e6:.1f} MB); open it in a browser")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, stopped="the page was not stored", place_of=lambda given: file_of(given).parent)


if __name__ == "__main__":
    sys.exit(main())
