"""What a command of analysis has to show: a picture, a table, or both, with a sentence and the command for it alone."""

import csv
import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from matplotlib.figure import Figure

from engine.errors import UsageError
from engine.plot_style import image
from engine.results.atomic_write import make_folder, write_durably

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
    try:
        make_folder(out)
        for exhibit in exhibits:
            contents = {} if exhibit.figure is None else {ending: image(exhibit.figure, ending) for ending in PICTURES}
            if exhibit.table is not None:
                contents[".csv"] = exhibit.table.as_csv()
            for ending, content in contents.items():
                file = out / f"{exhibit.name}{ending}"
                write_durably(file, file.with_name(f".{file.name}"), partial(_fill, content))
                stored.append(file)
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written ({error.strerror}); give another directory") from None
    return stored


def _fill(content: bytes, file: BinaryIO) -> None:
    file.write(content)
