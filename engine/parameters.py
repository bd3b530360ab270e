"""The parameters of the model: their names, what each can take, and the order in which the kernel receives them."""

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from difflib import get_close_matches
from numbers import Real
from typing import Any, NamedTuple, TypeGuard

import numpy as np

from engine.errors import UsageError, shown
from engine.types import Floats


class Domain(NamedTuple):
    """What a parameter is and can take at all, bounds included; the range to search is the scenario's."""

    low: float
    high: float
    symbol: str  # in the paper; empty where it has none
    unit: str  # empty for a plain number
    meaning: str
    integer: bool = False
    default: float | None = None  # where a scenario does not name it; None: every scenario names it, as the paper does


UTILITY = 350.0  # γ1 + γ2 within 700: exp of it is a number that a float holds, so thresholds are exact
SMALLEST_SHAPE = 1e-3  # a Beta shape must be positive; below this the belief is two spikes at 0 and 1

DOMAINS: dict[str, Domain] = {
    "prior_alpha": Domain(SMALLEST_SHAPE, 1e6, "α0", "", "one shape of the first belief about repression, a Beta law"),
    "prior_beta": Domain(SMALLEST_SHAPE, 1e6, "β0", "", "the other shape of the first belief"),
    "utility_intercept": Domain(-UTILITY, UTILITY, "γ1", "", "utility of leaving: intercept"),
    "utility_slope": Domain(-UTILITY, UTILITY, "γ2", "", "utility of leaving: coefficient of motivation × ability"),
    "tolerance": Domain(0.0, 1e9, "", "attempts a week", "attempts that a province lets pass in a week"),
    "adjustment_rate": Domain(0.0, 1.0, "", "change a week", "relative change of repression in a week"),
    "initial_repression": Domain(0.0, 1.0, "R0", "probability", "chance that an attempt is repressed, first week"),
    "visibility": Domain(0.0, 1.0, "K", "probability", "chance that an attempt becomes known"),
    "memory_weeks": Domain(0, 1e6, "H", "weeks", "weeks that citizens look back", integer=True),
    "famine_effect": Domain(-100.0, 100.0, "δ", "", "effect of a famine year on motivation"),
    "demographic_scale": Domain(-10.0, 10.0, "s", "", "overall effect of the demographic variables"),
    "economy_effect": Domain(-1e3, 1e3, "", "", "effect of growth; the paper's next step, held at 1", default=1.0),
}

NAMES = tuple(DOMAINS)
# Those that a scenario must name.
PAPER_NAMES = tuple(name for name, domain in DOMAINS.items() if domain.default is None)


def is_number(value: object) -> TypeGuard[Real]:
    """Return whether ``value`` is a real number, of Python or of NumPy; a truth value and a text are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _as_float(value: Real) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer or a fraction beyond what a float can hold
        return math.inf


def check_value(name: str, value: object) -> float:
    """Return ``value`` as a number that the parameter ``name`` can take, or raise UsageError saying what would do."""
    domain = DOMAINS[name]
    wanted = f"{'an integer' if domain.integer else 'a number'} from {domain.low:g} to {domain.high:g}"
    if not is_number(value):
        raise UsageError(f"{name}: {shown(value)} is not a number; give {wanted}")
    number = _as_float(value)
    if not math.isfinite(number) or not domain.low <= number <= domain.high:
        raise UsageError(f"{name}: {shown(value)} is out of its domain; give {wanted}")
    if domain.integer and number != round(number):
        raise UsageError(f"{name}: {shown(value)} is not whole; give {wanted}")
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
    economy_effect: float = 1.0  # the default in DOMAINS

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

    def vector(self) -> Floats:
        """Return the values in the order of NAMES, as the kernel takes them."""
        return np.array(astuple(self), dtype=np.float64)


def as_points(points: Any, fixed: Mapping[str, float | None]) -> Floats:
    """Return ``points`` as the kernel takes them, (points, 12) in the order of NAMES.

    An array has a row a point and a column for each parameter that ``fixed`` does not hold, or for all 12; of a table
    the columns named after parameters are taken. Raises UsageError naming what is missing or out of its domain.
    """
    columns: Any = getattr(points, "column_names", None) or getattr(points, "columns", None)
    if isinstance(points, Mapping):
        columns = points.keys()
    if columns is not None:
        given = {name: _floats(name, points[name]) for name in NAMES if name in set(columns)}
    else:
        array = _floats("points", points)
        free = tuple(name for name in NAMES if fixed[name] is None)
        if array.ndim != 2 or array.shape[1] not in (len(free), len(NAMES)):
            wanted = f"(points, {len(free)}), a column each for {', '.join(free)}, or (points, {len(NAMES)})"
            raise UsageError(f"points: an array of shape {array.shape} will not do; give one of {wanted}")
        given = dict(zip(free if array.shape[1] == len(free) else NAMES, array.T, strict=True))
    problems = [f"{name}: missing; give it a column" for name in NAMES if name not in given and fixed[name] is None]
    count = max((column.size for column in given.values()), default=0)
    problems += [
        f"{name}: its column has the shape {column.shape}; give {count} values, one for each point"
        for name, column in given.items()
        if column.shape != (count,)
    ]
    if problems:
        raise UsageError("\n".join(problems))
    whole = np.empty((count, len(NAMES)))
    for place, name in enumerate(NAMES):
        if name in given or fixed[name] is not None:
            whole[:, place] = given.get(name, fixed[name])
            problems += _out_of_domain(name, whole[:, place])
    if problems:
        raise UsageError("\n".join(problems))
    return whole


def _floats(name: str, values: Any) -> Floats:
    """Return ``values`` as an array of floats, infinite where too large; raise UsageError if one is no number."""
    try:
        array = np.asarray(values)
    except ValueError:  # of rows of unequal length
        raise UsageError(f"{name}: rows of unequal length; give an array of numbers") from None
    if array.dtype.kind not in "iufO":
        raise UsageError(f"{name}: {array.dtype.name} values are no numbers; give an array of numbers")
    if array.dtype.kind != "O":
        return array.astype(np.float64)
    for value in array.flat:
        if not is_number(value):
            raise UsageError(f"{name}: {shown(value)} is not a number; give an array of numbers")
    return np.array([_as_float(value) for value in array.flat]).reshape(array.shape)


def _out_of_domain(name: str, values: Floats) -> list[str]:
    """Return the line for the first of ``values`` that the parameter cannot take, if there is one."""
    low, high, whole = DOMAINS[name].low, DOMAINS[name].high, DOMAINS[name].integer
    wrong = ~((values >= low) & (values <= high)) | (whole & (values != np.round(values)))
    if not wrong.any():
        return []
    row = int(np.argmax(wrong))
    try:
        check_value(name, float(values[row]))
    except UsageError as error:
        return [f"{error} (row {row} of the points)"]
    return []


def unknown_name(name: object) -> str:
    """Return the line that tells a user that no parameter has this name, with the nearest one that exists."""
    near = get_close_matches(str(name), NAMES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"give one of {', '.join(NAMES)}"
    return f"{name}: no such parameter; {hint}"
