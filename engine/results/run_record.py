"""A run opened once: what run.json says of it, its scenario, and the draws that it held when it was opened."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.errors import DataError, UsageError, to_type
from engine.parameters import event_of, names_of, required
from engine.reading import MEGABYTE, read_regular
from engine.results.columns import LATER, outcomes_of, parameter_columns
from engine.results.directory import RUN, chain_folders, check_due, is_held, opened, parts_of, span_of
from engine.scenario import Scenario, scenario_from_resolved

LARGEST_RECORD = 16 * MEGABYTE
OLDER_METHODS = ("walk", "screen")  # whose runs' parts, of earlier versions too, do not name the method
LIMITS = {"chains": (1, 100_000), "iters": (1, 10**12), "seed": (0, 2**63 - 1)}


def _within(name: str) -> Any:
    low, high = LIMITS[name]
    return Field(ge=low, le=high)


class RunRecord(BaseModel):
    """What run.json says: all that it takes to make the same draws again, and how far the run is."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    start: str = ""
    model_version: str = ""
    source_digest: str
    versions: dict[str, str]
    method: str = "walk"
    config: str | None = None  # as it was typed; None for a scenario that came from Python
    overrides: tuple[str, ...] = Field(default=(), strict=False)  # every --set
    seed: int = _within("seed")
    chains: int = _within("chains")
    iters: int = _within("iters")
    scenario: dict[str, Any]
    status: Literal["running", "interrupted", "finished"]
    end: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_versions(cls, values: Any) -> Any:
        """Take the word by which version 0.1 marked a screen; it told of no other method."""
        if isinstance(values, dict) and "kind" in values:
            values = {"method": values["kind"]} | {key: value for key, value in values.items() if key != "kind"}
        return values

    @property
    def names(self) -> tuple[str, ...]:
        """Return all parameters of the scenario, in the order of engine.parameters.names_of.

        Only this part of it is looked at, so that runs of other versions can be read.
        """
        entries = self.scenario.get("parameters")
        return names_of(filter(None, map(event_of, entries if isinstance(entries, dict) else ())))

    def brought_to(self, **changes: Any) -> "RunRecord":
        """Return the record with these values in place of its own."""
        return self.model_copy(update=changes)

    def as_json(self) -> dict[str, Any]:
        """Return the record as run.json holds it."""
        return self.model_dump(mode="json")


def fingerprint(record: RunRecord) -> str:
    """Return the SHA-256, in hexadecimal, of the draws' origin by run.json: seed, scenario, source digest, method.

    Each part of the run carries it, so that a digit changed in run.json afterwards is noticed.
    """
    values = record.as_json()  # as it comes back from the file, where keys are texts
    origin = {key: values[key] for key in ("seed", "scenario", "source_digest")}
    if values["method"] not in OLDER_METHODS:
        origin["method"] = values["method"]
    return hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()


def read_record(directory: Path) -> RunRecord:
    """Return what run.json says; raise DataError, a line for each thing to mend, if there is none or it cannot be.

    A run that nobody is at work on is not running, whatever it wrote before it was killed: it is interrupted.
    """
    path = directory / RUN
    remedy = f"put back a copy of it, or begin again with `{to_type('calibrate')} --overwrite`"
    try:
        values = json.loads(read_regular(path, LARGEST_RECORD))
    except (FileNotFoundError, NotADirectoryError):
        missing = f"{RUN} is not in it" if directory.is_dir() else "no such directory"
        raise DataError(
            f"{directory}: not a results directory ({missing}); give one that `{to_type('calibrate')}` filled"
        ) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); {remedy}") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: is not JSON ({error}); {remedy}") from None
    if not isinstance(values, dict):
        raise DataError(f"{path}: is not the record of a run; {remedy}")
    try:
        record = RunRecord.model_validate(values)
    except ValidationError as error:
        lines = []
        for detail in error.errors():
            what = "is missing" if detail["type"] == "missing" else f"{detail['input']!r:.40} cannot be"
            lines.append(f"{path}: {'.'.join(map(str, detail['loc']))}: {what}; {remedy}")
        raise DataError("\n".join(lines)) from None
    dead = record.status == "running" and not is_held(directory)
    return record.brought_to(status="interrupted") if dead else record


