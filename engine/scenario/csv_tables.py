"""CSV tables that a scenario refers to: a column by row, a row by column, or all rows as records."""

import csv
import math
from collections import Counter
from pathlib import Path
from typing import Any

from engine.scenario.validation import ProblemsError, nearest, show, without_comma
from engine.scenario.yaml_text import plain_value, read_text

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}

Sources = dict[tuple[str, ...], str]  # keys below the reference -> the part of the file that stands there


def read_table(reference: dict[str, Any], folder: Path) -> tuple[Any, Sources]:
    """Return the figures that a reference in a scenario of ``folder`` stands for, and where they come from.

    {file, column} gives {first cell of each row: figure} and {file, row} gives {column: figure}; {file} gives a
    mapping for each row. All are without the empty cells. Raises ValueError; ProblemsError for several cells.
    """
    choice = reference.keys() - {"file"}
    if not all(isinstance(value, str | int) for value in reference.values()) or choice not in (
        {"column"},
        {"row"},
        set(),
    ):
        remedy = "give {file: ..., column: ...}, {file: ..., row: ...} or {file: ...}"
        raise ValueError(f"{show(reference)} will not do; {remedy}")
    path = _path_inside(folder, str(reference["file"]))
    header, rows = _cells(path, named_rows=bool(choice))
    if not choice:
        records = [{key: plain_value(cell) for key, cell in zip(header, row, strict=True) if cell} for row in rows]
        return records, {(str(index),): f"{path}, row {row[0]}" for index, row in enumerate(rows)}
    if "column" in choice:
        column = str(reference["column"])
        index = _position(column, header, f"{path} has no column")
        cells = {row[0]: row[index] for row in rows}
        source = f"{path}, column {column}"
        places = {row: f"{path}, row {row}, column {column}" for row in cells}
    else:
        row_name = str(reference["row"])
        index = _position(row_name, [row[0] for row in rows], f"{path} has no row")
        cells = dict(zip(header[1:], rows[index][1:], strict=True))
        source = f"{path}, row {row_name}"
        places = {column: f"{path}, row {row_name}, column {column}" for column in cells}
    figures = {key: plain_value(cell) for key, cell in cells.items() if cell}
    remedy = "give a number, or leave the cell empty"
    broken = [key for key, figure in figures.items() if not _is_number(figure)]
    if broken:
        given = {key: f"{show(cells[key])} is no number; {remedy}{without_comma(cells[key])}" for key in broken}
        raise ProblemsError(((), f"{places[key]}: {line}") for key, line in given.items())
    return figures, {(): source}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _position(name: str, names: list[str], complaint: str) -> int:
    if name not in names:
        raise ValueError(f"{complaint} {show(name)}; {nearest(name, names)}")
    return names.index(name)


def _path_inside(folder: Path, name: str) -> Path:
    """Return the file ``name`` of ``folder``; a scenario is data, and may not reach for files elsewhere."""
    example = "give a path inside it, such as data/figures.csv"
    if not name.isprintable():
        raise ValueError(f"{show(name)} is no path in the scenario's folder; {example}")
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # RuntimeError: links in a circle, before Python 3.13
        inside = False
    if not inside or Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"{show(name)} leaves the scenario's folder; {example}")
    return path


def _cells(path: Path, named_rows: bool) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a table; where rows are looked up by their first cell, that differs."""
    try:
        lines = csv.reader(read_text(path).splitlines(), strict=True)
        rows = [(lines.line_num, [cell.strip() for cell in row]) for row in lines if any(map(str.strip, row))]
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    except csv.Error as error:
        raise ValueError(f"{path}: {error}; mend its quotation marks") from None
    if kinds := [kind for sign, kind in SEPARATORS.items() if rows and len(rows[0][1]) == 1 and sign in rows[0][1][0]]:
        remedy = "save it with commas between cells, and with points in decimals"
        raise ValueError(f"{path}: its cells are separated by {kinds[0]}; {remedy}")
    if len(rows) < 2:
        raise ValueError(f"{path}: no rows; give a line of column names and a line for each row")
    header = rows[0][1]
    problems = [
        f"{path}, line {number}: {len(row)} cells; give {len(header)}, one for each column"
        + ("; decimals have a point, not a comma" if len(row) > len(header) else "")
        for number, row in rows
        if len(row) != len(header)
    ]
    for kind, names in ("column", header), ("row", [row[0] for _, row in rows[1:] if named_rows]):
        problems += [
            f"{path}: {kind} {show(name)} is there twice; keep one"
            for name, times in Counter(names).items()
            if times > 1
        ]
    if problems:
        raise ProblemsError(((), problem) for problem in problems)
    return header, [row for _, row in rows[1:]]
