"""What several parts of a page need and one of them makes."""

from collections.abc import Callable
from typing import Generic, TypeVar

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
