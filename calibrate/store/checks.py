"""Whether the rows of a part agree with each other and with the rules of the search; nothing is simulated here."""

import math
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calibrate.methods.walk import ChainState
from calibrate.store.columns import state_of
from engine.scenario import Scenario

# Chance is compared with a uniform number of at least 2^-53, so nothing this unlikely is ever taken.
LEAST_LOGARITHM = -53 * math.log(2)
ROUNDING = 1e-9  # compiled code may round a sum otherwise than NumPy

Columns = dict[str, NDArray[Any]]
Wrong = NDArray[np.bool_]  # (rows,)


def columns_of(table: pa.Table) -> Columns:
    """Return the columns of ``table`` as arrays; ``escapes_by_year`` is (rows, years)."""
    whole = table.combine_chunks()
    lists = whole["escapes_by_year"].combine_chunks()
    columns: Columns = {name: whole[name].to_numpy() for name in whole.column_names if name != "escapes_by_year"}
    columns["escapes_by_year"] = lists.flatten().to_numpy().reshape(len(lists), -1)
    return columns


def problems_of(table: pa.Table, due: int, before: ChainState | None, scenario: Scenario, screen: bool) -> list[str]:
    """Return a line for each rule that rows of ``table`` break, with the first such row and the number of others.

    ``due`` is the iteration of the first row, ``before`` where the chain stands there, None at its start.
    """
    if empty := [name for name in table.column_names if table[name].null_count]:
        return [f"column {', '.join(empty)} has empty cells"]
    columns = columns_of(table)
    lines = []
    with np.errstate(invalid="ignore"):  # a score may be no finite number
        moves = _screen_rules(columns) if screen else _walk_rules(columns, due, before, scenario)
        for wrong, what in chain(_rules(columns, due, scenario), moves):
            rows = np.flatnonzero(wrong)
            if len(rows):
                others = f" (and {len(rows) - 1:,} rows more)" if len(rows) > 1 else ""
                lines.append(f"row {rows[0]}, iteration {columns['iteration'][rows[0]]}: {what}{others}")
    return lines


def _rules(columns: Columns, due: int, scenario: Scenario) -> Iterator[tuple[Wrong, str]]:
    rows = len(columns["iteration"])
    yield columns["iteration"] != due + np.arange(rows), f"the draws do not go on one by one from {due}"
    for name in scenario.column_names:
        entry, value = scenario.parameters[name], columns[name]
        low, high = (entry.low, entry.high) if entry.fixed is None else (entry.fixed, entry.fixed)
        yield ~((value >= low) & (value <= high)), f"{name} is outside of the scenario's range"
    yield from _outcome_rules(columns, scenario)


def _outcome_rules(columns: Columns, scenario: Scenario) -> Iterator[tuple[Wrong, str]]:
    weeks, by_year = columns["weeks_run"], columns["escapes_by_year"]
    yield (weeks < 1) | (weeks > scenario.weeks), f"weeks_run is not from 1 to {scenario.weeks}"
    stopped: Wrong = columns["stopped"]
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


def _screen_rules(columns: Columns) -> Iterator[tuple[Wrong, str]]:
    yield ~columns["accepted"], "not accepted, as every draw of a screen is"


def _walk_rules(
    columns: Columns, due: int, before: ChainState | None, scenario: Scenario
) -> Iterator[tuple[Wrong, str]]:
    new, taken, old = columns["score"], columns["accepted"], _standing_scores(columns, before)
    first = due + np.arange(len(new)) == 0
    yield first & ~taken, "a chain's first draw is not accepted"
    sure = (new >= old) | ~np.isfinite(old)
    unknown = (standing_rows(taken) < 0) & (before is None)  # after a part that is missing
    yield ~first & ~unknown & sure & ~taken, "not accepted, though no worse than where the chain stood"
    possible = (new - old) / scenario.search.temperature > LEAST_LOGARITHM
    yield ~first & taken & ~sure & ~possible, "accepted, though far too much worse than where the chain stood"


def standing_rows(accepted: Wrong) -> NDArray[np.int64]:
    """Return the row of ``accepted`` where the chain stands before each row, -1 if that is in an earlier part."""
    stands = np.maximum.accumulate(np.where(accepted, np.arange(len(accepted)), -1))
    return np.concatenate([[-1], stands[:-1]]) if len(stands) else stands


def _standing_scores(columns: Columns, before: ChainState | None) -> NDArray[np.float64]:
    rows = standing_rows(columns["accepted"])
    return np.where(rows < 0, np.nan if before is None else before.score, columns["score"][rows])


def state_after(table: pa.Table, before: ChainState | None, scenario: Scenario) -> ChainState | None:
    """Return where a chain stands after the rows of ``table``, given where it stood before them."""
    accepted = np.flatnonzero(table["accepted"].to_numpy())
    return state_of(table.slice(int(accepted[-1]), 1).to_pylist()[0], scenario) if len(accepted) else before
