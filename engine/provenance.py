"""What decides the numbers of a run beside the scenario: code and libraries; how two records differ."""

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import engine.jit

# Beside the compiled sources: from a resolved scenario to the arrays of the kernel, and from a row back to its chain's
# state. tests/test_calibrate_provenance.py holds that nothing else stands between a run.json and its draws.
NUMBERS = (
    "calibrate/space.py",
    "calibrate/table.py",
    "engine/history.py",
    "engine/inputs.py",
    "engine/parameters.py",
    "engine/people.py",
    "engine/population.py",
    "engine/ranges.py",
    "engine/scenario.py",
    "engine/target.py",
    "engine/workspace.py",
)


def model_version() -> str:
    """Return the version of this distribution."""
    try:
        return version("defection-abm")
    except PackageNotFoundError:
        return "not installed"


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that make or store the numbers, and the kind of processor.

    Machine code for another kind may add up in another order; NUMBA_CPU_NAME names the kind it is made for.
    """
    processor = os.environ.get("NUMBA_CPU_NAME") or import_module("llvmlite.binding").get_host_cpu_name()
    libraries = {name: version(name) for name in ("numba", "numpy", "pyarrow", "scipy")}
    return {"python": platform.python_version(), "processor": processor} | libraries


def source_digest() -> str:
    """Return the SHA-256, in hexadecimal, of the sources that a draw's numbers depend on, and of no others.

    These are the compiled ones, as engine.jit has them, and those of NUMBERS. What reads files, stores, shows and
    talks to the user is not among them, so that a run goes on after a message was reworded or a page added.
    """
    digest = hashlib.sha256(engine.jit.source_digest().encode())
    for name in NUMBERS:
        digest.update(name.encode() + b"\0" + (engine.jit.SOURCES / name).read_bytes() + b"\0")
    return digest.hexdigest()


#: The digest of the code as it was loaded: files may change while a process runs, what it computes does not.
OUR_CODE = source_digest()


def fingerprint(record: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of what run.json says of its draws' origin: seed, scenario, source digest.

    Each part of the run carries it, so that a digit changed in run.json afterwards is noticed.
    """
    origin = {key: record[key] for key in ("seed", "scenario", "source_digest")}
    plain = json.loads(json.dumps(origin))  # as it comes back from the file, where keys are texts
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def differences(was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return a line for each key, dotted, whose value in ``now`` is another than in ``was``."""
    before, after = dict(_leaves(was)), dict(_leaves(json.loads(json.dumps(now))))
    return [
        f"{key}: was {_short(before, key)}, now {_short(after, key)}"
        for key in before | after
        if key not in before or key not in after or before[key] != after[key]
    ]


def _leaves(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _short(leaves: dict[str, Any], key: str) -> str:
    if key not in leaves:
        return "absent"
    text = json.dumps(leaves[key])
    return text if len(text) <= 60 else text[:57] + "..."
