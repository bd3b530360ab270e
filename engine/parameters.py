"""The parameters of the model: their names, what each can take, and the order in which the kernel receives them."""

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError


class Domain(NamedTuple):
    """What a parameter can take at all, bounds included; the range to search is the scenario's."""

    low: float
    high: float
    integer: bool = False


SMALLEST_SHAPE = 1e-3  # a Beta shape must be positive; below this the belief is two spikes at 0 and 1

DOMAINS: dict[str, Domain] = {
    "prior_alpha": Domain(SMALLEST_SHAPE, 1e6),  # α0
    "prior_beta": Domain(SMALLEST_SHAPE, 1e6),  # β0
    "utility_intercept": Domain(-1e3, 1e3),  # γ1
    "utility_slope": Domain(-1e3, 1e3),  # γ2
    "tolerance": Domain(0.0, 1e9),
    "adjustment_rate": Domain(0.0, 1.0),
    "initial_repression": Domain(0.0, 1.0),  # R0
    "visibility": Domain(0.0, 1.0),  # K
    "memory_weeks": Domain(0, 1e6, integer=True),  # H
    "famine_effect": Domain(-100.0, 100.0),  # δ
    "demographic_scale": Domain(-10.0, 10.0),  # s
    "economy_effect": Domain(-1e3, 1e3),
}

NAMES = tuple(DOMAINS)
PAPER_NAMES = NAMES[:11]


def check_value(name: str, value: object) -> float:
    """Return ``value`` as a number that the parameter ``name`` can take, or raise UsageError saying what would do."""
    domain = DOMAINS[name]
    wanted = f"{'an integer' if domain.integer else 'a number'} from {domain.low:g} to {domain.high:g}"
    try:
        if isinstance(value, bool):
            raise TypeError
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise UsageError(f"{name}: {value!r} is not a number; give {wanted}") from None
    if not math.isfinite(number) or not domain.low <= number <= domain.high:
        raise UsageError(f"{name}: {value!r} is out of its domain; give {wanted}")
    if domain.integer and number != round(number):
        raise UsageError(f"{name}: {value!r} is not whole; give {wanted}")
    return number


@dataclass(frozen=True)
class Parameters:
    """One point of the parameter space, checked. Names and symbols as in DOMAINS."""

    prior_alpha: float
    prior_beta: float
    utility_intercept: float
    utility_slope: float
    tolerance: float
    adjustment_rate: float
    initial_repression: float
    visibility: float
    memory_weeks: float
    famine_effect: float
    demographic_scale: float
    economy_effect: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            check_value(field.name, getattr(self, field.name))

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> "Parameters":
        """Return the point that ``values`` names; raise UsageError for each name missing, unknown or out of domain."""
        problems = [unknown_name(name) for name in values if name not in DOMAINS]
        problems += [f"{name}: missing; give it a value" for name in PAPER_NAMES if name not in values]
        checked = {}
        for name in NAMES:
            if name in values:
                try:
                    checked[name] = check_value(name, values[name])
                except UsageError as error:
                    problems.append(str(error))
        if problems:
            raise UsageError("\n".join(problems))
        return cls(**checked)

    def vector(self) -> NDArray[np.float64]:
        """Return the values in the order of NAMES, as the kernel takes them."""
        return np.array(astuple(self), dtype=np.float64)


def unknown_name(name: object) -> str:
    """Return the line that tells a user that no parameter has this name, with the nearest one that exists."""
    near = get_close_matches(str(name), NAMES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"give one of {', '.join(NAMES)}"
    return f"{name}: no such parameter; {hint}"
