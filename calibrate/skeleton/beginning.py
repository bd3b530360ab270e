"""``python -m calibrate init NAME``: a folder with a scenario to choose from and small tables to fill in."""

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import NamedTuple

from engine.cli.arguments import Parser
from engine.errors import DataError, UsageError, to_type
from engine.scenario.yaml_text import plain_value

YEARS, PROVINCES = "1990-2010", "North,South"  # where nothing is said
MOST_YEARS, LAST_YEAR = 1000, 9999  # of a scenario
MOST_PROVINCES = 200
WEEKS = 52
#: What each file holds, for who has just got it.
FILES = {
    "{name}.yaml": "the scenario: every choice, with the other readings beside it",
    "population.csv": "to fill in: the people of the country, by year",
    "provinces.csv": "to fill in: the people of each province, and whether it has the border",
    "growth.csv": "to fill in: growth of the economy in percent, by year",
    "target.csv": "to fill in: who left, by year; what a run has to meet",
    "SOURCES.md": "to fill in: where the figures come from",
}


class Country(NamedTuple):
    """What was asked for."""

    name: str
    first_year: int
    last_year: int
    provinces: tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    """Return 0 after the folder was made; raise UsageError, a line a mistake, or where there is such a folder."""
    country = read_country(arguments)
    folder = Path(country.name)
    written(folder, content_of(country))
    scenario = folder / f"{country.name}.yaml"
    names = {name.format(name=country.name): what for name, what in FILES.items()}
    width = max(map(len, names))
    for name, what in names.items():
        print(f"{folder}/{name:<{width}}  {what}")
    print(f"What is still missing: {to_type('calibrate')} --config {scenario} --dry-run")
    return 0


def parser() -> Parser:
    """Return the parser."""
    made = Parser(
        prog=f"{to_type('calibrate')} init",
        description="Begin a country of your own: a new folder NAME with a scenario, NAME.yaml, in which every choice "
        "has its comment, and with small tables to fill in. Nothing that is there is written over. "
        "--dry-run says afterwards what is still missing.",
        allow_abbrev=False,
    )
    made.add_argument("name", metavar="NAME", help="of the folder and of the scenario: letters, digits, - and _")
    made.add_argument("--years", metavar="FIRST-LAST", default=YEARS, help=f"that are simulated (default {YEARS})")
    made.add_argument(
        "--provinces", metavar="NAME,NAME", default=PROVINCES, help=f"parted by commas (default {PROVINCES})"
    )
    return made


def read_country(arguments: Sequence[str]) -> Country:
    """Return what the command line asks for; raise UsageError, a line a mistake."""
    given, problems = parser().read(arguments)
    if not re.fullmatch(r"[^\W_][\w-]{0,79}", given.name):
        problems.append(f"{given.name[:40]!r} is no name for a folder here; give letters, digits, - and _")
    years = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", given.years, re.ASCII)
    first, last = (int(years[1]), int(years[2] or years[1])) if years else (0, 0)
    if not 1 <= first <= last <= LAST_YEAR or last - first >= MOST_YEARS:
        problems.append(f"--years {given.years[:40]}: give the first and the last year, such as {YEARS}")
    provinces = tuple(name.strip() for name in given.provinces.split(","))
    if len(set(provinces)) < len(provinces) or len(provinces) > MOST_PROVINCES or not all(map(_is_a_cell, provinces)):
        problems.append(
            f"--provinces {given.provinces[:40]!r}: give different names, {MOST_PROVINCES} at most, parted by commas"
        )
    if problems:
        raise UsageError("\n".join(problems))
    return Country(given.name, first, last, provinces)


def _is_a_cell(name: str) -> bool:
    # A number would be read as one, and quotation marks as a table's own.
    return bool(name) and name.isprintable() and '"' not in name and isinstance(plain_value(name), str)


def content_of(country: Country) -> dict[str, str]:
    """Return the text of each file of the folder, by its name."""
    years = range(country.first_year, country.last_year + 1)
    templates = files(__package__)
    words = {
        "command": to_type("calibrate"),
        "name": country.name,
        # A name such as 1984 or null is a text only between quotation marks.
        "quoted_name": country.name if isinstance(plain_value(country.name), str) else f'"{country.name}"',
        "first_year": country.first_year,
        "last_year": country.last_year,
        "years": len(years),
        "weeks": len(years) * WEEKS,
    }
    return {
        f"{country.name}.yaml": Template((templates / "country.yaml").read_text(encoding="utf-8")).substitute(words),
        "population.csv": table("year,people", years),
        "provinces.csv": table("name,population,on_border", country.provinces),
        "growth.csv": table("year,percent", years),
        "target.csv": table("year,people", years),
        "SOURCES.md": (templates / "SOURCES.md").read_text(encoding="utf-8"),
    }


def table(header: str, rows: Sequence[object]) -> str:
    """Return a CSV table whose rows have their name and empty cells."""
    return "".join(f"{line}\n" for line in [header, *(f"{row}{',' * header.count(',')}" for row in rows)])


def written(folder: Path, content: dict[str, str]) -> None:
    """Make the folder with these files; where that cannot be, leave all as it was and raise UsageError or DataError."""
    made: list[Path] = []
    try:
        folder.mkdir()
        for name, text in content.items():
            made.append(folder / name)
            made[-1].write_text(text, encoding="utf-8")
    except FileExistsError:
        raise UsageError(f"{folder}: is there already and stays as it is; give another name, or move it away") from None
    except OSError as error:
        for path in made:
            path.unlink(missing_ok=True)
        if made:
            folder.rmdir()
        raise DataError(f"{folder}: cannot be made ({error.strerror}); go to a folder where you may write") from None
