"""Parts: a stretch of one chain's draws in a Parquet file that is written once, never changed, and sealed."""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from calibrate.methods.base import START, Columns
from calibrate.store.columns import columns_of
from engine.errors import DataError
from engine.results.atomic_write import write_durably
from engine.results.columns import FINGERPRINT
from engine.results.directory import BLANK, CHAIN, REMEDY, SEAL, check_due, opened, parts_of, span_of

PART_SECONDS = 4.0  # with the block in flight and the writing, at most five seconds of work can be lost
PART_DRAWS = 100_000  # bounds the memory of what is not written yet, some 350 bytes a draw
STATE = b"state"  # the key, in a part's metadata, of the state after it, in base64


def write_part(folder: Path, number: int, content: bytes, unfinished: Path) -> None:
    """Leave ``content``, sealed, as the part ``number`` of the chain in ``folder``; it grows in ``unfinished``."""
    name = f"part-{number:05d}.parquet"
    write_durably(folder / name, unfinished / f"{folder.name}-{name}", lambda file: file.write(content))


def sealed(table: pa.Table, state: bytes, chain: int) -> bytes:
    """Return ``table`` as a Parquet file that says which ``chain`` it is of, where that stood after it (``state``), and
    what its own checksum is.

    The checksum is taken while its place is blank.
    """
    file = pa.BufferOutputStream()
    # Measured on 100,000 draws: 85 ms; dictionaries would make the file a sixth larger.
    added = {CHAIN: str(chain), STATE: b64encode(state), b"seal": SEAL + BLANK}
    blank = table.replace_schema_metadata((table.schema.metadata or {}) | added)
    pq.write_table(blank, file, compression="zstd", use_dictionary=False)
    content = bytearray(file.getvalue())
    place = content.rindex(SEAL) + len(SEAL)
    content[place : place + len(BLANK)] = b"%08x" % zlib.crc32(content)
    return bytes(content)


class Position(NamedTuple):
    """Where a chain goes on."""

    iteration: int = 0
    state: bytes = START
    part: int = 0


def read_position(folder: Path, schema: pa.Schema) -> Position:
    """Return where the chain in ``folder`` goes on; raise DataError if a part is damaged, missing or out of place."""
    position = Position()
    for part in parts_of(folder):
        with opened_of(part, schema) as file:
            first, last = span_of(part, file)
            state = state_after(part, file.schema_arrow)
        check_due(part, first, position.iteration)
        position = Position(last + 1, state, int(part.stem.removeprefix("part-")) + 1)
    return position


def stretches_of(folder: Path, schema: pa.Schema) -> Iterator[tuple[Columns, bytes]]:
    """Yield the draws of a chain part by part, each with the state in which the part begins."""
    state = START
    for part in parts_of(folder):
        with opened_of(part, schema) as file:
            table = file.read()
            yield columns_of(table), state
            state = state_after(part, file.schema_arrow)


def state_after(part: Path, found: pa.Schema) -> bytes:
    """Return the state of a chain after ``part``, which has the schema ``found``; raise DataError if it has none."""
    try:
        return b64decode(found.metadata[STATE], validate=True)
    except (KeyError, ValueError):
        raise DataError(f"{part}: does not say where its chain goes on; {REMEDY}") from None


@contextmanager
def opened_of(part: Path, schema: pa.Schema) -> Iterator[pq.ParquetFile]:
    """Lend ``part`` of the run whose parts have this ``schema``; raise DataError if it is damaged or out of place."""
    with opened(part, schema.metadata[FINGERPRINT].decode()) as file:
        if not file.schema_arrow.equals(schema):
            raise DataError(f"{part}: its columns are not those of this run; {REMEDY}")
        yield file
