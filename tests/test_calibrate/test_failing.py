"""Draws whose score is no finite number: recorded with their address, counted, walked past; too many end the run."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.walk_double import QUICK, WalkDouble, draws_in, record_in, table_in

import calibrate.cli
from calibrate.methods.registry import METHODS
from calibrate.settings import DEFAULT_METHOD

RESULTS = Path("results")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """``python -m calibrate`` with the walk double on two chains, into a fresh folder."""
    monkeypatch.setitem(METHODS, DEFAULT_METHOD, WalkDouble)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: calibrate.cli.main(["--config", QUICK, "--chains", "2", "--seed", "3", *arguments])


def summary() -> dict[str, dict[str, object]]:
    return dict(json.loads((RESULTS / "summary.json").read_text()))


def test_a_few_are_recorded_counted_and_walked_past(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WalkDouble, "unscored", 150)  # two of 300 a chain, the first draw among them
    assert command("--iters", "300") == 0
    rows = table_in(RESULTS).to_pylist()
    failed = [[row["chain"], row["iteration"]] for row in rows if not math.isfinite(row["score"])]
    assert failed == summary()["failed_draws"] == [[0, 0], [0, 150], [1, 0], [1, 150]]
    assert summary()["all"]["failed"] == 4
    assert summary()["all"]["best_score"] == max(row["score"] for row in rows if math.isfinite(row["score"]))
    assert [row["accepted"] for row in rows if row["iteration"] in (0, 1, 150)] == [True, True, False] * 2
    told = capsys.readouterr()
    assert told.out.splitlines()[0].endswith("   failed")
    assert "4 failed" in told.err


def test_a_chain_at_such_a_draw_resumes(command: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WalkDouble, "unscored", 150)
    assert command("--iters", "300", "--out", "whole") == 0
    assert command("--iters", "1") == 4, "the first draw of each chain is all of them"
    assert command("--iters", "300", "--resume") == 0
    resumed, whole = (table_in(Path(name)) for name in ("results", "whole"))
    for name in ("score", "distance"):
        assert np.array_equal(resumed[name].to_numpy(), whole[name].to_numpy(), equal_nan=True)
    assert resumed.drop_columns(["score", "distance"]) == whole.drop_columns(["score", "distance"])


@pytest.mark.parametrize("iters", [50, 1_000_000])
def test_more_than_one_in_a_hundred_end_the_run(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, iters: int
) -> None:
    monkeypatch.setattr(WalkDouble, "unscored", 99)
    assert command("--iters", str(iters)) == 4
    line = capsys.readouterr().err.splitlines()[-1]
    assert "draws have no finite score, more than 1%" in line
    assert line.endswith("python -m engine --draw results/ 0 0")
    assert draws_in(RESULTS) < 10_000, "it ends as soon as that is sure"
    assert record_in(RESULTS)["status"] == ("finished" if iters == 50 else "interrupted")


def test_fewer_do_not(command: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WalkDouble, "unscored", 120)
    assert command("--iters", "2000") == 0
