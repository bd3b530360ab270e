"""Chains at work on many machines, by Dask distributed: with threads.py the only file that knows of either.

A task is one turn of one chain. What it makes depends on its arguments alone, so Dask may do it again elsewhere
when a worker is lost; its rows come back as the finished content of a part, and one process, ours, writes.
"""

import asyncio
import fcntl
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache
from queue import Empty, Queue
from threading import Lock
from typing import Any, NamedTuple

from calibrate.methods.base import Method
from calibrate.methods.meetings import Meetings
from calibrate.methods.registry import searcher
from calibrate.session.ready import Ready
from calibrate.session.threads import Made, Piece, turn
from calibrate.store import parts
from calibrate.store.columns import table_of, tally_of, total
from calibrate.store.parts import Position, sealed
from engine.errors import DataError, UsageError, argument
from engine.numerics.jit import CACHE
from engine.results.columns import schema_of
from engine.results.provenance import OUR_CODE, differences, versions
from engine.results.run_record import RunRecord, fingerprint
from engine.scenario import scenario_from_resolved

CONNECT_SECONDS = 10
ITS_LOGGERS = ("asyncio", "distributed", "tornado")
LOOK_SECONDS = 0.5  # between looks at who is there, and at whether to stop
TURNS_A_SECOND = 40  # that all workers together may end: what the scheduler and our disk are spared
LONGEST_TURN_SECONDS = 30.0
FIRST_DRAWS = 256  # of a chain's first turn; no other is longer than the chain was before it
TRIES = 3  # of a turn whose workers died of it; each is already several tries of Dask's


class Order(NamedTuple):
    """One turn of one chain: all that it depends on, but for how far it gets, which moves no number."""

    origin: str  # what origin_of returns
    chain: int
    first: int
    state: bytes
    told: bytes  # at its last barrier
    last: int  # iteration before which it ends, if not sooner
    seconds: float


def origin_of(record: RunRecord) -> str:
    """Return, as JSON, what a worker needs to know of the run whose run.json is ``record``."""
    return record.model_dump_json()


class MismatchError(Exception):
    """A worker whose code would make other numbers."""


def do_turn(order: Order) -> list[Piece] | list[Made]:
    """Return the turn that ``order`` asks for, on a worker; raise MismatchError if the code here is another.

    It comes as a part. That of a chain that meets others is short and comes as it is, for parts to be made of many.
    """
    if RunRecord.model_validate_json(order.origin).source_digest != OUR_CODE:
        raise MismatchError
    method, schema = _method_of(order.origin)
    pieces = list(
        turn(method, order.chain, order.first, order.state, order.told, order.last, order.seconds, lambda: False)
    )
    if method.meets.every:
        return pieces
    blocks = [piece.block for piece in pieces]
    content = sealed(table_of(blocks, order.first, schema, method.names), pieces[-1].state, order.chain)
    tally = total(tally_of(block, method.objective) for block in blocks)
    return [Made(order.chain, order.first, tally, pieces[-1].state, content)]


_compiling = Lock()


def _method_of(origin: str) -> tuple[Method, Any]:
    with _compiling:  # threads of one worker
        return _made_method(origin)


@lru_cache(maxsize=4)
def _made_method(origin: str) -> tuple[Method, Any]:
    """Return the method, warm, and the schema of its parts; the first worker on a machine compiles, others wait."""
    record = RunRecord.model_validate_json(origin)
    scenario = scenario_from_resolved(record.scenario)
    method = searcher(record, scenario)
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / ".compiling", "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        method.compile()
    return method, schema_of(scenario, fingerprint(record), record.method)


def _provenance() -> dict[str, Any]:
    return {"source_digest": OUR_CODE, "versions": versions()}


class Cluster:
    """A scheduler and its workers, of the same code as ours."""

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        self.looked, self.there = -float("inf"), 0

    def threads(self) -> int:
        """Return how many threads the workers have together, as of a moment ago."""
        if time.monotonic() - self.looked >= LOOK_SECONDS:
            if self.client.status != "running":
                raise self.lost()
            try:
                self.there = sum(self.client.nthreads().values())
            except OSError:
                raise self.lost() from None
            self.looked = time.monotonic()
        return self.there

    def lost(self) -> UsageError:
        """Return the error for a scheduler that is gone."""
        return UsageError(
            f"{argument('scheduler', self.address)}: it is gone; what was written before is safe: start it again"
        )

    def refused(self, worker: str, what: str) -> UsageError:
        """Return the error for a worker that is not of our code."""
        where = f"{argument('scheduler', self.address)}: worker {worker}"
        return UsageError(f"{where} {what}; install the same defection-abm there and restart it")

    def check(self) -> None:
        """Return if all workers there now have our code; raise UsageError if not, note where libraries differ."""
        notes: Counter[str] = Counter()
        for worker, answer in self.client.run(_provenance, on_error="return").items():
            if isinstance(answer, BaseException):
                raise self.refused(worker, f"cannot run it ({type(answer).__name__}: {answer})")
            if answer["source_digest"] != OUR_CODE:
                raise self.refused(worker, "has other code than this process")
            notes.update(differences({"this process": versions()}, {"this process": answer["versions"]}))
        for line, workers in notes.items():
            print(f"note: {line.replace(', now', f', on {workers} workers')}; last digits may differ", file=sys.stderr)


