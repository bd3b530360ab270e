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
from calibrate.methods.registry import METHODS
from calibrate.session.plan import planned
from calibrate.session.stop import Stop
from calibrate.settings import DEFAULT_METHOD
from engine.numerics.jit import cache_folder, digest_of, sources_in
from engine.results.provenance import OUR_CODE, covered_sources
from engine.results.run_record import fingerprint, read_record

ROOT = engine.numerics.jit.SOURCES
# They read a scenario and say what is wrong with it; what they read is in run.json.
READERS = {
    "engine.errors",
    "engine.reading",
    "engine.types",
    "engine.results.directory",
    "engine.results.run_record",
    "engine.scenario.document",
    "engine.scenario.validation",
    "engine.scenario.csv_tables",
    "engine.scenario.yaml_text",
}


# What the digest covers. A file that comes to stand between a run.json and its draws is covered by where it lies; this
# list is to be read when it changes.
COVERED = """
calibrate/methods: archive base independence meetings moves population posterior priors
calibrate/methods: registry restart screen space tempered walk
calibrate/objective: draw energy filtered_draw further likelihood objectives particle_filter score
calibrate/store: columns
engine: kernel_inputs parameters
engine/kernel: attempts batch belief chance_updates chances course inputs recording repeats run shelf state utility week
engine/kernel/regimes: behaviour discontent safety_valve schedule
engine/numerics: beta distributions elementary index_list jit poisson_tables random
engine/results: columns
engine/scenario: cells former history inference interventions kept observed people ranges reference regime schema target
"""


DECORATED = re.compile("^@(compiled|internal|inlined|merged|summing)$", re.MULTILINE)


def listed() -> list[str]:
    lines = [line.split(": ") for line in COVERED.strip().splitlines()]
    return sorted(f"{folder}/{name}.py" for folder, names in lines for name in names.split())


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for package in ("engine", "calibrate"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(engine.numerics.jit, "SOURCES", tmp_path)
    return tmp_path


def digest() -> str:
    return digest_of(covered_sources())


def test_the_digest_covers_what_is_listed() -> None:
    assert [path.relative_to(ROOT).as_posix() for path in covered_sources()] == listed()
    assert digest() == OUR_CODE


@pytest.mark.parametrize("name", [*listed(), "calibrate/methods/a_new_one.py", "engine/kernel/regimes/a_new_one.py"])
def test_the_digest_moves_with_what_numbers_depend_on(copied: Path, name: str) -> None:
    before = digest()
    assert re.fullmatch("[0-9a-f]{64}", before)
    with open(copied / name, "a", encoding="utf-8") as source:
        source.write("\n# other\n")
    assert digest() != before


def test_the_digest_stays_when_a_message_is_reworded(copied: Path) -> None:
    before = digest()
    for name in ("calibrate/cli.py", "calibrate/store/summary.py", "engine/errors.py", "engine/scenario/document.py"):
        with open(copied / name, "a", encoding="utf-8") as source:
            source.write("\n# other\n")
    assert digest() == before


def test_the_compile_cache_moves_with_every_compiled_source(copied: Path) -> None:
    """Numba looks at the file of the function it loads alone; a cache that stays would run an old formula."""
    users = [path for path in sources_in(["engine", "calibrate"]) if DECORATED.search(path.read_text(encoding="utf-8"))]
    compiled = {path.relative_to(copied).as_posix() for path in users}
    assert {"engine/kernel/regimes/safety_valve.py", "calibrate/methods/walk.py"} < compiled
    for name in [*compiled, "engine/parameters.py", "engine/kernel/regimes/a_new_one.py"]:
        before = cache_folder()
        with open(copied / name, "a", encoding="utf-8") as source:
            source.write("\n# other\n")
        assert cache_folder() != before, name


def test_the_digest_covers_all_that_the_methods_import() -> None:
    graph = grimp.build_graph("engine", "calibrate", cache_dir=None)
    needed = {"calibrate.methods.registry"} | graph.find_upstream_modules("calibrate.methods.registry")
    files = {path_of(module) for module in needed if not path_of(module).endswith("__init__.py")}
    assert files - {path_of(module) for module in READERS} <= set(listed())


def path_of(module: str) -> str:
    path = ROOT / module.replace(".", "/")
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).relative_to(ROOT).as_posix()


def test_the_fingerprint_is_that_of_the_file(tmp_path: Path) -> None:
    record = planned(walk_double.settings_of(tmp_path, 7), Stop()).record
    (tmp_path / "run.json").write_text(json.dumps(record.as_json()))
    assert fingerprint(read_record(tmp_path)) == fingerprint(record.brought_to(status="finished", iters=5))
    assert fingerprint(record.brought_to(seed=8)) != fingerprint(record)


@pytest.mark.parametrize(("was", "now"), [('"seed": 7', '"seed": 17'), ('"name": "quick"', '"name": "quack"')])
def test_a_digit_changed_in_the_record_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], was: str, now: str
) -> None:
    monkeypatch.setitem(METHODS, DEFAULT_METHOD, walk_double.WalkDouble)
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
