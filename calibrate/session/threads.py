"""Chains at work: threads here, the only file that knows of them; calibrate.session.dask knows of Dask.

A chain is one long walk, so chains are what runs side by side. A worker takes the chain that is furthest behind and
stays with it for one turn, in blocks. A turn is short, and makes the chain no more than a quarter longer, so that a run
cut short at any time leaves chains of about equal length. Neither turns nor blocks nor workers move a number: a draw
depends on its address and its chain's state.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from queue import Empty, PriorityQueue, Queue
from typing import NamedTuple

from calibrate.methods.base import Method
from calibrate.objective.draw import Block
from calibrate.store.columns import Tally
from calibrate.store.parts import Position

TURN_SECONDS = 0.5
BLOCK_SECONDS = 0.5  # a stop waits for the block in flight
TRIAL_SECONDS, TRIAL_DRAWS = 0.5, 100_000
FIRST_BLOCK = 16
# A walk that leaves a region of early stops pays up to 50 times as much a draw, so blocks must not grow far.
LARGEST_BLOCK = 1000


class Piece(NamedTuple):
    """One block of a chain, and the state after it."""

    chain: int
    iteration: int
    block: Block
    state: bytes


class Made(NamedTuple):
    """A whole turn of a chain, made on another machine."""

    chain: int
    iteration: int  # of its first draw
    tally: Tally
    state: bytes
    content: bytes  # the part


def turn(
    method: Method,
    chain: int,
    first: int,
    state: bytes,
    last: int,
    seconds: float,
    halted: Callable[[], bool],
) -> Iterator[Piece]:
    """Yield the blocks of one turn from iteration ``first`` on; it ends before iteration ``last``, if not sooner."""
    iteration, count, over = first, FIRST_BLOCK, False
    began = time.perf_counter()
    while not over:
        count = min(count, last - iteration)
        block_began = time.perf_counter()
        block, state = method.step(chain, iteration, count, state)
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
        for piece in turn(method, chain, start.iteration, start.state, last, TRIAL_SECONDS, lambda: False):
            draws += len(piece.block.score)
        spent += time.perf_counter() - began
    return spent / max(draws, 1)


def by_threads(
    method: Method, starts: Mapping[int, Position], iters: int, workers: int, stop: Callable[[], bool]
) -> Generator[Piece, None, None]:
    """Yield the blocks of all chains as they are made, each chain's in order, until each has ``iters`` draws.

    ``stop`` is asked after each block; blocks in flight still come. An error in a worker is raised here.
    """
    ready: PriorityQueue[tuple[int, int, bytes]] = PriorityQueue()
    for chain, start in starts.items():
        if start.iteration < iters:
            ready.put((start.iteration, chain, start.state))
    made: Queue[Piece | BaseException | None] = Queue(maxsize=4 * workers)
    abandoned = threading.Event()

    def halted() -> bool:
        return abandoned.is_set() or stop()

    def work() -> None:
        try:
            # No chain ready means that each unfinished one is in another worker's hands: this worker can go.
            while not halted():
                iteration, chain, state = ready.get_nowait()
                last = min(iters, iteration + max(FIRST_BLOCK, iteration // 4))
                for piece in turn(method, chain, iteration, state, last, TURN_SECONDS, halted):
                    made.put(piece)
                reached = piece.iteration + len(piece.block.score)
                if reached < iters:
                    ready.put((reached, chain, piece.state))
        except Empty:
            pass
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
