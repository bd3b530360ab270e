"""Errata: where figures of the paper disagree with each other, each with the arithmetic that shows it."""

from typing import NamedTuple

WEEKS, WEEKS_A_YEAR = 1196, 52
# The paper's Table 1 as printed, 1992-2016.
TABLE_1 = (
    *(8, 8, 52, 41, 56, 86, 71, 148, 312, 583, 1139, 1281, 1894),
    *(1383, 2091, 2554, 2803, 2914, 2402, 2706, 1502, 1514, 1397, 1275, 1418),
)
PRINTED_TOTAL = 30_212


class Erratum(NamedTuple):
    """What the paper says and what its own numbers come to."""

    paper: str
    arithmetic: str
    in_fact: str


def errata() -> list[Erratum]:
    """Return the errata, their figures computed here."""
    year = (1 + 0.0005) ** WEEKS_A_YEAR - 1
    faster = (1 + 0.005) ** WEEKS_A_YEAR - 1
    end = 0.85 * (1 - 0.0005) ** WEEKS
    needed = 1 - (0.44 / 0.85) ** (1 / WEEKS)
    peak = max(TABLE_1)
    return [
        Erratum(
            "0.05% a week is 30% a year",
            f"1.0005^52 - 1 = {year:.1%}; 1.005^52 - 1 = {faster:.0%}",
            f"0.05% a week is {year:.1%} a year; 30% a year is 0.5% a week",
        ),
        Erratum(
            "repression goes from about 85% to about 44% at 0.05% a week",
            f"0.85 (1 - 0.0005)^1196 = {end:.3f}; 1 - (0.44/0.85)^(1/1196) = {needed:.3%}",
            f"0.05% a week ends at {end:.0%}; 44% takes {needed:.3%}",
        ),
        Erratum(
            f"Table 1's total is {PRINTED_TOTAL:,}",
            f"its cells add up to {sum(TABLE_1):,}",
            "the printed total also counts arrivals before 1992 and later revisions",
        ),
        Erratum(
            "at most 50 people defect in a week",
            f"{peak:,} arrivals in the peak year / 52 = {peak / WEEKS_A_YEAR:.0f}",
            f"{peak / WEEKS_A_YEAR:.0f} a week at the peak",
        ),
    ]
