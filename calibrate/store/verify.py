"""``python -m calibrate verify results/``: every part read and checked, and some draws simulated again."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from calibrate.methods.base import START, Columns, Method, Rule
from calibrate.methods.meetings import Meetings
from calibrate.methods.registry import searcher
from calibrate.objective.likelihood import log_likelihoods
from calibrate.store.columns import columns_of, table_of
from calibrate.store.directory import SUMMARY
from calibrate.store.parts import opened_of, state_after
from calibrate.store.summary import summarize
from engine.cli.arguments import Parser, whole
from engine.errors import DataError, UsageError, counted, to_type
from engine.reading import read_regular
from engine.results.columns import by_year_of, parameter_columns, schema_of
from engine.results.directory import REMEDY, RUN
from engine.results.provenance import OUR_CODE, differences, versions
from engine.results.run_record import LARGEST_RECORD, Run, RunRecord, open_run, read_record
from engine.scenario import Scenario
from engine.types import Flags, Floats

ROUNDING = 1e-9  # compiled code may round a sum otherwise than NumPy
SAMPLE, LARGEST_SAMPLE = 200, 10**6


class Stretch(NamedTuple):
    """A part without a fault, and the state of its chain before it."""

    chain: int
    part: Path
    rows: int
    before: bytes


def main(arguments: Sequence[str]) -> int:
    """Return 0 if nothing is wrong; raise DataError with a line for each thing that is, naming file and row."""
    parser = Parser(prog=f"{to_type('calibrate')} verify", description="Check a run.", allow_abbrev=False)
    parser.add_argument("directory", nargs="?", default="results/", help="of the run (default results/)")
    parser.add_argument("--sample", metavar="N", default=str(SAMPLE), help=f"draws to do again (default {SAMPLE})")
    given, problems = parser.read(arguments)
    sample = whole(given.sample)
    if sample is None or sample > LARGEST_SAMPLE:
        problems.append(f"--sample {given.sample[:40]}: give a whole number from 0 to {LARGEST_SAMPLE}")
    if problems or sample is None:
        raise UsageError("\n".join(problems))
    directory = Path(given.directory)
    try:
        print(verified(directory, sample))
    except OSError as error:
        what = f"{error.filename or directory}: cannot be read ({error.strerror or error})"
        raise DataError(f"{what}; allow reading it, then try again") from None
    return 0


def verified(directory: Path, sample: int) -> str:
    """Return what was found sound in the run, finished or not, and also while it goes on; raise DataError if not."""
    run = open_run(directory)
    record, scenario = run.record, run.scenario
    method, schema = searcher(record, scenario), schema_of(scenario, run.fingerprint, record.method, run.absent)
    problems: list[str] = []
    stretches: list[Stretch] = []
    for chain, parts in run.parts.items():
        sound, found = check_chain(chain, parts, scenario, schema, method)
        stretches += sound
        problems += found
    if not problems:
        problems += check_lengths(run, stretches)
    if not problems:
        problems += check_summary(run)
    again, found = simulated_again(stretches, record, method, schema, sample)
    problems += found
    if problems:
        raise DataError("\n".join(problems))
    draws, chains = sum(stretch.rows for stretch in stretches), len({stretch.chain for stretch in stretches})
    return (
        f"{directory}: {counted(draws, 'draw')} of {counted(chains, 'chain')} "
        f"in {counted(len(stretches), 'part')} are sound, "
        f"{again} of them were simulated again to the same numbers; the run is {record.status}"
    )


def check_chain(
    chain: int, parts: Sequence[Path], scenario: Scenario, schema: pa.Schema, method: Method
) -> tuple[list[Stretch], list[str]]:
    """Return the parts of a chain up to the first with a fault, and a line for each fault in any of them."""
    stretches: list[Stretch] = []
    problems: list[str] = []
    due: int = 0
    state: bytes | None = START
    for part in parts:
        try:
            with opened_of(part, schema) as file:
                after = state_after(part, file.schema_arrow)
                table = file.read()
        except DataError as error:
            problems.append(str(error))
            state = None
            continue
        if not table.num_rows:
            problems.append(f"{part}: holds no draw; {REMEDY}")
            continue
        first = table["iteration"][0].as_py()
        if first != due:
            if not problems:  # after a damaged part this is no news
                problems.append(f"{part}: row 0: draw {first} where {due} is due: a part is missing; {REMEDY}")
            due, state = first, None
        lines = problems_of(table, due, state, scenario, method)
        if not lines and state is not None and method.state_at(columns_of(table), table.num_rows, state) != after:
            lines.append(f"its chain goes on from elsewhere than its draws lead to; {REMEDY}")
        problems += [f"{part}: {line}" for line in lines]
        if not problems and state is not None:
            stretches.append(Stretch(chain, part, table.num_rows, state))
        due, state = due + table.num_rows, after
    return stretches, problems


def problems_of(table: pa.Table, due: int, before: bytes | None, scenario: Scenario, method: Method) -> list[str]:
    """Return a line for each rule that rows of ``table`` break, with the first such row and the number of others.

    ``due`` is the iteration of the first row, ``before`` the state in which the part begins, None if it is not known.
    """
    if empty := [name for name in table.column_names if table[name].null_count]:
        return [f"column {', '.join(empty)} has empty cells"]
    columns = columns_of(table)
    lines = []
    with np.errstate(invalid="ignore"):  # a score may be no finite number
        for wrong, what in (*_rules(columns, due, scenario), *method.rules(columns, before)):
            rows = np.flatnonzero(wrong)
            if len(rows):
                others = f" (and {len(rows) - 1:,} rows more)" if len(rows) > 1 else ""
                lines.append(f"row {rows[0]}, iteration {columns['iteration'][rows[0]]}: {what}{others}")
    return lines


def _rules(columns: Columns, due: int, scenario: Scenario) -> Iterator[Rule]:
    rows = len(columns["iteration"])
    yield columns["iteration"] != due + np.arange(rows), f"the draws do not go on one by one from {due}"
    for name in parameter_columns(scenario.names, scenario.free_names):
        entry, value = scenario.parameters[name], columns[name]
        low, high = (entry.low, entry.high) if entry.fixed is None else (entry.fixed, entry.fixed)
        yield ~((value >= low) & (value <= high)), f"{name} is outside of the scenario's range"
    yield from _outcome_rules(columns, scenario)


def _outcome_rules(columns: Columns, scenario: Scenario) -> Iterator[Rule]:
    compares = scenario.target.compares
    name = by_year_of(compares)
    weeks, by_year = columns["weeks_run"], columns[name]
    yield (weeks < 1) | (weeks > scenario.weeks), f"weeks_run is not from 1 to {scenario.weeks}"
    stopped: Flags = columns["stopped"]
    yield ~stopped & (weeks != scenario.weeks), f"not stopped, and yet not {scenario.weeks} weeks run"
    least, people, active = by_year.min(axis=1), by_year.sum(axis=1), np.count_nonzero(by_year, axis=1)
    yield np.less(least, 0), f"{name} is below 0"
    yield np.not_equal(people, columns[f"{compares}_total"]), f"{compares}_total is not the sum of {name}"
    yield np.not_equal(active, columns["active_years"]), f"active_years is not the years with {compares}"
    yield columns["attempts_total"] < columns["escapes_total"], "more escapes than attempts"
    years = scenario.fitted_years
    share = np.minimum(weeks / (years * scenario.weeks_per_year), 1.0)
    points = scenario.score.run_weight * share
    points = points + scenario.score.active_weight * np.count_nonzero(by_year[:, :years], axis=1) / years
    points = points - scenario.score.stop_penalty * (share < 1)
    score, distance = columns["score"], columns["distance"] + _weighted(columns, "distance", scenario)
    near = np.abs(score - (points - distance)) <= ROUNDING * (1 + np.abs(points) + np.abs(distance))
    yield np.isfinite(score) & ~near, "score is not what distance, weeks_run and active_years make it"
    if "log_likelihood" in columns and "miss" not in columns:  # a filter's is no run's
        found, again = columns["log_likelihood"], log_likelihoods(scenario, by_year, weeks).max(axis=1)
        again = again + _weighted(columns, "log_likelihood", scenario)
        near = np.abs(found - again) <= ROUNDING * (1 + np.abs(again))
        yield ~near, f"log_likelihood is not what {name} and weeks_run make it"


def _weighted(columns: Columns, what: str, scenario: Scenario) -> Floats:
    """Return the weighted sum of what draws have of the further series of target.also, (rows,)."""
    none = np.zeros(len(columns["iteration"]))
    return sum((one.weight * columns[f"{name}_{what}"] for name, one in scenario.target.also.items()), none)


def check_lengths(run: Run, stretches: Sequence[Stretch]) -> list[str]:
    """Return a line for each chain that run.json does not have, and for each shorter or longer than it says."""
    record, now = run.record, read_record(run.directory)  # the run may have gone on meanwhile, towards more draws
    draws = dict.fromkeys(range(record.chains), 0)
    for stretch in stretches:
        draws[stretch.chain] = draws.get(stretch.chain, 0) + stretch.rows
    lines = []
    for chain, rows in draws.items():
        where = f"{run.directory}: chain {chain}: {rows:,} draws"
        if chain >= now.chains:
            lines.append(f"{where}, but {RUN} has {now.chains} chains; remove its folder, or put back {RUN}")
        elif rows > now.iters:
            lines.append(f"{where}, but {RUN} says {now.iters:,}; put back the {RUN} that was there")
        elif rows < record.iters and record.status == "finished":
            lines.append(f"{where} of {record.iters:,}: its last part is missing; `--resume` makes it again")
    return lines


def check_summary(run: Run) -> list[str]:
    """Return a line if summary.json, once the run has ended, is not what its draws come to."""
    path = run.directory / SUMMARY
    if run.record.status == "running" or not path.exists():
        return []
    remedy = f"`{to_type('calibrate')} --resume` writes it anew"
    try:
        told = json.loads(read_regular(path, LARGEST_RECORD))
    except OSError as error:
        return [f"{path}: cannot be read ({error.strerror}); {remedy}"]
    except (ValueError, RecursionError) as error:
        return [f"{path}: is not JSON ({error}); {remedy}"]
    found = summarize(run, 0, 0.0)
    keys = ("chains", "all", "failed_draws")
    wrong = [key for key in keys if not isinstance(told, dict) or told.get(key) != found[key]]
    if not wrong or read_record(run.directory) != run.record:  # the run has gone on meanwhile
        return []
    return [f"{path}: {', '.join(wrong)}: not what the draws come to; {remedy}"]


def simulated_again(
    stretches: Sequence[Stretch], record: RunRecord, method: Method, schema: pa.Schema, sample: int
) -> tuple[int, list[str]]:
    """Return how many draws were simulated again, spread over all, and a line for each that was another then."""
    if record.source_digest != OUR_CODE:
        print("note: other code made this run, so no draw is simulated again", file=sys.stderr)
        return 0, []
    lines: list[str] = []
    meetings = meetings_in(stretches, record, method, schema)
    chosen, again = _spread(stretches, sample), 0
    for stretch, rows in chosen:
        with opened_of(stretch.part, schema) as file:
            table = file.read()
        columns = columns_of(table)
        for row in rows:
            was = table.slice(row, 1).to_pylist()[0]
            state = method.state_at(columns, row, stretch.before)
            told = meetings.told(stretch.chain, was["iteration"])
            if told is None:
                continue  # it lies after a barrier that another chain's missing part keeps unknown
            block, _ = method.step(stretch.chain, was["iteration"], 1, state, told)
            again += 1
            now = table_of([block], was["iteration"], schema, method.names).to_pylist()[0]
            where = f"{stretch.part}: row {row}, iteration {was['iteration']}"
            lines += [
                f"{where}: {name}: recorded {was[name]}, simulated again {now[name]}"
                for name in schema.names
                if was[name] != now[name] and not (was[name] != was[name] and now[name] != now[name])  # NaN
            ]
    if lines:
        lines += [f"note: {line} since the run" for line in differences(record.versions, versions())]
    return again, lines


def meetings_in(stretches: Sequence[Stretch], record: RunRecord, method: Method, schema: pa.Schema) -> Meetings:
    """Return what the chains told one another at their barriers, as their draws tell it."""
    meetings = Meetings(method, record.chains)
    for stretch in stretches if method.meets.every else ():
        with opened_of(stretch.part, schema) as file:
            meetings.replay(stretch.chain, columns_of(file.read()), stretch.before)
    return meetings


def _spread(stretches: Sequence[Stretch], sample: int) -> list[tuple[Stretch, list[int]]]:
    """Return ``sample`` rows, by part: one by chance from each of as many equal shares of all rows."""
    ends = np.cumsum([stretch.rows for stretch in stretches], dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    sample = min(sample, total)
    borders = np.arange(sample + 1) * total // max(sample, 1)
    picked = np.random.default_rng().integers(borders[:-1], borders[1:])
    places = np.searchsorted(ends, picked, side="right")
    starts = ends - [stretch.rows for stretch in stretches]
    return [
        (stretches[place], (picked[places == place] - starts[place]).tolist()) for place in np.unique(places).tolist()
    ]
