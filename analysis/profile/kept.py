"""The cells of a profile on disk, so that one that was stopped goes on where it was."""

from collections import defaultdict
from pathlib import Path

from analysis.common import kept_lines
from analysis.profile.search import Cell
from engine.results.provenance import OUR_CODE
from engine.results.run_record import Run

FILE = "profile.jsonl"
OTHER = "the profile of another run, of fewer draws, by other code, or with other --objective, --cells or --draws"


def heading(run: Run, cells: int, draws: int) -> dict[str, object]:
    """Return what the cells depend on, beside their values."""
    count = {str(chain): len(parts) for chain, parts in run.parts.items()}
    asked = {"objective": run.objective, "cells": cells, "draws": draws}
    return {"run": run.fingerprint, "parts": count, **asked, "code": OUR_CODE}


def read_cells(file: Path, head: dict[str, object]) -> dict[str, dict[float, Cell]]:
    """Return the cells in ``file``, by parameter and value; raise UsageError if they are of another profile."""
    found: dict[str, dict[float, Cell]] = defaultdict(dict)
    for cell in kept_lines.read_lines(file, head, OTHER, lambda line: Cell(**line)):
        found[cell.parameter][cell.value] = cell
    return found


def add(file: Path, cell: Cell) -> None:
    """Add a cell to ``file``."""
    kept_lines.add(file, cell._asdict())
