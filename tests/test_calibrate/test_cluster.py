"""A search on a Dask cluster: a real scheduler and real workers on loopback, and the same rows as on threads."""

import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from support.dask_on_loopback import Dask, wait_for
from support.places import ROOT
from support.walk_double import QUICK, draws_in, parts, quick, record_in, settings_of, table_in

import calibrate.cli
from calibrate.methods.base import NOTHING, START
from calibrate.methods.meetings import Meetings
from calibrate.methods.walk import Walk
from calibrate.session.dask import Cluster, MismatchError, Order, by_cluster, do_turn, origin_of
from calibrate.session.plan import planned
from calibrate.session.stop import Stop
from calibrate.store.parts import Position
from engine.errors import DataError, UsageError

pytest.importorskip("distributed", reason="the extra [distributed] is not installed")

CLIENT = [sys.executable, str(ROOT / "tests" / "with_short_turns.py")]
COMMON = ["--config", QUICK, "--method", "walk", "--chains", "4", "--iters", "8000"]


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    made = Dask(tmp_path_factory.mktemp("dask"))
    with made.scheduler():
        yield made


@pytest.fixture(scope="module")
def on_threads(tmp_path_factory: pytest.TempPathFactory, seed: int) -> pa.Table:
    """The rows of the search, made by threads."""
    out = tmp_path_factory.mktemp("threads") / "run"
    assert calibrate.cli.main([*COMMON, "--seed", str(seed), "--quiet", "--out", str(out)]) == 0
    return table_in(out)


