"""What is known of the code, the seed and the scenario that made the draws of a run."""

import json
import re
import shutil
from pathlib import Path

import grimp
import pytest
from support import walk_double
from support.walk_double import QUICK

import calibrate.cli
import engine.numerics.jit
from engine.results.provenance import NUMBERS, fingerprint, source_digest

ROOT = Path(engine.numerics.jit.SOURCES)
# They read a scenario and say what is wrong with it; what they read is in run.json.
READERS = {
    "engine.errors",
    "engine.scenario.document",
    "engine.scenario.validation",
    "engine.scenario.csv_tables",
    "engine.scenario.yaml_text",
}


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for package in ("engine", "calibrate"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(engine.numerics.jit, "SOURCES", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["calibrate/walk.py", "engine/week.py", *NUMBERS])
def test_the_digest_moves_with_what_numbers_depend_on(copied: Path, name: str) -> None:
    before = source_digest()
    assert re.fullmatch("[0-9a-f]{64}", before)
    with open(copied / name, "a", encoding="utf-8") as source:
        source.write("\n# other\n")
    assert source_digest() != before


def test_the_digest_stays_when_a_message_is_reworded(copied: Path) -> None:
    before = source_digest()
    for name in ("calibrate/cli.py", "calibrate/summary.py", "engine/errors.py", "engine/reading.py"):
        with open(copied / name, "a", encoding="utf-8") as source:
            source.write("\n# other\n")
    assert source_digest() == before


def test_the_digest_covers_all_that_the_walk_imports() -> None:
    graph = grimp.build_graph("engine", "calibrate", cache_dir=None)
    needed = {"calibrate.methods.walk"} | graph.find_upstream_modules("calibrate.methods.walk")
    numbers = {name.removesuffix(".py").replace("/", ".") for name in NUMBERS}
    compiled = {module for module in needed if "from engine.numerics.jit import" in source_of(module)} | {
        "engine.numerics.jit"
    }
    assert needed - compiled - READERS - {"engine", "calibrate"} == numbers - {"calibrate.store.columns"}


def source_of(module: str) -> str:
    path = ROOT / module.replace(".", "/")
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")


def test_the_fingerprint_is_that_of_the_file() -> None:
    record = {"seed": 7, "source_digest": "0", "scenario": walk_double.quick().resolved(), "status": "running"}
    assert fingerprint(json.loads(json.dumps(record))) == fingerprint(record | {"status": "finished"})
    assert fingerprint(record | {"seed": 8}) != fingerprint(record)


@pytest.mark.parametrize(("was", "now"), [('"seed": 7', '"seed": 17'), ('"name": "quick"', '"name": "quack"')])
def test_a_digit_changed_in_the_record_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], was: str, now: str
) -> None:
    monkeypatch.setattr(calibrate.cli, "Walk", walk_double.WalkDouble)
    command = ["--out", str(tmp_path / "run"), "--quiet", "--chains", "2"]
    assert calibrate.cli.main([*command, "--config", QUICK, "--iters", "9", "--seed", "7"]) == 0
    record = tmp_path / "run" / "run.json"
    text = record.read_text()
    assert text.count(was) == 1
    record.write_text(text.replace(was, now))
    assert calibrate.cli.main([*command, "--resume", "--iters", "12"]) == 3
    assert "part-00000.parquet: was made with another seed, scenario or code" in capsys.readouterr().err
    record.write_text(text)
    assert calibrate.cli.main([*command, "--resume", "--iters", "12"]) == 0
