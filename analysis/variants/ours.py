"""What docs/results.md concludes of the paper's case beside the paper's own claims, as rules on good draws."""

import numpy as np

from analysis.reproduction.claims import NO, PARTLY, YES, Claim, a_share
from analysis.reproduction.evidence import Evidence

HARDLY, FEW = 0.02, 50  # visibility; attempts a week
FIRM = 0.9  # repression at first


def our_claims(evidence: Evidence) -> list[Claim]:
    """Return our conclusions held against good draws, by the rules that the paper's claims have."""
    ranges, best = evidence.scenario.parameters, evidence.best
    visibility, tolerance = evidence.column("visibility"), evidence.column("tolerance")
    start = evidence.column("initial_repression")
    fell = best.last < best.first
    levels = "; ".join(f"{first:.0%} to {last:.0%}" for first, last in zip(best.first, best.last, strict=True))
    least, most = "ours: {} at least", "ours: {} at most"
    hidden, low = ranges["visibility"].high <= HARDLY, ranges["tolerance"].high <= FEW
    firm = ranges["initial_repression"]
    return [
        a_share(most.format("visibility"), f"{HARDLY:g}", visibility, visibility <= HARDLY, hidden),
        a_share(most.format("tolerance"), f"{FEW}", tolerance, tolerance <= FEW, low),
        a_share(least.format("initial_repression"), f"{FIRM:g}", start, start >= FIRM, firm.low >= FIRM),
        Claim(
            "ours: repression lower at the end than at first",
            "in both best runs",
            levels,
            YES if fell.all() else PARTLY if np.any(fell) else NO,
            "",
            "in both of the best runs; partly: in one",
        ),
    ]
