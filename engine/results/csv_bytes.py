"""Tables as CSV, written here only: what begins like a formula in a name is no formula in a spreadsheet."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is run by spreadsheets (OWASP, "CSV injection")


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a head and rows as the bytes of a CSV file; None is an empty cell, numbers keep all their digits.

    A text that a spreadsheet would take for a formula gets an apostrophe before it; a number never does.
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([_harmless(cell) for cell in row] for row in (head, *rows))
    return stream.getvalue().encode()


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    dangerous = len(cell) > 1 and cell.startswith(FORMULA)
    return ("'" if dangerous else "") + cell.replace("\r", " ")  # which csv does not quote, and which ends a line
