"""The objectives by name: which column of the draws a search climbs, and what it is called."""

from typing import NamedTuple

from engine.errors import DataError
from engine.results.run_record import Run
from engine.scenario import Scenario


class Objective(NamedTuple):
    """One of the numbers that every draw has, as what is to be as high as can be."""

    column: str  # of the draws
    words: str  # for a reader
    fair: str  # the same of a point, over fresh seeds
    unit: str  # of a difference


OBJECTIVES = {
    "score": Objective("score", "score", "mean score", "points"),
    "likelihood": Objective("log_likelihood", "log-likelihood", "log-likelihood", "units of log L"),
}


def objective_of(scenario: Scenario) -> Objective:
    """Return the objective that a scenario names."""
    return OBJECTIVES[scenario.objective]


def ranked_by(run: Run) -> Objective:
    """Return the objective by which the draws of a run are ranked; raise DataError if they do not have it."""
    objective = OBJECTIVES[run.objective]
    if objective.column in run.absent:
        raise DataError(
            f"{run.directory}: its draws have no {objective.words}, which the version that made them did not record; "
            "rank them by the score"
        )
    return objective
