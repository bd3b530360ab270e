"""What a command of analysis has to show: a picture, a table, or both, with a sentence and the command for it alone."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from engine.plot_style import image
from engine.results.atomic_write import write_file

Cell = str | int | float | bool | None
PICTURES = (".png", ".svg")


class Table(NamedTuple):
    """Rows under a head, as they are stored; None is an empty cell."""

    head: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]

    def as_csv(self) -> bytes:
        """Return the table as the bytes of a CSV file with one header line."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(self.head)
        writer.writerows(self.rows)
        return stream.getvalue().encode()

    def as_text(self, forms: dict[str, str] | None = None) -> str:
        """Return the table for a terminal: columns as wide as their widest cell, numbers to the right.

        ``forms`` gives a column's format, such as ".1%"; "-" is an empty cell.
        """
        forms = forms or {}
        columns = [
            [name.replace("_", " "), *(_shown(row[place], forms.get(name, "")) for row in self.rows)]
            for place, name in enumerate(self.head)
        ]
        lines: list[list[str]] = [[] for _ in range(len(self.rows) + 1)]
        for place, cells in enumerate(columns):
            width = max(map(len, cells))
            words = any(isinstance(row[place], str) for row in self.rows)
            for line, cell in zip(lines, cells, strict=True):
                line.append(cell.ljust(width) if words else cell.rjust(width))
        return "\n".join("  ".join(line).rstrip() for line in lines)


def _shown(cell: Cell, form: str) -> str:
    if cell is None or cell == "":
        return "-"
    return cell if isinstance(cell, str) else format(cell, form)


class Exhibit(NamedTuple):
    """One thing to see. ``name`` is that of its files, without ending."""

    name: str
    title: str
    sentence: str  # what it shows, for somebody who has not read the code
    command: str  # what makes it alone
    figure: Figure | None = None
    table: Table | None = None


def store(exhibits: Sequence[Exhibit], out: Path) -> list[Path]:
    """Return the files of the exhibits, each left in ``out`` complete or as it was: NAME.png, NAME.svg, NAME.csv.

    Raises UsageError if ``out`` cannot be written.
    """
    stored = []
    for exhibit in exhibits:
        contents = {} if exhibit.figure is None else {ending: image(exhibit.figure, ending) for ending in PICTURES}
        if exhibit.table is not None:
            contents[".csv"] = exhibit.table.as_csv()
        for ending, content in contents.items():
            stored.append(write_file(out / f"{exhibit.name}{ending}", content, f"--out {out}", "another directory"))
    return stored
