"""What others found or recorded, beside which a run is shown; nothing here is ever fitted, and all may be left out."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from engine.parameters import is_number
from engine.scenario.history import Year, YearKey
from engine.scenario.validation import Name, Problem, Section

#: How a claim of a publication is judged: analysis.reproduction.claims has a rule for each.
Rule = Literal[
    "mean_and_spread",
    "at_most",
    "at_least",
    "typically",
    "line",
    "prior_mean",
    "optimism",
    "repression_in_best_runs",
    "tolerance_in_best_runs",
    "importance",
    "simulations",
    "only_region",
    "repression_falls",
]
Figure = float | None
# A cell of a table as text: an empty one is null there, and 0.1 a number.
Text = Annotated[Name, BeforeValidator(lambda cell: "" if cell is None else str(cell) if is_number(cell) else cell)]


class Claimed(Section):
    """A claim of a publication, or a conclusion of ours: a row of a table."""

    claim: Text = Field(description="what it is about, in few words")
    rule: Rule = Field(description="the rule by which the claim is judged, as in docs/model.md")
    parameter: Text = Field("", description="the parameter it is about, or nothing")
    value: Figure = Field(None, description="a number, or nothing")
    other: Figure = Field(None, description="a second number, or nothing")
    spread: Figure = Field(None, description="a standard deviation or error, or nothing")
    printed: Text = Field("", description="the claim as it is printed, or nothing")


class Erratum(Section):
    """Where figures of a publication disagree with each other."""

    paper: Text = Field(description="what is printed")
    arithmetic: Text = Field(description="what its own numbers come to")
    in_fact: Text = Field(description="what is right")


class KnownShare(Section):
    """The share of those who left that fell to some levels of a trait, or to some provinces."""

    trait: str = Field(description="a trait, or province")
    levels: Text = Field(description="a level, or several with + between them")
    share: float = Field(ge=0, le=1, description="a share from 0 to 1")
    source: Text = Field(description="the source in few words")

    @property
    def each(self) -> tuple[str, ...]:
        """Return the levels one by one."""
        return tuple(self.levels.split(" + "))


class Period(Section):
    """People of one level of a trait among all of some years' record."""

    trait: str = Field(description="a trait")
    level: Text = Field(description="a level of it")
    first_year: Year | Literal[0] = Field(description="a year, or 0 for the beginning")
    last_year: Year = Field(description="a year")
    people: float = Field(ge=0, description="a number of people")
    total: float = Field(gt=0, description="a number of people above 0")


class Unseen(Section):
    """A record by year that no search sees, of something that every run has."""

    measures: Literal["prevented_share", "level_share", "attempts", "escapes"] = Field(
        description="prevented_share, level_share, attempts or escapes"
    )
    trait: str = Field("", description="for level_share the trait, or province")
    level: str = Field("", description="for level_share the level whose share of the escapes it is")
    about: Name | None = Field(None, description="a few words on the record, or null for none")
    years: dict[YearKey, Annotated[float, Field(ge=0, le=1e9)]] = Field(
        description="for each year that the record has a share from 0 to 1, or people"
    )

    @property
    def is_share(self) -> bool:
        """Return whether it is a share, and not people."""
        return self.measures.endswith("_share")

    def misfits(self) -> Iterable[Problem]:
        """Return a line for each figure that is no share though it should be, and where a level is wanted or not."""
        if wrong := [year for year, figure in self.years.items() if self.is_share and figure > 1]:
            yield ("years", str(wrong[0])), f"{self.years[wrong[0]]:g} will not do; give a share from 0 to 1"
        if (self.measures == "level_share") != bool(self.trait and self.level):
            yield ("measures",), "level_share, and it alone, has a trait and a level; give both, or leave both out"


class OtherReading(Section):
    """What a key is in another reading of the case: a row of a table. Rows of one choice and reading go together."""

    choice: Text = Field(description="what is chosen: a key, or a few words")
    reading: Text = Field(description="the reading in few words")
    key: Text = Field(description="a key of the scenario")
    value: Text = Field(description="what --set gives the key")


CLAIMED = "claim, rule, parameter, value, other, spread, printed"


def _rows(kind: str, keys: str) -> Any:
    return Field(None, strict=False, description=f"{kind}: a list, or the rows of a table, of {keys}; or null for none")


class Reference(Section):
    """Tables that stand beside a run's own results."""

    note: Name | None = Field(
        default=None, description="a sentence on how the record differs from who left, or null for none"
    )
    importance: dict[str, float] | None = Field(
        default=None, description="for each parameter its importance as a publication has it, or null for none"
    )
    claims: tuple[Claimed, ...] | None = _rows("claims", CLAIMED)
    conclusions: tuple[Claimed, ...] | None = _rows("conclusions of ours", CLAIMED)
    errata: tuple[Erratum, ...] | None = _rows("errata", "paper, arithmetic, in_fact")
    leavers: tuple[KnownShare, ...] | None = _rows("shares", "trait, levels, share, source")
    leavers_by_year: tuple[Period, ...] | None = _rows("periods", "trait, level, first_year, last_year, people, total")
    readings: tuple[OtherReading, ...] | None = _rows("other readings", "choice, reading, key, value")
    unseen: dict[Name, Unseen] | None = Field(
        default=None, description="records that are never fitted, by name, or null for none"
    )
