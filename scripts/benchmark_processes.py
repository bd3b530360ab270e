"""What a user waits for in whole processes: the first simulation, and a search with all that is around the kernel."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from threading import get_ident
from typing import Any

from benchmark_points import BUSY, CONFIG, SEED
from benchmark_rows import ROOT, Row

FIRST_SIMULATION = f"""
from engine import Parameters, load_scenario, simulate
simulate(load_scenario({str(CONFIG)!r}), {BUSY!r})
"""
FIRST_DRAW = f"""
from calibrate.methods.walk import Walk
from engine import load_scenario
Walk(load_scenario({str(CONFIG)!r}), 1).compile()
"""


def python(*arguments: str, caches: str | None = None) -> tuple[float, str]:
    """Return the seconds that a Python process takes and what it prints; ``caches``: a folder for machine code."""
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR" or not caches}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment | ({"XDG_CACHE_HOME": caches} if caches else {}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return time.perf_counter() - began, done.stdout


def compilation(rounds: int) -> Iterator[Row]:
    """Yield the seconds from the start of Python to the first simulation, and to the first draw of a search."""
    for what, code, limits in (("simulation", FIRST_SIMULATION, (25, 2)), ("draw", FIRST_DRAW, (None, None))):
        cold, warm = [], []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as caches:
                cold.append(python("-c", code, caches=caches)[0])
                warm += [python("-c", code, caches=caches)[0] for _ in range(3)]
        yield Row(f"compile: first {what}, empty cache", "s", cold, at_most=limits[0])
        yield Row(f"compile: first {what}, warm cache", "s", warm, at_most=limits[1])


def search(chains: int, iters: int) -> Iterator[Row]:
    """Yield where the time and the memory of ``python -m calibrate`` go, in one run of it."""
    with tempfile.TemporaryDirectory() as out:
        # By the walk: where chains meet, the time in which one waits for another would count as Python's.
        size = ("--method", "walk", "--chains", str(chains), "--iters", str(iters))
        where = ("--config", str(CONFIG), "--out", str(Path(out) / "results"))
        wall, told = python(__file__, *where, *size, "--seed", str(SEED), "--quiet")
    run = json.loads(told)
    full = chains * iters == 800_000  # the search that the targets speak of

    def row(what: str, unit: str, value: float, at_most: float | None = None) -> Row:
        return Row(f"search, {chains} x {iters:,}: {what}", unit, [value], at_most=at_most)

    yield row("wall", "s", wall, 180 if full else None)
    yield row("processor time of a draw", "ms", 1e3 * run["processor"] / (chains * iters))
    yield row("start and end", "s", wall - run["walking"])
    yield row("Python and storage", "%", 100.0 * (1.0 - run["kernel"] / run["threads"]), 5)
    yield row("the same, start and end too", "%", 100.0 * (1.0 - run["kernel"] / (run["workers"] * wall)))
    yield row("most memory", "MB", run["memory"] / 1e6, 600)


def watched_search(arguments: list[str]) -> dict[str, Any]:
    """Return where the seconds of a search's threads go, and the bytes of memory that it has at most."""
    from calibrate.cli import main
    from calibrate.methods import walk

    spans: dict[int, list[tuple[float, float]]] = defaultdict(list)
    kernel = walk.advance

    def watched(*given: Any) -> Any:
        began = time.perf_counter()
        result = kernel(*given)
        spans[get_ident()].append((began, time.perf_counter()))
        return result

    walk.advance = watched
    if code := main(arguments):
        sys.exit(code)
    spans.pop(get_ident())  # of this thread, which compiles
    blocks = [block for thread in spans.values() for block in thread]
    return {
        "workers": len(spans),
        "kernel": sum(end - began for began, end in blocks),
        "threads": sum(thread[-1][1] - thread[0][0] for thread in spans.values()),
        "walking": max(end for _, end in blocks) - min(began for began, _ in blocks),
        "processor": time.process_time(),
        "memory": most_memory(),
    }


def most_memory() -> int:
    """Return the bytes of memory that this process has had at most.

    Linux tells it of the program that runs now; what getrusage says there holds its parent's too, from before it began.
    """
    from resource import RUSAGE_SELF, getrusage

    status = Path("/proc/self/status")
    if status.exists():
        words = status.read_text().split()
        return 1024 * int(words[words.index("VmHWM:") + 1])
    return getrusage(RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    print(json.dumps(watched_search(sys.argv[1:])))
