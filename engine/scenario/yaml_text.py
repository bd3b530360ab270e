"""Text of a scenario file to plain values: null, true or false, numbers, texts, lists and mappings."""

import math
import re
from pathlib import Path
from typing import Any

import yaml

from engine.reading import MEGABYTE, read_regular
from engine.scenario.validation import show

LARGEST_TEXT = MEGABYTE // 2  # of a scenario file or a table, which takes some seconds; ours have 20 kB at most

# YAML 1.2 core, where 5e-4 is a number and "yes" is text; integers too long for a machine word become floats.
INTEGER = re.compile(r"[-+]?[0-9](_?[0-9]){0,17}")
FLOAT = re.compile(r"[-+]?([0-9](_?[0-9])*(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
WORDS |= {".nan": math.nan, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf}


def read_text(path: Path) -> str:
    """Return the text of a file; raise ValueError saying why there is none and what would do."""
    try:
        return read_regular(path, LARGEST_TEXT).decode("utf-8-sig")
    except FileNotFoundError:
        raise ValueError("no such file; mend the path") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise ValueError(f"{error.strerror}; give a file that can be read") from None


def plain_value(text: str) -> Any:
    """Return what unquoted text stands for: null, true or false, a number, or itself."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if INTEGER.fullmatch(text):
        return int(text)
    if not FLOAT.fullmatch(text):
        return text
    number = float(text)
    # 1e5 is a whole number; 4.0 is said to be none in particular.
    return int(number) if "e" in text.lower() and number.is_integer() and abs(number) < 1e15 else number


def encodable(text: str) -> str:
    """Return ``text``; raise ValueError if it holds half a character, which cannot be stored or printed."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{show(text)} is not valid text; mend the character shown by its number") from None
    return text


def parse_yaml(text: str) -> tuple[Any, list[str]]:
    """Return the values of ``text``, keys as they are written, and a line for each key that is there twice.

    Raises ValueError, its message on one line, where the text is no YAML of this plain kind.
    """
    twice: list[str] = []
    try:
        node = yaml.compose(encodable(text), Loader=_PlainLoader)
        return None if node is None else _value(node, twice), twice
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise ValueError(f"{line}{error.problem or error.context}; mend the YAML") from None
    except yaml.reader.ReaderError as error:
        raise ValueError(f"character {error.position}: {error.reason}; take it out") from None
    except (RecursionError, OverflowError):
        raise ValueError("nested too deeply, or a character out of range; mend the YAML") from None


class _PlainLoader(yaml.SafeLoader):
    """Composes texts, lists and mappings only: no tags, and no aliases, which can fill any memory."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        tag = getattr(event, "tag", None)
        if tag is not None or isinstance(event, yaml.AliasEvent):
            found = f"tag {tag}" if tag else f"alias *{event.anchor}"
            raise yaml.MarkedYAMLError(problem=f"{found} is not taken here", problem_mark=event.start_mark)
        return super().compose_node(parent, index)


_PlainLoader.yaml_implicit_resolvers = {}  # plain_value decides what is a number


def _value(node: yaml.Node, twice: list[str]) -> Any:
    if isinstance(node, yaml.ScalarNode):
        text = encodable(node.value)
        return text if node.style else plain_value(text)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, twice) for item in node.value]
    lines: dict[str, int] = {}
    values = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ValueError(f"line {line}: a list or mapping cannot be a key; give a word")
        key = encodable(key_node.value)
        if key in lines:
            twice.append(f"line {line}: key {show(key)} is there twice (first in line {lines[key]}); keep one")
        lines.setdefault(key, line)
        values[key] = _value(value_node, twice)
    return values
