"""Files that appear complete or not at all."""

import os
from collections.abc import Callable
from contextlib import suppress
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


def write_file(file: Path, content: bytes, asked: str, instead: str = "another file") -> Path:
    """Return ``file``, complete on disk; raise UsageError, naming what ``asked`` for it, if it cannot be."""
    try:
        make_folder(file.parent)
        write_durably(file, file.with_name(f".{file.name}.{os.getpid()}"), lambda beside: beside.write(content))
    except OSError as error:
        raise UsageError(f"{asked}: cannot be written ({error.strerror}); give {instead}") from None
    return file
