"""The base of every part of a scenario: pydantic's checks, told in our words, all of them at once."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, NoReturn, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from engine.errors import shown

COMMA = re.compile(r"([-+]?\d+),(\d+)")

Problem = tuple[tuple[str, ...], str]  # the keys that lead to it; what is wrong and what would do


class ReadOnly(dict[Any, Any]):
    """A mapping that stays as it was loaded, as all of a scenario does: what is made of one is kept (kept.py)."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a scenario cannot be changed; load another, with overrides such as 'stop_above=300'")

    def __reduce__(self) -> tuple[type, tuple[dict[Any, Any]]]:  # copies and pickles begin with all they will hold
        return ReadOnly, (dict(self),)

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse


def read_only(value: Any) -> Any:
    """Return ``value`` with every mapping in it read-only."""
    if isinstance(value, dict):
        return ReadOnly((key, read_only(inner)) for key, inner in value.items())
    return value


class ProblemsError(ValueError):
    """Several things to mend below one key."""

    def __init__(self, found: Iterable[Problem]) -> None:
        self.found = list(found)
        super().__init__("; ".join(f"{'.'.join(path)}: {message}" for path, message in self.found))


def show(value: object) -> str:
    """Return the value of a key as YAML has it, on one line and not too long."""
    return json.dumps(value) if value is None or isinstance(value, bool) else shown(value)


def without_comma(given: object) -> str:
    """Return how to write a number that has a comma in it; nothing if ``given`` is none."""
    match = COMMA.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        return ""
    thousands = f", or as {match[1]}{match[2]} if it parts thousands" if len(match[2]) == 3 else ""
    return f"; write it as {match[1]}.{match[2]}{thousands}"


def nearest(name: object, names: Iterable[str]) -> str:
    """Return what to type instead of ``name``: the nearest of ``names``, or any of them if none is near."""
    names = list(names)
    near = get_close_matches(str(name), names, n=1)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(names)}"


def _visible(name: str) -> str:
    """Return ``name``; raise ValueError where it holds what a screen obeys or hides, such as marks of direction."""
    if hidden := [f"U+{ord(sign):04X}" for sign in name if not sign.isprintable()]:
        raise ValueError(f"{show(name)} holds {', '.join(hidden[:6])}, which a screen obeys or hides; take it out")
    return name


#: A name of the user's, which stands in tables, pictures and pages.
Name = Annotated[str, AfterValidator(_visible)]


class Section(BaseModel):
    """A mapping with fixed keys. A field's description ends the sentence "give ..." for a bad value."""

    otherwise: ClassVar[str] = ""  # what may stand in place of the mapping
    others: ClassVar[str] = ""  # where there may be other keys than its fields: what they have
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        fields = {field.alias or name: field for name, field in cls.model_fields.items()}
        shown = [key for key, field in fields.items() if not field.exclude]
        if not isinstance(values, dict):
            keys = ", ".join(shown)
            raise ValueError(f"{show(values)} will not do; give a mapping with {keys}{cls.otherwise}")
        # Unknown keys are set aside, so that the checks that need a whole section run all the same.
        others = () if cls.others else tuple(key for key in values if key not in fields)
        unknown = {key: f"unknown key; {nearest(key, shown)}" for key in others}
        problems = [_problem((key,), message, values[key]) for key, message in unknown.items()]
        try:
            section = handler({key: value for key, value in values.items() if key not in unknown})
            problems += [_problem(path, message, values) for path, message in section.misfits()]
        except ValidationError as error:
            for detail in error.errors():
                key = str(detail["loc"][0]) if detail["loc"] else ""
                if detail["type"] == "missing" and f"unknown key; did you mean {key}?" in unknown.values():
                    continue  # one slip of the pen, one line
                wanted = (fields[key].description or key) if key in fields else cls.others
                problems += _told(detail, wanted if key else "")
        if problems:
            raise ValidationError.from_exception_data(cls.__name__, problems)
        for kept in filter(None, (section.__dict__, section.__pydantic_extra__)):
            kept.update({name: read_only(value) for name, value in kept.items()})
        return section

    def misfits(self) -> Iterable[Problem]:
        """Return what is wrong between values that are right each by itself."""
        return ()


def with_problems(error: ValidationError, problems: Iterable[Problem]) -> ValidationError:
    """Return an error of a section with further things to mend in it."""
    lines = [line for detail in error.errors() for line in _told(detail, "")]
    lines += [_problem(path, message, None) for path, message in problems]
    return ValidationError.from_exception_data(error.title, lines)


@contextmanager
def refused(what: str, found: Iterable[Problem], wanted: str) -> Iterator[None]:
    """Raise what was ``found`` and what pydantic finds within, together, in our words; nothing if nothing is wrong."""
    problems = [_problem(path, message, None) for path, message in found]
    try:
        yield
    except ValidationError as error:
        problems += [line for detail in error.errors() for line in _told(detail, wanted)]
    if problems:
        raise ValidationError.from_exception_data(what, problems)


def _told(detail: ErrorDetails, wanted: str) -> list[InitErrorDetails]:
    where, given, cause = detail["loc"], detail["input"], detail.get("ctx", {}).get("error")
    if isinstance(cause, ProblemsError):
        return [_problem((*where, *path), message, given) for path, message in cause.found]
    if detail["type"] == "problem":  # told already, further in
        message = detail["msg"]
    elif isinstance(cause, ValueError):
        message = str(cause)
    elif detail["type"] == "missing":
        message = f"missing; give {wanted}"
    else:
        message = f"{show(given)} will not do; give {wanted}{without_comma(given)}"
    return [_problem(where, message, given)]


def _problem(where: tuple[int | str, ...], message: str, given: object) -> InitErrorDetails:
    error = PydanticCustomError("problem", "{message}", {"message": message})
    return InitErrorDetails(type=error, loc=where, input=given)
