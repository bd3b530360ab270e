"""A scenario file with the user's overrides and its tables put in, and where each value of it came from."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from engine.errors import UsageError
from engine.scenario import former
from engine.scenario.csv_tables import read_table
from engine.scenario.validation import ProblemsError, show
from engine.scenario.yaml_text import encodable, parse_yaml, read_text

Keys = tuple[str, ...]
MOST_KEYS = 2_000  # of a mapping; a table of a thousand years has a thousand


@dataclass
class Document:
    """A scenario as plain values, what is wrong with it so far, and where its values came from."""

    label: str
    values: dict[str, Any]
    problems: list[str] = field(default_factory=list)
    # By key path: what the user typed to set it, and the part of a CSV file that stands there.
    overrides: dict[Keys, str] = field(default_factory=dict)
    sources: dict[Keys, str] = field(default_factory=dict)
    unread: set[Keys] = field(default_factory=set)  # key paths of tables that could not be read
    notes: list[str] = field(default_factory=list)  # a line for each former word

    def __post_init__(self) -> None:
        """Raise UsageError where a mapping has far more keys than one can: each would be compared with all known."""
        for keys, mapping in _mappings((), self.values):
            if len(mapping) > MOST_KEYS:
                where = f"{self.label}: {'.'.join(keys)}" if keys else self.label
                raise UsageError(printable(f"{where}: {len(mapping):,} keys; give {MOST_KEYS:,} at most"))

    def told(self, where: Iterable[int | str], message: str) -> list[str]:
        """Return the line that says what is wrong at ``where``; none below a table that has its line."""
        marks = re.compile(r"<.*>|\[key\]")  # pydantic's and ours, for the kind of a value
        keys = tuple(str(key) for key in where if not marks.fullmatch(str(key)))
        above = [keys[:length] for length in range(1, len(keys) + 1)]
        if any(path in self.unread for path in above):
            return []
        set_here = [path for path in self.overrides if path in above or (keys and path[: len(keys)] == keys)]
        origin = f"--set {self.overrides[set_here[-1]]}" if set_here else self.label
        source = "".join(f" ({self.sources[path]})" for path in above if path in self.sources)
        return [f"{origin}: {'.'.join(keys)}: {message}{source}"]


def read_document(path: str | PathLike[str], overrides: Iterable[str] = ()) -> Document:
    """Return the scenario file with overrides and tables put in, and with the problems found on the way.

    Raises UsageError where nothing is legible: no file, no text, no YAML, no mapping.
    """
    label = str(path)
    if not isinstance(path, str | PathLike):
        raise UsageError(printable(f"{show(path)} is no path; give that of a scenario's YAML file"))
    try:
        values, twice = parse_yaml(read_text(Path(path)))
    except ValueError as error:
        raise UsageError(printable(f"{label}: {error}")) from None
    if not isinstance(values, dict):
        given = "is empty" if values is None else f"{show(values)} is no mapping"
        raise UsageError(printable(f"{label}: {given}; give keys and values, as configs/dprk.yaml does"))
    document = Document(label, values, [f"{label}: {problem}" for problem in twice])
    return filled_in(document, overrides, Path(path).parent)


def filled_in(document: Document, overrides: Iterable[str], folder: Path) -> Document:
    """Return the document with overrides and tables put in; the files of tables are looked for from ``folder``."""
    document.values, document.notes = former.brought_up(document.values)
    for text in overrides:
        try:
            _put(document, text)
        except ValueError as error:
            document.problems.append(f"--set {text}: {error}")
    document.values, notes = former.provinces_brought_up(_with_tables(document, document.values, (), folder))
    document.notes += notes
    return document


def _mappings(keys: Keys, node: Any) -> Iterator[tuple[Keys, dict[str, Any]]]:
    if isinstance(node, dict):
        yield keys, node
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, item in items:
        if isinstance(item, dict | list):
            yield from _mappings((*keys, str(key)), item)


def printable(line: str) -> str:
    """Return ``line`` with escapes for what would break it or could not be printed."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)


def _put(document: Document, text: str) -> None:
    path, equals, written = encodable(text).partition("=")
    keys = tuple(path.strip().split("."))
    if not equals or not all(keys):
        raise ValueError("no key and value; give key.path=value")
    keys = former.today(keys)
    value, twice = parse_yaml(written)
    if twice:
        raise ValueError(twice[0])
    node = document.values
    for depth, key in enumerate(keys[:-1], start=1):
        if not isinstance(node.setdefault(key, {}), dict):
            above = ".".join(keys[:depth])
            raise ValueError(f"{above} is {show(node[key])}, nothing is below it; give {above}=value")
        node = node[key]
    node[keys[-1]] = value
    document.overrides[keys] = text


def _with_tables(document: Document, node: Any, keys: Keys, folder: Path) -> Any:
    """Return ``node`` with the figures in place of every {file: ...} in it, or None where there are none."""
    if isinstance(node, list):
        return [_with_tables(document, item, (*keys, str(index)), folder) for index, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    if "file" not in node:
        return {key: _with_tables(document, item, (*keys, key), folder) for key, item in node.items()}
    try:
        table, sources = read_table(node, folder)
    except ValueError as error:
        found = error.found if isinstance(error, ProblemsError) else [((), str(error))]
        document.problems += [line for _, message in found for line in document.told(keys, message)]
        document.unread.add(keys)
        return None
    document.sources |= {(*keys, *below): source for below, source in sources.items()}
    return table
