"""``python -m analysis.compare results-a/ results-b/`` sets runs side by side: what differs, and what each found."""

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from analysis.common.bars import MOST
from analysis.common.command import run
from analysis.common.exhibit import Cell, Exhibit, Table, store, warnings_of
from analysis.common.once import in_turn
from analysis.common.page import Section, page, piece_of
from analysis.compare.exhibits import parts_of
from analysis.compare.seen import Seen
from analysis.regions.search import SAMPLE
from analysis.run_data.labels import labels_of
from calibrate.objective.objectives import OBJECTIVES, ranked_by
from engine.cli.arguments import Parser, whole_number
from engine.errors import DataError, counted, to_type
from engine.results.atomic_write import write_file
from engine.results.run_record import Run, open_run

FILE = "compare.html"
LONGEST = 30  # rows of a table on the screen; its file has all


def parser() -> Parser:
    """Return the command's options."""
    about = "Runs side by side on one page: what differs between their scenarios, and what each found."
    command = Parser(prog=to_type("analysis.compare"), description=about, allow_abbrev=False)
    add = command.add_argument
    add("results", type=Path, nargs="+", help=f"directories that `{to_type('calibrate')} --out` filled, 2 to {MOST}")
    add("--objective", choices=OBJECTIVES, help="what draws are ranked by (default: what each search climbed)")
    add("--out", type=Path, metavar="DIR", help="default: the folder analysis/ of the first")
    add("--sample", type=whole_number(5), default=SAMPLE, metavar="N", help=f"draws for regions (default {SAMPLE})")
    return command


def problems_of(options: Namespace) -> list[str]:
    """Return what is wrong with the options, a line each."""
    count, places = len(options.results), [path.resolve() for path in options.results]
    if not 2 <= count <= MOST:
        return [f"{counted(count, 'run')} given: give 2 to {MOST} directories to compare"]
    twice = [path for number, path in enumerate(options.results) if places[number] in places[:number]]
    return [f"{path}: is given twice; name each run once" for path in twice[:1]]


def begin(options: Namespace) -> None:
    """Open the runs that the options name, and set where what is made of them goes."""
    options.out = options.out or options.results[0] / "analysis"
    runs = [open_run(path, options.objective) for path in options.results]
    for opened in runs:
        check(opened)
    options.runs = runs


def check(opened: Run) -> None:
    """Return if the run has draws of a scenario that can be simulated; raise DataError or UsageError if not."""
    if not opened.scenario.free_names:
        raise DataError(f"{opened.directory}: holds every parameter fixed, so there is nothing to compare")
    opened.draws(["iteration", ranked_by(opened).column])


def command_of(options: Namespace) -> str:
    """Return what to type for this page again."""
    words = [*map(str, options.results), *(("--objective", options.objective) if options.objective else ())]
    sample = [] if options.sample == SAMPLE else ["--sample", str(options.sample)]
    return f"{to_type('analysis.compare')} {shlex.join([*words, *sample])}"


def work(options: Namespace) -> None:
    """Print what is found part by part, and store pictures, tables and the page."""
    labels = labels_of(options.runs)
    seen = [Seen(label, opened, options.sample) for label, opened in zip(labels, options.runs, strict=True)]
    sections, stored = [], 0
    for title, found in in_turn(parts_of(seen, command_of(options))):
        if isinstance(found, str):
            print(f"{title}\n{found}\n")
            sections.append(Section(title, [], found))
            continue
        stored += len(store(found, options.out))
        for exhibit in found:
            show(exhibit)
        sections.append(Section(title, [piece_of(exhibit, options.out) for exhibit in found]))
    lead = " ".join(map(in_a_line, seen))
    content = page(f"Runs compared: {', '.join(labels)}", lead, "", sections).encode()
    file = write_file(options.out / FILE, content, f"--out {options.out}", "another directory")
    print(f"stored {stored} pictures and tables in {options.out}")
    print(f"stored {file} ({len(content) / 1e6:.1f} MB); open it in a browser")


def in_a_line(one: Seen) -> str:
    """Return what a run is, in a sentence."""
    record = one.run.record
    chains = f"{counted(record.chains, 'chain')} of {record.iters:,} draws"
    return f"{one.label}: scenario {one.scenario.name}, {record.method}, {chains}, seed {record.seed}."


def show(exhibit: Exhibit) -> None:
    """Print an exhibit: its title, its sentence, its table if that is short."""
    print(f"{exhibit.title}\n{fill(exhibit.sentence, 110)}")
    for warning in warnings_of([exhibit]):
        print(f"warning: {warning}")
    if exhibit.table is not None and exhibit.table.rows:
        whole = exhibit.table
        print(f"\n{Table(whole.head, whole.rows[:LONGEST]).as_text(forms_of(whole))}")
        if (more := len(whole.rows) - LONGEST) > 0:
            print(f"... and {more:,} more rows, in {exhibit.name}.csv")
    print()


def forms_of(table: Table) -> dict[str, str]:
    """Return a format for each column of numbers that are not whole."""
    columns: list[list[Cell]] = [[row[place] for row in table.rows] for place in range(len(table.head))]
    return {
        name: ".4g"
        for name, column in zip(table.head, columns, strict=True)
        if any(isinstance(cell, float) for cell in column)
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, problems_of, stopped="the page was not stored", begin=begin)


if __name__ == "__main__":
    sys.exit(main())
