"""Copies of the scenarios with something put wrong, and the lines that tell of it."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from support.places import CONFIGS

from engine.errors import UsageError
from engine.scenario import load_scenario


class Slip(NamedTuple):
    """What stands in a file, what is put there instead, and the line that tells of it."""

    old: str
    new: str
    line: str


def slips(section: str) -> list[Slip]:
    """Return the slips of one section of scenario_slips.txt; an override has no ``new``."""
    text = Path(__file__).with_name("scenario_slips.txt").read_text(encoding="utf-8")
    lines = text.partition(f"\n# {section}\n")[2].partition("\n\n")[0].splitlines()
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return [Slip(*slip.replace("\\n", "\n").partition(" => ")[::2], line.strip()) for slip, line in pairs]


def edit(folder: Path, old: str, new: str, file: str = "quick.yaml") -> None:
    """Put ``new`` in place of ``old``, which stands once in a file of a copy of configs."""
    if not (folder / "data").exists():
        shutil.copytree(CONFIGS, folder, dirs_exist_ok=True)
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def complaints(path: str | Path, *overrides: str) -> list[str]:
    """Return the lines of the one error that a bad scenario may raise."""
    with pytest.raises(UsageError) as caught:
        load_scenario(path, overrides)
    assert caught.value.exit_code == 2
    return str(caught.value).split("\n")
