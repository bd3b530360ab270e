"""The tables that a run's scenario names, to stand beside its results; or those of another scenario file."""

from pathlib import Path

from pydantic import ValidationError

from engine.cli.arguments import Parser
from engine.results.run_record import Run
from engine.scenario import load_scenario
from engine.scenario.reference import Reference

REMEDY = "give --reference FILE, a scenario file of the same country that names them"


def add_reference(command: Parser) -> None:
    """Add the option that names another scenario file for its tables."""
    told = "take the reference tables of this scenario (default: of the run's own)"
    command.add_argument("--reference", type=Path, metavar="FILE", help=told)


def reference_of(run: Run, config: Path | None = None) -> Reference:
    """Return the tables of a run's scenario, or those of the scenario file ``config``; UsageError as in load_scenario.

    Only this part of the run's scenario is looked at, so that runs of other versions can be read. Those of versions
    that kept no tables have none.
    """
    if config is not None:
        return load_scenario(config).reference
    try:
        return Reference.model_validate(run.record.scenario.get("reference"))
    except ValidationError:
        return Reference()
