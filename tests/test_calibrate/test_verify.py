"""``python -m calibrate verify``: a sound run passes, finished or not; whatever was changed in one is told."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from support.altered import changed, put
from support.walk_double import QUICK, parts

import calibrate.cli
import calibrate.store.verify
from calibrate.store.directory import owned

CHAINS, ITERS = 3, 400


@pytest.fixture
def run(tmp_path: Path, seed: int) -> Path:
    """A finished run of the compiled walk, each chain in two parts."""
    common = ["--config", QUICK, "--chains", str(CHAINS), "--seed", str(seed), "--quiet", "--out", str(tmp_path)]
    assert calibrate.cli.main([*common, "--iters", "150"]) == 0
    assert calibrate.cli.main([*common, "--iters", str(ITERS), "--resume"]) == 0
    assert len(parts(tmp_path)) == 2 * CHAINS
    return tmp_path


def verify(run: Path, *arguments: str) -> int:
    return calibrate.cli.main(["verify", str(run), *arguments])


def test_a_sound_run_passes(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(run) == 0
    assert capsys.readouterr().out == (
        f"{run}: 1,200 draws of 3 chains in 6 parts are sound, 200 of them were simulated again to the same numbers; "
        "the run is finished\n"
    )
    assert verify(run, "--sample", "100000") == 0, "every draw"
    assert "1200 of them were simulated again" in capsys.readouterr().out


def test_a_sound_run_of_attempts_passes(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Its column of lists is named after them, and a wrong one is told. Stops are punished here too."""
    readings = ("target.compares=attempts", "score.stop_penalty=7")
    common = [
        "--config",
        QUICK,
        *(word for text in readings for word in ("--set", text)),
        "--seed",
        str(seed),
        "--quiet",
    ]
    assert calibrate.cli.main([*common, "--chains", "1", "--iters", "60", "--out", str(tmp_path)]) == 0
    assert verify(tmp_path, "--sample", "60") == 0
    assert "escapes_by_year" not in pq.read_schema(parts(tmp_path)[0]).names
    changed(parts(tmp_path)[0], "attempts_by_year", put(3, 1))
    capsys.readouterr()
    assert verify(tmp_path) == 3
    assert "attempts_total is not the sum of attempts_by_year" in capsys.readouterr().err


def test_an_unfinished_run_passes(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts(run)[-1].unlink()
    assert verify(run, "--sample", "5") == 3
    assert f"chain 2: 150 draws of {ITERS}: its last part is missing" in capsys.readouterr().err
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | {"status": "running", "end": None}))
    (run / "summary.json").unlink()
    assert verify(run, "--sample", "5") == 0
    assert "the run is interrupted" in capsys.readouterr().out, "nobody is at work on it, whatever it says"
    with owned(run):
        assert verify(run, "--sample", "5") == 0
    assert "the run is running" in capsys.readouterr().out
    (run / "run.json").write_text(json.dumps(record | {"iters": 149}))
    assert verify(run, "--sample", "5") == 3
    assert "but run.json says 149" in capsys.readouterr().err


@pytest.mark.parametrize("damage", [b"", b"PAR1", None])
def test_a_damaged_part_and_the_rest_of_its_chain_are_told_apart(
    run: Path, capsys: pytest.CaptureFixture[str], damage: bytes | None
) -> None:
    broken = parts(run)[2]
    broken.write_bytes(broken.read_bytes()[:-1] if damage is None else damage)
    assert verify(run) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{broken}: is damaged")


