"""The house itself: what the wheel holds, how long things are, and walls that a machine checks."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from support.places import ROOT

from calibrate.methods.walk import Walk
from calibrate.methods.walk import advance as compiled_advance
from engine import Parameters, load_scenario, simulate
from engine.kernel.run import run as compiled_run

PACKAGES = ("engine", "calibrate", "analysis")
SOURCES = sorted(path for name in (*PACKAGES, "tests", "scripts") for path in ROOT.glob(f"{name}/*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
POLICIES = {"compiled", "internal", "inlined", "merged", "summing"}  # the decorators of engine.numerics.jit


def functions_of(path: Path) -> list[ast.FunctionDef]:
    """Return every function of a file, methods and inner ones included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def module_of(path: Path) -> str:
    return f"{path.parent.name}.{path.stem}"


def modules_of(package: str) -> set[str]:
    """Return the modules of a package that others can import."""
    paths = [path for path in SOURCES if path.parent.name == package and not path.stem.startswith("__")]
    return {module_of(path) for path in paths}


def is_compiled(function: ast.FunctionDef) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id in POLICIES for mark in function.decorator_list)


def is_annotated(function: ast.FunctionDef) -> bool:
    given = function.args
    arguments = [argument for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return function.returns is not None or any(argument.annotation for argument in arguments)


def copy_project(target: Path) -> None:
    """Copy what makes the distribution, and nothing that a build or a test has left."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, target / name)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))


def test_the_wheel_holds_the_three_packages_and_nothing_else(tmp_path: Path) -> None:
    copy_project(tmp_path)
    (tmp_path / "stray").mkdir()
    (tmp_path / "stray" / "__init__.py").touch()  # must be left out: packages are listed, not found
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*build, "--wheel-dir", tmp_path / "wheel", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    metadata = f"defection_abm-{PROJECT['project']['version']}.dist-info"
    assert {name.split("/")[0] for name in names} == {*PACKAGES, metadata}
    ours = {path.relative_to(ROOT).as_posix() for path in SOURCES if path.parent.name in PACKAGES}
    assert {name for name in names if not name.startswith(metadata)} == ours


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_are_short_and_functions_fit_a_screen(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 250
    long = {f.name: f.end_lineno - f.lineno + 1 for f in functions_of(path) if f.end_lineno}
    assert {name: lines for name, lines in long.items() if lines > 60} == {}


def test_what_mypy_leaves_alone_is_compiled() -> None:
    checked = [path for path in SOURCES if path.parent.name in PACKAGES]
    loose = {module_of(path) for path in checked if any(map(is_compiled, functions_of(path)))}
    overrides = PROJECT["tool"]["mypy"]["overrides"]
    (listed,) = [entry["module"] for entry in overrides if "disallow_untyped_defs" in entry]
    assert set(listed) == loose, "the list in pyproject.toml is the files with compiled functions"
    for path in checked:
        if module_of(path) in loose:
            bare = [f.name for f in functions_of(path) if not is_annotated(f) and not is_compiled(f)]
            assert bare == [], f"{path.name}: neither annotated nor compiled"


def test_the_contracts_leave_no_room_out() -> None:
    rooms = {
        module_of(path)
        for path in SOURCES
        if path.parent.name == "engine" and any(map(is_compiled, functions_of(path)))
    }
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    behind, _at_hand = walls = [c for c in contracts if c["name"].startswith("Compiled rooms")]
    assert [set(wall["source_modules"]) for wall in walls] == [rooms, rooms]
    numbers = rooms | {"engine.numerics.jit", "engine.parameters", "engine.errors"}
    assert set(behind["forbidden_modules"]) == modules_of("engine") - numbers
    (layers,) = [c["layers"] for c in contracts if "containers" in c]
    assert {f"engine.{room}" for layer in layers for room in layer.split(" | ")} == rooms | {"engine.numerics.jit"}
    (walk,) = [c for c in contracts if c["name"].startswith("The walk")]
    assert set(walk["source_modules"] + walk["forbidden_modules"]) == modules_of("calibrate")


@pytest.mark.parametrize(
    ("file", "line", "wall"),
    [
        ("engine/inputs.py", "import calibrate.objective.score", "one way"),
        ("engine/random.py", "import engine.kernel.attempts", "among the compiled rooms"),
        ("engine/regime.py", "import engine.scenario.schema", "no scenario behind them"),
        ("engine/belief.py", "import time", "no file, clock or screen"),
        ("calibrate/walk.py", "import calibrate.store.parts", "nothing of storage"),
        ("analysis/draws.py", "import pandas", "Nobody imports tests"),
    ],
)
def test_each_wall_of_imports_holds_something_back(tmp_path: Path, file: str, line: str, wall: str) -> None:
    copy_project(tmp_path)
    with open(tmp_path / file, "a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.search(f"{wall}.* BROKEN", done.stdout), done.stdout


def test_the_kernel_is_compiled_for_one_signature() -> None:
    def draw(config: str, *overrides: str) -> None:
        walk = Walk(load_scenario(ROOT / "configs" / config, overrides), 3)
        _, state = walk.advance(0, 0, 2, None)
        walk.advance(0, 2, 2, state)
        simulate(load_scenario(ROOT / "configs" / config, overrides), Parameters(*state.point), 7, 1, 2)

    draw("quick.yaml")
    once = [set(kernel.signatures) for kernel in (compiled_run, compiled_advance)]
    draw("quick.yaml", "belief.scope=nation", "stop_above=null", "parameters.visibility=0.5")
    draw("dprk.yaml", "regime.counts=escapes", "score.distance=root_mean_square", "stop_above=1")
    assert [set(kernel.signatures) for kernel in (compiled_run, compiled_advance)] == once


def test_the_lock_pins_every_library_and_names_no_host() -> None:
    pin = re.compile(r"([a-z0-9-]+)==[0-9][0-9a-z.]*( ; [a-z_]+ [<>=!]+ '[\w.]+')?")
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not pin.fullmatch(line)] == []
    pinned = {line.partition("==")[0] for line in lines}
    project = PROJECT["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert {re.split("[<>=]", name)[0].lower() for name in wanted} <= pinned


def test_no_file_names_a_place_of_one_machine() -> None:
    places = "|".join(("root", "home", "work", "opt", "Users", "private"))
    index = "|".join(("index" + "-url", "find" + "-links", "trusted" + "-host", "simple" + "/"))
    machine = re.compile(rf"(?<![\w.])/({places})/|{index}|\.\./shared")
    told = []
    folders = (*PACKAGES, "configs", "tests", "scripts", "docs", ".ci")
    files = [path for name in folders for path in ROOT.glob(f"{name}/**/*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    for path in files:
        if "__pycache__" not in path.parts and path.suffix not in (".png", ".pyc"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if machine.search(line):
                    told.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert told == []
