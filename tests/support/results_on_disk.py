"""A results directory written from arrays, as a run leaves it, for tests that read one."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
from support.names import NAMES, PLAIN, REQUIRED

from calibrate.methods.base import START
from calibrate.store.parts import sealed
from engine.results.columns import FINGERPRINT
from engine.results.run_record import RunRecord, fingerprint
from engine.types import Floats

YEARS = 23
PARTS = 2  # each chain comes in two files


def run_record(free: tuple[str, ...], status: str) -> dict[str, object]:
    """Return what run.json holds, of the scenario only search and parameters: ``free`` searched, the others held."""
    return {
        "status": status,
        "seed": 7,
        "chains": 2,
        "iters": 1000,
        "source_digest": "0",
        "versions": {},
        "scenario": {
            "search": {"step": 0.1, "subset": 0.3},
            "parameters": {
                name: {"low": 0.0, "high": 1.0, "scale": "linear"}
                if name in free
                else {"fixed": 1.0 if name in PLAIN else 0.0}
                for name in NAMES
            },
        },
    }


def write_results(
    results: Path,
    points: Mapping[str, Floats],
    score: Floats,
    free: tuple[str, ...] = REQUIRED,
    status: str = "finished",
    record: Mapping[str, object] | None = None,
) -> Path:
    """Return ``results`` with a draw in it for each entry of ``score`` (chains, iterations); points likewise.

    A parameter that ``points`` does not give is 0.5 throughout. ``record`` stands in place of what ``free`` and
    ``status`` make of run.json.
    """
    results.mkdir(parents=True, exist_ok=True)
    record = record or run_record(free, status)
    (results / "run.json").write_text(json.dumps(record))
    origin = {FINGERPRINT: fingerprint(RunRecord.model_validate(record))}
    chains, iterations = score.shape
    columns = (*REQUIRED, *(name for name in free if name not in REQUIRED))
    for chain in range(chains):
        folder = results / "draws" / f"chain={chain:02d}"
        folder.mkdir(parents=True)
        for number, rows in enumerate(np.array_split(np.arange(iterations), PARTS)):
            values = {name: points.get(name, np.full(score.shape, 0.5))[chain, rows] for name in columns}
            values["memory_weeks"] = np.round(1000 * values["memory_weeks"]).astype(np.int32)
            table = pa.table({"iteration": rows, **values, "score": score[chain, rows], **outcomes(len(rows))})
            content = sealed(table.replace_schema_metadata(origin), START, chain)
            (folder / f"part-{number:05d}.parquet").write_bytes(content)
    return results


def outcomes(rows: int) -> dict[str, object]:
    """Return the columns that follow the score, all zero."""
    whole, short, flag = np.zeros(rows, np.int64), np.zeros(rows, np.int32), np.zeros(rows, np.bool_)
    by_year = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(rows * YEARS, np.int64)), YEARS)
    return {
        "distance": np.zeros(rows),
        "weeks_run": short,
        "stopped": flag,
        "active_years": short,
        "escapes_total": whole,
        "attempts_total": whole,
        "accepted": flag,
        "escapes_by_year": by_year,
    }
