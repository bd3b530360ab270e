"""What a long command keeps as lines: a last one that was cut is made anew, other damage is told in a line."""

from pathlib import Path

import pytest

from analysis.common import kept_lines
from engine.errors import UsageError

HEAD = {"seed": 1}


def pair(line: dict[str, int]) -> tuple[int, int]:
    return line["a"], line["b"]


def kept(file: Path) -> list[tuple[int, int]]:
    return kept_lines.read_lines(file, HEAD, "of another run", pair)


def test_what_was_added_is_read_and_a_cut_line_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    assert kept(file) == []
    kept_lines.begin(file, HEAD)
    kept_lines.add(file, {"a": 1, "b": 2})
    with file.open("a", encoding="utf-8") as stream:
        stream.write('{"a": 3, "b"')
    assert kept(file) == [(1, 2)]
    kept_lines.begin(file, HEAD)
    kept_lines.add(file, {"a": 3, "b": 4})
    assert kept(file) == [(1, 2), (3, 4)]
    with pytest.raises(UsageError, match="is of another run; give another --out, or remove it"):
        kept_lines.read_lines(file, {"seed": 2}, "of another run", pair)


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (b'{"a": 1, "b": 2', "line 3 is damaged"),
        (b'{"a": 1}', "line 3 is damaged"),
        (b"[1, 2]", "line 3 is damaged"),
        (b'{"a": 1, "b": "\xff"}', "is no text"),
    ],
)
def test_damage_is_told_in_a_line(tmp_path: Path, damaged: bytes, said: str) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_bytes(b'{"seed": 1}\n{"a": 1, "b": 2}\n' + damaged + b'\n{"a": 5, "b": 6}\n')
    with pytest.raises(UsageError, match=said) as told:
        kept(file)
    assert "\n" not in str(told.value)
    assert str(file) in str(told.value)
