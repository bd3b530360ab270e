"""A recorded draw, found by its address and simulated again to the same numbers."""

from bisect import bisect_right
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.errors import DataError, UsageError, to_type
from engine.parameters import Parameters
from engine.results.columns import ESCAPES_BY_YEAR, LATER, OF_A_RUN, by_year_of, outcomes_of, parameter_columns
from engine.results.directory import REMEDY, opened
from engine.results.provenance import OUR_CODE, differences, versions
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.simulation import Trajectory, as_parameters, simulate


class Draw(NamedTuple):
    """One row of a results directory, and what is needed to simulate it again."""

    scenario: Scenario
    parameters: Parameters
    seed: int
    chain: int
    iteration: int
    row: dict[str, Any]  # by column, as recorded
    made_with: dict[str, Any]  # versions and source digest of the run

    @property
    def address(self) -> tuple[int, int, int]:
        """Return seed, chain and iteration: what simulate takes for the chance that the draw had."""
        return self.seed, self.chain, self.iteration


def read_draw(run: Run, chain: int, iteration: int) -> Draw:
    """Return the draw at an address.

    Raises UsageError if the run has no such draw, DataError if what is there cannot be read.
    """
    scenario, record = run.scenario, run.record
    part = part_with(run, chain, iteration)
    columns = [
        *parameter_columns(scenario.names, scenario.free_names),
        *(name for name in outcomes_of(run.compares, record.method) if name not in LATER),
    ]
    row = read_row(part, iteration, columns, run.fingerprint)
    try:
        parameters = as_parameters(scenario, {name: row[name] for name in scenario.names if name in row})
    except UsageError as error:
        lines = (f"{part}: iteration {iteration}: {line}" for line in str(error).split("\n"))
        raise DataError("\n".join(lines)) from None
    made_with = {"versions": record.versions, "source_digest": record.source_digest}
    return Draw(scenario, parameters, record.seed, chain, iteration, row, made_with)


def part_with(run: Run, chain: int, iteration: int) -> Path:
    """Return the file that holds a draw; only some files of its chain are looked into."""
    there = {number: parts for number, parts in run.parts.items() if parts}
    if not there:
        raise DataError(
            f"{run.directory}: holds no draws yet; let the run go on, or continue it with "
            f"`{to_type('calibrate')} --out {run.directory} --resume`"
        )
    if chain not in there:
        raise UsageError(f"{run.directory}: holds no chain {chain}; give {_choice_of(list(there))}")
    parts = there[chain]
    place = bisect_right(parts, iteration, key=lambda part: run.span_of(part)[0]) - 1
    last = run.span_of(parts[-1])[1]
    if iteration > last:
        first = run.span_of(parts[0])[0]
        wanted = f"give one from {first} to {last}"
        raise UsageError(f"{run.directory}: chain {chain} holds no iteration {iteration}; {wanted}")
    if place < 0 or iteration > run.span_of(parts[place])[1]:
        after = parts[place + 1]
        raise DataError(f"{after}: iteration {iteration} is due before it, but its part is missing; {REMEDY}")
    return parts[place]


def read_row(part: Path, iteration: int, columns: list[str], origin: str) -> dict[str, Any]:
    """Return the row of one iteration, by column; raise DataError if it is not there once, whole and of this run.

    ``origin`` is the run's fingerprint.
    """
    with opened(part, origin) as file:
        if missing := [name for name in columns if name not in file.schema_arrow.names]:
            raise DataError(f"{part}: has no column {', '.join(missing)}, so it is no part of this run; {REMEDY}")
        later = [name for name in LATER if name in file.schema_arrow.names]
        table = file.read(columns=["iteration", *columns, *later])
    places = np.flatnonzero(table["iteration"].to_numpy() == iteration)
    if len(places) != 1:
        raise DataError(f"{part}: holds iteration {iteration} {len(places)} times; {REMEDY}")
    row: dict[str, Any] = table.slice(int(places[0]), 1).to_pylist()[0]
    return row


def run_of(draw: Draw, by_cell: bool = False) -> Trajectory:
    """Return the run of a draw as today's code has it; of a posterior, with the chance of each year's particle."""
    chances = draw.row.get("chance_by_year", ())
    return simulate(draw.scenario, draw.parameters, *draw.address, by_cell=by_cell, chance_by_year=chances)


def simulate_again(draw: Draw) -> Trajectory:
    """Return the run of a recorded draw; raise DataError naming each column in which it is another."""
    trajectory = run_of(draw)
    compares = draw.scenario.target.compares
    by_year = trajectory.by_year(getattr(trajectory, compares))
    now: dict[str, Any] = {
        "weeks_run": trajectory.weeks_run,
        "stopped": trajectory.stopped,
        "active_years": int(np.count_nonzero(by_year)),
        "escapes_total": int(trajectory.escapes.sum()),
        "attempts_total": int(trajectory.attempts.sum()),
        by_year_of(compares): by_year.tolist(),
    }
    address = f"chain {draw.chain}, iteration {draw.iteration}"
    if other := [
        f"{address}: {name}: recorded {draw.row[name]}, simulated again {now[name]}"
        for name in (by_year_of(compares) if name == ESCAPES_BY_YEAR else name for name in OF_A_RUN)
        if draw.row[name] != now[name]
    ]:
        raise DataError("\n".join([*other, *_reasons(draw)]))
    return trajectory


def _reasons(draw: Draw) -> list[str]:
    changed = differences(draw.made_with, {"versions": versions(), "source_digest": OUR_CODE})
    if not changed:
        return ["code and libraries are those of the run: altered since, or made on another kind of machine"]
    return [f"changed since the run, go back to it for the same numbers: {line}" for line in changed]


def _choice_of(numbers: list[int]) -> str:
    """Return the numbers as words for what would do: "0", "one from 0 to 7", "one of 0, 2, 5"."""
    first, last = numbers[0], numbers[-1]
    if first == last:
        return str(first)
    unbroken = numbers == list(range(first, last + 1))
    return f"one from {first} to {last}" if unbroken else f"one of {', '.join(map(str, numbers))}"
