"""Runs as Python sees them: one as a trajectory of weeks and provinces, or very many as arrays of what they came to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import local
from typing import Any, NamedTuple

import numpy as np

from engine.attribution import Membership, deal_to_cells, make_membership
from engine.errors import UsageError, shown
from engine.kernel.batch import run_each
from engine.kernel.recording import Record, make_record
from engine.kernel.run import run, run_by_years
from engine.kernel.state import State, make_state
from engine.kernel_inputs import communities_of, make_inputs, people_asked_about
from engine.numerics.random import PEOPLE
from engine.parameters import Parameters, as_points
from engine.processors import available_processors
from engine.scenario import Scenario, expect_scenario
from engine.scenario.cells import build_cells
from engine.scenario.kept import kept
from engine.types import Flags, Floats, Integers

TURNS = 8  # of each thread in a batch, so that none waits long for the last
NO_YEARS = np.zeros(0, np.int64)
PIECE = 64  # runs that a thread makes at a time: their weeks, half a megabyte, stay near the processor

#: From what some runs have to show by week, (runs, weeks), and the weeks that each ran, (runs,): their scores, (runs,).
#: With target.also from their tallies too, (runs, years, kinds, 2).
Score = Callable[..., Floats]


def _of_nobody() -> Integers:
    return np.zeros((0, 0), np.int64)


@dataclass(frozen=True, repr=False)
class Trajectory:
    """What happened in one run, week by week and province by province.

    Arrays are (weeks, provinces). After an early stop counts are 0 and repression stays at the last week's level.
    """

    attempts: Integers
    escapes: Integers  # attempts that were not repressed
    known: Integers  # attempts that citizens learned of
    known_repressed: Integers
    repression: Floats  # R in force that week
    weeks_run: int
    stopped: bool
    weeks_per_year: int
    first_year: int
    # (years, cells), cells as in engine.scenario.cells; of no rows where nobody asked.
    attempts_by_cell: Integers = field(default_factory=_of_nobody)
    escapes_by_cell: Integers = field(default_factory=_of_nobody)

    def by_year(self, counts: Integers) -> Integers:
        """Return one of the counts summed by year over the provinces, (years,)."""
        yearly: Integers = counts.reshape(-1, self.weeks_per_year * counts.shape[1]).sum(axis=1)
        return yearly

    def escapes_by_year(self) -> Integers:
        """Return the escapes of the country, (years,)."""
        return self.by_year(self.escapes)

    def attempts_by_year(self) -> Integers:
        """Return the attempts of the country, (years,)."""
        return self.by_year(self.attempts)

    def table(self) -> Any:
        """Return the years of the run as an Arrow table: year, attempts, escapes, known attempts, mean repression.

        Repression is the mean over provinces and the weeks run. A year that the run did not begin has no row.
        """
        import pyarrow as pa  # not for a run alone: it takes longer to load than the run

        years = -(-self.weeks_run // self.weeks_per_year)
        level = self.repression[: self.weeks_run].mean(axis=1)
        ends = range(self.weeks_per_year, self.weeks_run, self.weeks_per_year)
        counts = {name: self.by_year(getattr(self, name))[:years] for name in ("attempts", "escapes", "known")}
        year = np.arange(self.first_year, self.first_year + years)
        return pa.table({"year": year, **counts, "repression": [part.mean() for part in np.split(level, ends)]})

    def __repr__(self) -> str:
        weeks, provinces = self.escapes.shape
        ran = f"stopped after week {self.weeks_run:,} of {weeks:,}" if self.stopped else f"{weeks:,} weeks"
        counts = f"{self.attempts.sum():,} attempts, {self.escapes.sum():,} escapes"
        return f"<Trajectory from {self.first_year}: {ran}, {provinces} provinces, {counts}>"


class Batch(NamedTuple):
    """What many runs came to, a row a run, in the order of their points."""

    by_year: Integers  # (runs, years): what is compared with the target, escapes or attempts (target.compares)
    escapes_total: Integers  # (runs,)
    attempts_total: Integers  # (runs,)
    weeks_run: Integers  # (runs,)
    stopped: Flags  # (runs,): before the last week, because too many people left
    score: Floats  # (runs,), NaN where no score was asked for
    # (runs, years, kinds, 2): expected attempts and escapes of the kinds of person that target.also asks about.
    tallies: Floats


def simulate(
    scenario: Scenario,
    parameters: Parameters | Mapping[str, object],
    seed: int = 0,
    chain: int = 0,
    iteration: int = 0,
    *,
    by_cell: bool = False,
    chance_by_year: Sequence[int] = (),
) -> Trajectory:
    """Return one run of the scenario at a point, the same for the same arguments.

    (seed, chain, iteration) is the address of its chance: a draw that a search recorded is simulated again by its own.
    ``by_cell`` tells also who attempted and escaped, and changes nothing else. ``chance_by_year``, (years,), takes the
    place of ``iteration`` for a draw whose years had each a chance of its own. A parameter that the scenario holds
    fixed may be left out. Raises UsageError, a ValueError, naming a parameter missing, unknown or out of its domain.
    """
    point, address = as_parameters(scenario, parameters), _address(seed, chain, iteration)
    return _trajectory(scenario, point, address, by_cell, np.array(chance_by_year, np.int64))


def simulate_many(
    scenario: Scenario,
    parameters: Parameters | Mapping[str, object],
    seeds: Iterable[int],
    *,
    by_cell: bool = False,
) -> list[Trajectory]:
    """Return one trajectory for each seed, in their order, simulated in parallel; the rest as in simulate."""
    point = as_parameters(scenario, parameters)
    if not isinstance(seeds, Iterable):
        raise UsageError(f"seeds: {shown(seeds)} will not do; give several, such as range(100)")
    addresses = [_address(seed, 0, 0) for seed in seeds]
    # One before there are threads: it compiles.
    first = [_trajectory(scenario, point, address, by_cell) for address in addresses[:1]]
    with ThreadPoolExecutor(available_processors()) as pool:
        return first + list(pool.map(lambda address: _trajectory(scenario, point, address, by_cell), addresses[1:]))


def simulate_batch(
    scenario: Scenario,
    points: Any,
    seed: int = 0,
    *,
    chain: int = 0,
    iteration: int = 0,
    score: Score | None = None,
    workers: int | None = None,
) -> Batch:
    """Return what one run at each of ``points`` came to, at the speed of compiled code and on all processors.

    ``points`` is an array with a row a point: (runs, free parameters), in the order of ``scenario.free_names``, or
    (runs, parameters), in that of ``scenario.names``; or a table with columns by name (a mapping of arrays, or of
    pandas, Polars or Arrow), of which those that are no parameters are not looked at. Row k has its chance from the
    address (seed, chain, iteration + k), so the same arguments give the same numbers on any number of ``workers``.

    ``score`` makes a number of each run: ``calibrate.Score(scenario)``, or any function of the runs' escapes by week
    (attempts, if target.compares says so), (runs, weeks), which it must not keep, and the weeks that each ran, (runs,);
    with target.also it takes their tallies too. Raises UsageError, a ValueError, for points that cannot be.
    """
    expect_scenario(scenario)
    rows = as_points(points, {name: entry.fixed for name, entry in scenario.parameters.items()})
    address = _address(seed, chain, iteration)
    inputs = make_inputs(scenario)
    runs, years = len(rows), inputs.heads.shape[0]
    by_year, totals = np.zeros((runs, years), np.int64), np.zeros((runs, 2), np.int64)
    weeks_run, stopped = np.zeros(runs, np.int64), np.zeros(runs, np.bool_)
    scores = np.full(runs, np.nan)
    asked_about = people_asked_about(scenario)
    tallies = np.zeros((runs, years, len(asked_about), 2))

    def simulate_some(starts: range) -> None:
        for start in starts:
            simulate_piece(start)

    def simulate_piece(start: int) -> None:
        here = slice(start, start + PIECE)
        own = _own(scenario)
        weekly = own.weekly[: len(rows[here])]
        where = (*address[:2], address[2] + start, own.state, weekly, own.record)
        came_to = by_year[here], totals[here], weeks_run[here], stopped[here], tallies[here]
        run_each(inputs, rows[here], *where, *came_to)
        if score is not None:
            scores[here] = score(weekly, weeks_run[here], *([tallies[here]] if len(asked_about) else []))

    threads = workers or available_processors()
    simulate_piece(0)  # compiles before there are threads
    starts = range(PIECE, runs, PIECE)
    each = max(1, len(starts) // (TURNS * threads))  # pieces of a turn
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(simulate_some, [starts[first : first + each] for first in range(0, len(starts), each)]))
    return Batch(by_year, totals[:, 0], totals[:, 1], weeks_run, stopped, scores, tallies)


def as_parameters(scenario: Scenario, parameters: Parameters | Mapping[str, object]) -> Parameters:
    """Return a checked point; what the scenario holds fixed need not be given."""
    expect_scenario(scenario)
    given = parameters.as_dict() if isinstance(parameters, Parameters) else _held(scenario) | dict(parameters)
    return Parameters.from_mapping(given, scenario.events)


def parameters_of(scenario: Scenario, row: Any) -> Parameters:
    """Return the point in ``row``, a row of a table: of a run's draws, of best.csv, or of your own.

    Columns that are no parameters are not looked at, texts are read as numbers, and what the scenario holds is the
    scenario's, whatever the row says. Raises UsageError naming a parameter that is missing or out of its domain.
    """
    try:
        columns = dict(row)
    except (TypeError, ValueError):
        raise UsageError(f"row: {shown(row)} is no row of a table; give a mapping of names to numbers") from None
    given = {name: _as_number(columns[name]) for name in scenario.names if name in columns}
    return Parameters.from_mapping(given | _held(scenario), scenario.events)


def _held(scenario: Scenario) -> dict[str, object]:
    return {name: entry.fixed for name, entry in scenario.parameters.items() if entry.fixed is not None}


def _as_number(value: object) -> object:
    """Return the number that a text of a CSV file stands for; anything else, and what is none, as it is."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _trajectory(
    scenario: Scenario,
    point: Parameters,
    address: tuple[int, int, int],
    by_cell: bool = False,
    chance_by_year: Integers = NO_YEARS,
) -> Trajectory:
    """Return the run at this point and address."""
    inputs = make_inputs(scenario)
    _, communities, groups = inputs.heads.shape
    record = make_record(inputs.weeks, communities, groups if by_cell else 0)
    weekly = np.zeros(inputs.weeks, np.int64)
    rest = _own(scenario).state, weekly, record
    if len(chance_by_year):
        outcome = run_by_years(inputs, point.vector(), *address[:2], chance_by_year, *rest)
    else:
        outcome = run(inputs, point.vector(), *address, *rest)
    record.repression[outcome.weeks_run :] = record.repression[outcome.weeks_run - 1]
    cells: Iterable[Integers] = ()
    if by_cell:
        rng = np.random.default_rng((*address, PEOPLE))  # its own chance, so that asking moves no number
        cells = deal_to_cells(record, _membership(scenario), inputs.weeks_per_year, rng)
    years = inputs.weeks_per_year, scenario.first_year
    first = inputs.home[:-1]  # of each province
    attempts, escapes, known, known_repressed = (np.add.reduceat(count, first, axis=1) for count in record[:4])
    counts = attempts, escapes, known, known_repressed, record.repression[:, first]
    return Trajectory(*counts, outcome.weeks_run, outcome.stopped, *years, *cells)


