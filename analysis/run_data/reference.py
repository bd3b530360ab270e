"""Whether the results of the paper are those of a run's case, so that they may stand beside it."""

from engine.results.run_record import Run

PAPER = "dukalskis-2017"  # Dukalskis, Elkink and Xiong (2017)
CASES = ("dprk", "paper-region")  # names of the paper's case, in runs of versions whose scenarios named no reference


def of_the_papers_case(run: Run) -> bool:
    """Return whether the scenario of a run names the paper as its reference.

    Only this part of the scenario is looked at, so that runs of other versions can be read.
    """
    scenario = run.record.scenario
    if "reference" in scenario:
        return bool(scenario["reference"] == PAPER)
    return scenario.get("name") in CASES
