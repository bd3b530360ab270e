"""What was measured: rows of values, one value a round; as a table, and as a file that pyperf reads."""

import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyperf

ROOT = Path(__file__).resolve().parent.parent

# By unit: the factor to the base unit that pyperf knows, and its name there.
UNITS = {"ms": (1e-3, "second"), "s": (1.0, "second"), "MB": (1e6, "byte"), "%": (1.0, "integer")}
UNITS |= {"x": (1.0, "integer"), "power": (1.0, "integer")}


class Row(NamedTuple):
    """One measured thing; ``at_least`` and ``at_most`` are targets for its median."""

    name: str
    unit: str  # a key of UNITS
    values: list[float]
    at_least: float | None = None
    at_most: float | None = None

    @property
    def median(self) -> float:
        """Return the middle one of the values."""
        return statistics.median(self.values)

    @property
    def target(self) -> str:
        """Return the target in words, empty if there is none."""
        if self.at_least is not None:
            return f">= {self.at_least:g} {self.unit}"
        return "" if self.at_most is None else f"<= {self.at_most:g} {self.unit}"

    @property
    def verdict(self) -> str:
        """Return whether the target is met, empty if there is none."""
        if not self.target:
            return ""
        too_low = self.at_least is not None and self.median < self.at_least
        too_high = self.at_most is not None and self.median > self.at_most
        return "missed" if too_low or too_high else "met"


def ratio(name: str, above: Row, below: Row, at_least: float | None = None) -> Row:
    """Return the row of ``above`` over ``below``, round by round."""
    return Row(name, "x", [a / b for a, b in zip(above.values, below.values, strict=True)], at_least)


HEADER = f"{'':48} {'median':>10} {'least':>10} {'most':>10}       target"


def line(row: Row) -> str:
    """Return a row of the table."""
    numbers = " ".join(f"{value:>10.4g}" for value in (row.median, min(row.values), max(row.values)))
    return f"{row.name:48} {numbers} {row.unit:5} {row.target:12} {row.verdict}".rstrip()


def machine() -> dict[str, Any]:
    """Return what pyperf knows of this machine and how busy it is."""
    run = pyperf.Run([1.0], collect_metadata=True)
    known: dict[str, Any] = run.get_metadata()
    wanted = ("cpu_model_name", "cpu_count", "cpu_freq", "load_avg_1min", "platform", "python_version")
    return {name: known[name] for name in wanted if name in known}


def write(path: Path, rows: Iterable[Row], notes: Mapping[str, Any]) -> None:
    """Write the rows so that ``python -m pyperf show`` and ``compare_to`` read them; ``notes`` go with each."""
    benchmarks = []
    for row in rows:
        factor, unit = UNITS[row.unit]
        told = {"name": row.name, "unit": unit} | dict(notes)
        if row.target:
            told |= {"target": row.target, "verdict": row.verdict}
        values = [factor * value for value in row.values]
        benchmarks.append(pyperf.Benchmark([pyperf.Run(values, metadata=told, collect_metadata=False)]))
    pyperf.BenchmarkSuite(benchmarks).dump(str(path), replace=True)
