"""One session of a run: blocks come from the runner, parts go to disk, run.json says how it stands."""

import time
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from calibrate.session.progress import Progress
from calibrate.session.threads import Made, Piece
from calibrate.store.columns import table_of, tally_of
from calibrate.store.directory import (
    SUMMARY,
    UNFINISHED,
    make_chain_folders,
    unfinished,
    write_json,
)
from calibrate.store.parts import Position, sealed, write_part
from calibrate.store.summary import summarize
from engine.results.directory import RUN


def run(
    runner: Callable[[Callable[[], bool]], Generator[Piece | Made, None, None]],
    directory: Path,
    schema: pa.Schema,
    record: Mapping[str, Any],
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
        started = {"start": _now()} | dict(record) | {"status": "running", "end": None}
        write_json(directory, RUN, started)
        (directory / SUMMARY).unlink(missing_ok=True)
        try:
            pieces = runner(lambda: stop() or progress.failing)
            folders = make_chain_folders(directory, record["chains"])
            _store(pieces, directory, folders, positions, schema, progress)
            summary = summarize(directory, progress.draws, time.monotonic() - began)
            write_json(directory, SUMMARY, summary)
        except BaseException:
            with suppress(OSError):  # a full disk may refuse this too; the parts tell where the chains are
                write_json(directory, RUN, started | {"status": "interrupted", "end": _now()})
            raise
        finally:
            progress.close()
        finished = progress.done + progress.draws >= progress.total
        # A clock that was set back must not make a run end before it began.
        ended = {"status": "finished" if finished else "interrupted", "end": max(_now(), started["start"])}
        write_json(directory, RUN, started | ended)
    return finished, summary


def _store(
    pieces: Generator[Piece | Made, None, None],
    directory: Path,
    folders: Mapping[int, Path],
    positions: Mapping[int, Position],
    schema: pa.Schema,
    progress: Progress,
) -> None:
    """Return when ``pieces`` has ended and each turn of it is a part on disk."""
    numbers = {chain: position.part for chain, position in positions.items()}
    turns: dict[int, list[Piece]] = defaultdict(list)

    def write(chain: int, content: bytes) -> None:
        write_part(folders[chain], numbers[chain], content, directory / UNFINISHED)
        numbers[chain] += 1

    def write_turn(turn: list[Piece]) -> None:
        write(turn[0].chain, sealed(table_of([piece.block for piece in turn], turn[0].iteration, schema)))

    with closing(pieces):
        try:
            for piece in pieces:
                if isinstance(piece, Made):
                    write(piece.chain, piece.content)
                    progress.add(piece.tally)
                    continue
                progress.add(tally_of(piece.block))
                turns[piece.chain].append(piece)
                if piece.turn_over:
                    write_turn(turns.pop(piece.chain))
        finally:  # turns are left open only if a worker or the disk failed: save what the others made
            for turn in turns.values():
                write_turn(turn)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
