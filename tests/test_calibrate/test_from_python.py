"""``calibrate.search`` and ``calibrate.open_run`` do what the command does, and speak of arguments."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.walk_double import QUICK, quick, record_in, table_in

import calibrate
import calibrate.cli
from engine.errors import DataError, UsageError
from engine.scenario import Scenario, load_scenario


def test_it_makes_the_draws_of_the_command(tmp_path: Path, seed: int) -> None:
    words = ["--config", QUICK, "--chains", "2", "--iters", "150", "--seed", str(seed), "--quiet"]
    assert calibrate.cli.main([*words, "--set", "search.step=0.07", "--out", str(tmp_path / "typed")]) == 0
    run = calibrate.search(
        QUICK, overrides=["search.step=0.07"], out=tmp_path / "called", chains=2, iters=150, seed=seed, workers=1
    )
    assert table_in(tmp_path / "called") == table_in(tmp_path / "typed")
    assert run.record.status == "finished"
    assert run.draws(["score"]).num_rows == 300
    typed, called = record_in(tmp_path / "typed"), record_in(tmp_path / "called")
    assert {**typed, "start": "", "end": ""} == {**called, "start": "", "end": ""}
    country = load_scenario(QUICK, ["search.step=0.07"])
    again = calibrate.search(country, out=tmp_path / "object", chains=2, iters=150, seed=seed)
    assert table_in(tmp_path / "object") == table_in(tmp_path / "typed")
    assert again.record.config is None, "a scenario that has no file is not given one"


def test_it_goes_on_and_stops_in_time(tmp_path: Path, seed: int) -> None:
    cut = calibrate.search(QUICK, out=tmp_path, chains=2, iters=10_000_000, seed=seed, max_seconds=0.5)
    assert cut.record.status == "interrupted"
    before = cut.draws(["iteration"]).num_rows
    furthest = 1 + int(cut.draws(["iteration"])["iteration"].to_numpy().max())
    whole = calibrate.search(quick(), out=tmp_path, iters=furthest + 50, resume=True)
    assert whole.record.status == "finished"
    assert whole.draws(["score"]).num_rows == 2 * (furthest + 50)
    assert cut.draws(["score"]).num_rows == before, "a run is what it was when it was opened"


def test_a_screen_and_what_was_replaced(tmp_path: Path, seed: int) -> None:
    run = calibrate.search(QUICK, out=tmp_path, chains=2, screen=64, seed=seed)
    assert (run.record.method, run.record.iters) == ("screen", 32)
    assert (
        calibrate.search(QUICK, out=tmp_path, chains=1, iters=5, seed=seed, overwrite=True).record.method
        == "population"
    )


def test_it_says_nothing_and_leaves_signals_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calibrate.search(QUICK, out=tmp_path / "one", chains=1, iters=5)  # may tell of compiling
    capsys.readouterr()
    calibrate.search(QUICK, out=tmp_path / "other", chains=np.int64(1), iters=5, workers=8)  # as simulate takes it
    assert capsys.readouterr() == ("", "")
    calibrate.search(QUICK, out=tmp_path / "third", chains=1, iters=5, progress="plain")
    assert "5 of 5 draws" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({"chains": 0, "seed": -1}, ["chains: 0: give a whole", "seed: -1: give a whole number from 0"]),
        ({"iters": 1e5}, ["iters: 100000.0: give a whole number from 1"]),
        ({"iters": True}, ["iters: True: give a whole number"]),
        ({"screen": 8, "iters": 5}, ["screen, iters: give one of them"]),
        ({"progress": "loud"}, ["progress: 'loud': give one of auto, bar, plain, none"]),
        ({"max_seconds": "10"}, ["max_seconds: '10': give a number above 0"]),
        ({"max_seconds": math.nan}, ["max_seconds: nan: give a number above 0"]),
        ({"overrides": "years=3"}, ["overrides: 'years=3': give a list, such as ['years=3']"]),
        ({"resume": True, "overwrite": True}, ["resume, overwrite: give one of them"]),
        ({"scheduler": "tcp://h:1", "workers": 2}, ["workers, scheduler: give one of them"]),
        (
            {"scenario": quick(), "overrides": ["years=3"]},
            ["overrides: are for a scenario's file; give load_scenario them"],
        ),
        ({"scenario": 5}, ["scenario: 5 is none; give what engine.load_scenario returns, or a path"]),
        ({"scenario": "nowhere.yaml"}, ["nowhere.yaml: no such file"]),
        ({"resume": True}, ["OUT: holds no run to resume; leave out resume=True to begin one"]),
    ],
)
def test_arguments_that_cannot_be_are_told(tmp_path: Path, given: dict[str, Any], lines: list[str]) -> None:
    out = tmp_path / "run"
    scenario: Scenario | str = given.pop("scenario", QUICK)
    with pytest.raises((UsageError, DataError)) as caught:
        calibrate.search(scenario, out=out, **given)
    told = str(caught.value).splitlines()
    assert len(told) == len(lines)
    for line, wanted in zip(told, lines, strict=True):
        assert line.startswith(wanted.replace("OUT", str(out)))
        assert "--" not in line
    assert not out.exists()


def refused(call: Callable[[], object]) -> str:
    with pytest.raises((UsageError, DataError)) as caught:
        call()
    assert "--" not in str(caught.value).replace("`python -m calibrate --resume`", "")
    return str(caught.value)


def test_a_run_that_is_there_is_kept(tmp_path: Path, seed: int) -> None:
    calibrate.search(quick(), out=tmp_path, chains=2, iters=20, seed=seed)
    before = table_in(tmp_path)
    said = refused(lambda: calibrate.search(quick(), out=tmp_path))
    ways = "continue it with resume=True, replace it with overwrite=True, or give another directory with out"
    assert said == f"{tmp_path}: holds a run; {ways}"
    assert "iters=10: " in refused(lambda: calibrate.search(quick(), out=tmp_path, iters=10, resume=True))
    assert "method: was population, now screen" in refused(
        lambda: calibrate.search(quick(), out=tmp_path, screen=64, resume=True)
    )
    other = load_scenario(QUICK, ["search.step=0.07"])
    assert "scenario.search.step: was 0.05, now 0.07" in refused(
        lambda: calibrate.search(other, out=tmp_path, resume=True)
    )
    assert table_in(tmp_path) == before


def test_a_place_without_a_run_cannot_be_opened(tmp_path: Path) -> None:
    assert "not a results directory" in refused(lambda: calibrate.open_run(tmp_path))
