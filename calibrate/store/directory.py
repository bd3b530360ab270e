"""The run directory: run.json, draws/chain=00/part-00000.parquet and on, summary.json.

Unfinished files grow in a hidden folder of their own: readers of ``draws`` find nothing but whole parts.
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from engine.errors import UsageError, argument, switch
from engine.results.atomic_write import flush_folder, make_folder, write_durably
from engine.results.directory import DRAWS, LOCK, RUN, chain_folders, parts_of

SUMMARY, UNFINISHED = "summary.json", ".unfinished"
LOOKS_SECONDS = 0.2  # how long those who look whether a run goes on may be in the way of one that begins


def check_usable(directory: Path, resume: bool, overwrite: bool) -> None:
    """Return if a run can be put (or, with ``resume``, found) in ``directory``; change nothing there.

    Raises UsageError: a run is there and neither way out was given, none is there to resume, or what is there
    is not a run. Only what a run wrote is ever removed, so a folder with other things is no place for one.
    """
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory}: is a file; give a directory with {argument('out')}")
    others = []
    if directory.is_dir():
        others = sorted(path.name for path in directory.iterdir() if path.name not in (LOCK, UNFINISHED))
    if RUN in others:
        if not resume and not overwrite:
            raise UsageError(
                f"{directory}: holds a run; continue it with {switch('resume')}, "
                f"replace it with {switch('overwrite')}, or give another directory with {argument('out')}"
            )
    elif others:
        raise UsageError(
            f"{directory}: holds {', '.join(others[:3])} but no {RUN}, so it is no run and is left as it is; "
            f"give a new or empty directory with {argument('out')}"
        )
    elif resume:
        raise UsageError(
            f"{directory}: holds no run to resume; leave out {switch('resume')} to begin one, "
            f"or name the run's directory with {argument('out')}"
        )


def owned(directory: Path) -> AbstractContextManager[None]:
    """Return the hold of this process on ``directory``, which is made if it is missing; see one_owner."""
    make_folder(directory)
    return one_owner(directory, directory / LOCK)


@contextmanager
def one_owner(folder: Path, lock: Path) -> Iterator[None]:
    """Hold ``folder`` for this process alone; raise UsageError naming the process that holds it.

    The system lets go of the lock when its process dies, however it dies, so none is ever stale.
    """
    with open(lock, "a+", encoding="utf-8") as file:
        if not _taken(file):
            file.seek(0)
            owner = file.read().strip() or "another process"
            raise UsageError(
                f"{folder}: in use by {owner}; wait until it ends, or give another directory with {argument('out')}"
            )
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


def _taken(lock: TextIO) -> bool:
    deadline = time.monotonic() + LOOKS_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(LOOKS_SECONDS / 20)
        else:
            return True


def clear(directory: Path) -> None:
    """Remove the run in ``directory``, and nothing that a run did not write; run.json goes last."""
    (directory / SUMMARY).unlink(missing_ok=True)
    for folder in chain_folders(directory).values():
        for part in reversed(parts_of(folder)):  # cut short, this leaves a shorter run, not a damaged one
            part.unlink()
        _remove_if_empty(folder)
    _remove_if_empty(directory / DRAWS)
    (directory / RUN).unlink(missing_ok=True)
    flush_folder(directory)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # something of the user's is in it, or it is not there
        folder.rmdir()


@contextmanager
def unfinished(directory: Path) -> Iterator[None]:
    """Keep the folder where files grow, empty at the start: what lies in it a killed run has left."""
    folder = directory / UNFINISHED
    make_folder(folder)
    for path in folder.iterdir():
        path.unlink()
    try:
        yield
    finally:
        _remove_if_empty(folder)


def write_json(directory: Path, name: str, content: dict[str, Any]) -> None:
    """Leave ``content`` as the file ``name`` of the run, whole or not at all."""
    text = json.dumps(content, indent=2) + "\n"
    write_durably(directory / name, directory / UNFINISHED / name, lambda file: file.write(text.encode()))


def make_chain_folder(directory: Path, chain: int, chains: int) -> Path:
    """Return the folder of a chain of so many, made when its first part is to be written."""
    width = max(2, len(str(chains - 1)))
    folder = directory / DRAWS / f"chain={chain:0{width}d}"
    make_folder(folder)
    return folder
