"""Who came to South Korea, from the tables beside the scenario: what escapes by kind of person are held against.

The record counts arrivals, not escapes: whoever stayed in China, died or was sent back is not in it, and it comes late.
"""

import csv
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from engine.errors import DataError, UsageError
from engine.scenario import Scenario
from engine.scenario.people import LEVELS
from engine.scenario.yaml_text import read_text

FOLDER = Path("configs/data")
PROFILE, BY_SEX, STATUS = "defector_profile.csv", "arrivals_by_sex.csv", "songbun.csv"
TO_2020, IN_2016 = ("MOU to 2020-09",), ("MOU 2016/17 via NK News, RFA", "residual")
AGES = {"young": ("0-9", "10-19", "20-29"), "middle": ("30-39", "40-49", "50-59"), "old": ("60+",)}
NO_STATE_JOB, REFUGEES = "unemployed_dependant", "refugees_2008"
REST = "rest "  # how the line begins that stands for all provinces not named
Row = dict[str, str]


class Known(NamedTuple):
    """The share of the arrivals that fell to some levels of a trait."""

    trait: str
    levels: tuple[str, ...]
    share: float
    source: str  # in few words, with what is odd about it


class Period(NamedTuple):
    """Arrivals of some years by sex."""

    first_year: int  # 0: from the beginning
    last_year: int
    women: int
    total: int


class Profile(NamedTuple):
    """What is known of those who arrived."""

    shares: list[Known]
    periods: list[Period]  # oldest first


def read_profile(folder: Path, scenario: Scenario) -> Profile | None:
    """Return the record in ``folder``, or None if it is of another country than the scenario.

    Raises UsageError where there is no such folder, DataError for a table that cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"--profile {folder}: no such directory; give the one that holds {PROFILE}")
    rows, periods, status = (rows_of(folder / name) for name in (PROFILE, BY_SEX, STATUS))
    try:
        homes = by_province(rows, scenario.provinces)
        if not homes:
            return None
        sexes = [
            Period(int(row["year_first"] or 0), int(row["year_last"]), int(row["female"]), int(row["total"]))
            for row in periods
        ]
        return Profile([*by_sex(sexes, scenario), *by_age(rows), *homes, *by_work(rows), *by_status(status)], sexes)
    except (KeyError, ValueError, TypeError) as error:
        raise DataError(f"{folder}: its tables are not those that came with the program ({error!r})") from None


def rows_of(file: Path) -> list[Row]:
    """Return the rows of a table by column; raise DataError if there is none to read."""
    try:
        return list(csv.DictReader(StringIO(read_text(file), newline="")))
    except ValueError as error:
        raise DataError(f"{file}: cannot be read ({error}); put back the one that came with the program") from None


def by_sex(periods: list[Period], scenario: Scenario) -> list[Known]:
    """Return the sexes of those who arrived while the scenario lasts, from the second period on.

    # Choice: the first holds all years before it too, when the few who came were soldiers and sailors.
    """
    last = scenario.calendar[-1]
    counted = [period for period in periods[1:] if period.last_year <= last]
    if not counted:
        return []
    women = sum(period.women for period in counted) / sum(period.total for period in counted)
    source = f"arrivals {counted[0].first_year}-{counted[-1].last_year}"
    return [Known("sex", ("male",), 1 - women, source), Known("sex", ("female",), women, source)]


def by_age(rows: list[Row]) -> list[Known]:
    """Return the ages at arrival, parted as configs/dprk.yaml parts them."""
    figures = share_by_group(rows, "age_at_arrival", TO_2020)
    return [
        Known("age", (level,), sum(figures[age] for age in ages), "at arrival, to 2020") for level, ages in AGES.items()
    ]


def by_province(rows: list[Row], provinces: tuple[str, ...]) -> list[Known]:
    """Return the last residences, or nothing if they are in none of these provinces."""
    figures = share_by_group(rows, "last_residence", IN_2016)
    named = {group: tuple(group.split(" + ")) for group in figures if not group.startswith(REST)}
    gone = {name for names in named.values() for name in names}
    if not gone <= set(provinces):
        return []
    rest = tuple(name for name in provinces if name not in gone)
    return [
        Known("province", named.get(group, rest), share, "last residence, 2016-17") for group, share in figures.items()
    ]


def by_work(rows: list[Row]) -> list[Known]:
    """Return the share of those without a state job before they left, a stand-in for the secondary economy."""
    share = share_by_group(rows, "occupation_before", TO_2020)[NO_STATE_JOB]
    return [Known("economy", ("secondary",), share, "unemployed or dependent before leaving, to 2020: a stand-in")]


def by_status(rows: list[Row]) -> list[Known]:
    """Return the status that refugees gave themselves."""
    (row,) = [row for row in rows if row["coding"] == REFUGEES]
    source = "as 300 refugees gave it in 2008"
    return [Known("status", (level,), float(row[level]), source) for level in LEVELS["status"]]


def share_by_group(rows: list[Row], dimension: str, sources: tuple[str, ...]) -> dict[str, float]:
    """Return the shares of one dimension from these sources."""
    return {
        row["group"]: float(row["value"])
        for row in rows
        if (row["dimension"], row["measure"]) == (dimension, "share_of_all") and row["source"] in sources
    }
