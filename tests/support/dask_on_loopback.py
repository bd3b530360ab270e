"""A real Dask scheduler and real workers, on loopback."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def process(*arguments: str, log: Path, folder: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is killed at the end, with what it says in ``log``; ``folder`` comes first where it imports."""
    with open(log, "wb") as output:
        running = subprocess.Popen(arguments, stdout=output, stderr=output, cwd=folder)
        try:
            yield running
        finally:
            running.kill()
            running.wait()


def wait_for(ready: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class Dask:
    """A scheduler on loopback, to which tests add workers."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.workers = folder, 0
        self.address = ""

    @contextmanager
    def scheduler(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
        log = self.folder / "scheduler.log"
        with process(*command, "--no-dashboard", log=log) as running:
            wait_for(lambda: b"Scheduler at:" in log.read_bytes())
            self.address = log.read_text().split("Scheduler at:")[1].split()[0]
            yield running

    @contextmanager
    def worker(self, folder: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
        self.workers += 1
        log, room = self.folder / f"worker-{self.workers}.log", self.folder / f"worker-{self.workers}"
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-nanny"]
        command += ["--no-dashboard", "--local-directory", str(room)]
        with process(*command, log=log, folder=folder) as running:
            wait_for(lambda: b"Registered to:" in log.read_bytes())
            yield running
