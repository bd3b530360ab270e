"""What a scenario says of the state: what it reacts to, where its repression begins, and what befalls it on a date."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from engine.scenario.validation import Name, Problem, Section
from engine.types import Floats


def _as_date(given: Any) -> Any:
    if isinstance(given, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
        try:
            return date.fromisoformat(given)
        except ValueError:  # such as 30 February
            return given
    return given


class DatedEvent(Section):
    """A dated change of repression: which way, and who says so. Nobody says by how much."""

    first_week_of: Annotated[date, BeforeValidator(_as_date)] = Field(description="a date, such as 2004-11-01")
    direction: Literal[-1, 1] = Field(description="1 for tighter or -1 for looser")
    what: Name | None = Field(None, description="what happened, in words")
    source: Name | None = Field(None, description="who says so")
    certainty: Name | None = Field(None, description="how it is known, in words")


class Regime(Section):
    """What moves the state's repression, what it holds against its tolerance, and where its repression begins."""

    behaviour: Literal["safety_valve", "valve_of_discontent", "schedule"] = Field(
        "safety_valve", description="safety_valve, valve_of_discontent or schedule"
    )
    counts: Literal["attempts", "escapes", "repressed"] = Field(description="attempts, escapes or repressed")
    initial: dict[Name, Annotated[float, Field(ge=0, le=1e6)]] | None = Field(
        None, description="for each province by how much to multiply initial_repression, 0 or more, or null for 1"
    )
    schedule: Annotated[tuple[DatedEvent, ...], Field(strict=False, max_length=1000)] = Field(
        (), description="a list of events, each with first_week_of and direction, 1000 at most"
    )

    def at_odds(self, held: dict[str, float | None]) -> Iterable[Problem]:
        """Return a line for each parameter that has no part in this regime and is not held at 0.

        ``held`` has the value at which each parameter is held, None for one that is searched.
        """
        if self.behaviour != "valve_of_discontent" and held["discontent"] != 0:
            remedy = "hold it at 0, or give regime.behaviour valve_of_discontent"
            yield ("parameters", "discontent"), f"has no part in regime.behaviour {self.behaviour}; {remedy}"
        if not self.schedule and held["schedule_effect"] != 0:
            yield ("parameters", "schedule_effect"), "there are no events; hold it at 0, or give regime.schedule"

    def steps(self, first_year: int, years: int, weeks_per_year: int) -> Floats:
        """Return the directions of the events that fall in each week, added up, (weeks,).

        # Choice: an event is in force from the beginning of its week, in the whole country. Years have
        ``weeks_per_year`` equal weeks; a date lies in the week in which its share of the calendar year has gone by.
        """
        found = np.zeros(years * weeks_per_year)
        for event in self.schedule:
            year = event.first_week_of.year - first_year
            if 0 <= year < years:
                found[year * weeks_per_year + week_of_year(event.first_week_of, weeks_per_year)] += event.direction
        return found


def week_of_year(day: date, weeks_per_year: int) -> int:
    """Return the week of its year, from 0 on, in which a day lies."""
    first, next_first = date(day.year, 1, 1).toordinal(), date(day.year, 12, 31).toordinal() + 1
    return (day.toordinal() - first) * weeks_per_year // (next_first - first)
