"""kill -9 of ``python -m calibrate`` at 50 random moments, also while it writes: the rows are the same."""

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from support.walk_double import QUICK, parts, table_in

import calibrate.cli

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


def test_killed_at_fifty_moments_it_resumes_to_the_same_rows(tmp_path: Path, seed: int) -> None:
    whole, outs = tmp_path / "whole", [tmp_path / f"killed-{run}" for run in range(RUNS)]
    begin = ["--config", QUICK, "--chains", str(CHAINS), "--seed", str(seed), "--out", str(whole)]
    assert calibrate.cli.main([*begin, "--iters", str(ITERS), "--quiet"]) == 0
    with ThreadPoolExecutor(RUNS) as pool:
        met = [*pool.map(killed_often, outs, [seed] * RUNS, range(seed, seed + RUNS))]
    at_work, writing = (sum(column) for column in zip(*chain.from_iterable(met), strict=True))
    for out in outs:
        assert calibrate.cli.main(["--resume", "--iters", str(ITERS), "--out", str(out), "--quiet"]) == 0
        assert table_in(out) == table_in(whole)
        assert calibrate.cli.main(["verify", str(out)]) == 0
    print(f"{at_work} kills at work, {writing} while writing, {table_in(whole).nbytes:,} bytes compared")
    assert at_work > RUNS * KILLS / 2
    assert writing > 0
