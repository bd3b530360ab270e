"""The commands that made a run and that make a part of its page; what run.json does not say is not guessed."""

import shlex

from calibrate.session.beginning import filled_in
from calibrate.settings import command_of
from engine.errors import UsageError, to_type
from engine.results.run_record import Run
from engine.scenario import load_scenario


def made_by(run: Run, out: str) -> tuple[str, list[str]]:
    """Return the command that made the run, with ``out`` for its directory, and what is to be said beside it.

    The command is empty, and a line says why, where it would not make this run again: no other is guessed.
    """
    record, told = run.record, "what was run is the scenario in run.json."
    if record.config is None:
        return "", ["It does not name a scenario file: the run was made from Python, or by version 0.1."]
    try:
        scenario = load_scenario(record.config, record.overrides)
    except UsageError as error:
        why = str(error).partition("\n")[0]
        return "", [f"The file that the run was made from cannot be used here ({why}); {told}"]
    if filled_in(scenario.resolved(), record) != record.scenario:
        return "", [f"{record.config}, which the run was made from, has changed since; {told}"]
    return command_of(record, out), []


def line_of(run: Run, name: str, options: str = "", folder: str = "") -> str:
    """Return what to type to make exhibits of ``run`` again by the command ``name`` of analysis, with ``options``.

    ``folder`` stands for the run's directory if it is given.
    """
    objective = "" if run.objective == run.climbed else f" --objective {run.objective}"
    return f"{to_type(f'analysis.{name}')} {shlex.quote(folder or str(run.directory))}{objective}{options}"
