"""What a long command has made so far, on disk as a line each, so that one that was stopped goes on where it was."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import UsageError
from engine.reading import MEGABYTE, read_regular

LARGEST = 100 * MEGABYTE
Made = TypeVar("Made")


def read_lines(file: Path, head: Mapping[str, Any], other: str, made: Callable[[dict[str, Any]], Made]) -> list[Made]:
    """Return what is ``made`` of each line of ``file`` below its heading, oldest first.

    Raises UsageError if the heading is not ``head``, for ``other`` says what the file is of then, or a line is damaged.
    A last line that was cut short counts as not there.
    """
    if not file.exists():
        return []
    lines = _text(file).split("\n")
    if lines[0] != json.dumps(head):
        raise UsageError(f"{file}: is {other}; give another --out, or remove it")
    found = []
    for number, line in enumerate(lines[1:-1], 2):
        try:
            found.append(made(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            raise UsageError(f"{file}: line {number} is damaged; take it out, and what it held is made anew") from None
    return found


def _text(file: Path) -> str:
    try:
        return read_regular(file, LARGEST).decode()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror}); remove it, or give another --out") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: is no text; remove it, or give another --out") from None


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
