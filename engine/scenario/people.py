"""What a scenario says of people: who there is, where, and what makes them able and willing to leave."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from math import fsum, prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from engine.scenario.history import YearKey
from engine.scenario.validation import Name, Problem, ProblemsError, Section, nearest, show

MOST_KINDS = 20_000  # of person in a province, and so cells there
NOT_TRAITS = ("province", "border", "growth")  # words that stand beside traits
ROUNDING = 1e-3  # published shares are rounded: 0.4645 + 0.4094 + 0.1262 = 1.0001

Weight = Annotated[float, Field(ge=0, le=1e12)]
Coefficient = Annotated[float, Field(ge=-1000, le=1000)]
Share = Annotated[
    Annotated[dict[str, Weight], Tag("<by province>")] | Annotated[Weight, Tag("<number>")],
    Discriminator(lambda share: "<by province>" if isinstance(share, dict) else "<number>"),
]


Traits = Mapping[str, tuple[str, ...]]


def _addressable(word: str) -> str:
    if not word or "." in word or word.startswith("<"):
        raise ValueError(f"{show(word)} will not do; give a word without a full stop, which --set parts keys at")
    return word


#: A name that is a key too, of a trait or of one of its levels.
Word = Annotated[Name, AfterValidator(_addressable)]


def other_keys(given: Iterable[str], known: Iterable[str], *path: str) -> list[Problem]:
    """Return what to say of the keys below ``path`` that are none of the ``known``."""
    known = list(known)
    return [((*path, key), f"unknown key; {nearest(key, known)}") for key in given if key not in known]


def other_provinces(given: Iterable[str], names: list[str]) -> list[Problem]:
    """Return what to say of the keys that are no province, and of the provinces that are no key."""
    found: list[Problem] = []
    absent = [name for name in names if name not in given]
    for name in sorted(set(given) - set(names)):
        meant = get_close_matches(name, absent, n=1)
        absent = [other for other in absent if other not in meant]  # one slip of the pen, one line
        found.append(((name,), f"no province has this name; {nearest(name, meant or names)}"))
    return found + [((name,), "missing; give a figure for this province") for name in absent]


class Province(Section):
    """A province; its people weigh it against the other provinces, whatever the year's total."""

    name: Name = Field(min_length=1, description="the province's name")
    population: float = Field(gt=0, le=1e12, description="a number of people above 0")
    on_border: bool = Field(strict=False, description="true (1) or false (0)")


class Population(Section):
    """The people of the country by year, how they are shared out, and whether those who escape are taken out."""

    totals: dict[YearKey, Annotated[int, Field(ge=1, le=10**10)]] = Field(
        description="the whole number of people (1 or more) for each year"
    )
    provinces: Annotated[tuple[Province, ...], Field(strict=False)] = Field(
        description="a list of provinces, one at least"
    )
    traits: dict[Word, Annotated[tuple[Word, ...], Field(strict=False)]] = Field(
        description="for each trait a list of its levels"
    )
    # Of the levels of each trait, for the country or by province; independent given the province.
    shares: dict[str, dict[str, Share]] = Field(
        description="equal, or a share from 0 to 1 for each level, or their people by province"
    )
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

    @field_validator("traits")
    @classmethod
    def _traits_can_be(cls, traits: Traits) -> Traits:
        problems: list[Problem] = []
        for trait, levels in traits.items():
            if trait in NOT_TRAITS:
                problems.append(((trait,), "it has a meaning of its own; give the trait another name"))
            if not levels or len(set(levels)) < len(levels):
                problems.append(((trait,), f"{show(list(levels))} will not do; give its levels, each once"))
        if (kinds := prod(map(len, traits.values()))) > MOST_KINDS:
            problems.append(((), f"they make {kinds:,} kinds of person; give {MOST_KINDS:,} at most"))
        if problems:
            raise ProblemsError(problems)
        return traits

    @field_validator("shares", mode="before")
    @classmethod
    def _of_levels(cls, shares: Any, info: ValidationInfo) -> Any:
        """Return shares in the order of the traits, with figures where they are equal."""
        if not isinstance(shares, dict):
            return shares
        if "traits" not in info.data:  # they have lines of their own
            return {trait: share for trait, share in shares.items() if share != "equal"}
        traits: Traits = info.data["traits"]
        problems = other_keys(shares, traits)
        problems += [((trait,), "missing; give its shares, or equal") for trait in traits if trait not in shares]
        given = {trait: shares[trait] for trait in traits if trait in shares}
        for trait, levels in traits.items():
            if (here := given.get(trait)) == "equal":
                given[trait] = dict.fromkeys(levels, 1 / len(levels))
            elif isinstance(here, dict):
                absent = [((trait, level), "missing; give its share") for level in levels if level not in here]
                problems += other_keys(here, levels, trait) or absent
        if problems:
            raise ProblemsError(problems)
        return given

    @field_validator("shares")
    @classmethod
    def _add_up(cls, shares: dict[str, dict[str, Share]]) -> dict[str, dict[str, Share]]:
        problems: list[Problem] = []
        for trait, by_level in shares.items():
            numbers = [share for share in by_level.values() if isinstance(share, float)]
            if 0 < len(numbers) < len(by_level):
                said = "one share for some levels, a table for others; give all levels the same way"
                problems.append(((trait,), said))
            elif numbers and abs(fsum(numbers) - 1) > ROUNDING:
                problems.append(((trait,), f"the shares add up to {fsum(numbers):g}; make them add up to 1"))
        if problems:
            raise ProblemsError(problems)
        return shares

    def misfits(self) -> Iterable[Problem]:
        """Return a line for each table of shares that does not fit the provinces."""
        names = [province.name for province in self.provinces]
        return [problem for trait in self.traits for problem in self._misfits_of(trait, names)]

    def yearly(self) -> tuple[tuple[str, ...], Mapping[int, float]]:
        """Return the table that must have every year, after the keys that lead to it."""
        return ("totals",), self.totals

    def _misfits_of(self, trait: str, names: list[str]) -> Iterable[Problem]:
        shares = self.shares[trait]
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


class Impacts(Section):
    """What each level, the border and growth do (Figure 2 and the formulas); what is not named does 0.

    Beside border and growth there is a key for each trait, with an impact for each level that counts.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, dict[str, Impact]]
    others: ClassVar[str] = "for each level that counts, ability and motivation"

    border: Impact = Impact()
    growth: Impact = Impact()

    def of(self, trait: str) -> Mapping[str, Impact]:
        """Return the impacts of the levels of a trait; of a level that is not there it is none."""
        return self.__pydantic_extra__.get(trait, {})

    @classmethod
    def other_words(cls, given: Any, traits: Traits) -> list[Problem]:
        """Return what to say of the keys in ``given`` impacts that are no trait, or no level of it."""
        if not isinstance(given, dict):
            return []
        problems = other_keys(given, [*traits, *cls.model_fields])
        for trait, levels in traits.items():
            if isinstance(here := given.get(trait), dict):
                problems += other_keys(here, levels, trait)
        return problems
