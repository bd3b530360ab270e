"""A command line, read so that what is wrong with it can be told like any other slip of a user."""

import argparse
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import NoReturn

from engine.errors import UsageError


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are UsageErrors, one line each."""

    def error(self, message: str) -> NoReturn:
        """Raise ``message`` as a UsageError."""
        raise UsageError(f"{message}; see {self.prog} --help")

    def read(self, arguments: Sequence[str] | None = None) -> tuple[argparse.Namespace, list[str]]:
        """Return the options given, by default to this process, and a line for each that there is not."""
        given, unknown = self.parse_known_args(arguments)
        # After an option that is unknown, its value is too: tell the option alone.
        told = [text for text in unknown if text.startswith("-")] or unknown
        return given, [self._unknown(text) for text in told]

    def _unknown(self, text: str) -> str:
        known = [name for action in self._actions for name in action.option_strings]
        near = get_close_matches(text.split("=")[0], known, n=1)
        return f"{text}: no such argument; " + (f"did you mean {near[0]}?" if near else f"see {self.prog} --help")


NUMBER = re.compile(r"\d{1,19}|\d{1,3}(,\d{3}){1,6}|\d{1,19}(\.\d{1,19})?[eE]\+?\d{1,2}", re.ASCII)


def whole(text: str) -> int | None:
    """Return the whole number that ``text`` is, None if it is none: 100000, 100,000 as we print it, or 1e5."""
    if not NUMBER.fullmatch(text):
        return None
    number = Decimal(text.replace(",", ""))
    return int(number) if number == int(number) else None


def whole_number(lowest: int) -> Callable[[str], int]:
    """Return what argparse calls to read an integer from ``lowest`` up."""

    def read(text: str) -> int:
        if (value := whole(text)) is None or value < lowest:
            raise argparse.ArgumentTypeError(f"{text!r} will not do; give an integer from {lowest} up")
        return value

    return read
