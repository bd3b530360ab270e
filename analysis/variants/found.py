"""What the search of a variant came to: its best point on fresh seeds, and what its good draws bear out."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from analysis.reproduction.claims import Claim, conclusions
from analysis.reproduction.claims import lines as papers_claims
from analysis.reproduction.evidence import Evidence, two_best
from analysis.run_data.candidates import best_draws, recorded
from analysis.run_data.fresh_seeds import Fresh, fair
from analysis.run_data.reference import reference_of
from analysis.run_data.skill import skill
from calibrate.objective.likelihood import means
from engine.errors import DataError
from engine.results.run_record import Run
from engine.simulation import simulate_batch

TOP, SEEDS = 30, 8  # recorded draws that are simulated again, and how often
MORE = 100  # fresh seeds of the best of them, which did not choose it
GOOD = 0.5  # the share of them that is called good
UNMEASURED = "a short search tells of no parameter's importance"
COUNTED = "not looked for in a short search"


class Changed(Protocol):
    """A variant, as far as it is kept."""

    @property
    def number(self) -> int: ...

    @property
    def changes(self) -> tuple[str, ...]: ...


class Found(NamedTuple):
    """What a variant came to; numbers are missing where its search found no draw with a score."""

    number: int
    changes: list[str]
    mean: float | None  # worth of the best point on fresh seeds
    error: float | None  # its standard error
    skill: float | None  # share of the record that its mean curve accounts for
    by_year: list[float]  # the mean curve
    point: list[float]  # (parameters,)
    verdicts: dict[str, str]  # by claim
    problem: str  # why there are no numbers, empty if there are


def found_in(line: Mapping[str, Any]) -> Found:
    """Return what was kept as a line."""
    return Found(**line)


def measured(run: Run, variant: Changed) -> Found:
    """Return what the finished search of a variant came to."""
    try:
        draws = recorded(run)
    except DataError as error:
        return Found(variant.number, list(variant.changes), None, None, None, [], [], {}, str(error))
    scenario, fresh = run.scenario, Fresh(run, shown=False)
    place = best_draws(draws, TOP)
    place = place[np.argsort(-fair(fresh(draws.points[place], SEEDS)).mean, kind="stable")]
    best = draws.points[place[:1]]
    worth = fair(fresh(best, MORE))
    seed = (run.record.seed + 1) % 2**63
    batch = simulate_batch(scenario, np.tile(best, (SEEDS * 4, 1)), seed)
    curve = means(scenario, batch.by_year, batch.weeks_run).mean(axis=0)
    verdicts: dict[str, str] = {}
    good = place[: max(2, round(GOOD * len(place)))]
    reference = reference_of(run)
    if (reference.claims or reference.conclusions) and len(good) > 1:
        best_two = two_best(scenario, draws.points[good[:2]], SEEDS, seed)
        points, chains = draws.points[good], draws.chain[good]
        told: tuple[list[str], str, str, int] = [], UNMEASURED, COUNTED, len(draws.score)
        evidence = Evidence(scenario, points, chains, best_two, *told, reference)
        claims: list[Claim] = [*papers_claims(evidence), *conclusions(evidence)]
        verdicts = {f"{claim.claim}: {claim.paper}": claim.reproduced for claim in claims}
    return Found(
        variant.number,
        list(variant.changes),
        float(worth.mean[0]),
        float(worth.error[0]),
        skill(scenario, curve),
        curve.tolist(),
        best[0].tolist(),
        verdicts,
        "",
    )
