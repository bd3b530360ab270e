"""One session of a run: its chains at work, their draws to disk, run.json says how it stands."""

import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from calibrate.methods.base import Method
from calibrate.methods.meetings import Meetings
from calibrate.methods.registry import method_of, searcher
from calibrate.objective.objectives import objective_of
from calibrate.session.dask import Cluster, by_cluster
from calibrate.session.plan import Plan, starting_positions
from calibrate.session.progress import Progress
from calibrate.session.threads import Made, Piece, by_threads
from calibrate.settings import Settings
from calibrate.store import parts
from calibrate.store.columns import table_of, tally_of
from calibrate.store.directory import (
    SUMMARY,
    UNFINISHED,
    check_usable,
    clear,
    make_chain_folder,
    owned,
    unfinished,
    write_json,
)
from calibrate.store.parts import Position, sealed, write_part
from calibrate.store.summary import summarize
from engine.cli.compile_notice import tell_of_compiling
from engine.errors import argument, counted
from engine.processors import available_processors
from engine.results.columns import schema_of
from engine.results.directory import RUN, chain_folders
from engine.results.run_record import RunRecord, fingerprint, open_run


def run(
    runner: Callable[[Callable[[], bool]], Generator[Piece | Made, None, None]],
    directory: Path,
    schema: pa.Schema,
    record: RunRecord,
    positions: Mapping[int, Position],
    *,
    stop: Callable[[], bool],
    progress: Progress,
) -> tuple[bool, dict[str, Any]]:
    """Return whether the run is finished, and its summary, when its chains are at their end or stopped.

    It stops when ``stop`` says so, or when too many draws fail; ``runner`` is given when to stop, and makes the draws.

    ``record`` is what run.json says of the run; status, start and end are added here. Raises OSError when the
    directory cannot be written; what was written before stays.
    """
    began = time.monotonic()
    with unfinished(directory):
        started = record.brought_to(start=record.start or _now(), status="running", end=None)
        write_json(directory, RUN, started.as_json())
        (directory / SUMMARY).unlink(missing_ok=True)
        try:
            pieces = runner(lambda: stop() or progress.failing)
            _store(pieces, directory, record, positions, schema, progress)
            summary = summarize(open_run(directory), progress.draws, time.monotonic() - began)
            write_json(directory, SUMMARY, summary)
        except BaseException:
            with suppress(OSError):  # a full disk may refuse this too; the parts tell where the chains are
                write_json(directory, RUN, _ended(started, "interrupted").as_json())
            raise
        finally:
            progress.close()
        finished = progress.done + progress.draws >= progress.total
        write_json(directory, RUN, _ended(started, "finished" if finished else "interrupted").as_json())
    return finished, summary


def _ended(started: RunRecord, status: str) -> RunRecord:
    # A clock that was set back must not make a run end before it began.
    return started.brought_to(status=status, end=max(_now(), started.start or ""))


