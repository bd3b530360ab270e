"""Short names for runs that stand side by side."""

from collections.abc import Sequence

from engine.results.run_record import Run


def labels_of(runs: Sequence[Run]) -> list[str]:
    """Return a short name for each run: its directory's, or the whole path where two have the same."""
    names = [run.directory.resolve().name for run in runs]
    return [name if names.count(name) == 1 else str(run.directory) for name, run in zip(names, runs, strict=True)]
