"""Files that appear complete or not at all."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from engine.errors import UsageError

TRIAL_BYTES = 2**20  # about what a command of analysis stores


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


def check_place(folder: Path, asked: str, instead: str = "another file") -> None:
    """Return if ``folder``, which is made if it is missing, takes a file of some size; raise UsageError if not.

    So what cannot be stored is told before there is work, not after it. ``asked`` names what asks for the place.
    """
    trial = folder / f".trial.{os.getpid()}"
    try:
        make_folder(folder)
        write_durably(trial, trial, lambda file: file.write(os.urandom(TRIAL_BYTES)))
        trial.unlink()
    except OSError as error:
        raise UsageError(f"{asked}: cannot be written ({error.strerror}); give {instead}") from None


def write_file(file: Path, content: bytes, asked: str, instead: str = "another file") -> Path:
    """Return ``file``, complete on disk; raise UsageError, naming what ``asked`` for it, if it cannot be."""
    try:
        make_folder(file.parent)
        write_durably(file, file.with_name(f".{file.name}.{os.getpid()}"), lambda beside: beside.write(content))
    except OSError as error:
        raise UsageError(f"{asked}: cannot be written ({error.strerror}); give {instead}") from None
    return file
