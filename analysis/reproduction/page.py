"""The comparison as a page of Markdown, and as text for a terminal."""

from collections.abc import Sequence
from textwrap import fill

from analysis.common.exhibit import Exhibit, Table
from analysis.run_data.made_by import line_of, made_by
from engine.results.run_record import Run


def page(run: Run, found: Sequence[Exhibit]) -> str:
    """Return the exhibits as Markdown, with the commands and the seed that lead to them."""
    record, folder = run.record, f"{run.directory.resolve().name}/"
    name = record.scenario["name"]
    search, notes = made_by(run, folder)
    commands = [*([search] if search else []), line_of(run, "reproduction", folder=folder)]
    text = [f"# The paper beside us: {name}", "", "```sh", *commands, "```", ""]
    if record.status != "finished":
        text += [f"The run is {record.status}; what is here may still change.", ""]
    text += [
        f"Scenario, versions and the digest of the code, {record.source_digest[:12]}, stand in its run.json.",
        *notes,
        "",
    ]
    for exhibit in found:
        text += [f"## {exhibit.title}", "", fill(exhibit.sentence, 120, break_on_hyphens=False), ""]
        for warning in exhibit.warnings:
            text += [fill(f"> **Warning:** {warning}.", 120, subsequent_indent="> ", break_on_hyphens=False), ""]
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
    return ["| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in row) + " |" for row in rows]


def blocks(table: Table) -> str:
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
