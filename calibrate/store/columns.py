"""Draws as a table: its columns, blocks of the walk as rows, a row as the state its chain goes on from."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from calibrate.methods.walk import ChainState
from calibrate.objective.draw import Block
from engine.parameters import DOMAINS, NAMES
from engine.results.directory import FINGERPRINT
from engine.scenario import Scenario


class Tally(NamedTuple):
    """What a display needs to know of some draws."""

    draws: int
    accepted: int
    failed: int  # draws whose score is no finite number
    best: float  # -inf where none has a score


def tally_of(block: Block) -> Tally:
    """Return the tally of the draws of ``block``."""
    finite = np.isfinite(block.score)
    best = float(np.max(block.score, initial=-np.inf, where=finite))
    return Tally(len(finite), int(np.count_nonzero(block.accepted)), int(np.count_nonzero(~finite)), best)


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the tally of all draws of ``tallies``."""
    draws, accepted, failed, best = zip(*tallies, strict=True)
    return Tally(sum(draws), sum(accepted), sum(failed), max(best))


def schema_of(scenario: Scenario, fingerprint: str) -> pa.Schema:
    """Return the columns of a part, in order; ``fingerprint``, the run's, stands in its metadata.

    The chain is no column of the file but the name of its folder (``chain=03``), as Hive has it: readers add
    it as a column, and some refuse files that have one of that name too (pandas 3, pyarrow 26).
    """
    parameters = [(name, pa.int32() if DOMAINS[name].integer else pa.float64()) for name in scenario.column_names]
    return pa.schema(
        [
            ("iteration", pa.int64()),
            *parameters,
            ("score", pa.float64()),
            ("distance", pa.float64()),
            ("weeks_run", pa.int32()),
            ("stopped", pa.bool_()),
            ("active_years", pa.int32()),
            ("escapes_total", pa.int64()),
            ("attempts_total", pa.int64()),
            ("accepted", pa.bool_()),
            ("escapes_by_year", pa.list_(pa.int64(), scenario.years)),
        ],
        metadata={FINGERPRINT: fingerprint},
    )


def table_of(blocks: Sequence[Block], first_iteration: int, schema: pa.Schema) -> pa.Table:
    """Return the draws of consecutive ``blocks`` of one chain, one row each, from ``first_iteration`` on."""
    whole = Block(*(np.concatenate(arrays) for arrays in zip(*blocks, strict=True)))
    values: dict[str, np.ndarray] = {name: whole.points[:, place] for place, name in enumerate(NAMES)}
    values |= whole._asdict()
    values["iteration"] = first_iteration + np.arange(len(whole.score), dtype=np.int64)
    values["escapes_by_year"] = whole.escapes_by_year.reshape(-1)
    return pa.table([_column(values[field.name], field.type) for field in schema], schema=schema)


def _column(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    if pa.types.is_fixed_size_list(kind):
        return pa.FixedSizeListArray.from_arrays(_column(values, kind.value_type), kind.list_size)
    return pa.array(values.astype(kind.to_pandas_dtype(), copy=False))


def state_of(row: dict[str, float], scenario: Scenario) -> ChainState:
    """Return what the step after the accepted draw ``row`` needs: point, in the order of NAMES, and score."""
    fixed = {name: scenario.parameters[name].fixed for name in NAMES if name not in scenario.column_names}
    point = np.array([row[name] if name in row else fixed[name] for name in NAMES], dtype=np.float64)
    return ChainState(point, float(row["score"]))
