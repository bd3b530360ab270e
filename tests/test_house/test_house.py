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

from calibrate import Score
from calibrate.methods.base import START
from calibrate.methods.walk import Walk, standing
from calibrate.methods.walk import advance as compiled_advance
from engine import load_scenario, simulate, simulate_batch
from engine.kernel.batch import run_each
from engine.kernel.run import run as compiled_run
from engine.numerics.jit import COMPILED, sources_in

PACKAGES = ("engine", "calibrate", "analysis")
SOURCES = sorted(path for name in (*PACKAGES, "tests", "scripts") for path in ROOT.glob(f"{name}/**/*.py"))
ROOMS = tuple(f"{name}/" for name in PACKAGES)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
POLICIES = {"compiled", "internal", "inlined", "merged", "summing"}  # the decorators of engine.numerics.jit


def functions_of(path: Path) -> list[ast.FunctionDef]:
    """Return every function of a file, methods and inner ones included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def is_compiled(function: ast.FunctionDef) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id in POLICIES for mark in function.decorator_list)


def is_annotated(function: ast.FunctionDef) -> bool:
    given = function.args
    arguments = [argument for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return function.returns is not None and all(argument.annotation for argument in arguments)


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
    ours = {place for path in SOURCES if (place := path.relative_to(ROOT).as_posix()).startswith(ROOMS)}
    ours |= {f"calibrate/skeleton/{name}" for name in ("country.yaml", "SOURCES.md")}  # of a country of one's own
    assert {name for name in names if not name.startswith(metadata)} == ours


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_are_short_and_functions_fit_a_screen(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400
    long = {f.name: f.end_lineno - f.lineno + 1 for f in functions_of(path) if f.end_lineno}
    assert {name: lines for name, lines in long.items() if lines > 60} == {}


@pytest.mark.parametrize("name", PACKAGES)
def test_compiled_functions_lie_where_digests_look_and_say_what_they_take(name: str) -> None:
    found = 0
    for path in ROOT.glob(f"{name}/**/*.py"):
        compiled = [function for function in functions_of(path) if is_compiled(function)]
        if compiled:
            assert path in sources_in(COMPILED), path
            assert [function.name for function in compiled if not is_annotated(function)] == [], path
        found += len(compiled)
    assert (found > 0) == (name != "analysis")


def test_the_walls_name_folders() -> None:
    """A contract that lists files is out of date with the next file; what is no folder is a file at a package's top."""
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    layers = [contract for contract in contracts if contract["type"] == "layers"]
    assert [contract["containers"] for contract in layers if "containers" in contract] == [[name] for name in PACKAGES]
    assert all(contract["exhaustive"] for contract in layers if "containers" in contract), "no room is left out"
    for contract in contracts:
        for module in contract.get("source_modules", []):
            assert module.count(".") < 2, f"{contract['name']}: {module} is deeper than a room"


@pytest.mark.parametrize(
    ("file", "line", "wall"),
    [
        ("engine/kernel_inputs.py", "import calibrate.objective.score", "one way"),
        ("engine/numerics/random.py", "import engine.kernel.attempts", "inside engine"),
        ("engine/kernel/regimes/safety_valve.py", "import engine.scenario", "inside engine"),
        ("engine/scenario/target.py", "import engine.kernel.run", "inside engine"),
        ("engine/kernel/belief.py", "import time", "no file, clock or screen"),
        ("calibrate/methods/walk.py", "import calibrate.store.parts", "inside calibrate"),
        ("calibrate/store/parts.py", "import distributed", "Dask"),
        ("analysis/run_data/ranking.py", "import analysis.best", "inside analysis"),
        ("analysis/run_data/ranking.py", "import pandas", "Nobody imports tests"),
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
        scenario = load_scenario(ROOT / "configs" / config, overrides)
        walk = Walk(scenario, 3)
        _, state = walk.step(0, 0, 2, START)
        walk.step(0, 2, 2, state)
        simulate(scenario, scenario.point(standing(state)[0]), 7, 1, 2)
        simulate_batch(scenario, standing(state)[0][None], score=Score(scenario))

    draw("quick.yaml")
    once = [set(kernel.signatures) for kernel in (compiled_run, compiled_advance, run_each)]
    draw("quick.yaml", "belief.scope=nation", "stop_above=null", "parameters.visibility=0.5")
    draw("dprk.yaml", "regime.counts=escapes", "score.distance=root_mean_square", "stop_above=1")
    assert [set(kernel.signatures) for kernel in (compiled_run, compiled_advance, run_each)] == once


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
