"""Chains at work: threads here, the only file that knows of them; calibrate.session.dask knows of Dask.

A chain is one long walk, so chains are what runs side by side; those that help each other wait at barriers. A worker
takes the chain that is furthest behind and stays with it for one turn, in blocks. A turn is short, and makes the chain
no more than a quarter longer, so that a run cut short at any time leaves chains of about equal length. Neither turns
nor blocks nor workers move a number: a draw depends on its address, its chain's state and what that was told.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from queue import Queue
from typing import NamedTuple

from calibrate.methods.base import NOTHING, Method
from calibrate.methods.meetings import Meetings
from calibrate.objective.filtered_draw import AnyBlock
from calibrate.session.ready import Ready
from calibrate.store.columns import Tally
from calibrate.store.parts import Position

TURN_SECONDS = 0.5
BLOCK_SECONDS = 0.5  # a stop waits for the block in flight
TRIAL_SECONDS, TRIAL_DRAWS = 0.5, 100_000
FIRST_BLOCK = 16
# A walk that leaves a region of early stops pays up to 50 times as much a draw, so blocks must not grow far.
LARGEST_BLOCK = 1000
WAIT_SECONDS = 0.1  # between looks at whether to stop, of a worker with nothing to do


class Piece(NamedTuple):
    """One block of a chain, and the state after it."""

    chain: int
    iteration: int
    block: AnyBlock
    state: bytes

    @property
    def draws(self) -> int:
        """Return how many draws it has."""
        return len(self.block.score)


class Made(NamedTuple):
    """A whole turn of a chain, made on another machine."""

    chain: int
    iteration: int  # of its first draw
    tally: Tally
    state: bytes
    content: bytes  # the part

    @property
    def draws(self) -> int:
        """Return how many draws it has."""
        return self.tally.draws


def turn(
    method: Method,
    chain: int,
    first: int,
    state: bytes,
    told: bytes,
    last: int,
    seconds: float,
    halted: Callable[[], bool],
) -> Iterator[Piece]:
    """Yield the blocks of one turn from iteration ``first`` on; it ends before iteration ``last``, if not sooner.

    ``state`` and ``told`` are those of the chain at ``first``, as in calibrate.methods.base.
    """
    iteration, count, over = first, FIRST_BLOCK, False
    began = time.perf_counter()
    while not over:
        count = min(count, last - iteration)
        block_began = time.perf_counter()
        block, state = method.step(chain, iteration, count, state, told)
        now = time.perf_counter()
        over = iteration + count >= last or now - began >= seconds or halted()
        yield Piece(chain, iteration, block, state)
        iteration += count
        wanted = int(count * BLOCK_SECONDS / max(now - block_began, 1e-9))
        count = max(1, min(wanted, 4 * count, LARGEST_BLOCK))


def seconds_per_draw(method: Method, starts: Mapping[int, Position], iters: int) -> float:
    """Return what a draw takes on one thread, tried for a few seconds on chains that have draws to do."""
    spent, draws = 0.0, 0
    for chain in [chain for chain, start in starts.items() if start.iteration < iters][:4]:
        began = time.perf_counter()
        start = starts[chain]
        last = min(iters, start.iteration + TRIAL_DRAWS)
        for piece in turn(method, chain, start.iteration, start.state, NOTHING, last, TRIAL_SECONDS, lambda: False):
            draws += piece.draws
        spent += time.perf_counter() - began
    return spent / max(draws, 1)


class Waiting:
    """Ready, for workers of many threads."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._changed = threading.Condition()

    def take(self, halted: Callable[[], bool]) -> tuple[int, int, bytes, bytes] | None:
        """Return what Ready.take does; None when nothing is left to be done.

        Waits while chains in other workers' hands keep all others at a barrier.
        """
        with self._changed:
            while self._ready.unfinished and not halted():
                if (found := self._ready.take()) is not None:
                    return found
                self._changed.wait(WAIT_SECONDS)
        return None

    def put_back(self, iteration: int, chain: int, state: bytes) -> None:
        """Note where a chain stands after its turn."""
        with self._changed:
            self._ready.put_back(iteration, chain, state)
            self._changed.notify_all()


def by_threads(
    method: Method,
    starts: Mapping[int, Position],
    meetings: Meetings,
    iters: int,
    workers: int,
    stop: Callable[[], bool],
) -> Generator[Piece, None, None]:
    """Yield the blocks of all chains as they are made, each chain's in order, until each has ``iters`` draws.

    ``meetings`` knows of the barriers before ``starts``. ``stop`` is asked after each block; blocks in flight still
    come. An error in a worker is raised here.
    """
    waiting = Waiting(Ready(meetings, starts, iters))
    made: Queue[Piece | BaseException | None] = Queue(maxsize=4 * workers)
    abandoned = threading.Event()

    def halted() -> bool:
        return abandoned.is_set() or stop()

    def work() -> None:
        try:
            while (taken := waiting.take(halted)) is not None:
                iteration, chain, state, told = taken
                last = meetings.next_after(iteration, min(iters, iteration + max(FIRST_BLOCK, iteration // 4)))
                for piece in turn(method, chain, iteration, state, told, last, TURN_SECONDS, halted):
                    made.put(piece)
                waiting.put_back(piece.iteration + piece.draws, chain, piece.state)
        except BaseException as error:
            made.put(error)
        finally:
            made.put(None)

    threads = [threading.Thread(target=work, name=f"walk-{number}", daemon=True) for number in range(workers)]
    for thread in threads:
        thread.start()
    at_work = workers
    try:
        while at_work:
            piece = made.get()
            if piece is None:
                at_work -= 1
            elif isinstance(piece, BaseException):
                raise piece
            else:
                yield piece
    finally:
        abandoned.set()
        while at_work:
            at_work -= made.get() is None
        for thread in threads:
            thread.join()
