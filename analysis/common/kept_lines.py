"""What a long command has made so far, on disk as a line each, so that one that was stopped goes on where it was."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import UsageError
from engine.reading import MEGABYTE, read_regular

LARGEST = 100 * MEGABYTE


def read_lines(file: Path, head: Mapping[str, Any], other: str) -> list[dict[str, Any]]:
    """Return what ``file`` holds below its heading, oldest first; raise UsageError if the heading is not ``head``.

    ``other`` says what the file is of then. A last line that was cut short counts as not there.
    """
    if not file.exists():
        return []
    lines = _text(file).split("\n")
    if lines[0] != json.dumps(head):
        raise UsageError(f"{file}: is {other}; give another --out, or remove it")
    return [json.loads(line) for line in lines[1:-1]]


def _text(file: Path) -> str:
    try:
        return read_regular(file, LARGEST).decode()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror}); remove it, or give another --out") from None


def begin(file: Path, head: Mapping[str, Any]) -> None:
    """Make ``file`` ready to be added to: with its heading, and without a last line that was cut short.

    Raises UsageError, as add does, where it cannot be written.
    """
    text = _text(file) if file.exists() else ""
    whole = text[: text.rfind("\n") + 1] or f"{json.dumps(head)}\n"
    if whole != text:
        with _told(file):
            file.write_text(whole, encoding="utf-8")


def add(file: Path, line: Mapping[str, Any]) -> None:
    """Add a line to ``file``."""
    with _told(file), file.open("a", encoding="utf-8") as stream:
        stream.write(f"{json.dumps(line)}\n")


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror}); make room, or give another --out") from None
