"""The paper's claims, run by run: which reading bears out which."""

from collections.abc import Sequence

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.once import Once
from analysis.compare.seen import Seen
from analysis.importance.exhibits import TREES, Measured, measured_in
from analysis.reproduction.claims import NO, PARTLY, UNTESTED, YES, Claim
from analysis.reproduction.claims import lines as claims_of
from analysis.reproduction.evidence import evidence_of
from analysis.run_data.reference import of_the_papers_case

VERDICTS = (YES, PARTLY, NO, UNTESTED)


def of_the_paper(seen: Sequence[Seen]) -> list[Seen]:
    """Return the runs that the paper's claims can be held against."""
    return [one for one in seen if of_the_papers_case(one.run)]


def claims(seen: Sequence[Seen], command: str, trees: int = TREES) -> Exhibit:
    """Return each claim of the paper, what each run finds, and its verdict, by the rules of analysis.reproduction."""
    found = {one.label: judged(one, trees) for one in seen}
    rows: list[list[Cell]] = []
    for same in zip(*found.values(), strict=True):
        told = [cell for claim in same for cell in (claim.reproduced, claim.ours)]
        rows.append([same[0].claim, same[0].paper, *told])
    counted = "; ".join(f"{label}: {in_a_line(lines)}" for label, lines in found.items())
    head = ("claim", "paper", *(f"{what} {label}" for label in found for what in ("reproduced", "found")))
    return Exhibit(
        "compare_claims",
        "The paper's claims, run by run",
        f"{counted}. Each run's own good draws, by the rules that analysis.reproduction prints.",
        command,
        None,
        Table(head, rows),
    )


def judged(one: Seen, trees: int) -> list[Claim]:
    """Return the claims held against one run."""
    importance: Once[list[Measured]] = Once(lambda: measured_in(one.run, trees=trees))
    return claims_of(evidence_of(one.ranking, importance, one.regions))


def in_a_line(lines: Sequence[Claim]) -> str:
    """Return how many of the claims came to each verdict."""
    verdicts = [claim.reproduced for claim in lines]
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS)
