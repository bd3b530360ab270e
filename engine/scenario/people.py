"""What a scenario says of people: who there is, where, and what makes them able and willing to leave."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from math import fsum
from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from engine.scenario.history import YearKey
from engine.scenario.validation import Name, Problem, ProblemsError, Section, nearest, show

LEVELS: dict[str, tuple[str, ...]] = {  # the traits of a person and their levels, in the order of the cells
    "age": ("young", "middle", "old"),
    "sex": ("male", "female"),
    "economy": ("primary", "secondary"),
    "status": ("low", "middle", "high"),
    "residence": ("urban", "rural"),
}
ROUNDING = 1e-3  # published shares are rounded: 0.4645 + 0.4094 + 0.1262 = 1.0001

Weight = Annotated[float, Field(ge=0, le=1e12)]
Coefficient = Annotated[float, Field(ge=-1000, le=1000)]
Share = Annotated[
    Annotated[dict[str, Weight], Tag("<by province>")] | Annotated[Weight, Tag("<number>")],
    Discriminator(lambda share: "<by province>" if isinstance(share, dict) else "<number>"),
]


def other_levels(given: Iterable[str], trait: str | None) -> list[Problem]:
    """Return what to say of the keys that are no level of ``trait``."""
    levels = LEVELS[str(trait)]
    return [((key,), f"unknown key; {nearest(key, levels)}") for key in given if key not in levels]


def other_provinces(given: Iterable[str], names: list[str]) -> list[Problem]:
    """Return what to say of the keys that are no province, and of the provinces that are no key."""
    found: list[Problem] = []
    absent = [name for name in names if name not in given]
    for name in sorted(set(given) - set(names)):
        meant = get_close_matches(name, absent, n=1)
        absent = [other for other in absent if other not in meant]  # one slip of the pen, one line
        found.append(((name,), f"no province has this name; {nearest(name, meant or names)}"))
    return found + [((name,), "missing; give a figure for this province") for name in absent]


def _shares_of(trait: str) -> Any:
    levels = ", ".join(LEVELS[trait])
    return Field(description=f"equal, or a share from 0 to 1 for each of {levels}, or their people by province")


class Province(Section):
    """A province; its people weigh it against the other provinces, whatever the year's total."""

    name: Name = Field(min_length=1, description="the province's name")
    population: float = Field(gt=0, le=1e12, description="a number of people above 0")
    borders_china: bool = Field(strict=False, description="true (1) or false (0)")


class Shares(Section):
    """Shares of the levels of each trait, for the country or by province; independent given the province."""

    age: dict[str, Share] = _shares_of("age")
    sex: dict[str, Share] = _shares_of("sex")
    economy: dict[str, Share] = _shares_of("economy")
    status: dict[str, Share] = _shares_of("status")
    residence: dict[str, Share] = _shares_of("residence")

    @field_validator("*", mode="before")
    @classmethod
    def _levels(cls, shares: Any, info: ValidationInfo) -> Any:
        levels = LEVELS[str(info.field_name)]
        if shares == "equal":
            return dict.fromkeys(levels, 1 / len(levels))
        if isinstance(shares, dict):
            absent: list[Problem] = [((level,), "missing; give its share") for level in levels if level not in shares]
            if problems := other_levels(shares, info.field_name) or absent:
                raise ProblemsError(problems)
        return shares

    @field_validator("*")
    @classmethod
    def _sum(cls, shares: dict[str, Share]) -> dict[str, Share]:
        numbers = [share for share in shares.values() if isinstance(share, float)]
        if 0 < len(numbers) < len(shares):
            raise ValueError("one share for some levels, a table for others; give all levels the same way")
        if numbers and abs(fsum(numbers) - 1) > ROUNDING:
            raise ValueError(f"the shares add up to {fsum(numbers):g}; make them add up to 1")
        return shares


class Population(Section):
    """The people of the country by year, how they are shared out, and whether those who escape are taken out."""

    totals: dict[YearKey, Annotated[int, Field(ge=1, le=10**10)]] = Field(
        description="the whole number of people (1 or more) for each year"
    )
    provinces: Annotated[tuple[Province, ...], Field(strict=False)] = Field(
        description="a list of provinces, one at least"
    )
    shares: Shares
    leavers: Literal["stay", "go"] = Field("stay", description="stay or go")

    @field_validator("provinces")
    @classmethod
    def _names_differ(cls, provinces: tuple[Province, ...]) -> tuple[Province, ...]:
        names = [province.name for province in provinces]
        if not names:
            raise ValueError("it is empty; give one province at least")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(map(show, twice))} is there twice; give each province its own name")
        return provinces

    def misfits(self) -> Iterable[Problem]:
        """Return a line for each table of shares that does not fit the provinces."""
        names = [province.name for province in self.provinces]
        return [problem for trait in LEVELS for problem in self._misfits_of(trait, names)]

    def yearly(self) -> tuple[tuple[str, ...], Mapping[int, float]]:
        """Return the table that must have every year, after the keys that lead to it."""
        return ("totals",), self.totals

    def _misfits_of(self, trait: str, names: list[str]) -> Iterable[Problem]:
        shares: dict[str, Share] = getattr(self.shares, trait)
        tables = {level: table for level, table in shares.items() if isinstance(table, dict)}
        for level, table in tables.items():
            for path, said in other_provinces(table, names):
                yield ("shares", trait, level, *path), said
        for name in names:
            figures = [table[name] for table in tables.values() if name in table]
            total = fsum(figures)
            as_shares = total > 0 and max(figures) <= 1  # else people
            if len(figures) == len(shares) and (total == 0 or (as_shares and abs(total - 1) > ROUNDING)):
                said = f"the shares of {show(name)} add up to {total:g}; make them 1 in all, or give people"
                yield ("shares", trait), said


class Impact(Section):
    """Coefficients of one level, of the border or of a year's growth, before demographic_scale (s)."""

    ability: Coefficient = Field(default=0.0, description="a number from -1000 to 1000")
    motivation: Coefficient = Field(default=0.0, description="a number from -1000 to 1000")


Impacted = Annotated[
    dict[str, Impact],
    Field(default_factory=dict, description="for each level that counts, ability and motivation"),
]


class Impacts(Section):
    """What each level, the border and growth do (Figure 2 and the formulas); what is not named does 0."""

    age: Impacted
    sex: Impacted
    economy: Impacted
    status: Impacted
    residence: Impacted
    border: Impact = Impact()
    growth: Impact = Impact()

    @field_validator(*LEVELS, mode="before")
    @classmethod
    def _levels(cls, impacts: Any, info: ValidationInfo) -> Any:
        if isinstance(impacts, dict) and (problems := other_levels(impacts, info.field_name)):
            raise ProblemsError(problems)
        return impacts
