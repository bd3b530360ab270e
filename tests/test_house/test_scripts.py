"""scripts/calibrate and scripts/test: what they find, what they make, and what they say is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.places import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout whose environment is made and has a Python that only prints its arguments."""
    root = (tmp_path / "a checkout").resolve()
    shutil.copytree(ROOT / "scripts", root / "scripts")
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    program(root / ".venv" / "bin" / "python", 'printf "%s\\n" "$@"')
    both = b"".join((root / name).read_bytes() for name in ("requirements.lock", "pyproject.toml"))
    digest = subprocess.run(["cksum"], input=both, capture_output=True, check=True).stdout.decode()
    (root / ".venv" / "stamp").write_text(f"{root}\n{digest}")
    return root


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """Return a folder with the few tools that any machine has, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("bash", "env", "cat", "cksum", "dirname"):
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return folder


def program(file: Path, body: str) -> None:
    """Make ``file`` a program."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/usr/bin/env bash\n{body}\n")
    file.chmod(0o755)


def told(script: Path, *arguments: str, path: Path, where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script, *arguments],
        env={"PATH": str(path), "HOME": os.environ.get("HOME", "")},
        cwd=where,
        capture_output=True,
        text=True,
        check=False,
    )


def test_arguments_are_passed_on_from_any_directory(checkout: Path, bare_path: Path, tmp_path: Path) -> None:
    done = told(checkout / "scripts/calibrate", "--chains", "2", "a b", path=bare_path, where=tmp_path)
    default = ["--config", f"{checkout}/configs/dprk.yaml"]
    assert done.stdout.splitlines() == ["-P", "-m", "calibrate", *default, "--chains", "2", "a b"]
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize("given", [["--config", "mine.yaml"], ["--config=mine.yaml"], ["--resume"]])
def test_the_default_scenario_gives_way(given: list[str], checkout: Path, bare_path: Path) -> None:
    done = told(checkout / "scripts/calibrate", *given, path=bare_path, where=checkout)
    assert done.stdout.splitlines() == ["-P", "-m", "calibrate", *given]


@pytest.mark.parametrize("script", ["calibrate", "test"])
def test_a_machine_without_python_is_told_in_one_line(script: str, checkout: Path, bare_path: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    program(bare_path / "python3.13", "exit 127")  # a name that stands for a version not installed
    program(bare_path / "python3", "exit 1")  # an older Python
    done = told(checkout / "scripts" / script, path=bare_path, where=checkout)
    assert done.stderr == "no Python 3.11 or later found; install one so that python3.11 or python3 runs it\n"
    assert done.returncode == 1


def test_a_python_that_cannot_make_environments_is_told_of(checkout: Path, bare_path: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    program(bare_path / "python3.12", '[[ "$*" != *ensurepip* ]]')
    done = told(checkout / "scripts/test", path=bare_path, where=checkout)
    assert done.stderr.startswith("python3.12 has no venv module; install it")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("change", ["lock", "project", "place", "broken"])
def test_the_environment_is_made_again_when_it_no_longer_fits(change: str, checkout: Path, bare_path: Path) -> None:
    made = '[[ "$*" != *venv\\ --clear* ]] || echo "made in ${@: -1}" >&2'
    program(bare_path / "python3.11", made)
    if change == "lock":
        with open(checkout / "requirements.lock", "a", encoding="utf-8") as lock:
            lock.write("another==1.0\n")
    elif change == "project":
        with open(checkout / "pyproject.toml", "a", encoding="utf-8") as project:
            project.write("# changed\n")
    elif change == "place":
        checkout = checkout.rename(checkout.with_name("moved"))
    else:
        program(checkout / ".venv/bin/python", '[[ "$*" != "-c " ]] || exit 1; printf "%s\\n" "$@"')
    done = told(checkout / "scripts/calibrate", path=bare_path, where=checkout)
    assert f"made in {checkout}/.venv" in done.stderr
    again = told(checkout / "scripts/calibrate", path=bare_path, where=checkout)
    assert ("made in" in again.stderr) == (change == "broken")


def test_scripts_are_programs() -> None:
    for name in ("scripts/calibrate", "scripts/test", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK), name
