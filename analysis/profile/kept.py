"""The cells of a profile on disk, a line each, so that one that was stopped goes on where it was."""

import json
from collections import defaultdict
from pathlib import Path

from analysis.profile.search import Cell
from engine.errors import UsageError
from engine.reading import MEGABYTE, read_regular
from engine.results.run_record import Run

FILE = "profile.jsonl"
LARGEST = 100 * MEGABYTE


def heading(run: Run, cells: int, draws: int) -> dict[str, object]:
    """Return what the cells depend on, beside their values."""
    count = {str(chain): len(parts) for chain, parts in run.parts.items()}
    return {"run": run.fingerprint, "parts": count, "objective": run.objective, "cells": cells, "draws": draws}


def read_cells(file: Path, head: dict[str, object]) -> dict[str, dict[float, Cell]]:
    """Return the cells in ``file``, by parameter and value; raise UsageError if they are of another profile.

    A last line that was cut short counts as not there.
    """
    found: dict[str, dict[float, Cell]] = defaultdict(dict)
    if not file.exists():
        return found
    lines = _text(file).split("\n")
    if lines[0] != json.dumps(head):
        raise UsageError(
            f"{file}: is the profile of another run, of fewer draws, or with other --objective, --cells or --draws; "
            "give another --out, or remove it"
        )
    for line in lines[1:-1]:
        cell = Cell(**json.loads(line))
        found[cell.parameter][cell.value] = cell
    return found


def _text(file: Path) -> str:
    try:
        return read_regular(file, LARGEST).decode()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror}); remove it, or give another --out") from None


def begin(file: Path, head: dict[str, object]) -> None:
    """Make ``file`` ready to be added to: with its heading, and without a last line that was cut short."""
    text = _text(file) if file.exists() else ""
    whole = text[: text.rfind("\n") + 1] or f"{json.dumps(head)}\n"
    if whole != text:
        file.write_text(whole, encoding="utf-8")


def add(file: Path, cell: Cell) -> None:
    """Add a cell to ``file``."""
    with file.open("a", encoding="utf-8") as stream:
        stream.write(f"{json.dumps(cell._asdict())}\n")
