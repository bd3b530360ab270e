"""Files that appear complete or not at all, and a folder with one owner."""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from engine.errors import UsageError


def flush_folder(folder: Path) -> None:
    """Return when the names in ``folder`` are on disk; before that a power cut can undo a rename."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Return when ``folder`` and the folders above it exist on disk."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)


def write_durably(target: Path, beside: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Leave ``target`` complete on disk, or as it was; it grows at ``beside``, on the same disk."""
    try:
        with open(beside, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    flush_folder(target.parent)


@contextmanager
def one_owner(folder: Path, lock: Path) -> Iterator[None]:
    """Hold ``folder`` for this process alone; raise UsageError naming the process that holds it.

    The system lets go of the lock when its process dies, however it dies, so none is ever stale.
    """
    with open(lock, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "another process"
            raise UsageError(
                f"{folder}: in use by {owner}; wait until it ends, or give another directory with --out"
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield
