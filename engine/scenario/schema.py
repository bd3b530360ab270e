"""A scenario: one country, its history, the model's choices and the ranges to search, checked as a whole."""

import re
import sys
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from engine.errors import UsageError, shown
from engine.parameters import DOMAINS, Parameters, effect_of, names_of
from engine.scenario import former
from engine.scenario.document import Document, filled_in, printable, read_document
from engine.scenario.history import Economy, Event, Target, Year, yearly_as_written, years_absent
from engine.scenario.inference import Posterior
from engine.scenario.interventions import Changed, Frame, Intervention, misplaced
from engine.scenario.observed import at_odds
from engine.scenario.people import Impacts, Population, other_provinces
from engine.scenario.ranges import ParameterRange, ranges_of
from engine.scenario.reference import Reference
from engine.scenario.regime import Regime
from engine.scenario.validation import Name, Problem, ProblemsError, Section, show, with_problems


def _is_event(name: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise ValueError(f"{show(name)} is no name for an event; give small letters, digits and _, a letter first")
    if effect_of(name) in DOMAINS:
        raise ValueError(f"{effect_of(name)} is a parameter of its own; give the event another name")
    return name


EventName = Annotated[str, AfterValidator(_is_event)]  # its effect is a parameter and a column


class Belief(Section):
    """Whose attempts a citizen learns from, and below which expected repression one leaves."""

    # By category each kind of person has a belief of its own: in each province, or one for the nation.
    scope: Literal["province", "nation", "category", "category_nation"] = Field(
        description="province, nation, category or category_nation"
    )
    threshold: Literal["payoff", "utility"] = Field("payoff", description="payoff or utility")

    @property
    def by_category(self) -> bool:
        """Return whether each kind of person has a belief of its own."""
        return self.scope in ("category", "category_nation")


class Attempts(Section):
    """How many people of a kind attempt and how many of these attempts become known, if not by chance."""

    number: Literal["chance", "rounded"] = Field("chance", description="chance or rounded")
    known: Literal["chance", "rounded_down"] = Field("chance", description="chance or rounded_down")


class Score(Section):
    """What a run is awarded."""

    distance: Literal["mean_absolute", "root_mean_square"] = Field(description="mean_absolute or root_mean_square")
    distance_cap: float = Field(gt=0, le=1e12, description="a number of people a week above 0")
    run_weight: float = Field(ge=0, le=1e6, description="a number of points from 0 to 1000000")
    active_weight: float = Field(ge=0, le=1e6, description="a number of points from 0 to 1000000")
    stop_penalty: float = Field(0.0, ge=0, le=1e6, description="a number of points from 0 to 1000000")


class Likelihood(Section):
    """How far the record may lie off a run, beside the score."""

    size: float | None = Field(None, gt=0, le=1e9, description="a number k above 0, or null for the likeliest")


class Search(Section):
    """How the next point is proposed and when a worse one is taken."""

    step: float = Field(gt=0, le=1, description="a share of each range, above 0 and up to 1")
    subset: float = Field(gt=0, le=1, description="a share of the parameters, above 0 and up to 1")
    temperature: float = Field(gt=0, le=1e6, description="a number of points above 0")
    rescore: int | None = Field(
        None, ge=2, le=10**9, description="a number of draws from 2 up, or null for never simulating a point again"
    )
    patience: int = Field(300, ge=1, le=10**9, description="a number of draws above 0")


class Scenario(Section):
    """Everything a run needs but the parameters' values, with every choice of reading the paper as a key."""

    name: Name = Field(min_length=1, description="a short name")
    reference: Reference = Field(Reference(), description="tables beside which a run is shown")
    first_year: Year = Field(description="a year, such as 1992")
    years: int = Field(ge=1, le=1000, description="a whole number from 1 to 1000")
    weeks_per_year: int = Field(ge=1, le=1000, description="a whole number from 1 to 1000")
    population: Population
    impacts: Impacts
    economy: Economy
    events: dict[EventName, Event] = Field(
        default={}, description="for each event its years, as {years: {first: ..., last: ...}} or {years: [...]}"
    )
    regime: Regime
    belief: Belief
    attempts: Attempts = Attempts(number="chance", known="chance")
    stop_above: int | None = Field(ge=0, le=10**12, description="a whole number of people a week, or null for never")
    stop_counts: Literal["escapes", "attempts"] = Field("escapes", description="escapes or attempts")
    target: Target
    objective: Literal["score", "likelihood"] = Field("score", description="score or likelihood")
    score: Score
    likelihood: Likelihood = Likelihood(size=None)
    search: Search
    parameters: dict[str, ParameterRange] = Field(
        description="for each parameter {low: ..., high: ...}, or a number to hold it"
    )
    posterior: Posterior = Posterior(particles=None, miss=0.3, rule="likelihood", weight=10.0, starts=None)
    interventions: Annotated[tuple[Intervention, ...], Field(strict=False)] = Field(
        (), description="a list of changes, each {change: a parameter, to or times: ...} or {stop: ...}"
    )

    _ranges = field_validator("parameters", mode="wrap")(ranges_of)

    @field_validator("impacts", mode="before")
    @classmethod
    def _of_traits(cls, impacts: Any, info: ValidationInfo) -> Any:
        """Return the impacts with a key for each trait, in the order of the traits."""
        if "population" not in info.data or not isinstance(impacts, dict):
            return impacts
        traits = info.data["population"].traits
        if problems := Impacts.other_words(impacts, traits):
            raise ProblemsError(problems)
        return {trait: {} for trait in traits} | impacts

    @field_validator("population", "economy", "target", mode="wrap")
    @classmethod
    def _every_year(cls, values: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        if not {"first_year", "years"} <= info.data.keys():  # they have lines of their own
            return handler(values)
        calendar = range(info.data["first_year"], info.data["first_year"] + info.data["years"])
        try:
            section = handler(values)
        except ValidationError as error:  # what is wrong elsewhere in the section hides no empty cell
            path, table = yearly_as_written(values, str(info.field_name))
            told = any(detail["loc"][: len(path)] == path[: len(detail["loc"])] for detail in error.errors())
            raise with_problems(error, [] if told or table is None else years_absent(path, table, calendar)) from None
        first = calendar[0] - (section.years_before if isinstance(section, Economy) else 0)
        path, table = section.yearly()
        if isinstance(section, Economy) and section.growth is None:
            return section
        if found := years_absent(path, table, range(first, calendar.stop)):
            raise ProblemsError(found)
        if isinstance(section, Economy) and section.unit == "zscore" and np.std(section.entering(calendar)) == 0:
            raise ProblemsError([(("unit",), "zscore needs growth that differs by year; give fraction or percent")])
        if isinstance(section, Target) and section.until is not None and section.until not in calendar:
            remedy = f"give one of {calendar[0]}-{calendar[-1]}, or null"
            raise ProblemsError([(("until",), f"{section.until} is not simulated; {remedy}")])
        return section

    @field_validator("posterior")
    @classmethod
    def _suits_ranges(cls, section: Posterior, info: ValidationInfo) -> Posterior:
        if "parameters" in info.data and (found := list(section.at_odds(info.data["parameters"]))):
            raise ProblemsError(found)
        return section

    def misfits(self) -> Iterable[Problem]:
        """Return a line for each figure that is not of one of the provinces, or not within the years."""
        if self.regime.initial is not None:
            for path, said in other_provinces(self.regime.initial, list(self.provinces)):
                yield ("regime", "initial", *path), said
        yield from misplaced(self.interventions, self._frame)
        yield from self.regime.at_odds({name: entry.fixed for name, entry in self.parameters.items()})
        if self.economy.in_events == "as_in_other_years" and (found := self._cannot_be_parted()):
            yield found
        levels = {**self.population.traits, "province": self.provinces}
        for path, said in at_odds(self.target.also, levels, self.first_year, self.fitted_years):
            yield ("target", "also", *path), said

    @property
    def by_kind(self) -> bool:
        """Return whether the attempts of each kind of person are drawn by themselves, one kind after the other."""
        return (self.attempts.number, self.attempts.known, self.population.leavers) != ("chance", "chance", "stay")

    @property
    def weeks(self) -> int:
        """Return the number of weeks simulated."""
        return self.years * self.weeks_per_year

    @property
    def calendar(self) -> list[int]:
        """Return the years simulated, first to last."""
        return list(range(self.first_year, self.first_year + self.years))

    @property
    def fitted_years(self) -> int:
        """Return how many years are to be met; those after them are foretold."""
        return self.years if self.target.until is None else self.target.until - self.first_year + 1

    @property
    def samples_miss(self) -> bool:
        """Return whether a posterior has the miss, 1/sqrt(k), among its parameters."""
        return self.likelihood.size is None and self.posterior.rule == "likelihood"

    @property
    def provinces(self) -> tuple[str, ...]:
        """Return the names of the provinces, in the order of the cells."""
        return tuple(province.name for province in self.population.provinces)

    @property
    def free_names(self) -> tuple[str, ...]:
        """Return the names of the parameters that are searched, in the order of names."""
        return tuple(name for name, entry in self.parameters.items() if entry.fixed is None)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all parameters: those of the core and the effect of each event, as in a point."""
        return names_of(self.events)

    def point(self, values: Iterable[float]) -> Parameters:
        """Return the parameters whose values, (parameters,), are given in the order of names."""
        return Parameters.from_mapping(dict(zip(self.names, map(float, values), strict=True)), self.events)

    @property
    def _frame(self) -> Frame:
        return Frame(self.calendar, self.weeks_per_year, tuple(self.events))

    def changes(self) -> list[Changed]:
        """Return what the interventions come to, one after the other."""
        return [change for entry in self.interventions for change in entry.changes(self._frame)]

    def population_totals(self) -> NDArray[np.int64]:
        """Return the people of the country, (years,)."""
        return np.array([self.population.totals[year] for year in self.calendar], dtype=np.int64)

    def yearly_target(self) -> NDArray[np.float64]:
        """Return the people of the chosen target series, (years,)."""
        table = self.target.tables[self.target.series]
        return np.array([table[year] for year in self.calendar], dtype=np.float64)

    def event_years(self) -> NDArray[np.float64]:
        """Return 1 for a year of an event and 0 for another, (years, events)."""
        years = [[year in event for event in self.events.values()] for year in self.calendar]
        return np.array(years, dtype=np.float64).reshape(self.years, len(self.events))

    def growth(self) -> NDArray[np.float64]:
        """Return growth, or its change, in the unit that the scenario chooses, (years,)."""
        percent = self._percent()
        if self.economy.unit == "percent" or self.economy.growth is None:
            return percent
        if self.economy.unit == "fraction":
            return percent / 100
        # Choice: standardised over the scenario's own years, with their own (population) standard deviation.
        standardised: NDArray[np.float64] = (percent - percent.mean()) / percent.std()
        return standardised

    def _percent(self) -> NDArray[np.float64]:
        """Return what of growth enters, in percent; in years of events the mean of the others, if so wished."""
        percent = np.array(self.economy.entering(self.calendar), dtype=np.float64)
        eventful = self.event_years().any(axis=1)
        if self.economy.in_events == "as_in_other_years" and eventful.any():
            percent[eventful] = percent[~eventful].mean()
        return percent

    def _cannot_be_parted(self) -> Problem | None:
        if self.event_years().any(axis=1).all():
            return ("economy", "in_events"), "every year has an event, so there are no others; give as_recorded"
        if self.economy.unit == "zscore" and self.economy.growth is not None and np.std(self._percent()) == 0:
            remedy = "give fraction or percent"
            return ("economy", "unit"), f"zscore needs growth that differs by year without events; {remedy}"
        return None

    def resolved(self) -> dict[str, Any]:
        """Return plain values fit for JSON, tables included, that load again to an equal scenario."""
        return self.model_dump(mode="json", by_alias=True)

    def changed(self, overrides: Iterable[str]) -> "Scenario":
        """Return the scenario after ``overrides`` such as "events.famine.years=[]", itself as it was.

        Raises UsageError with a line for each thing to mend.
        """
        return _checked(filled_in(Document(self.name, self.resolved()), overrides, Path()))

    def intervened(self, entries: Iterable[Any], label: str = "interventions") -> "Scenario":
        """Return the scenario with these interventions for its own; lines of errors begin with ``label``."""
        given = [entry.model_dump(by_alias=True) if isinstance(entry, Section) else entry for entry in entries]
        return scenario_from_resolved(self.resolved() | {"interventions": given}, label)


def load_scenario(path: str | PathLike[str], overrides: Iterable[str] = ()) -> Scenario:
    """Return the scenario of a YAML file, after ``overrides`` such as "events.famine.years=[1995, 1996]".

    Raises UsageError with a line for each thing to mend.
    """
    document = read_document(path, overrides)
    for note in document.notes:
        print(printable(f"{document.label}: {note}"), file=sys.stderr)
    return _checked(document)


def expect_scenario(value: object) -> None:
    """Return if ``value`` is a scenario; raise UsageError, saying what would be one, if not."""
    if not isinstance(value, Scenario):
        remedy = "give what engine.load_scenario returns"
        path = f", as engine.load_scenario({value!r:.60})" if isinstance(value, str | PathLike) else ""
        raise UsageError(printable(f"scenario: {shown(value)} is none; {remedy}{path}"))


def scenario_from_resolved(values: Mapping[str, Any], label: str = "scenario") -> Scenario:
    """Return the scenario that ``resolved`` wrote; raise UsageError, its lines beginning with ``label``."""
    today, _ = former.provinces_brought_up(former.brought_up(dict(values))[0])
    return _checked(Document(label, today))


def _checked(document: Document) -> Scenario:
    try:
        scenario, details = Scenario.model_validate(document.values), []
    except ValidationError as error:
        scenario, details = None, error.errors()
    lines = document.problems + [line for d in details for line in document.told(d["loc"], d["msg"])]
    if scenario is None or lines:
        raise UsageError("\n".join(map(printable, lines)))
    return scenario
