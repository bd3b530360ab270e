"""kill -9 of ``python -m calibrate`` at 50 random moments, also while it writes: the rows are the same.

Ten of the processes are started from nothing. Forty are forked from an interpreter that has imported what they need
and run the same ``__main__`` from there, which takes a tenth of the time. Run as a program this file is that one.
"""

import json
import os
import random
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from walk_double import QUICK, parts, quick, table_in

import calibrate.cli
from calibrate.walk import Walk

KILLS, COLD = 50, 10
CHAINS, ITERS = 100, 50  # a chain ends after some milliseconds, so parts are written all the time
STEPS = 25  # chains get longer with every second kill

Start = Callable[[list[str]], int]  # the arguments; returns the process


def start_cold(arguments: list[str]) -> int:
    """Start a process and say which it is; a shell stands between, so that it is not ours to wait for."""
    command = ["bash", "-c", '"$@" >&2 & echo $!', "bash", sys.executable, "-m", "calibrate", *arguments]
    return int(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


@contextmanager
def warm() -> Iterator[Start]:
    """Lend what forks processes from an interpreter that has all imported."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, __file__], text=True, **pipes) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        stdin, stdout = parent.stdin, parent.stdout

        def start(arguments: list[str]) -> int:
            stdin.write(json.dumps(arguments) + "\n")
            stdin.flush()
            return int(stdout.readline())

        yield start
        stdin.close()


def gone(process: int) -> bool:
    """Return whether a process has ended with all its threads; the forked ones are children of another."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "Z" and len(os.listdir(f"/proc/{process}/task")) == 1
    except (FileNotFoundError, ProcessLookupError):
        return True


def kill_once(start: Start, out: Path, seed: int, iters: int, pause: float) -> tuple[bool, bool]:
    """Begin or go on with the run in ``out`` and kill it; return whether it was at work, and whether it was writing."""
    begin = ["--config", QUICK, "--chains", str(CHAINS), "--seed", str(seed)]
    way = ["--resume"] if (out / "run.json").exists() else begin
    before, deadline = len(parts(out)), time.monotonic() + 60
    process = start(["--out", str(out), "--iters", str(iters), "--quiet", *way])
    while not gone(process) and len(parts(out)) == before:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    time.sleep(pause)
    at_work = not gone(process)
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    while not gone(process):
        time.sleep(0.001)
    return at_work, any((out / ".unfinished").glob("*"))


def test_killed_at_fifty_moments_it_resumes_to_the_same_rows(tmp_path: Path, seed: int) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    begin = ["--config", QUICK, "--chains", str(CHAINS), "--seed", str(seed), "--out", str(whole)]
    assert calibrate.cli.main([*begin, "--iters", str(ITERS), "--quiet"]) == 0
    moments, found = random.Random(seed), []
    with warm() as start_warm:
        for kill in range(KILLS):
            start = start_cold if kill % (KILLS // COLD) == 0 else start_warm
            iters = 1 + (ITERS - 2) * (kill // 2) // STEPS
            found.append(kill_once(start, killed, seed, iters, moments.uniform(0.0, 0.1)))
    at_work, writing = (sum(column) for column in zip(*found, strict=True))
    assert calibrate.cli.main(["--resume", "--iters", str(ITERS), "--out", str(killed), "--quiet"]) == 0
    assert table_in(killed) == table_in(whole)
    assert calibrate.cli.main(["verify", str(killed)]) == 0
    print(f"{at_work} kills at work, {writing} while writing, {table_in(whole).nbytes:,} bytes compared")
    assert at_work > KILLS / 2
    assert writing > 0


def serve() -> None:
    """Fork a process for each line of arguments that comes in, and say which it is."""
    Walk(quick(), 0).compile()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # they are not waited for
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.argv = ["calibrate", *json.loads(line)]
            runpy.run_module("calibrate", run_name="__main__", alter_sys=True)
        print(process, flush=True)


if __name__ == "__main__":
    serve()