def check_answer(address: str, arguments: dict[str, Any]) -> None:
    """Return if a Dask scheduler answers at ``address``, soon; raise ValueError or OSError if not.

    Dask's client waits without an end for the first word, and takes that of any server for the size of what follows.
    """
    from distributed.comm.core import connect

    make_comm: Any = connect

    async def ask() -> Any:
        comm = await make_comm(address, timeout=CONNECT_SECONDS, deserialize=False, **arguments)
        try:
            await comm.write({"op": "identity", "reply": True})
            return await comm.read()
        finally:
            comm.abort()

    async def ask_for_a_while() -> Any:
        return await asyncio.wait_for(ask(), CONNECT_SECONDS + 1)

    with ThreadPoolExecutor(1) as thread:  # the caller's may have a loop of its own, as in a notebook
        try:
            answer = thread.submit(asyncio.run, ask_for_a_while()).result()
        except TimeoutError:
            raise ValueError(f"what listens there said nothing for {CONNECT_SECONDS + 1} s") from None
        except (OSError, ImportError, RuntimeError):
            raise
        except Exception:
            raise ValueError("what listens there is no Dask scheduler") from None
    if not isinstance(answer, dict) or "Scheduler" not in str(answer.get("type")):
        raise ValueError("what listens there is no Dask scheduler")


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Lend the cluster of the Dask scheduler at ``address``; raise UsageError if it cannot be used."""
    try:
        from distributed import Client, Security
    except ImportError:
        raise UsageError(
            f"{argument('scheduler')}: needs Dask; install it with: pip install 'defection-abm[distributed]'"
        ) from None
    # We tell what matters in our own words; Dask's threads go on logging, tracebacks too, while the process ends.
    for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in ITS_LOGGERS]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    make_client: Any = Client
    make_security: Any = Security
    try:
        security = make_security()
        if address.startswith("tls:") and not security.get_connection_args("client")["ssl_context"]:
            raise ValueError("no certificates are configured, see docs/cluster.md")
        check_answer(address, security.get_connection_args("client"))
        client = make_client(
            address, security=security, timeout=CONNECT_SECONDS, direct_to_workers=True, set_as_default=False
        )
    except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(
            f"{argument('scheduler', address)}: no scheduler answers ({reason}); start one with `dask scheduler`, "
            "and give the address that it prints"
        ) from None
    try:
        cluster = Cluster(client, address)
        cluster.check()
        yield cluster
    finally:
        client.close(timeout=CONNECT_SECONDS)


def by_cluster(
    cluster: Cluster,
    record: RunRecord,
    starts: Mapping[int, Position],
    meetings: Meetings,
    stop: Callable[[], bool],
) -> Generator[Piece | Made, None, None]:
    """Yield the turns of all chains as they are made, each chain's in order, until each has its draws.

    ``meetings`` knows of the barriers before ``starts``. As many turns are out as the workers have threads, those of
    the chains furthest behind. After ``stop`` the turns that are out still come, unless no worker is left to make them.
    """
    origin = origin_of(record)
    ready = Ready(meetings, starts, record.iters)
    out: dict[str, tuple[Any, Order]] = {}
    arrived: Queue[str] = Queue()
    tries: Counter[int] = Counter()  # by chain, of its present turn
    run = fingerprint(record)[:16]
    said = False
    try:
        while out or (ready and not stop()):
            there = cluster.threads()
            if not there and not said:
                said = True
                print(f"note: {cluster.address} has no workers yet; waiting for one", file=sys.stderr)
            while len(out) < there and not stop() and (taken := ready.take()) is not None:
                first, chain, state, told = taken
                seconds = max(parts.PART_SECONDS, min(LONGEST_TURN_SECONDS, there / TURNS_A_SECOND))
                last = min(record.iters, first + parts.PART_DRAWS, max(2 * first, FIRST_DRAWS))
                order = Order(origin, chain, first, state, told, meetings.next_after(first, last), seconds)
                key = f"draws-{run}-{chain}-{first}-{tries[chain]}"
                future = cluster.client.submit(do_turn, order, key=key)
                out[key] = future, order
                future.add_done_callback(lambda done: arrived.put(done.key))
            try:
                key = arrived.get(timeout=LOOK_SECONDS)
            except Empty:
                if stop() and not there:
                    return
                continue
            future, order = out.pop(key)
            made = _made(cluster, future, order, tries)
            if made is None:
                ready.put_back(order.first, order.chain, order.state)
                continue
            yield from made
            newest = made[-1]
            ready.put_back(newest.iteration + newest.draws, newest.chain, newest.state)
    finally:
        if out and cluster.client.status == "running":
            with suppress(OSError):
                cluster.client.cancel([future for future, _ in out.values()])


def _made(cluster: Cluster, future: Any, order: Order, tries: Counter[int]) -> list[Piece] | list[Made] | None:
    """Return what came of ``order``, None if its workers died and it is to be tried again."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        made: list[Piece] | list[Made] = future.result()
    except KilledWorker as error:
        tries[order.chain] += 1
        if tries[order.chain] >= TRIES:
            raise DataError(
                f"chain {order.chain}, iteration {order.first} and on: every worker that began it died, the last on "
                f"{error.last_worker.host}; see its log, give it more memory, then resume"
            ) from None
        return None
    except MismatchError:
        raise cluster.refused("that came later", "has other code than this process") from None
    except (FutureCancelledError, OSError) as error:
        # The way to the scheduler breaks with an OSError too, and a while before the client knows that it is cut off.
        if future.status == "error":
            raise DataError(f"a worker of {cluster.address} failed: {error}; mend it, then resume") from None
        raise cluster.lost() from None
    tries[order.chain] = 0
    return made
