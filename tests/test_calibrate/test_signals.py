"""Leaving early, by signal or because another process is there first, with a run in a process of its own."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from support.walk_double import DOUBLE, draws_in, record_in

from engine.results.run_record import open_run


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_with_everything_on_disk(tmp_path: Path, number: signal.Signals, code: int) -> None:
    process = started(tmp_path, seconds_a_draw=0.001)
    wait_for("draws/chain=*/part-*", tmp_path / "run", process)
    process.send_signal(number)
    process.send_signal(number)  # within an instant it is the same one, delivered twice
    out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Go on with: python -m calibrate --resume" in out
    assert "Stopping" in err
    assert "Traceback" not in err
    assert record_in(tmp_path / "run")["status"] == "interrupted"
    assert draws_in(tmp_path / "run") > 0
    assert not (tmp_path / "run" / ".unfinished").exists()


def test_a_hangup_is_no_matter_under_nohup(tmp_path: Path) -> None:
    arguments = [*DOUBLE, "--chains", "1", "--iters", "400", "--quiet", "--out", str(tmp_path / "run")]
    with subprocess.Popen(["nohup", *arguments], env=os.environ | {"DOUBLE_SECONDS": "0.002"}) as process:
        wait_for("draws/chain=00", tmp_path / "run", process)
        process.send_signal(signal.SIGHUP)
    assert process.returncode == 0
    assert record_in(tmp_path / "run")["status"] == "finished"


def test_a_run_that_was_killed_is_not_running(tmp_path: Path) -> None:
    process = started(tmp_path, seconds_a_draw=0.001)
    wait_for("draws/chain=*/part-*", tmp_path / "run", process)
    assert open_run(tmp_path / "run").record.status == "running"
    process.kill()
    process.communicate()
    assert record_in(tmp_path / "run")["status"] == "running", "it could not say more"
    assert open_run(tmp_path / "run").record.status == "interrupted"


def test_a_second_interrupt_leaves_at_once(tmp_path: Path) -> None:
    process = started(tmp_path, seconds_a_draw=2.0)  # the block in flight takes half a minute
    time.sleep(1.0)  # the workers start right after run.json is there
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(1.0)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - began < 10


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    process = started(tmp_path, seconds_a_draw=0.001)
    second = [*DOUBLE, "--chains", "2", "--iters", "5", "--out", str(tmp_path / "run"), "--overwrite"]
    try:
        refused = subprocess.run(second, capture_output=True, text=True, check=False)
        assert refused.returncode == 2
        assert f"in use by process {process.pid} on " in refused.stderr
    finally:
        process.kill()
        process.communicate()
    subprocess.run(second, capture_output=True, check=True)
    assert draws_in(tmp_path / "run") == 10


def test_a_reader_that_has_gone_is_no_traceback(tmp_path: Path) -> None:
    piped = ["bash", "-c", 'set -o pipefail; "$@" | true', "bash", *DOUBLE, "--dry-run"]
    ended = subprocess.run(piped, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 128 + signal.SIGPIPE
    assert ended.stderr == ""


def started(tmp_path: Path, seconds_a_draw: float) -> subprocess.Popen[str]:
    """A long run with the walk double in a process of its own, at work when this returns."""
    arguments = [*DOUBLE, "--chains", "2", "--iters", "1000000", "--out", str(tmp_path / "run")]
    process = subprocess.Popen(
        arguments,
        env=os.environ | {"DOUBLE_SECONDS": str(seconds_a_draw), "DOUBLE_TURN": "0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for("run.json", tmp_path / "run", process)
    return process


def wait_for(pattern: str, directory: Path, process: subprocess.Popen[str]) -> None:
    """Return when something in ``directory`` has a name like ``pattern``."""
    deadline = time.monotonic() + 60
    while not any(directory.glob(pattern)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
