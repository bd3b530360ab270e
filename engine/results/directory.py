"""A run directory as its readers find it: the folders of the chains, and their parts, each with a seal.

The seal is a checksum of the whole file, kept in its footer. Parquet's own checksums cover the columns alone,
and a few wrong bytes in a footer make Arrow 26 abort the process: a part is checked first and parsed after. What it
seals says too where the part belongs: to which run, to which chain, and from which draw on.
"""

import fcntl
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import DataError, to_type
from engine.reading import MEGABYTE, open_regular
from engine.results.columns import FINGERPRINT

RUN, DRAWS, LOCK = "run.json", "draws", ".lock"
CHAIN = b"chain"  # the key, in a part's metadata, of its chain; parts of before version 0.2 have none
LARGEST_PART = 2_000 * MEGABYTE  # twice one of 100,000 draws of 1,000 years, the longest that there can be
CHAIN_FOLDER = re.compile(r"chain=(\d{1,18})")
PART_FILE = re.compile(r"part-(\d{1,18})\.parquet")
SEAL, BLANK = b"defection-abm crc32 ", b"00000000"
REMEDY = (
    "remove it and the later parts of its chain; "
    f"`{to_type('calibrate')} --resume` makes their draws again, the same ones"
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
def opened(part: Path, fingerprint: str) -> Iterator[pq.ParquetFile]:
    """Lend the part for reading, known to be whole and of the chain and the run (``fingerprint``) that it lies in.

    Raises DataError, naming it and what would do, if it is not.
    """
    with pq.ParquetFile(pa.BufferReader(_whole(part))) as file:
        _check_place(part, file.schema_arrow.metadata or {}, fingerprint)
        yield file


def _whole(part: Path) -> pa.Buffer:
    """Return the content of a part, its seal checked.

    It lies in Arrow's own memory. One of Arrow's threads may be the last to let go of it, while Python ends: of memory
    that Python lent, it cannot, and the process aborts.
    """
    try:
        with open_regular(part, LARGEST_PART) as file:
            content = pa.allocate_buffer(file.seek(0, 2))
            file.seek(0)
            file.readinto(memoryview(content))
    except OSError as error:
        raise DataError(f"{part}: cannot be read ({error.strerror}); allow reading it, or {REMEDY}") from None
    except MemoryError:
        raise DataError(f"{part}: cannot be read (there is not memory enough); free some, then try again") from None
    view = memoryview(content).cast("B")
    place = view.tobytes().rfind(SEAL) + len(SEAL)
    checksum = view[place : place + len(BLANK)].tobytes()
    view[place : place + len(checksum)] = BLANK[: len(checksum)]
    if checksum != b"%08x" % zlib.crc32(view):
        raise DataError(f"{part}: is damaged or cut short: its checksum is wrong; {REMEDY}")
    return content


def _check_place(part: Path, metadata: dict[bytes, bytes], fingerprint: str) -> None:
    if metadata.get(FINGERPRINT) != fingerprint.encode():
        raise DataError(
            f"{part}: was made with another seed, scenario or code than {RUN} says now; "
            f"put back the {RUN} that was there, or {REMEDY}"
        )
    folder = CHAIN_FOLDER.fullmatch(part.parent.name)
    if CHAIN in metadata and (folder is None or int(folder[1]) != int(metadata[CHAIN])):
        raise DataError(f"{part}: is of chain {int(metadata[CHAIN])}; put back the one that was there, or {REMEDY}")


def span_of(part: Path, file: pq.ParquetFile) -> tuple[int, int]:
    """Return the first and the last iteration in ``part``, opened as ``file``; raise DataError if it has none."""
    if "iteration" in file.schema_arrow.names and file.metadata.num_rows:
        column = file.read(columns=["iteration"])["iteration"]
        return column[0].as_py(), column[-1].as_py()
    raise DataError(f"{part}: holds no iterations, so it is no part of a run; {REMEDY}")


def check_due(part: Path, first: int, due: int) -> None:
    """Return if ``part``, whose first iteration is ``first``, goes on where its chain is; raise DataError if not."""
    if first != due:
        why = "a part is missing" if first > due else "that draw is in a part before it"
        raise DataError(f"{part}: begins with draw {first} where {due} is due: {why}; {REMEDY}")


def is_held(directory: Path) -> bool:
    """Return whether a process is at work on the run in ``directory``.

    The system drops a lock with the process that held it, however that died.
    """
    try:
        with open_regular(directory / LOCK, MEGABYTE) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is none, or none that can be looked at
        return False
    return False
