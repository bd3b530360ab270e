"""Draws as a table and back: blocks as rows, the columns of a part as arrays; and what a display counts of them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from calibrate.methods.base import Columns
from calibrate.objective.filtered_draw import AnyBlock
from calibrate.objective.objectives import Objective


class Tally(NamedTuple):
    """What a display needs to know of some draws."""

    draws: int
    accepted: int
    failed: int  # draws whose worth is no finite number
    best: float  # -inf where none has a worth


def tally_of(block: AnyBlock, objective: Objective) -> Tally:
    """Return the tally of the draws of ``block`` under ``objective``."""
    worth = getattr(block, objective.column)
    finite = np.isfinite(worth)
    best = float(np.max(worth, initial=-np.inf, where=finite))
    return Tally(len(finite), int(np.count_nonzero(block.accepted)), int(np.count_nonzero(~finite)), best)


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of all draws of ``tallies``."""
    draws, accepted, failed, best = zip(*tallies, strict=True)
    return Tally(sum(draws), sum(accepted), sum(failed), max(best))


def table_of(
    blocks: Sequence[AnyBlock], first_iteration: int, schema: pa.Schema, parameters: Sequence[str]
) -> pa.Table:
    """Return the draws of consecutive ``blocks`` of one chain, one row each, from ``first_iteration`` on.

    ``parameters`` are those of a point, in its order.
    """
    whole = type(blocks[0])(*(np.concatenate(arrays) for arrays in zip(*blocks, strict=True)))
    values: dict[str, np.ndarray] = {name: whole.points[:, place] for place, name in enumerate(parameters)}
    values |= whole._asdict()
    values["iteration"] = first_iteration + np.arange(len(whole.score), dtype=np.int64)
    values[_by_year_in(schema)] = whole.by_year
    further = [field.name for field in schema if field.name not in values]
    values |= dict(zip(further, whole.further.T, strict=True))
    return pa.table([_column(values[field.name], field.type) for field in schema], schema=schema)


def _by_year_in(schema: pa.Schema) -> str:
    name: str = next(field.name for field in schema if pa.types.is_fixed_size_list(field.type))
    return name


def _column(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    if pa.types.is_fixed_size_list(kind):
        return pa.FixedSizeListArray.from_arrays(_column(values.reshape(-1), kind.value_type), kind.list_size)
    return pa.array(values.astype(kind.to_pandas_dtype(), copy=False))


def columns_of(table: pa.Table) -> Columns:
    """Return the columns of ``table`` as arrays; those of lists are (rows, years)."""
    return {name: _array(column) for name, column in zip(table.column_names, table.columns, strict=True)}


def _array(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_fixed_size_list(column.type):
        lists = column.combine_chunks()
        values: np.ndarray = lists.flatten().to_numpy().reshape(len(lists), -1)
        return values
    values = column.to_numpy()
    return values
