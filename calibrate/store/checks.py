"""Whether the rows of a part agree with each other, with the scenario and with the rules of the run's method.

Nothing is simulated here.
"""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pyarrow as pa

from calibrate.methods.base import Columns, Method, Rule
from calibrate.store.columns import columns_of
from engine.results.columns import parameter_columns
from engine.scenario import Scenario
from engine.types import Flags

ROUNDING = 1e-9  # compiled code may round a sum otherwise than NumPy


def problems_of(table: pa.Table, due: int, before: bytes | None, scenario: Scenario, method: Method) -> list[str]:
    """Return a line for each rule that rows of ``table`` break, with the first such row and the number of others.

    ``due`` is the iteration of the first row, ``before`` the state in which the part begins, None if it is not known.
    """
    if empty := [name for name in table.column_names if table[name].null_count]:
        return [f"column {', '.join(empty)} has empty cells"]
    columns = columns_of(table)
    lines = []
    with np.errstate(invalid="ignore"):  # a score may be no finite number
        for wrong, what in chain(_rules(columns, due, scenario), method.rules(columns, before)):
            rows = np.flatnonzero(wrong)
            if len(rows):
                others = f" (and {len(rows) - 1:,} rows more)" if len(rows) > 1 else ""
                lines.append(f"row {rows[0]}, iteration {columns['iteration'][rows[0]]}: {what}{others}")
    return lines


def _rules(columns: Columns, due: int, scenario: Scenario) -> Iterator[Rule]:
    rows = len(columns["iteration"])
    yield columns["iteration"] != due + np.arange(rows), f"the draws do not go on one by one from {due}"
    for name in parameter_columns(scenario.free_names):
        entry, value = scenario.parameters[name], columns[name]
        low, high = (entry.low, entry.high) if entry.fixed is None else (entry.fixed, entry.fixed)
        yield ~((value >= low) & (value <= high)), f"{name} is outside of the scenario's range"
    yield from _outcome_rules(columns, scenario)


def _outcome_rules(columns: Columns, scenario: Scenario) -> Iterator[Rule]:
    weeks, by_year = columns["weeks_run"], columns["escapes_by_year"]
    yield (weeks < 1) | (weeks > scenario.weeks), f"weeks_run is not from 1 to {scenario.weeks}"
    stopped: Flags = columns["stopped"]
    yield ~stopped & (weeks != scenario.weeks), f"not stopped, and yet not {scenario.weeks} weeks run"
    least, escapes, active = by_year.min(axis=1), by_year.sum(axis=1), np.count_nonzero(by_year, axis=1)
    yield np.less(least, 0), "escapes_by_year is below 0"
    yield np.not_equal(escapes, columns["escapes_total"]), "escapes_total is not the sum of escapes_by_year"
    yield np.not_equal(active, columns["active_years"]), "active_years is not the years with an escape"
    yield columns["attempts_total"] < columns["escapes_total"], "more escapes than attempts"
    points = scenario.score.run_weight * weeks / scenario.weeks
    points = points + scenario.score.active_weight * columns["active_years"] / scenario.years
    score, distance = columns["score"], columns["distance"]
    near = np.abs(score - (points - distance)) <= ROUNDING * (1 + np.abs(points) + np.abs(distance))
    yield np.isfinite(score) & ~near, "score is not what distance, weeks_run and active_years make it"