@kept
def _membership(scenario: Scenario) -> Membership:
    groups = make_inputs(scenario).heads.shape[2]
    return make_membership(build_cells(scenario), communities_of(scenario), groups, scenario.by_kind)


class _Own(NamedTuple):
    """The arrays in which one thread simulates a scenario."""

    state: State
    weekly: Integers  # (PIECE, weeks): of the runs of a piece
    record: Record  # of no week, with the tallies that target.also asks for


@kept
def _threads(_scenario: Scenario) -> local:
    return local()


def _own(scenario: Scenario) -> _Own:
    """Return the arrays of the thread that asks, made when it asks first."""
    mine = _threads(scenario)
    if not hasattr(mine, "own"):
        inputs = make_inputs(scenario)
        weekly = np.zeros((PIECE, inputs.weeks), np.int64)
        mine.own = _Own(
            make_state(inputs), weekly, make_record(0, inputs.kind.size, people=people_asked_about(scenario))
        )
    own: _Own = mine.own
    return own


def _address(seed: object, chain: object, iteration: object) -> tuple[int, int, int]:
    words = {"seed": seed, "chain": chain, "iteration": iteration}
    for name, word in words.items():
        if isinstance(word, bool) or not isinstance(word, (int, np.integer)) or not 0 <= word < 2**63:
            such = f", such as {int(word)}" if isinstance(word, float) and word.is_integer() else ""
            raise UsageError(f"{name}: {shown(word)} is no address; give an integer from 0 to {2**63 - 1}{such}")
    return int(seed), int(chain), int(iteration)  # type: ignore[call-overload]
