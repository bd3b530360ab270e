"""What was run: the facts of run.json, how far each chain came, and the ranges that were searched."""

from typing import Any

from analysis.common.exhibit import Exhibit, Table
from analysis.run_data.made_by import line_of, made_by
from calibrate.store.summary import summarize
from engine.results.run_record import Run
from engine.scenario import Scenario


def exhibits(run: Run) -> list[Exhibit]:
    """Return the facts of the run, its chains and its ranges; raise DataError for a run without draws."""
    command = line_of(run, "report")
    scenario, record = run.scenario, run.record
    command_line, notes = made_by(run, f"{run.directory}/")
    facts = [
        ("made by", " ".join([*filter(None, [command_line]), *notes])),
        ("scenario", scenario.name),
        ("status", record.status),
        ("draws", "{:,} of {:,}".format(*draws_of(run))),
        ("seed", str(record.seed)),
        ("chains", f"{record.chains:,}"),
        ("time", f"{scenario.calendar[0]} to {scenario.calendar[-1]}, {scenario.weeks:,} weeks"),
        ("provinces", ", ".join(scenario.provinces)),
        ("record", f"{scenario.target.series}, {scenario.yearly_target().sum():,.0f} people"),
        ("begun", record.start),
        ("ended", record.end or "not yet"),
        ("model version", record.model_version),
        ("digest of the sources", record.source_digest[:16]),
        *((f"{name}", str(version)) for name, version in record.versions.items()),
    ]
    return [
        Exhibit(
            "run",
            "The run",
            "What it takes to make the same draws again: the scenario, the seed and the versions.",
            command,
            table=Table(("what", "value"), facts),
        ),
        chains(summarize(run, 0, 0.0)["chains"], command),
        ranges(scenario, command),
    ]


def draws_of(run: Run) -> tuple[int, int]:
    """Return how many draws are stored, and how many the run is to have; raise DataError if there are none."""
    record = run.record
    return run.draws(["iteration"]).num_rows, record.chains * record.iters


def lead(run: Run) -> str:
    """Return the run in one sentence."""
    record = run.record
    return f"Scenario {run.scenario.name}: {record.chains} chains of {record.iters:,} draws each, seed {record.seed}."


def unfinished(run: Run) -> str:
    """Return a warning about a run that is not finished, empty for one that is; raise DataError if it is empty."""
    draws, planned = draws_of(run)
    status = run.record.status
    if status == "finished" and draws >= planned:
        return ""
    return (
        f"This run is not finished (status: {status}). It holds {draws:,} of {planned:,} draws; all below is of these."
    )


def chains(rows: list[dict[str, Any]], command: str) -> Exhibit:
    """Return how far each chain came, and its best score."""
    head = ("chain", "draws", "best_score", "best_iteration", "acceptance", "stopped_share", "failed")
    return Exhibit(
        "chains",
        "The chains",
        "Each chain is one walk of the search from a random start. Higher scores are better; acceptance is the share "
        "of proposals taken, stopped share that of runs that ended early because too many people left in one week.",
        command,
        table=Table(head, [[row[name] for name in head] for row in rows]),
    )


def ranges(scenario: Scenario, command: str) -> Exhibit:
    """Return what was searched, and what was held."""
    rows = []
    for name, entry in scenario.parameters.items():
        held = entry.fixed is not None
        rows.append((name, "held" if held else f"searched ({entry.scale})", entry.low, entry.high))
    return Exhibit(
        "ranges",
        "The ranges searched",
        "Draws lie between these bounds. A good value close to a bound may mean that the range was too narrow.",
        command,
        table=Table(("parameter", "how", "low", "high"), rows),
    )