def _store(
    pieces: Generator[Piece | Made, None, None],
    directory: Path,
    record: RunRecord,
    positions: Mapping[int, Position],
    schema: pa.Schema,
    progress: Progress,
) -> None:
    """Return when ``pieces`` has ended and all of it is in parts on disk.

    What a chain made is written when the oldest of it is PART_SECONDS old, when it is long, and when the chain is done.
    """
    numbers = {chain: position.part for chain, position in positions.items()}
    folders = chain_folders(directory)
    waiting: dict[int, list[Piece]] = {}  # by chain, the longest waiting first
    since: dict[int, float] = {}

    def write(chain: int, content: bytes) -> None:
        if chain not in folders:
            folders[chain] = make_chain_folder(directory, chain, record.chains)
        write_part(folders[chain], numbers[chain], content, directory / UNFINISHED)
        numbers[chain] += 1

    def write_pieces(chain: int) -> None:
        pieces = waiting.pop(chain)
        table = table_of([piece.block for piece in pieces], pieces[0].iteration, schema, record.names)
        write(chain, sealed(table, pieces[-1].state, chain))

    def keep(piece: Piece) -> None:
        waiting.setdefault(piece.chain, []).append(piece)
        if len(waiting[piece.chain]) == 1:
            since[piece.chain] = time.monotonic()
        reached = piece.iteration + piece.draws
        if reached >= record.iters or reached - waiting[piece.chain][0].iteration >= parts.PART_DRAWS:
            write_pieces(piece.chain)
        while waiting and time.monotonic() - since[next(iter(waiting))] >= parts.PART_SECONDS:
            write_pieces(next(iter(waiting)))

    with closing(pieces):
        try:
            for piece in pieces:
                if isinstance(piece, Made):
                    write(piece.chain, piece.content)
                    progress.add(piece.tally)
                    continue
                progress.add(tally_of(piece.block, progress.objective))
                keep(piece)
        finally:  # also if a worker or the disk failed
            for chain in list(waiting):
                write_pieces(chain)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def carried_out(
    settings: Settings, plan: Plan, stop: Callable[[], bool], cluster: Cluster | None
) -> tuple[bool, dict[str, Any]]:
    """Return whether the run of ``plan`` is finished, and its summary, when it is or ``stop`` says so.

    Its directory is held for this process alone meanwhile.
    """
    with owned(settings.out):
        # Again, now that no other process can change it.
        check_usable(settings.out, settings.resume, settings.overwrite)
        if settings.overwrite:
            clear(settings.out)
        record, positions = plan.record, starting_positions(settings, plan)
        workers = workers_of(settings, record.chains, cluster)
        if not settings.quiet:
            print(
                f"{counted(record.chains, 'chain')} of {counted(record.iters, 'draw')}, "
                f"{counted(workers, 'worker')}, seed {record.seed}, "
                f"to {settings.out}",
                file=sys.stderr,
            )
        done = sum(position.iteration for position in positions.values())
        return run(
            runner_of(settings, plan, positions, workers, cluster),
            settings.out,
            schema_of(plan.scenario, fingerprint(record), record.method),
            record,
            positions,
            stop=stop,
            progress=Progress(settings.progress, record.chains * record.iters, done, objective_of(plan.scenario)),
        )


def runner_of(
    settings: Settings, plan: Plan, positions: Mapping[int, Position], workers: int, cluster: Cluster | None
) -> Callable[[Callable[[], bool]], Generator[Piece | Made, None, None]]:
    """Return what makes the draws of ``plan``, given when to stop: the cluster if there is one, or threads."""
    record = plan.record
    method = compiled_method(plan, settings.quiet) if cluster is None else searcher(record, plan.scenario)
    meetings = Meetings(method, record.chains)
    if settings.resume and method.meets.every:
        schema = schema_of(plan.scenario, fingerprint(record), record.method)
        for chain, folder in chain_folders(settings.out).items():
            for columns, before in parts.stretches_of(folder, schema):
                meetings.replay(chain, columns, before)
    if cluster is not None:
        return partial(by_cluster, cluster, record, positions, meetings)
    return partial(by_threads, method, positions, meetings, record.iters, workers)


def compiled_method(plan: Plan, quiet: bool) -> Method:
    """Return the plan's method at work, ready for threads; say why it takes a while, unless ``quiet``."""
    kind = method_of(plan.record)
    if not quiet:
        tell_of_compiling(kind.compiles)
    method = kind(plan.scenario, plan.record.seed)
    method.compile()
    return method


def workers_of(settings: Settings, chains: int, cluster: Cluster | None) -> int:
    """Return how many threads can be at work: a chain is one walk, so never more than chains."""
    asked = settings.workers if cluster is None else cluster.threads()
    if asked is not None and asked > chains and not settings.quiet:
        print(
            f"note: {counted(asked, 'worker')} for {counted(chains, 'chain')}: only as many as chains work; "
            f"chains are what runs side by side: {argument('chains', asked)} would use them all",
            file=sys.stderr,
        )
    return min(available_processors() if asked is None else asked, chains)