class Run:
    """A results directory as it stood when it was opened; draws that come later are not among its own."""

    def __init__(
        self, directory: Path, record: RunRecord, parts: dict[int, list[Path]], objective: str | None = None
    ) -> None:
        self.directory = directory
        self._objective = objective
        self.record = record
        self.parts = parts  # by chain, in the order in which they were written
        self._columns: dict[str, pa.ChunkedArray] = {}
        self._spans: dict[Path, tuple[int, int]] = {}

    @property
    def objective(self) -> str:
        """Return the name of what the draws are ranked by: what was asked for, else what the search climbed."""
        return self._objective or self.climbed

    @property
    def climbed(self) -> str:
        """Return the name of what the search climbed."""
        return str(self.record.scenario.get("objective", "score"))

    @property
    def compares(self) -> str:
        """Return what of a run is compared with the target: escapes or attempts."""
        target = self.record.scenario.get("target")
        return str(target.get("compares", "escapes")) if isinstance(target, dict) else "escapes"

    @cached_property
    def fingerprint(self) -> str:
        """Return what each part of the run carries."""
        return fingerprint(self.record)

    @cached_property
    def scenario(self) -> Scenario:
        """Return the scenario; raise DataError if run.json does not hold one that this version can use."""
        try:
            return scenario_from_resolved(self.record.scenario, f"{self.directory / RUN}: scenario")
        except UsageError as error:
            raise DataError(str(error)) from None

    @property
    def free_names(self) -> tuple[str, ...]:
        """Return the parameters that were searched, in the order of RunRecord.names."""
        entries, names = self.record.scenario.get("parameters"), self.record.names
        if not isinstance(entries, dict) or not all(isinstance(entries.get(name), dict) for name in required(names)):
            raise DataError(
                f"{self.directory / RUN}: scenario.parameters does not give a range or a value for every parameter; "
                "put back a copy of the file"
            )
        return tuple(name for name in names if entries.get(name, {"fixed": 1.0}).get("fixed") is None)

    def draws(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return every draw as a row, chain by chain and oldest first; what was read once is not read again.

        ``columns`` are those wanted beside ``chain`` (int32): by default iteration, the parameters (those that a
        scenario must name and what else was searched) and what a run came to, without what its version did not record.
        Only the parts under draws/ are read, whatever else lies in the directory. Raises DataError for a run without a
        draw, a part that cannot be read, one that lacks a column.
        """
        if columns is None:
            parameters = parameter_columns(self.record.names, self.free_names)
            outcomes = [name for name in outcomes_of(self.compares, self.record.method) if name not in self.absent]
            columns = ["iteration", *parameters, *outcomes]
        if wanted := [name for name in ("chain", *columns) if name not in self._columns]:
            table = self._read([name for name in wanted if name != "chain"])
            self._columns |= {name: table[name] for name in table.column_names if name in wanted}
        return pa.table({name: self._columns[name] for name in ("chain", *columns)})

    @cached_property
    def absent(self) -> tuple[str, ...]:
        """Return the columns that the draws lack because the version that made them had none of the kind."""
        for part in (part for parts in self.parts.values() for part in parts):
            with opened(part, self.fingerprint) as file:
                return tuple(name for name in LATER if name not in file.schema_arrow.names)
        return ()

    def _read(self, columns: Sequence[str]) -> pa.Table:
        """Return ``columns`` and the chain, read from all parts."""
        found: list[pa.Table] = []
        for chain, part, table in self._parts_with(columns):
            if found and table.schema != found[0].schema.remove(0):
                raise DataError(
                    f"{part}: its columns have other types than those of the parts before it; "
                    "move it away, or put back the one that was there"
                )
            found.append(table.add_column(0, "chain", pa.array(np.full(table.num_rows, chain, np.int32))))
        if not found:
            raise DataError(
                f"{self.directory}: holds no draws yet; let the run go on, or continue it with "
                f"`{to_type('calibrate')} --out {self.directory} --resume`"
            )
        return pa.concat_tables(found)

    def tables(self, columns: Sequence[str]) -> Iterator[tuple[int, pa.Table]]:
        """Yield ``columns`` part by part, each with its chain: never more than one part is in memory."""
        for chain, _, table in self._parts_with(columns):
            yield chain, table

    def _parts_with(self, columns: Sequence[str]) -> Iterator[tuple[int, Path, pa.Table]]:
        """Yield the ``columns`` of each part, and where they are; raise DataError for one that is out of its place."""
        for chain, parts in self.parts.items():
            due = 0
            for part in parts:
                table, (first, last) = self._read_part(part, columns)
                check_due(part, first, due)
                due = last + 1
                yield chain, part, table

    def _read_part(self, part: Path, columns: Sequence[str]) -> tuple[pa.Table, tuple[int, int]]:
        """Return the ``columns`` of one part, and its ends; raise DataError naming the file where that cannot be."""
        with opened(part, self.fingerprint) as file:
            if missing := [name for name in columns if name not in file.schema_arrow.names]:
                raise DataError(
                    f"{part}: not a part of this run (it has no column {', '.join(missing)}); "
                    "move it away, or put back the one that was there"
                )
            self._spans[part] = span_of(part, file)
            table = file.read(columns=list(columns)).select(list(columns))
        return table.replace_schema_metadata(None), self._spans[part]

    def span_of(self, part: Path) -> tuple[int, int]:
        """Return the first and the last iteration in a part, which is looked into once."""
        if part not in self._spans:
            with opened(part, self.fingerprint) as file:
                self._spans[part] = span_of(part, file)
        return self._spans[part]


def open_run(directory: str | PathLike[str], objective: str | None = None) -> Run:
    """Return the run in ``directory``, finished or not, as it stands now.

    ``objective``, score or likelihood, is what its draws are ranked by, by default what the search climbed. Raises
    DataError, a ValueError, for what is no results directory; what a part holds is looked at when it is read.
    """
    place = Path(directory)
    record = read_record(place)
    return Run(place, record, {chain: parts_of(folder) for chain, folder in chain_folders(place).items()}, objective)
