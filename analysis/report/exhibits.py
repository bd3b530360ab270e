"""All that there is to see of a run on one page: ``python -m analysis.report results/`` writes one HTML file."""

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from tqdm import tqdm

from analysis import best, diagnostics, figures, importance, leavers, regions, report_run, reproduction
from analysis.common.command import parser_of, run
from analysis.common.exhibit import Exhibit, store
from analysis.report.page import Section, page, piece_of
from analysis.run_data.best_draws import RANKING
from engine.cli.arguments import Parser
from engine.errors import DataError, UsageError
from engine.results.atomic_write import write_durably

FILE = "report.html"


def sections_of(results: Path, out: Path, screen: Path | None) -> list[tuple[str, Callable[[], list[Exhibit]]]]:
    """Return the parts of the page, title and maker, in their order; a later one may read what an earlier one stored.

    ``out`` is where the exhibits are stored, ``screen`` a table of independent draws, if there is one.
    """

    @cache
    def ranking() -> best.Ranking:
        return best.ranked(results)

    return [
        ("What was run", lambda: report_run.exhibits(results)),
        ("The best draws", lambda: [best.exhibit_of(ranking(), results)]),
        ("Regions of good draws", lambda: regions.exhibits(results)),
        ("Figures", lambda: figures.exhibits(results, ranking=out / RANKING)),
        ("What decides the score", lambda: importance.exhibits(results, screen)),
        ("Who leaves", lambda: leavers.exhibits(results, ranking=out / RANKING)),
        ("The paper beside us", lambda: reproduction.exhibits(results, ranking(), out)),
        ("How the chains behaved", lambda: diagnostics.exhibits(results)),
    ]


def report(results: Path, file: Path, screen: Path | None = None) -> list[Path]:
    """Return the files stored: every exhibit as PNG, SVG and CSV, and last the page, ``file``, in the same directory.

    A section that cannot be made says so in its place. Raises DataError for a run without draws.
    """
    out = file.parent
    unfinished = report_run.unfinished(results)
    stored = store([], out)  # a place that cannot be written is told before there is work
    sections = []
    with tqdm(sections_of(results, out, screen), unit="section", disable=None, leave=False) as progress:
        for title, maker in progress:
            progress.set_postfix_str(title)
            try:
                found = maker()
            except (UsageError, DataError) as error:
                sections.append(Section(title, [], str(error)))
            else:
                stored += store(found, out)
                sections.append(Section(title, [piece_of(exhibit, out) for exhibit in found]))
    content = page(f"Report on {results.resolve().name}", report_run.lead(results), unfinished, sections).encode()
    try:
        write_durably(file, file.with_name(f".{file.name}"), lambda beside: beside.write(content))
    except OSError as error:
        raise UsageError(f"--out {file}: cannot be written ({error.strerror}); give another file") from None
    return [*stored, file]


def parser() -> Parser:
    """Return the command's options."""
    about = "All that there is to see of a run on one page, an HTML file that needs no network."
    command = parser_of("report", about, "FILE.html|DIR", FILE)
    command.add_argument(
        "--screen", type=Path, metavar="DIR", help="what `python -m calibrate --screen` filled, for importance"
    )
    return command


def work(options: Namespace) -> None:
    """Make the page and say where it is."""
    out = options.out
    *beside, file = report(options.results, out if out.suffix == ".html" else out / FILE, options.screen)
    print(f"stored {len(beside)} pictures and tables in {file.parent}")
    print(f"stored {file} ({file.stat().st_size / 1e6:.1f} MB); open it in a browser")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, stopped="the page was not stored")


if __name__ == "__main__":
    sys.exit(main())
