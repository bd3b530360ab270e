"""The command that made a run, as run.json has it; what is not there is said and not guessed."""

from calibrate.settings import command_of
from engine.errors import UsageError
from engine.results.run_record import Run
from engine.scenario import load_scenario


def made_by(run: Run, out: str) -> tuple[str, list[str]]:
    """Return the command that made the run, with ``out`` for its directory, and what is to be said beside it.

    The command is empty where run.json names no scenario file: it is not guessed.
    """
    record = run.record
    if record.config is None:
        return "", ["It does not name a scenario file: the run was made from Python, or by version 0.1."]
    try:
        same = load_scenario(record.config, record.overrides).resolved() == record.scenario
    except UsageError as error:
        return command_of(record, out), [f"Its file cannot be read here: {error}."]
    notes = [] if same else [f"{record.config} has changed since; what was run is the scenario in run.json."]
    return command_of(record, out), notes
