"""The two errors that a user can cause; a command prints their lines and ends with their exit code."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MOST_SHOWN = 60  # signs of a value in a message

_typed: ContextVar[bool] = ContextVar("typed", default=False)


class UsageError(ValueError):
    """A scenario, a parameter or an argument that cannot be used; one line for each thing to mend."""

    exit_code = 2


class DataError(ValueError):
    """Results or data on disk that cannot be read; one line for each thing to mend."""

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


def argument(name: str, value: object = None) -> str:
    """Return an argument in the words of who gave it: ``--iters 500`` or ``iters=500``, ``--resume`` or ``resume``."""
    if _typed.get():
        return f"--{name}" if value is None else f"--{name} {value}"
    return name if value is None else f"{name}={value!r}"


def switch(name: str) -> str:
    """Return an argument that is given or not in the words of who gave it: ``--resume`` or ``resume=True``."""
    return argument(name) if _typed.get() else argument(name, True)
