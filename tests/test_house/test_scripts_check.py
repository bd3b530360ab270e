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

from engine.types import Floats

SCRIPT = ROOT / "scripts" / "check_posterior.py"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short posterior, near which to check."""
    return run_of(tmp_path_factory.mktemp("check") / "run", 1, iters=200).directory


def check(results: Path, lines: Path, sets: int, *more: str) -> str:
    sizes = ["--sets", str(sets), "--chains", "4", "--iters", "200", "--lines", str(lines)]
    command = [sys.executable, str(SCRIPT), str(results), *sizes, *more]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def found_in(lines: Path) -> tuple[Floats, Floats]:
    """Ranks as shares, (sets, parameters + 2), and what intervals hold, (sets, parameters + 1)."""
    found = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [line["set"] for line in found] == list(range(16))
    return (np.array([line["rank"] for line in found]) + 0.5) / 100, np.array([line["inside"] for line in found])


def test_points_lie_anywhere_among_the_draws_of_their_records(results: Path, tmp_path: Path) -> None:
    """Sixteen data sets: chains that were told of each, and as a control chains that were told another record.

    One seed, because a data set takes a second of full chains, and so few tell the two apart by a factor that hangs on
    how wide the run's posterior is. By it the least of thirteen chances that ranks are uniform (Kolmogorov and Smirnov)
    was 0.0075 for those told, for the likelihood of those not told 5e-11; of the intervals 78 % and 60 % held.
    """
    lines, blind = tmp_path / "lines.jsonl", tmp_path / "blind.jsonl"
    check(results, lines, 5, "--iters", "1500")
    begun = lines.read_text()
    told = check(results, lines, 16, "--iters", "1500")
    assert lines.read_text().startswith(begun), "what was made is not made again"
    check(results, blind, 16, "--blind")
    (ranks, inside), (unaware, _) = found_in(lines), found_in(blind)
    assert ranks.shape == (16, 13)
    for place in range(13):
        assert kstest(ranks[:, place], "uniform").pvalue > 1e-6
    assert inside.mean() > 0.7
    assert kstest(unaware[:, -1], "uniform").pvalue < 1e-6, "a point is likelier than draws that do not know it"
    assert "16 data sets, 4 chains of 1,500 draws" in told
    assert all(name in told for name in ("tolerance", "miss", "likelihood of the record"))
