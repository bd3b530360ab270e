"""The paper's results beside ours, claim by claim.

"Ours" are good draws by fair ranking: the best recorded ones simulated again on fresh seeds, the better half of them.
"""

from collections.abc import Sequence

from analysis.common.exhibit import Exhibit, Table
from analysis.common.once import Once
from analysis.importance.exhibits import Measured
from analysis.regions.search import Regions
from analysis.reproduction.claims import Claim, lines
from analysis.reproduction.evidence import Evidence, evidence_of
from analysis.run_data.fresh_seeds import Fair
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import Ranking
from analysis.run_data.reference import REMEDY
from engine.errors import UsageError
from engine.results.run_record import Run
from engine.scenario.reference import Erratum, Reference


def exhibits(
    run: Run,
    ranking: Ranking,
    importance: Once[list[Measured]],
    regions: Once[tuple[Regions, Fair]],
    reference: Reference,
) -> list[Exhibit]:
    """Return a publication's claims beside ours, and its errata; raise UsageError where there are no claims.

    What cannot be had of ``importance`` and ``regions`` is told by the claims that rest on it.
    """
    check_claims(run, reference)
    evidence = evidence_of(ranking, importance, regions, reference)
    table, command = lines(evidence), line_of(run, "reproduction")
    said = "Where figures of the paper disagree with each other, with the arithmetic."
    errata = [tuple(erratum.model_dump().values()) for erratum in reference.errata or ()]
    beside = [Exhibit("errata", "Errata of the paper", said, command, None, Table(tuple(Erratum.model_fields), errata))]
    return [
        Exhibit(
            "reproduction",
            "The paper beside us",
            sentence(evidence, ranking, table),
            command,
            None,
            Table(Claim._fields, table),
            () if importance.problem() else importance.get()[0].warnings,  # what the claims on importance rest on
        ),
        *(beside if errata else []),
    ]


def check_claims(run: Run, reference: Reference) -> None:
    """Return if there are claims of a publication of the run's case; else raise UsageError, saying what would do."""
    if not reference.claims:
        raise UsageError(
            f"{run.directory}: its scenario names no claims of a publication (reference.claims) to hold it against; "
            f"{REMEDY}"
        )


def sentence(evidence: Evidence, ranking: Ranking, table: Sequence[Claim]) -> str:
    """Return what was compared, and how much of it came out."""
    verdicts = [line.reproduced for line in table]
    counted = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("yes", "partly", "no", "not tested"))
    mean, count = ranking.fair.mean, len(evidence.points)
    return (
        f"Of {evidence.draws:,} draws the {len(mean)} best were simulated again on {ranking.seeds} fresh seeds; ours "
        f"are the better {count} by their {ranking.draws.objective.fair}, {mean[count - 1]:.1f} to {mean[0]:.1f} "
        f"(standard error {ranking.fair.error[0]:.1f}). Reproduced: {counted}. What counts as a high score is a "
        "choice, ours as much as the paper's, which does not say."
    )