def test_a_missing_part_is_a_gap(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts(run)[0].unlink()
    assert verify(run) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{parts(run)[0]}: row 0: draw 150 where 0 is due")


def first_where(run: Path, wanted: Callable[[dict[str, Any]], bool]) -> tuple[Path, int, int]:
    """The first draw wanted, but for those that begin a part: its part, row and iteration."""
    for part in parts(run):
        for row, values in enumerate(pq.read_table(part, partitioning=None).to_pylist()):
            if row and wanted(values):
                return part, row, values["iteration"]
    raise LookupError("no such draw")


@pytest.mark.parametrize(
    ("column", "change", "told"),
    [
        ("iteration", put(7, 158), r"row 7, iteration 158: the draws do not go on one by one"),
        ("iteration", lambda column: column + 1, r"row 0: draw 151 where 150 is due"),
        ("visibility", put(9, 1.5), r"row 9, iteration 159: visibility is outside"),
        ("visibility", put(9, np.nan), r"row 9, iteration 159: visibility is outside"),
        ("weeks_run", put(3, 0), r"row 3, iteration 153: weeks_run is not from 1 to 208"),
        ("escapes_total", put(3, 10**9), r"row 3, .* escapes_total is not the sum"),
        ("escapes_by_year", put(3, -1), r"row 3, .* escapes_by_year is below 0"),
        ("active_years", lambda column: (column + 1) % 5, r"row 0, .*: active_years is not .* \(and 249 rows more\)"),
        ("attempts_total", put(3, -1), r"row 3, .* more escapes than attempts"),
        ("score", put(4, 99.0), r"row 4, .* score is not what distance"),
        ("accepted", lambda column: np.ones_like(column), r"row \d+, .*: accepted, though far too much worse"),
        ("accepted", lambda column: np.zeros_like(column), r"row \d+, .*: not accepted, though no worse"),
    ],
)
def test_a_row_that_breaks_a_rule_is_told(
    run: Path,
    capsys: pytest.CaptureFixture[str],
    column: str,
    change: Callable[[np.ndarray], np.ndarray],
    told: str,
) -> None:
    part = parts(run)[3]
    changed(part, column, change)
    assert verify(run, "--sample", "0") == 3
    assert re.search(f"^{re.escape(str(part))}: {told}", capsys.readouterr().err, re.MULTILINE)


def test_what_only_the_model_can_know_is_told_by_simulating(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part, row, iteration = first_where(run, lambda values: not values["accepted"] and values["visibility"] > 0.01)
    changed(part, "attempts_total", lambda column: column + (np.arange(len(column)) == row))
    changed(part, "visibility", lambda column: column - 1e-9 * (np.arange(len(column)) == row))
    assert verify(run, "--sample", "0") == 0, "each rule still holds"
    assert verify(run, "--sample", str(CHAINS * ITERS)) == 3
    lines = capsys.readouterr().err.splitlines()
    assert [re.sub("recorded.*", "", line) for line in lines] == [
        f"{part}: row {row}, iteration {iteration}: {name}: " for name in ("visibility", "attempts_total")
    ]


def test_a_summary_of_other_draws_is_told(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = run / "summary.json"
    path.write_text(path.read_text().replace('"draws": 1200', '"draws": 1201'))
    assert verify(run) == 3
    assert capsys.readouterr().err.startswith(f"{path}: all: not what the draws come to")
    path.write_text("{")
    assert verify(run) == 3
    assert capsys.readouterr().err.startswith(f"{path}: is not JSON")


def test_a_run_of_other_code_is_checked_but_not_simulated(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate.store.verify, "OUR_CODE", "0" * 64)
    assert verify(run) == 0
    told = capsys.readouterr()
    assert "note: other code made this run" in told.err
    assert "0 of them were simulated again" in told.out


def test_many_faults_are_told_in_few_lines(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(30):
        (run / "draws" / "chain=01" / f"part-{100 + number}.parquet").touch()
    assert verify(run) == 3
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 10 more"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["nowhere"], 3, "nowhere: not a results directory"),
        (["nowhere", "--sample", "-1"], 2, "--sample"),
        (["nowhere", "--sample", "many"], 2, "--sample many: give a whole number from 0 to 1000000"),
        (["nowhere", "--samples"], 2, "--samples: no such argument; did you mean --sample?"),
    ],
)
def test_bad_usage_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str) -> None:
    assert calibrate.cli.main(["verify", *arguments]) == code
    assert told in capsys.readouterr().err


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_told(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "draws" / "chain=01").chmod(0)
    assert verify(run) == 3
    (run / "draws" / "chain=01").chmod(0o700)
    assert "cannot be read" in capsys.readouterr().err
