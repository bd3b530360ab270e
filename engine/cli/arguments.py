"""A command line, read so that what is wrong with it can be told like any other slip of a user."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
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


def whole_number(lowest: int) -> Callable[[str], int]:
    """Return what argparse calls to read an integer from ``lowest`` up."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{text!r} will not do; give an integer from {lowest} up")
        return int(text)

    return read


def reader_gone() -> int:
    """Return the exit code of a command whose reader has gone, as of ``| head``; what it still prints goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + signal.SIGPIPE
