"""What a scenario says of the years: growth, events, and the record that a search has to meet."""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from engine.scenario.observed import Observed
from engine.scenario.validation import Name, Problem, Section, nearest, show

Year = Annotated[int, Field(ge=1, le=9999)]
YearKey = Annotated[Year, BeforeValidator(lambda key: int(key) if re.fullmatch("[0-9]{1,4}", str(key)) else key)]


def years_absent(path: tuple[str, ...], table: Mapping[Any, Any], years: range) -> list[Problem]:
    """Return a line if ``table``, which ``path`` leads to, has no figure for some of the years."""
    absent = [year for year in years if year not in table and str(year) not in table]
    if not absent:
        return []
    runs = [[year for _, year in run] for _, run in groupby(enumerate(absent), lambda place: place[1] - place[0])]
    spans = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    some = ", ".join(spans[:6]) + (", ..." if len(spans) > 6 else "")
    return [(path, f"no figure for {some}; give one for each year {years[0]}-{years[-1]}")]


def yearly_as_written(values: Any, section: str) -> tuple[tuple[str, ...], Mapping[Any, Any] | None]:
    """Return the keys that lead to a section's table by year, and that table as a user wrote it; None if it is none."""
    series = values.get("series") if isinstance(values, dict) else None
    path = {"population": ("totals",), "economy": ("growth",)}.get(section) or ("tables", str(series))
    for key in path:
        values = values.get(key) if isinstance(values, dict) else None
    return path, values if isinstance(values, dict) else None


class Economy(Section):
    """Growth by year, and what of it enters ability and motivation, in which unit."""

    measure: Literal["growth", "change"] = Field("growth", description="growth or change")
    unit: Literal["fraction", "percent", "zscore"] = Field(description="fraction, percent or zscore")
    # As in other years: a year of an event has their mean, so that growth tells nothing of the event.
    in_events: Literal["as_recorded", "as_in_other_years"] = Field(
        "as_recorded", description="as_recorded or as_in_other_years"
    )
    growth: dict[YearKey, Annotated[float, Field(ge=-100, le=1000)]] | None = Field(
        description="growth in percent (-100 to 1000) for each year, or null for none"
    )

    def yearly(self) -> tuple[tuple[str, ...], Mapping[int, float]]:
        """Return the table that must have every year, after the keys that lead to it."""
        return ("growth",), self.growth or {}

    @property
    def years_before(self) -> int:
        """Return of how many years before the first there must be a figure."""
        return 1 if self.measure == "change" else 0

    def entering(self, calendar: Iterable[int]) -> list[float]:
        """Return growth in each year, in percent, or how far it lies above that of the year before; 0 if there is none.

        So economy_effect moves nothing where a scenario has no growth.
        """
        if self.growth is None:
            return [0.0 for _ in calendar]
        before = [self.growth[year - 1] if self.measure == "change" else 0.0 for year in calendar]
        return [self.growth[year] - less for year, less in zip(calendar, before, strict=True)]


class Span(Section):
    """Years from the first to the last, both included."""

    first: Year = Field(description="a year")
    last: Year = Field(description="a year")

    def misfits(self) -> Iterable[Problem]:
        """Return a line if the last year is before the first."""
        if self.first > self.last:
            yield (), f"first {self.first} is after last {self.last}; exchange them"


class Event(Section):
    """An event of some years, which moves the motivation of all by its effect."""

    years: Annotated[
        Annotated[Span, Tag("<span>")] | Annotated[tuple[Year, ...], Field(strict=False), Tag("<list>")],
        Discriminator(lambda years: "<span>" if isinstance(years, dict | Span) else "<list>"),
    ] = Field(description="first and last, or a list of years")

    def __contains__(self, year: int) -> bool:
        """Return whether ``year`` is one of the event."""
        return self.years.first <= year <= self.years.last if isinstance(self.years, Span) else year in self.years


def _column(name: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]{0,39}", name):
        raise ValueError(f"{show(name)} becomes the name of a column; give small letters, digits and _")
    return name


SeriesName = Annotated[Name, AfterValidator(_column)]


class Target(Section):
    """The record to be met: people by year, what of a run is compared with them, and the width of the smoother."""

    series: str = Field(description="the name of one of target.tables")
    compares: Literal["escapes", "attempts"] = Field("escapes", description="escapes or attempts")
    until: Year | None = Field(None, description="the last year that is to be met, or null for the last of all")
    smoothing_weeks: float = Field(ge=0, le=1e4, description="a number of weeks from 0 (none) to 10000")
    tables: dict[Name, dict[YearKey, Annotated[float, Field(ge=0, le=1e9)]]] = Field(
        description="series by name, each with people (0 or more) by year"
    )
    also: dict[SeriesName, Observed] = Field(
        default={}, description="further observed series by name, each {of: ..., people: ... or share: ..., miss: ...}"
    )

    def misfits(self) -> Iterable[Problem]:
        """Return a line if the chosen series is not there."""
        if self.series not in self.tables:
            yield ("series",), f"no such series in target.tables; {nearest(self.series, self.tables)}"

    def yearly(self) -> tuple[tuple[str, ...], Mapping[int, float]]:
        """Return the table that must have every year, after the keys that lead to it."""
        return ("tables", self.series), self.tables[self.series]
