"""What a scenario says of a posterior: what was held likely before, with how many particles, and where chains begin."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from engine.errors import UsageError
from engine.parameters import check_value
from engine.scenario.ranges import Held, Ranged
from engine.scenario.validation import Problem, Section, nearest

Point = dict[str, float]


class Normal(Section):
    """A normal law, cut off at the parameter's range; for a log scale it is that of the natural logarithm."""

    mean: float = Field(description="a number, of the logarithm for scale: log")
    deviation: float = Field(gt=0, le=1e9, description="a standard deviation above 0")


class Posterior(Section):
    """How ``--method posterior`` weighs points; what is null is found when a run begins, and kept with it."""

    particles: int | None = Field(
        None,
        ge=2,
        le=100_000,
        description="a whole number from 2 to 100000, or null for as many as a pilot finds are enough",
    )
    miss: float = Field(
        0.3, gt=0, le=100, description="a share above 0 by which a year of the record may lie off the model"
    )
    rule: Literal["likelihood", "energy"] = Field(
        "likelihood", description="likelihood, or energy: a score of the runs, without a law of the record"
    )
    weight: float = Field(10.0, gt=0, le=1e6, description="a number above 0, of the energy score")
    priors: dict[str, Normal] = Field(
        default={}, description="for each parameter with another prior than the uniform one {mean: ..., deviation: ...}"
    )
    starts: tuple[Point, ...] | None = Field(
        None, min_length=1, strict=False, description="a list of points, or null for what a short search finds"
    )

    @property
    def energy_weight(self) -> float:
        """Return the weight of the energy score; 0 where the likelihood is the rule."""
        return self.weight if self.rule == "energy" else 0.0

    def at_odds(self, ranges: Mapping[str, Ranged | Held]) -> Iterable[Problem]:
        """Yield a line for each prior and each start that does not suit the ranges of the parameters."""
        named: list[tuple[tuple[str, ...], Iterable[str]]] = [(("priors",), self.priors)]
        named += [(("starts", str(place)), start) for place, start in enumerate(self.starts or ())]
        for path, names in named:
            for name in (name for name in names if name not in ranges):
                yield (*path, name), f"unknown key; {nearest(name, ranges)}"
        for name in (name for name in self.priors if name in ranges):
            if ranges[name].fixed is not None:
                yield ("priors", name), f"{name} is held at {ranges[name].fixed:g}; take the prior out, or give a range"
        free = [name for name, entry in ranges.items() if entry.fixed is None]
        for place, start in enumerate(self.starts or ()):
            yield from _misplaced(("starts", str(place)), start, ranges, free)


def _misplaced(path: tuple[str, ...], start: Point, ranges: Mapping[str, Any], free: list[str]) -> Iterable[Problem]:
    if missing := [name for name in free if name not in start]:
        yield path, f"no {', '.join(missing)}; give every parameter that has a range"
    for name in (name for name in free if name in start):
        low, high, value = ranges[name].low, ranges[name].high, start[name]
        try:
            check_value(name, value)
            out = not low <= value <= high
        except UsageError:
            out = True
        if out:
            what = "a whole number" if ranges[name].integer else "a number"
            yield (*path, name), f"{value:g} is not in its range; give {what} from {low:g} to {high:g}"
