"""The paper's results beside ours: ``python -m analysis.reproduction results/`` prints them and writes them as a page.

"Ours" are good draws by fair ranking: the best recorded ones simulated again on fresh seeds, the better half of them.
"""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from textwrap import fill

from analysis.best import Ranking, ranked
from analysis.common.command import parser_of, run
from analysis.common.exhibit import Exhibit, Table, store
from analysis.reproduction.claims import Line, lines
from analysis.reproduction.errata import Slip, slips
from analysis.reproduction.evidence import Evidence, evidence_of
from engine.cli.arguments import Parser
from engine.errors import UsageError
from engine.results.atomic_write import write_durably
from engine.results.directory import read_run

PAGE = "reproduction.md"


def exhibits(results: Path, ranking: Ranking | None = None, out: Path | None = None) -> list[Exhibit]:
    """Return the paper's claims beside ours, and its slips.

    ``ranking`` is made where it is not given; ``out`` is where ``analysis.importance`` stored its table.
    """
    ranking = ranking or ranked(results)
    evidence = evidence_of(results, ranking, out or results / "analysis")
    table, command = lines(evidence), f"python -m analysis.reproduction {quote(str(results))}"
    about = Table(Line._fields, table)
    errors = Table(Slip._fields, slips())
    title, said = "The paper's slips", "Where figures of the paper disagree with each other, with the arithmetic."
    return [
        Exhibit("reproduction", "The paper beside us", sentence(evidence, ranking, table), command, None, about),
        Exhibit("slips", title, said, command, None, errors),
    ]


def sentence(evidence: Evidence, ranking: Ranking, table: Sequence[Line]) -> str:
    """Return what was compared, and how much of it came out."""
    verdicts = [line.reproduced for line in table]
    counted = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("yes", "partly", "no", "not tested"))
    mean, count = ranking.fair.mean, len(evidence.points)
    return (
        f"Of {evidence.draws:,} draws the {len(mean)} best were simulated again on {ranking.seeds} fresh seeds; ours "
        f"are the better {count} by their mean score, {mean[count - 1]:.1f} to {mean[0]:.1f} (standard error "
        f"{ranking.fair.error[0]:.1f}). Reproduced: {counted}. What counts as a high score is a choice, ours as much "
        "as the paper's, which does not say."
    )


def page(results: Path, found: Sequence[Exhibit]) -> str:
    """Return the exhibits as Markdown, with the commands and the seed that lead to them."""
    record, folder = read_run(results), f"{results.resolve().name}/"
    name = record["scenario"]["name"]
    search = (
        f"python -m calibrate --config configs/{name}.yaml --chains {record['chains']} --iters {record['iters']} "
        f"--seed {record['seed']} --out {folder}"
    )
    commands = [
        search,
        *(f"python -m analysis.{command} {folder}" for command in ("importance", "regions", "reproduction")),
    ]
    text = [f"# The paper beside us: {name}", "", "```sh", *commands, "```", ""]
    if record["status"] != "finished":
        text += [f"The run is {record['status']}; what is here may still change.", ""]
    text += [
        f"Scenario, versions and the digest of the code, {record['source_digest'][:12]}, stand in its run.json.",
        "",
    ]
    for exhibit in found:
        text += [f"## {exhibit.title}", "", fill(exhibit.sentence, 120, break_on_hyphens=False), ""]
        head, rows = table_in(exhibit)
        judged = head[-1] == "rule"  # too long for a column
        text += [*as_markdown(Table(head[:-1], [row[:-1] for row in rows]) if judged else Table(head, rows)), ""]
        if judged:
            text += ["## How each is judged", "", *(f"* {row[0]}: {row[-1]}" for row in rows), ""]
    return "\n".join(text)


def table_in(exhibit: Exhibit) -> Table:
    """Return the table of an exhibit that has one."""
    if exhibit.table is None:
        raise ValueError(f"{exhibit.name} has no table")
    return exhibit.table


def as_markdown(table: Table) -> list[str]:
    """Return the lines of a table of texts."""
    rows = [[name.replace("_", " ") for name in table.head], ["---"] * len(table.head), *table.rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]


def as_text(table: Table) -> str:
    """Return a table of long texts for a terminal: a block for each row."""
    words = [name.replace("_", " ") for name in table.head]
    width = max(map(len, words))
    return "\n\n".join(
        "\n".join(
            fill(str(cell), 110, initial_indent=f"{word:<{width}}  ", subsequent_indent=" " * (width + 2))
            for word, cell in zip(words, row, strict=True)
        )
        for row in table.rows
    )


def parser() -> Parser:
    """Return the command's options."""
    about = "What the paper reports beside what a run finds: claim by claim, reproduced or not, and why."
    return parser_of("reproduction", about)


def work(options: Namespace) -> None:
    """Compare, print, and store the tables and the page."""
    store([], options.out)  # a place that cannot be written is told before there is work
    found = exhibits(options.results, out=options.out)
    for exhibit in found:
        print(f"{exhibit.title}\n\n{fill(exhibit.sentence, 110)}\n\n{as_text(table_in(exhibit))}\n")
    for file in [*store(found, options.out), store_page(page(options.results, found), options.out / PAGE)]:
        print(f"stored {file}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


def store_page(text: str, file: Path) -> Path:
    """Return ``file``, which then holds the text."""
    try:
        write_durably(file, file.with_name(f".{file.name}"), lambda beside: beside.write(text.encode()))
    except OSError as error:
        raise UsageError(f"--out {file.parent}: cannot be written ({error.strerror}); give another directory") from None
    return file


if __name__ == "__main__":
    sys.exit(main())
