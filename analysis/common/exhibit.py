"""What a command of analysis has to show: a picture, a table, or both, with a sentence and the command for it alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from engine.parameters import DOMAINS, EFFECT
from engine.plot_style import image, short
from engine.results.atomic_write import write_file
from engine.results.csv_bytes import csv_bytes

Cell = str | int | float | bool | None
PICTURES = (".png", ".svg")
WIDEST_CELL = 60  # signs of a cell on a terminal; the file has all


class Table(NamedTuple):
    """Rows under a head, as they are stored; None is an empty cell."""

    head: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]

    def as_csv(self) -> bytes:
        """Return the table as the bytes of a CSV file with one header line."""
        return csv_bytes(self.head, self.rows)

    def as_text(self, forms: dict[str, str] | None = None) -> str:
        """Return the table for a terminal: columns as wide as their widest cell, numbers to the right.

        ``forms`` gives a column's format, such as ".1%"; "-" is an empty cell.
        """
        forms = forms or {}
        columns = [
            [heading(name), *(_shown(row[place], forms.get(name, "")) for row in self.rows)]
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
    return short(cell, WIDEST_CELL) if isinstance(cell, str) else format(cell, form)


def heading(name: str) -> str:
    """Return a column's name as readers see it: a parameter's as it is typed, another's in words."""
    return name if name in DOMAINS or name.endswith(EFFECT) else short(name.replace("_", " "), WIDEST_CELL)


class Exhibit(NamedTuple):
    """One thing to see. ``name`` is that of its files, without ending."""

    name: str
    title: str
    sentence: str  # what it shows, for somebody who has not read the code
    command: str  # what makes it alone
    figure: Figure | None = None
    table: Table | None = None
    warnings: tuple[str, ...] = ()  # what to beware of: a command prints it, the page has it as a box


def hand_over(exhibits: Sequence[Exhibit], out: Path) -> None:
    """Print what to beware of, store the exhibits in ``out``, and print where; errors as in store."""
    for warning in warnings_of(exhibits):
        print(f"warning: {warning}")
    for file in store(exhibits, out):
        print(f"stored {file}")


def warnings_of(exhibits: Sequence[Exhibit]) -> list[str]:
    """Return what to beware of in the exhibits, each once."""
    return list(dict.fromkeys(warning for exhibit in exhibits for warning in exhibit.warnings))


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
