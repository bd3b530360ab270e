"""A folder with one owner."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import UsageError


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
