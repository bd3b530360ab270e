"""The paper's results beside ours, claim by claim.

"Ours" are good draws by fair ranking: the best recorded ones simulated again on fresh seeds, the better half of them.
"""

from collections.abc import Sequence

from analysis.common.exhibit import Exhibit, Table
from analysis.common.once import Once
from analysis.importance.exhibits import Measured
from analysis.regions.search import Regions
from analysis.reproduction.claims import Claim, lines
from analysis.reproduction.errata import Erratum, errata
from analysis.reproduction.evidence import Evidence, evidence_of
from analysis.run_data.fresh_seeds import Fair
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import Ranking
from analysis.run_data.reference import PAPER, of_the_papers_case
from engine.errors import UsageError
from engine.results.run_record import Run


def exhibits(
    run: Run, ranking: Ranking, importance: Once[list[Measured]], regions: Once[tuple[Regions, Fair]]
) -> list[Exhibit]:
    """Return the paper's claims beside ours, and its errata; raise UsageError for a run of another case.

    What cannot be had of ``importance`` and ``regions`` is told by the claims that rest on it.
    """
    check_case(run)
    evidence = evidence_of(ranking, importance, regions)
    table, command = lines(evidence), line_of(run, "reproduction")
    said = "Where figures of the paper disagree with each other, with the arithmetic."
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
        Exhibit("errata", "Errata of the paper", said, command, None, Table(Erratum._fields, errata())),
    ]


def check_case(run: Run) -> None:
    """Return if the paper's results are those of the run's case; else raise UsageError, which says why they are not."""
    if not of_the_papers_case(run):
        raise UsageError(
            f"{run.directory}: its scenario names no reference, so there is nothing of a paper to hold it against; "
            f"for the paper's own case give the scenario the key `reference: {PAPER}`"
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
