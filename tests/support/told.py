"""What the schema of a scenario has, and what a page tells of it."""

import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from engine.scenario.validation import Section


def part(page: str, heading: str) -> str:
    """Return what stands under a heading, up to the next of its level or above."""
    level = heading.partition(" ")[0]
    match = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", page, re.MULTILINE | re.DOTALL)
    assert match, heading
    return match[1]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the rows of the tables in a text."""
    lines = re.findall(r"^\|(.*)\|$", text, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines if not set(line) <= set("-|")]


def leaves(annotation: Any, path: str = "") -> Iterator[str]:
    """Yield the keys below a type of the schema, dotted; * stands for a name of the user's."""
    kind, inside = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Section):
        for name, field in annotation.model_fields.items():
            if not field.exclude:
                yield from leaves(field.annotation, f"{path}.{field.alias or name}".removeprefix("."))
        if annotation.model_config.get("extra") == "allow":  # keys of the user's beside them
            yield from leaves(annotation.__annotations__["__pydantic_extra__"], path)
    elif kind is Annotated:
        yield from leaves(inside[0], path)
    elif kind in (Union, UnionType):
        for one in inside:
            yield from leaves(one, path)
    elif kind in (dict, tuple) and holds_sections(annotation):
        yield from leaves(inside[1 if kind is dict else 0], f"{path}.*" if kind is dict else path)
    else:
        yield path


def holds_sections(annotation: Any) -> bool:
    """Return whether there are keys of the schema's own somewhere below."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return True
    return any(holds_sections(one) for one in get_args(annotation))
