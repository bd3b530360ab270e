"""The paper's claims, run by run: which reading bears out which."""

from collections.abc import Sequence

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.once import Once
from analysis.compare.seen import Seen
from analysis.importance.exhibits import TREES, Measured, measured_in
from analysis.reproduction.claims import NO, PARTLY, UNTESTED, YES, Claim
from analysis.reproduction.claims import lines as claims_of
from analysis.reproduction.evidence import evidence_of
from analysis.run_data.reference import reference_of

VERDICTS = (YES, PARTLY, NO, UNTESTED)


def of_the_paper(seen: Sequence[Seen]) -> list[Seen]:
    """Return the runs whose scenario names the claims of a publication."""
    return [one for one in seen if reference_of(one.run).claims]


def claims(seen: Sequence[Seen], command: str, trees: int = TREES) -> Exhibit:
    """Return each claim of the paper, what each run finds, and its verdict, by the rules of analysis.reproduction."""
    found = {one.label: judged(one, trees) for one in seen}
    rows: list[list[Cell]] = []
    by_claim = {label: {(line.claim, line.paper): line for line in lines} for label, lines in found.items()}
    for claim in dict.fromkeys(claim for lines in by_claim.values() for claim in lines):
        same = [lines.get(claim) for lines in by_claim.values()]
        told = [(line.reproduced, line.ours) if line else (None, None) for line in same]
        rows.append([*claim, *(cell for pair in told for cell in pair)])
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
    return claims_of(evidence_of(one.ranking, importance, one.regions, reference_of(one.run)))


def in_a_line(lines: Sequence[Claim]) -> str:
    """Return how many of the claims came to each verdict."""
    verdicts = [claim.reproduced for claim in lines]
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS)
