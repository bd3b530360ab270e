"""A run directory as its readers find it: the folders of the chains, and their parts, each with a seal.

The seal is a checksum of the whole file, kept in its footer. Parquet's own checksums cover the columns alone,
and a few wrong bytes in a footer make Arrow 26 abort the process: a part is checked first and parsed after.
"""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import DataError
from engine.results.columns import FINGERPRINT

RUN, DRAWS = "run.json", "draws"
CHAIN_FOLDER = re.compile(r"chain=(\d{1,18})")
PART_FILE = re.compile(r"part-(\d{1,18})\.parquet")
SEAL, BLANK = b"defection-abm crc32 ", b"00000000"
REMEDY = (
    "remove it and the later parts of its chain; `python -m calibrate --resume` makes their draws again, the same ones"
)


def chain_folders(directory: Path) -> dict[int, Path]:
    """Return the folder of each chain that has one, by number."""
    return numbered(directory / DRAWS, CHAIN_FOLDER)


def parts_of(folder: Path) -> list[Path]:
    """Return the parts of a chain in the order in which they were written."""
    return list(numbered(folder, PART_FILE).values())


def numbered(folder: Path, pattern: re.Pattern[str]) -> dict[int, Path]:
    """Return what in ``folder`` has a name of ``pattern``, by its number; raise DataError if two have one."""
    if not folder.is_dir():
        return {}
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if match := pattern.fullmatch(path.name):
            twin = found.setdefault(int(match[1]), path)
            if twin != path:
                raise DataError(f"{path}: has the number of {twin.name}; remove the one that is not the run's")
    return dict(sorted(found.items()))


@contextmanager
def opened(part: Path) -> Iterator[pq.ParquetFile]:
    """Lend the part for reading, known to be whole; raise DataError, naming it and what would do, if not."""
    try:
        content = bytearray(part.read_bytes())
    except OSError as error:
        raise DataError(f"{part}: cannot be read ({error.strerror}); allow reading it, or {REMEDY}") from None
    place = content.rfind(SEAL) + len(SEAL)
    checksum = content[place : place + len(BLANK)]
    content[place : place + len(BLANK)] = BLANK
    if checksum != b"%08x" % zlib.crc32(content):
        raise DataError(f"{part}: is damaged or cut short: its checksum is wrong; {REMEDY}")
    with pq.ParquetFile(pa.BufferReader(content)) as file:
        yield file


def check_fingerprint(part: Path, found: pa.Schema, fingerprint: str) -> None:
    """Return if ``part``, with the schema ``found``, was made by the run of ``fingerprint``; else raise DataError."""
    if (found.metadata or {}).get(FINGERPRINT) != fingerprint.encode():
        raise DataError(
            f"{part}: was made with another seed, scenario or code than {RUN} says now; "
            f"put back the {RUN} that was there, or {REMEDY}"
        )
