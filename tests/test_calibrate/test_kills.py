"""kill -9 of ``python -m calibrate`` at 50 random moments, also while it writes: the draws are the same.

To the last bit, row by row. The files are not: the clock says where a part ends.
"""

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from support.walk_double import QUICK, parts, table_in

import calibrate.cli
from engine.results.columns import ESCAPES_BY_YEAR

RUNS, KILLS = 2, 25  # two runs side by side, each killed so often: most of the time is that of starting Python
CHAINS, ITERS = 100, 50  # a chain ends after some milliseconds, so parts are written all the time
STEPS = 13  # chains get longer with every second kill


def kill_once(out: Path, seed: int, iters: int, pause: float) -> tuple[bool, bool]:
    """Begin or go on with the run in ``out`` and kill it; return whether it was at work, and whether it was writing."""
    begin = ["--config", QUICK, "--chains", str(CHAINS), "--seed", str(seed)]
    way = ["--resume"] if (out / "run.json").exists() else begin
    words = ["--out", str(out), "--iters", str(iters), "--workers", "1", "--quiet", *way]
    before, deadline = len(parts(out)), time.monotonic() + 120
    with subprocess.Popen([sys.executable, "-m", "calibrate", *words], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and len(parts(out)) == before:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(pause)
        at_work = process.poll() is None
        process.kill()
    return at_work, any((out / ".unfinished").glob("*"))


def killed_often(out: Path, seed: int, chance: int) -> list[tuple[bool, bool]]:
    """Kill a run at KILLS random moments; return what each kill met."""
    moments = random.Random(chance)
    return [
        kill_once(out, seed, 1 + (ITERS - 2) * (kill // 2) // STEPS, moments.uniform(0.0, 0.1)) for kill in range(KILLS)
    ]


def bytes_of(table: pa.Table) -> dict[str, bytes]:
    """Every bit of each column, in which a NaN is itself and -0.0 is not 0.0."""
    flat = {
        name: pc.list_flatten(table[name]) if name == ESCAPES_BY_YEAR else table[name] for name in table.column_names
    }
    return {name: column.to_numpy().tobytes() for name, column in flat.items()}


def cuts_of(out: Path) -> list[int]:
    return [pq.read_metadata(part).num_rows for part in parts(out)]


def test_killed_at_fifty_moments_it_resumes_to_the_same_rows(tmp_path: Path, seed: int) -> None:
    whole, outs = tmp_path / "whole", [tmp_path / f"killed-{run}" for run in range(RUNS)]
    begin = ["--config", QUICK, "--chains", str(CHAINS), "--seed", str(seed), "--out", str(whole)]
    assert calibrate.cli.main([*begin, "--iters", str(ITERS), "--quiet"]) == 0
    with ThreadPoolExecutor(RUNS) as pool:
        met = [*pool.map(killed_often, outs, [seed] * RUNS, range(seed, seed + RUNS))]
    at_work, writing = (sum(column) for column in zip(*chain.from_iterable(met), strict=True))
    for out in outs:
        assert calibrate.cli.main(["--resume", "--iters", str(ITERS), "--out", str(out), "--quiet"]) == 0
        assert bytes_of(table_in(out)) == bytes_of(table_in(whole))
        assert cuts_of(out) != cuts_of(whole), "the rows came in other parts, and that moved none"
        assert calibrate.cli.main(["verify", str(out)]) == 0
    print(f"{at_work} kills at work, {writing} while writing, {table_in(whole).nbytes:,} bytes compared")
    assert at_work > RUNS * KILLS / 2
    assert writing > 0
