"""What a scenario says of each parameter: a range to search, or one value to hold."""

import math
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from engine.errors import UsageError
from engine.parameters import DOMAINS, check_value, domain_of, event_of, names_of, required
from engine.scenario.validation import Problem, ProblemsError, Section, nearest, refused


class _Named(Section):
    name: str = Field(exclude=True, repr=False)  # the key it stands under, put in by `named`

    @property
    def integer(self) -> bool:
        """Return whether only whole numbers count."""
        return domain_of(self.name).integer

    @field_validator("low", "high", "fixed", check_fields=False)
    @classmethod
    def _in_domain(cls, value: float, info: ValidationInfo) -> float:
        try:
            check_value(info.data["name"], value)
        except UsageError as error:
            raise ValueError(str(error).partition(": ")[2]) from None
        return value


class Ranged(_Named):
    """A parameter that the search moves between low and high."""

    otherwise = ", or a number"

    low: float = Field(description="a number")
    high: float = Field(description="a number")
    scale: Literal["linear", "log"] = Field("linear", description="linear or log")

    @property
    def fixed(self) -> None:
        """Return None: it is searched."""
        return None

    @property
    def middle(self) -> float:
        """Return the middle of the range on its scale, whole for an integer."""
        if self.scale == "log":
            return math.sqrt(self.low * self.high)
        middle = (self.low + self.high) / 2
        return float(round(middle)) if self.integer else middle

    def misfits(self) -> Iterable[Problem]:
        """Return a line if there is nothing between the bounds, or no logarithm of them."""
        if self.low >= self.high:
            remedy = "exchange them" if self.low > self.high else f"widen it, or give {{fixed: {self.low:g}}}"
            yield (), f"low {self.low:g} is not below high {self.high:g}; {remedy}"
        elif self.scale == "log" and self.low <= 0:
            yield ("low",), f"{self.low:g} has no logarithm; give a number above 0, or scale: linear"


class Held(_Named):
    """A parameter that keeps one value in the whole search."""

    fixed: float = Field(description="a number")

    @property
    def middle(self) -> float:
        """Return the one value."""
        return self.fixed

    @property
    def low(self) -> float:
        """Return the one value."""
        return self.fixed

    @property
    def high(self) -> float:
        """Return the one value."""
        return self.fixed

    @property
    def scale(self) -> Literal["linear"]:
        """Return linear: a single value has no other."""
        return "linear"


def named(ranges: Any) -> Any:
    """Return the ranges with each one's name in it and bare numbers as {fixed: number}; the rest as is."""
    if not isinstance(ranges, dict):
        return ranges
    numbers = {name: {"fixed": spec} for name, spec in ranges.items() if type(spec) in (int, float)}
    mappings = {name: spec for name, spec in (ranges | numbers).items() if isinstance(spec, dict)}
    if wrong := [name for name, spec in mappings.items() if "name" in spec]:
        raise ProblemsError(((name, "name"), "unknown key; take it out") for name in wrong)
    return ranges | {name: spec | {"name": name} for name, spec in mappings.items()}


def ranges_of(ranges: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """Return the ranges in the order of names_of, what a scenario need not name held at its default.

    Unknown names, missing ones and bad ranges are all told at once.
    """
    if not isinstance(ranges, dict):
        return handler(ranges)
    # Where the events are not legible any name that an effect could have will do.
    events = info.data["events"] if "events" in info.data else filter(None, map(event_of, map(str, ranges)))
    names = names_of(events)
    unknown: list[Problem] = [((name,), f"unknown key; {nearest(name, names)}") for name in ranges if name not in names]
    meant = " ".join(said for _, said in unknown)  # one slip of the pen, one line
    message = "missing; give {low: ..., high: ...} or a number"
    absent = [((name,), message) for name in required(names) if name not in ranges and f" {name}?" not in meant]
    wanted = "for each parameter {low: ..., high: ...}, or a number to hold it"
    with refused("parameters", [*unknown, *absent], wanted):
        found = handler(named({name: spec for name, spec in ranges.items() if name in names}))
    held = {name: Held(name=name, fixed=d.default) for name, d in DOMAINS.items() if d.default is not None}
    whole = held | found
    return {name: whole[name] for name in names}


def _kind(spec: Any) -> str:
    held = isinstance(spec, Held) or (isinstance(spec, dict) and "fixed" in spec)
    return "<held>" if held else "<ranged>"


ParameterRange = Annotated[Annotated[Held, Tag("<held>")] | Annotated[Ranged, Tag("<ranged>")], Discriminator(_kind)]
