"""What a scenario says of further series that were observed beside the target: of whom, in which years, how exactly."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field

from engine.scenario.validation import Name, Problem, Section, nearest

PERIOD = re.compile(r"(?P<only>\d{1,4})|<=(?P<until>\d{1,4})|(?P<first>\d{1,4})-(?P<last>\d{1,4})", re.ASCII)

Who = tuple[tuple[str, tuple[str, ...]], ...]  # traits or province, each with the levels that are meant; (): everyone
EVERYONE: Who = ()


def _period(text: str) -> str:
    years = PERIOD.fullmatch(text)
    if years is None or (years["first"] and int(years["first"]) > int(years["last"])):
        raise ValueError(f"{text!r} is no period; give a year, such as 1999, or 1999-2001, or <=1998")
    return text


Period = Annotated[str, AfterValidator(_period)]
Levels = Annotated[
    tuple[Name, ...],
    BeforeValidator(
        lambda given: (given,) if isinstance(given, str) else tuple(given) if isinstance(given, list) else given
    ),
]


class Figure(NamedTuple):
    """One observed figure, of the years from ``first`` to before ``past``, counted from the first that is simulated."""

    first: int
    past: int
    observed: float  # people, or a share
    out_of: float  # how many people that is a share of; 0: not known


class Observed(Section):
    """A series: people of a kind, or the share of some, in years or in periods; held against each run."""

    of: Literal["escapes", "attempts", "prevented"] = Field(description="escapes, attempts or prevented (attempts)")
    who: dict[Name, Levels] = Field(
        default={}, description="whose: for a trait, or for province, a level or a list of levels; or {} for everyone's"
    )
    people: dict[Period, Annotated[float, Field(ge=0, le=1e9)]] | None = Field(
        None, description="people (0 or more) by year or period, or null"
    )
    share: dict[Period, Annotated[float, Field(ge=0, le=1)]] | None = Field(
        None, description="shares from 0 to 1 by year or period, or null"
    )
    out_of: dict[Period, Annotated[float, Field(gt=0, le=1e9)]] | None = Field(
        None, description="how many people (above 0) the share is one of, by year or period, or null"
    )
    miss: float = Field(gt=0, le=100, description="by how much a figure may lie off a run: a share of it, above 0")
    weight: float = Field(1.0, ge=0, le=1e6, description="a number from 0, of the target's own weight, which is 1")

    @property
    def is_share(self) -> bool:
        """Return whether its figures are shares."""
        return self.share is not None or self.out_of is not None

    @property
    def whose(self) -> Who:
        """Return whose number it is."""
        return tuple(self.who.items())

    @property
    def among(self) -> Who:
        """Return among whom a share is one: of those who escape or attempt everyone; of attempts, whose they are."""
        return self.whose if self.of == "prevented" else EVERYONE

    def in_words(self) -> str:
        """Return what is compared, for a reader."""
        whose = ", ".join(" + ".join(levels) for _, levels in self.whose) or "everyone"
        if self.of == "prevented":
            return f"{'share of attempts' if self.is_share else 'attempts'} prevented: {whose}"
        return f"{'share of ' if self.is_share else ''}{self.of}: {whose}"

    def misfits(self) -> Iterable[Problem]:
        """Return what does not fit together: figures of both kinds or of none, or shares that say nothing."""
        if (self.people is None) == (self.share is None):
            yield (), "give people or share, one of them"
        if self.is_share and self.miss >= 0.5:
            yield ("miss",), f"{self.miss:g} is no miss of a share; give a number between 0 and 0.5"
        if self.is_share and self.of != "prevented" and not self.who:
            yield ("who",), f"everyone's share of the {self.of} is 1; say whose"
        for period, share in (self.share or {}).items():
            if share in (0, 1) and period not in (self.out_of or {}):
                yield ("share", period), f"{share:g} is a share of how many? give it in out_of"
        for period, people in (self.people or {}).items():
            if self.out_of is not None and period not in self.out_of:
                yield ("out_of",), f"no figure for {period}; give one for each period of people"
            elif self.out_of is not None and people > self.out_of[period]:
                yield ("people", period), f"{people:g} is more than out_of has, {self.out_of[period]:g}; exchange them"

    def figures(self, first_year: int, years: int) -> list[Figure]:
        """Return the figures whose years are all among these, in their order; others are not held against a run."""
        found = []
        for period, figure in (self.people or self.share or {}).items():
            first, past = (year - first_year for year in _years_of(period, first_year))
            if 0 <= first < past <= years:
                out_of = (self.out_of or {}).get(period, 0.0)
                observed = figure / out_of if self.people is not None and self.is_share else figure
                found.append(Figure(first, past, observed, out_of))
        return sorted(found)

    def strangers(self, levels: Mapping[str, Iterable[str]]) -> Iterable[Problem]:
        """Return a line for each trait and each level that there is not; ``levels`` are those there are."""
        for trait, asked in self.who.items():
            if trait not in levels:
                yield ("who", trait), f"no such trait; {nearest(trait, levels)}"
                continue
            for level in asked:
                if level not in levels[trait]:
                    yield ("who", trait), f"{level} is no level of it; {nearest(level, levels[trait])}"
            if not asked:
                yield ("who", trait), f"it is empty; give one or some of {', '.join(levels[trait])}"


def _years_of(period: str, first_year: int) -> tuple[int, int]:
    """Return the first year of a period and that after its last; what is said to end in a year begins at the first."""
    years = PERIOD.fullmatch(period)
    assert years is not None
    if years["only"]:
        return int(years["only"]), int(years["only"]) + 1
    first = int(years["first"]) if years["first"] else first_year
    return first, int(years["last"] or years["until"]) + 1


def asked_about(series: Iterable[Observed]) -> list[Who]:
    """Return every kind of person that the series ask about, once."""
    return list(dict.fromkeys(who for one in series for who in (one.whose, one.among)))


def at_odds(
    also: Mapping[str, Observed], levels: Mapping[str, Iterable[str]], first_year: int, years: int
) -> Iterable[Problem]:
    """Return a line for each series of nobody there is, or of no year that is to be met."""
    for name, series in also.items():
        for path, said in series.strangers(levels):
            yield (name, *path), said
        if not series.figures(first_year, years):
            span = f"{first_year}-{first_year + years - 1}"
            yield (name,), f"no figure lies in the years to be met; give some of {span}"
