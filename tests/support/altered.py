"""Parts that were altered after they were written, with a valid seal all the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from calibrate.store.parts import sealed, state_after


def changed(part: Path, name: str, change: Callable[[np.ndarray], Any]) -> None:
    """Write ``part`` anew, with a valid seal, after ``change`` of one column."""
    table = pq.read_table(part, partitioning=None)
    place = table.column_names.index(name)
    kind = table.schema.field(name).type
    if pa.types.is_fixed_size_list(kind):
        values = np.stack(table[name].to_numpy())
        column = pa.FixedSizeListArray.from_arrays(pa.array(change(values).reshape(-1)), kind.list_size)
    else:
        column = pa.array(change(table[name].to_numpy().copy()), type=kind)
    state, chain = state_after(part, pq.read_schema(part)), int(part.parent.name.removeprefix("chain="))
    part.write_bytes(sealed(table.set_column(place, table.schema.field(name), column), state, chain))


def put(row: int, value: Any) -> Callable[[np.ndarray], np.ndarray]:
    def change(column: np.ndarray) -> np.ndarray:
        column[row] = value
        return column

    return change
