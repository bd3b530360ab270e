"""The two errors that a user can cause; a command prints their lines and ends with their exit code."""

import math
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

MOST_SHOWN = 60  # signs of a value in a message
MOST_LISTED = 20  # mistakes of one kind or another in a message

INSTALLED = "defection-"  # what the names of installed commands begin with

_typed: ContextVar[bool] = ContextVar("typed", default=False)


class _LinesError(ValueError):
    """One line for each thing to mend; the first of them, and how many more there are, where they are very many."""

    def __init__(self, lines: str) -> None:
        super().__init__("\n".join(first_of(lines.split("\n"), MOST_LISTED)))


class UsageError(_LinesError):
    """A scenario, a parameter or an argument that cannot be used."""

    exit_code = 2


class DataError(_LinesError):
    """Results or data on disk that cannot be read."""

    exit_code = 3


@contextmanager
def on_command_line() -> Iterator[None]:
    """Let errors speak of options, which the user typed; elsewhere they speak of arguments, which a program gave."""
    before = _typed.set(True)
    try:
        yield
    finally:
        _typed.reset(before)


def shown(value: object) -> str:
    """Return ``value`` as a message shows it: cut where it is long, and told where Python would not write it."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than sys.get_int_max_str_digits
        return f"an integer of {int(math.log10(abs(value))) + 1} digits"  # type: ignore[arg-type]
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}..."


def first_of(lines: Sequence[str], most: int) -> list[str]:
    """Return the first ``most`` of the ``lines``, and one that counts the others; all, if only one would be left out.

    So what was cut once is not cut again.
    """
    if len(lines) <= most + 1:
        return list(lines)
    return [*lines[:most], f"... and {len(lines) - most:,} more"]


def counted(number: int, what: str) -> str:
    """Return how many there are, in words: 1 chain, 1,000 chains."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def to_type(module: str) -> str:
    """Return what to type for ``module``: ``python -m calibrate``, or the installed ``defection-calibrate``.

    Who typed the name of an installed command is told another one of these, with its folder if that had to be typed.
    """
    typed = Path(sys.argv[0])
    if not typed.name.startswith(INSTALLED):
        return f"python -m {module}"
    name = INSTALLED + module.rpartition(".")[2]
    return name if shutil.which(name) else str(typed.with_name(name))


def argument(name: str, value: object = None) -> str:
    """Return an argument in the words of who gave it: ``--iters 500`` or ``iters=500``, ``--resume`` or ``resume``."""
    if _typed.get():
        return f"--{name}" if value is None else f"--{name} {value}"
    return name if value is None else f"{name}={value!r}"


def switch(name: str) -> str:
    """Return an argument that is given or not in the words of who gave it: ``--resume`` or ``resume=True``."""
    return argument(name) if _typed.get() else argument(name, True)