def search(dask: Dask, out: Path, *arguments: str) -> subprocess.Popen[str]:
    """A search on the cluster, begun and not waited for."""
    command = [*CLIENT, *COMMON, "--scheduler", dask.address, "--out", str(out), "--progress", "none", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(client: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = client.communicate(timeout=120)
    assert "Traceback" not in err
    assert client.returncode >= 0, err
    return client.returncode, out, err


def test_a_worker_killed_and_one_that_joins_late(dask: Dask, on_threads: pa.Table, tmp_path: Path, seed: int) -> None:
    out = tmp_path / "run"
    with dask.worker() as first, dask.worker():
        client = search(dask, out, "--seed", str(seed))
        wait_for(lambda: len(parts(out)) >= 4)
        first.send_signal(signal.SIGKILL)
        assert client.poll() is None, "it was mid-run"
        assert ended(client)[0] == 0
    assert table_in(out) == on_threads
    assert calibrate.cli.main(["verify", str(out), "--sample", "100"]) == 0


def test_chains_that_meet_are_told_the_same_as_on_threads(dask: Dask, tmp_path: Path, seed: int) -> None:
    """With a worker lost on the way, and gone on with on threads."""
    options = ["--method", "population", "--iters", "400", "--seed", str(seed)]
    alone = tmp_path / "alone"
    assert calibrate.cli.main([*COMMON, *options, "--quiet", "--out", str(alone)]) == 0
    out = tmp_path / "run"
    with dask.worker() as first, dask.worker():
        client = search(dask, out, *options[:2], "--iters", "250", *options[4:])
        wait_for(lambda: len(parts(out)) >= 2)
        first.send_signal(signal.SIGKILL)
        assert ended(client)[0] == 0
    assert calibrate.cli.main(["--resume", "--iters", "400", "--quiet", "--out", str(out)]) == 0
    assert table_in(out) == table_in(alone)
    assert calibrate.cli.main(["verify", str(out), "--sample", "100"]) == 0


def test_chains_cut_short_are_of_about_equal_length(dask: Dask, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with dask.worker():
        client = search(dask, out, "--chains", "6", "--iters", "1000000")
        wait_for(lambda: len(parts(out)) >= 7)
        client.send_signal(signal.SIGINT)
        assert ended(client)[0] == 130
    lengths = np.bincount(table_in(out)["chain"].to_numpy())
    assert len(lengths) == 6
    assert lengths.min() >= 256
    assert lengths.max() <= 4 * lengths.min()


def test_one_that_joins_late_does_the_rest(dask: Dask, on_threads: pa.Table, tmp_path: Path, seed: int) -> None:
    out = tmp_path / "run"
    client = search(dask, out, "--seed", str(seed))
    wait_for(lambda: (out / "run.json").exists())
    with dask.worker() as first:
        wait_for(lambda: len(parts(out)) >= 4)
        with dask.worker():
            first.send_signal(signal.SIGKILL)
            assert client.poll() is None, "it was mid-run"
            code, _, err = ended(client)
    assert code == 0
    assert "has no workers yet; waiting for one" in err
    assert table_in(out) == on_threads


def test_the_client_killed_and_gone_on_with_by_threads(
    dask: Dask, on_threads: pa.Table, tmp_path: Path, seed: int
) -> None:
    out = tmp_path / "run"
    with dask.worker(), dask.worker():
        client = search(dask, out, "--seed", str(seed))
        wait_for(lambda: len(parts(out)) >= 6)
        client.kill()
        client.communicate()
        assert draws_in(out) < on_threads.num_rows, "it was mid-run"
    assert calibrate.cli.main(["--resume", "--quiet", "--out", str(out)]) == 0
    assert table_in(out) == on_threads


def test_a_signal_ends_it_and_a_scheduler_that_dies(on_threads: pa.Table, tmp_path: Path, seed: int) -> None:
    dask, out = Dask(tmp_path), tmp_path / "run"
    with dask.scheduler() as scheduler, dask.worker():
        client = search(dask, out, "--seed", str(seed))
        wait_for(lambda: len(parts(out)) >= 2)
        client.send_signal(signal.SIGINT)
        code, told, _ = ended(client)
        assert code == 130
        assert "Go on with: python -m calibrate --resume" in told
        before = draws_in(out)
        client = search(dask, out, "--resume")
        wait_for(lambda: draws_in(out) > before)
        scheduler.kill()
        code, _, err = ended(client)
        assert code == 2
        assert err.splitlines()[-1].startswith(
            f"--scheduler {dask.address}: it is gone; what was written before is safe"
        )
    assert record_in(out)["status"] == "interrupted"
    assert calibrate.cli.main(["--resume", "--quiet", "--out", str(out)]) == 0
    assert table_in(out) == on_threads


@pytest.mark.parametrize(
    ("status", "told", "kind"),
    [("error", "a worker of tcp://there failed: no room", DataError), ("finished", "it is gone", UsageError)],
)
def test_a_turn_that_fails_is_not_a_way_that_breaks(
    tmp_path: Path, seed: int, status: str, told: str, kind: type[Exception]
) -> None:
    """Both raise an OSError, and the client says that it runs: it is told of a lost connection only later."""

    class Turn:
        def __init__(self, key: str) -> None:
            self.key, self.status = key, status

        def add_done_callback(self, call: Callable[["Turn"], None]) -> None:
            call(self)

        def result(self) -> None:
            raise OSError("no room")

    client = SimpleNamespace(
        status="running",
        nthreads=lambda: {"one": 1},
        submit=lambda *_, key: Turn(key),
        cancel=lambda _: None,
    )
    record = planned(settings_of(tmp_path, seed, 1, 60), Stop()).record
    turns = by_cluster(
        Cluster(client, "tcp://there"), record, {0: Position()}, Meetings(Walk(quick(), seed), 1), lambda: False
    )
    with pytest.raises(kind, match=told):
        list(turns)


def test_more_workers_than_chains_and_more_chains_than_workers(dask: Dask, tmp_path: Path) -> None:
    with dask.worker(), dask.worker():
        code, _, err = ended(search(dask, tmp_path / "few", "--chains", "1", "--iters", "20"))
        assert code == 0
        assert "note: 2 workers for 1 chain: only as many as chains work" in err
        code, _, err = ended(search(dask, tmp_path / "many", "--chains", "1000", "--iters", "2"))
        assert code == 0
        assert "note:" not in err
    assert draws_in(tmp_path / "many") == 2000
    assert calibrate.cli.main(["verify", str(tmp_path / "many"), "--sample", "50"]) == 0


def test_workers_of_other_code_are_refused(dask: Dask, tmp_path: Path, seed: int) -> None:
    for package in ("engine", "calibrate"):
        shutil.copytree(Path(QUICK).parents[1] / package, tmp_path / "other" / package)
    with open(tmp_path / "other" / "engine" / "kernel_inputs.py", "a", encoding="utf-8") as source:
        source.write("\n# other\n")
    (tmp_path / "bare" / "calibrate").mkdir(parents=True)
    (tmp_path / "bare" / "calibrate" / "__init__.py").write_text("raise ModuleNotFoundError")
    for place, told in ("other", "has other code than this process"), ("bare", "cannot run it ("):
        with dask.worker(tmp_path / place):
            code, _, err = ended(search(dask, tmp_path / "run"))
        assert code == 2
        assert told in err
        assert len(err.splitlines()) == 1
        assert not (tmp_path / "run").exists()
    client = search(dask, tmp_path / "run", "--seed", str(seed))
    wait_for(lambda: (tmp_path / "run" / "run.json").exists())
    with dask.worker(), dask.worker(tmp_path / "other"):
        code, _, err = ended(client)
        assert code == 2
        assert "worker that came later has other code than this process" in err


def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path) -> None:
    dask = Dask(tmp_path)
    dask.address = "tcp://127.0.0.1:9"
    code, _, err = ended(search(dask, tmp_path / "run"))
    assert code == 2
    assert err.startswith("--scheduler tcp://127.0.0.1:9: no scheduler answers")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "run").exists()


@contextmanager
def server(answer: bytes | None) -> Iterator[str]:
    """The address of a server that says ``answer`` once it was told something, or nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    talking.append(listening.accept()[0])
                    if answer is not None:
                        talking[-1].recv(8)
                        talking[-1].sendall(answer)

        talking: list[socket.socket] = []
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for each in talking:
            each.close()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "said nothing for 4 s"),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "is no Dask scheduler"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "is no Dask scheduler"),
        (bytes([40, *7 * [0]]) + 40 * b"?", "is no Dask scheduler"),
    ],
)
def test_what_listens_and_is_no_scheduler_is_told(tmp_path: Path, answer: bytes | None, told: str) -> None:
    dask = Dask(tmp_path)
    with server(answer) as dask.address:
        code, _, err = ended(search(dask, tmp_path / "run"))
    assert code == 2
    assert err.startswith(f"--scheduler {dask.address}: no scheduler answers (what listens there {told}); start one")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_a_worker_is_no_scheduler(dask: Dask, tmp_path: Path) -> None:
    with dask.worker():
        log = (dask.folder / f"worker-{dask.workers}.log").read_text()
        other = Dask(tmp_path)
        other.address = log.split("Start worker at:")[1].split()[0]
        code, _, err = ended(search(other, tmp_path / "run"))
    assert code == 2
    assert "what listens there is no Dask scheduler" in err


def test_a_task_is_the_same_when_done_again(tmp_path: Path, seed: int) -> None:
    record = planned(settings_of(tmp_path, seed, 1, 60), Stop()).record
    order = Order(origin_of(record), 2, 0, START, NOTHING, 60, 5.0)
    (made,), (again,) = do_turn(order), do_turn(order)
    assert made.content == again.content
    block, state = Walk(quick(), seed).step(2, 0, 60, START)
    assert made.tally.draws == 60
    assert made.state == state
    assert made.tally.best == block.score.max()
    with pytest.raises(MismatchError):
        do_turn(order._replace(origin=origin_of(record.brought_to(source_digest="0"))))
