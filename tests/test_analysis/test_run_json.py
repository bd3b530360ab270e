"""run.json: what is read of earlier versions, and what a user is told of one with a wrong value."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.short_runs import searched

from analysis.best import main as best
from calibrate.cli import main as calibrate
from calibrate.methods.registry import method_of
from engine.errors import DataError
from engine.results.run_record import open_run, read_record

NEW_IN_0_2 = ("method", "config", "overrides")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    return searched(tmp_path_factory.mktemp("record") / "quick", seed, "--method", "walk", chains=2, iters=30)


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    out = tmp_path_factory.mktemp("record") / "screen"
    options = ["--config", "configs/quick.yaml", "--screen", "64", "--chains", "2", "--seed", str(seed), "--quiet"]
    assert calibrate([*options, "--out", str(out)]) == 0
    return out


def changed(results: Path, place: Path, changes: dict[str, Any], without: tuple[str, ...] = ()) -> Path:
    """Return a directory with the draws of ``results`` and its run.json, some keys otherwise or left out."""
    place.mkdir()
    (place / "draws").symlink_to(results / "draws")
    record = json.loads((results / "run.json").read_text()) | changes
    (place / "run.json").write_text(json.dumps({key: record[key] for key in record if key not in without}))
    return place


def test_a_search_of_version_0_1_is_a_walk_of_which_no_file_is_known(results: Path, tmp_path: Path) -> None:
    run = open_run(changed(results, tmp_path / "old", {"model_version": "0.1.0"}, without=NEW_IN_0_2))
    record = run.record
    assert (record.method, record.config, record.overrides) == ("walk", None, ())
    assert not method_of(record).independent
    assert run.draws().equals(open_run(results).draws())


def test_a_screen_of_version_0_1_is_a_screen(screened: Path, tmp_path: Path) -> None:
    old = changed(screened, tmp_path / "old", {"model_version": "0.1.0", "kind": "screen"}, without=NEW_IN_0_2)
    record = read_record(old)
    assert (record.method, record.config, record.overrides) == ("screen", None, ())
    assert method_of(record).independent
    assert "kind" not in record.as_json()


def test_a_record_comes_back_as_it_was_written(results: Path) -> None:
    written = json.loads((results / "run.json").read_text())
    record = read_record(results)
    assert record.as_json() == written
    assert (record.method, record.config) == ("walk", written["config"])
    assert record.brought_to(status="running").as_json() == written | {"status": "running"}


def test_keys_of_a_later_version_are_kept(results: Path, tmp_path: Path) -> None:
    later = read_record(changed(results, tmp_path / "later", {"of_tomorrow": [1, 2]}))
    assert later.as_json()["of_tomorrow"] == [1, 2]


WRONG = {
    "start": (5, "start: 5 cannot be"),
    "end": (False, "end: False cannot be"),
    "seed": (True, "seed: True cannot be"),
    "chains": (True, "chains: True cannot be"),
    "versions": (3, "versions: 3 cannot be"),
    "iters": (-1, "iters: -1 cannot be"),
    "status": ("asleep", "status: 'asleep' cannot be"),
    "scenario": (None, "scenario: None cannot be"),
    "config": (7, "config: 7 cannot be"),
    "source_digest": (12, "source_digest: 12 cannot be"),
}


@pytest.mark.parametrize("command", ["best", "verify", "resume"])
@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_value_is_told_in_a_line_with_its_file_and_key(
    command: str, key: str, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value, said = WRONG[key]
    spoiled = changed(results, tmp_path / "spoiled", {key: value})
    before = sorted(tmp_path.rglob("*"))
    if command == "best":
        code = best([str(spoiled)])
    else:
        words = ["verify", str(spoiled)] if command == "verify" else ["--resume", "--out", str(spoiled), "--quiet"]
        code = calibrate(words)
    assert code == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{spoiled / 'run.json'}: {said}; put back a copy of it")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert [path for path in sorted(tmp_path.rglob("*")) if path.name not in (".lock", ".unfinished")] == before


@pytest.mark.parametrize(
    ("changes", "without", "said"),
    [
        ({}, ("seed",), ["seed: is missing"]),
        ({}, ("status", "scenario"), ["scenario: is missing", "status: is missing"]),
        ({"seed": 1.5, "chains": "two"}, (), ["seed: 1.5 cannot be", "chains: 'two' cannot be"]),
        ({"versions": {"numba": 1}}, (), ["versions.numba: 1 cannot be"]),
        ({"seed": 2**63}, (), [f"seed: {2**63} cannot be"]),
        ({"chains": 0}, (), ["chains: 0 cannot be"]),
        ({"overrides": ["a=1", 2]}, (), ["overrides.1: 2 cannot be"]),
        ({"kind": 5}, ("method",), ["method: 5 cannot be"]),
    ],
)
def test_each_thing_to_mend_has_its_line(
    results: Path, tmp_path: Path, changes: dict[str, Any], without: tuple[str, ...], said: list[str]
) -> None:
    spoiled = changed(results, tmp_path / "spoiled", changes, without)
    with pytest.raises(DataError) as caught:
        open_run(spoiled)
    lines = str(caught.value).split("\n")
    assert [line.partition("; ")[0] for line in lines] == [f"{spoiled / 'run.json'}: {one}" for one in said]


def test_a_method_that_is_not_known_here_is_told(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = changed(results, tmp_path / "other", {"method": "wlak"})
    assert calibrate(["verify", str(other)]) == 3
    err = capsys.readouterr().err
    assert "method: 'wlak' is not known here" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("content", ["[]", "5", '"run"', "null"])
def test_what_is_json_and_no_record_is_told(
    content: str, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.json").write_text(content)
    assert best([str(tmp_path)]) == 3
    err = capsys.readouterr().err
    assert err.startswith(f"{tmp_path / 'run.json'}: is not the record of a run")
    assert err.count("\n") == 1
