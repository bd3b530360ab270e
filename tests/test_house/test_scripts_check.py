"""scripts/check_posterior: ranks, coverage, and a stop in between."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest
from support.places import ROOT
from support.short_posterior import run_of

SCRIPT = ROOT / "scripts" / "check_posterior.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    """A short posterior, near which to check."""
    return run_of(tmp_path_factory.mktemp("check") / "run", seed, iters=200).directory


def check(results: Path, lines: Path, sets: int) -> str:
    sizes = ["--sets", str(sets), "--chains", "4", "--iters", "200", "--lines", str(lines)]
    command = [sys.executable, str(SCRIPT), str(results), *sizes]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_points_lie_anywhere_among_the_draws_of_their_records(results: Path, tmp_path: Path) -> None:
    """Ranks of all parameters of twelve data sets together; fails once in a million if the posterior is right.

    They are related within a data set, which makes large distances no likelier than one in ten thousand. The control:
    ranks of half the distance from the middle, as of draws twice as wide.
    """
    lines = tmp_path / "lines.jsonl"
    check(results, lines, 5)
    begun = lines.read_text()
    told = check(results, lines, 12)
    assert lines.read_text().startswith(begun), "what was made is not made again"
    found = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [line["set"] for line in found] == list(range(12))
    ranks = np.array([line["rank"] for line in found])
    assert ranks.shape == (12, 12)
    uniform = (ranks.ravel() + 0.5) / 100
    assert kstest(uniform, "uniform").pvalue > 1e-6
    assert kstest(0.5 + (uniform - 0.5) / 2, "uniform").pvalue < 1e-6
    assert "12 data sets, 4 chains of 200 draws" in told
    assert all(name in told for name in ("tolerance", "miss"))
