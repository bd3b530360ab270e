"""A results directory as one table; the run may be unfinished, and a part may be broken."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from engine.errors import DataError
from engine.parameters import NAMES, PAPER_NAMES
from engine.results.directory import RUN, chain_folders, opened, parts_of, read_run

OUTCOMES = (
    "score",
    "distance",
    "weeks_run",
    "stopped",
    "active_years",
    "escapes_total",
    "attempts_total",
    "accepted",
    "escapes_by_year",
)


def free_names(results: Path) -> tuple[str, ...]:
    """Return the parameters that the run in ``results`` searched, in the order of engine.parameters.NAMES.

    Only this part of the scenario is looked at, so that runs of other versions can be read.
    """
    parameters = read_run(results)["scenario"].get("parameters")
    if not isinstance(parameters, dict) or not all(isinstance(parameters.get(name), dict) for name in PAPER_NAMES):
        raise DataError(
            f"{results / RUN}: scenario.parameters does not give a range or a value for every parameter; "
            "put back a copy of the file"
        )
    return tuple(name for name in NAMES if parameters.get(name, {"fixed": 1.0}).get("fixed") is None)


def read_draws(results: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return every draw stored so far in ``results``, one row each, chain by chain and oldest first.

    ``columns`` are those wanted beside ``chain`` (int32): by default iteration, the parameters (the paper's
    11 and what else was searched) and OUTCOMES. Only the parts under draws/ are read, whatever else lies in
    the directory. Raises DataError for what is no results directory, one without a draw, a part that
    cannot be read, one that lacks a column.
    """
    names = free_names(results)
    if columns is None:
        extra = [name for name in names if name not in PAPER_NAMES]
        columns = ["iteration", *PAPER_NAMES, *extra, *OUTCOMES]
    tables: list[pa.Table] = []
    for chain, folder in sorted(chain_folders(results).items()):
        for part in parts_of(folder):
            table = read_part(part, list(columns))
            if tables and table.schema != tables[0].schema.remove(0):
                raise not_of_this_run(part, "its columns have other types than those before it")
            tables.append(table.add_column(0, "chain", pa.array(np.full(table.num_rows, chain, np.int32))))
    if not sum(table.num_rows for table in tables):
        raise DataError(
            f"{results}: holds no draws yet; let the run go on, or continue it with "
            f"`python -m calibrate --out {results} --resume`"
        )
    return pa.concat_tables(tables)


def read_part(part: Path, columns: list[str]) -> pa.Table:
    """Return the ``columns`` of one part; raise DataError naming the file where that cannot be done."""
    with opened(part) as file:
        missing = [name for name in columns if name not in file.schema_arrow.names]
        if missing:
            raise not_of_this_run(part, f"it has no column {', '.join(missing)}")
        return file.read(columns=columns).select(columns).replace_schema_metadata(None)


def not_of_this_run(part: Path, reason: str) -> DataError:
    """Return the error for a part that can be read but does not fit."""
    return DataError(f"{part}: not a part of this run ({reason}); move it away, or put back the one that was there")
