"""The objectives by name: which column of the draws a search climbs, and what it is called."""

from typing import NamedTuple

from engine.scenario import Scenario


class Objective(NamedTuple):
    """One of the numbers that every draw has, as what is to be as high as can be."""

    column: str  # of the draws
    words: str  # for a reader


OBJECTIVES = {"score": Objective("score", "score"), "likelihood": Objective("log_likelihood", "log-likelihood")}


def objective_of(scenario: Scenario) -> Objective:
    """Return the objective that a scenario names."""
    return OBJECTIVES[scenario.objective]
