"""What a scenario changes in the course of a run: a parameter from a week on, or a whole mechanism that stops."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import Discriminator, Field, Tag

from engine.errors import UsageError
from engine.parameters import DOMAINS, check_value, effect_of, names_of
from engine.scenario.history import Year
from engine.scenario.validation import Name, Problem, Section, nearest

#: What each mechanism that may stop comes to: the values that parameters have from then on. Nothing becomes known to a
#: belief that does not learn, and it forgets nothing.
STOPS: dict[str, dict[str, float]] = {
    "learning": {"visibility": 0.0, "memory_weeks": DOMAINS["memory_weeks"].high},
    "reaction": {"adjustment_rate": 0.0},
}
_AT_FIRST = "initial_repression"  # counts in the first week alone


class Changed(NamedTuple):
    """A parameter that is its value times ``times`` plus ``plus`` from the week ``first`` to before ``past``."""

    name: str
    times: float
    plus: float
    first: int
    past: int


class Frame(NamedTuple):
    """What of a scenario its interventions must suit."""

    calendar: Sequence[int]  # the years simulated, first to last
    weeks_per_year: int
    events: Sequence[str]  # their names


class _Lasting(Section):
    from_year: Year | None = Field(None, alias="from", description="a year, or null for the first")
    week: int = Field(1, ge=1, le=1000, description="a week of that year, 1 for its first")
    until: Year | None = Field(None, description="the last year, or null for the last of all")

    def weeks(self, frame: Frame) -> tuple[int, int]:
        """Return the first week, and one past the last."""
        calendar, weeks = frame.calendar, frame.weeks_per_year
        first = (self.from_year or calendar[0]) - calendar[0]
        past = len(calendar) if self.until is None else self.until - calendar[0] + 1
        return first * weeks + self.week - 1, past * weeks

    def misplaced(self, frame: Frame) -> Iterable[Problem]:
        """Yield a line for what is not within the years and weeks of the scenario."""
        calendar = frame.calendar
        for key, year in (("from", self.from_year), ("until", self.until)):
            if year is not None and year not in calendar:
                yield (key,), f"{year} is not simulated; give one of {calendar[0]}-{calendar[-1]}, or null"
                return
        if self.week > frame.weeks_per_year:
            yield ("week",), f"a year has {frame.weeks_per_year} weeks; give one of 1-{frame.weeks_per_year}"
        elif self.until is not None and self.until < (self.from_year or calendar[0]):
            yield ("until",), f"{self.until} is before from {self.from_year}; exchange them"


class Change(_Lasting):
    """A parameter that has another value from a week on, its own one multiplied or one that is given."""

    change: Name = Field(description="the name of a parameter")
    to: float | None = Field(None, description="a number")
    times: float | None = Field(None, ge=0, le=1e6, description="a number from 0 to 1000000")

    def misfits(self) -> Iterable[Problem]:
        """Return a line if it is not told how, or if the parameter cannot have the value."""
        if (self.to is None) == (self.times is None):
            yield (), f"give {self.change} one of to, its value, and times, by how much it is multiplied"

    def misplaced(self, frame: Frame) -> Iterable[Problem]:
        """Yield a line for what is not within the scenario, or could have no effect."""
        yield from super().misplaced(frame)
        if self.change not in (names := names_of(frame.events)):
            yield ("change",), f"{self.change}: no such parameter; {nearest(self.change, names)}"
            return
        if self.to is not None:
            try:
                check_value(self.change, self.to)
            except UsageError as error:
                yield ("to",), str(error).partition(": ")[2]
        if self.change == _AT_FIRST and self.weeks(frame)[0] > 0:
            yield ("from",), f"{_AT_FIRST} counts in the first week alone; give null, or change another parameter"

    def changes(self, frame: Frame) -> list[Changed]:
        """Return what it comes to."""
        times, plus = (0.0, self.to) if self.to is not None else (self.times or 0.0, 0.0)
        return [Changed(self.change, times, plus, *self.weeks(frame))]


class Stop(_Lasting):
    """An event that does not happen, a belief that does not learn, or a state that does not react."""

    stop: Name = Field(description="learning, reaction or the name of an event")

    def misplaced(self, frame: Frame) -> Iterable[Problem]:
        """Yield a line for what is not within the scenario."""
        yield from super().misplaced(frame)
        if self.stop not in (known := (*STOPS, *frame.events)):
            yield ("stop",), f"{self.stop}: nothing of this name can stop; {nearest(self.stop, known)}"

    def changes(self, frame: Frame) -> list[Changed]:
        """Return what it comes to."""
        values = STOPS.get(self.stop, {effect_of(self.stop): 0.0})
        return [Changed(name, 0.0, value, *self.weeks(frame)) for name, value in values.items()]


def _kind(entry: Any) -> str:
    stops = isinstance(entry, Stop) or (isinstance(entry, dict) and "stop" in entry)
    return "<stop>" if stops else "<change>"


Intervention = Annotated[Annotated[Stop, Tag("<stop>")] | Annotated[Change, Tag("<change>")], Discriminator(_kind)]


def misplaced(interventions: Sequence[Change | Stop], frame: Frame) -> Iterable[Problem]:
    """Yield a line for each of a scenario's interventions that does not suit its years."""
    for place, entry in enumerate(interventions):
        for path, said in entry.misplaced(frame):
            yield ("interventions", str(place), *path), said
