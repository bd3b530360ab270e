"""The parts of a page, made in turn, and what several of them need and one of them makes."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from tqdm import tqdm

from analysis.common.exhibit import Exhibit
from engine.errors import DataError, UsageError

Made = TypeVar("Made")


class Once(Generic[Made]):
    """Something that is made when it is first asked for, and kept; so is the error, if it cannot be made."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._made: list[Made] = []
        self._error: UsageError | DataError | None = None

    def get(self) -> Made:
        """Return it; raise the UsageError or DataError that stands in its way, each time it is asked for."""
        if self._error is None and not self._made:
            try:
                self._made.append(self._make())
            except (UsageError, DataError) as error:
                self._error = error
        if self._error is not None:
            raise self._error
        return self._made[0]

    def problem(self) -> str:
        """Return why it cannot be made, empty if it can."""
        try:
            self.get()
        except (UsageError, DataError) as error:
            return str(error)
        return ""


def in_turn(parts: Sequence[tuple[str, Callable[[], list[Exhibit]]]]) -> Iterator[tuple[str, list[Exhibit] | str]]:
    """Yield the title of each part with its exhibits, or with why it cannot be made.

    Which part is being made is told on stderr.
    """
    with tqdm(parts, unit="section", disable=None, leave=False) as progress:
        for number, (title, maker) in enumerate(progress, start=1):
            progress.set_postfix_str(title)
            if progress.disable:  # no terminal: lines instead of a bar
                print(f"{number} of {len(parts)}: {title}", file=sys.stderr, flush=True)
            try:
                found: list[Exhibit] | str = maker()
            except (UsageError, DataError) as error:
                found = str(error)
            yield title, found
