"""The parameters of the model: their names, what each can take, and the order in which the kernel receives them.

Those of the core are the same for every country. For each event of a scenario there is one more, its effect on
motivation; the effects stand together, FIRST_EFFECT says where.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from numbers import Real
from typing import Any, NamedTuple, NoReturn, TypeGuard

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

#: The core, in the order of CORE. An effect of an event stands before demographic_scale.
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
    "demographic_scale": Domain(-10.0, 10.0, "s", "", "overall effect of the demographic variables"),
    "economy_effect": Domain(-1e3, 1e3, "", "", "effect of growth; the paper's next step, held at 1", default=1.0),
    "discontent": Domain(-100.0, 100.0, "", "", "how the tolerance follows motivation; 0 is the paper", default=0.0),
    "schedule_effect": Domain(
        -100.0, 100.0, "", "log odds", "by how much a dated event moves repression; 0 is the paper", default=0.0
    ),
}

CORE = tuple(DOMAINS)
FIRST_EFFECT = CORE.index("demographic_scale")  # the place of the first event's effect in a point
EFFECT = "_effect"  # how the name of one ends


def effect_of(event: str) -> str:
    """Return the name of the parameter that is the effect of an event."""
    return f"{event}{EFFECT}"


def event_of(name: str) -> str | None:
    """Return the event whose effect would have this name; None for a parameter of the core and for any other name."""
    return name.removesuffix(EFFECT) or None if name.endswith(EFFECT) and name not in DOMAINS else None


def names_of(events: Iterable[str]) -> tuple[str, ...]:
    """Return all parameters where there are these events, in the order of a point."""
    return (*CORE[:FIRST_EFFECT], *map(effect_of, events), *CORE[FIRST_EFFECT:])


def required(names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the parameters that a scenario must name."""
    return tuple(name for name in names if domain_of(name).default is None)


def domain_of(name: str) -> Domain:
    """Return what a parameter is and can take; raise KeyError for a name that no parameter can have."""
    event = event_of(name)
    if event is None:
        return DOMAINS[name]
    kind = event.replace("_", " ")
    return Domain(-100.0, 100.0, "δ", "", f"effect of a {kind} year on motivation")


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
    domain = domain_of(name)
    wanted = f"{'an integer' if domain.integer else 'a number'} from {domain.low:g} to {domain.high:g}"
    if not is_number(value):
        raise UsageError(f"{name}: {shown(value)} is not a number; give {wanted}")
    number = _as_float(value)
    if not math.isfinite(number) or not domain.low <= number <= domain.high:
        raise UsageError(f"{name}: {shown(value)} is out of its domain; give {wanted}")
    if domain.integer and number != round(number):
        raise UsageError(f"{name}: {shown(value)} is not whole; give {wanted}")
    return number


class Parameters:
    """One point of the parameter space, checked: each parameter is an attribute of its name.

    Those of the core that have a default may be left out. Whatever else is named ``..._effect`` is that of an event;
    a simulation asks for exactly those of its scenario. Points of equal values are equal, and none can be changed.
    """

    __slots__ = ("_values",)
    _values: dict[str, float]

    def __init__(self, **values: float) -> None:
        object.__setattr__(self, "_values", checked(values, filter(None, map(event_of, values))))

    @classmethod
    def from_mapping(cls, values: Mapping[str, object], events: Iterable[str] | None = None) -> "Parameters":
        """Return the point that ``values`` names, where there are these ``events``; by default those that it names.

        Raises UsageError for each name missing, unknown or out of domain.
        """
        point = cls.__new__(cls)
        known = filter(None, map(event_of, map(str, values))) if events is None else events
        object.__setattr__(point, "_values", checked(values, known))
        return point

    def replaced(self, **values: float) -> "Parameters":
        """Return the point with other values for these parameters."""
        return Parameters(**(self._values | values))

    def as_dict(self) -> dict[str, float]:
        """Return the values by name, in the order of names_of."""
        return dict(self._values)

    def vector(self) -> Floats:
        """Return the values in the order of names_of, as the kernel takes them."""
        return np.array(list(self._values.values()), dtype=np.float64)

    def __getattr__(self, name: str) -> float:
        if name == "_values" or name not in self._values:
            raise AttributeError(f"no parameter {name}")
        return self._values[name]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name}: a point cannot be changed; make another with replaced({name}={value!r})")

    def __dir__(self) -> Iterator[str]:
        yield from (*super().__dir__(), *self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parameters) and self._values == other._values

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self._values,)

    def __repr__(self) -> str:
        return f"Parameters({', '.join(f'{name}={value!r}' for name, value in self._values.items())})"


def _rebuilt(values: dict[str, float]) -> Parameters:
    return Parameters(**values)


def checked(values: Mapping[str, object], events: Iterable[str]) -> dict[str, float]:
    """Return ``values`` as numbers in the order of names_of, with defaults for what may be left out.

    Raises UsageError for each name missing, unknown or out of domain.
    """
    names = names_of(events)
    problems = [unknown_name(name, names) for name in values if name not in names]
    problems += [f"{name}: missing; give it a value" for name in required(names) if name not in values]
    found = {}
    for name in names:
        default = domain_of(name).default
        try:
            if name in values or default is not None:
                found[name] = check_value(name, values.get(name, default))
        except UsageError as error:
            problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))
    return found


def as_points(points: Any, fixed: Mapping[str, float | None]) -> Floats:
    """Return ``points`` as the kernel takes them, (points, parameters), those of ``fixed`` in its order.

    An array has a row a point and a column for each parameter that ``fixed`` does not hold, or for all; of a table
    the columns named after parameters are taken. Raises UsageError naming what is missing or out of its domain.
    """
    names = tuple(fixed)
    columns: Any = getattr(points, "column_names", None) or getattr(points, "columns", None)
    if isinstance(points, Mapping):
        columns = points.keys()
    if columns is not None:
        given = {name: _floats(name, points[name]) for name in names if name in set(columns)}
    else:
        array = _floats("points", points)
        free = tuple(name for name in names if fixed[name] is None)
        if array.ndim != 2 or array.shape[1] not in (len(free), len(names)):
            wanted = f"(points, {len(free)}), a column each for {', '.join(free)}, or (points, {len(names)})"
            raise UsageError(f"points: an array of shape {array.shape} will not do; give one of {wanted}")
        given = dict(zip(free if array.shape[1] == len(free) else names, array.T, strict=True))
    problems = [f"{name}: missing; give it a column" for name in names if name not in given and fixed[name] is None]
    count = max((column.size for column in given.values()), default=0)
    problems += [
        f"{name}: its column has the shape {column.shape}; give {count} values, one for each point"
        for name, column in given.items()
        if column.shape != (count,)
    ]
    if problems:
        raise UsageError("\n".join(problems))
    whole = np.empty((count, len(names)))
    for place, name in enumerate(names):
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
    domain = domain_of(name)
    low, high, whole = domain.low, domain.high, domain.integer
    wrong = ~((values >= low) & (values <= high)) | (whole & (values != np.round(values)))
    if not wrong.any():
        return []
    row = int(np.argmax(wrong))
    try:
        check_value(name, float(values[row]))
    except UsageError as error:
        return [f"{error} (row {row} of the points)"]
    return []


def unknown_name(name: object, names: Iterable[str]) -> str:
    """Return the line that tells a user that no parameter has this name, with the nearest of ``names``."""
    names = tuple(names)
    near = get_close_matches(str(name), names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"give one of {', '.join(names)}"
    return f"{name}: no such parameter; {hint}"
