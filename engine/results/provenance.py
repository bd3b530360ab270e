"""What decides the numbers of a run beside the scenario: code and libraries; how two records differ."""

import json
import os
import platform
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from engine.numerics.jit import COMPILED, digest_of, sources_in

# What stands between a run.json and its draws, folder by folder and file by file, and what in there does not: it reads
# the user's files and words mistakes. tests/test_calibrate/test_provenance.py lists what this comes to.
COVERED = (
    *COMPILED,
    "calibrate/store/columns.py",
    "engine/kernel_inputs.py",
    "engine/results/columns.py",
    "engine/scenario",
)
LEFT_OUT = ("csv_tables.py", "document.py", "validation.py", "yaml_text.py", "__init__.py")


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


def covered_sources() -> list[Path]:
    """Return the files that a draw's numbers depend on.

    What stores, shows and talks to the user is not among them, so that a run goes on after a message was reworded or a
    page added.
    """
    return [path for path in sources_in(COVERED) if path.name not in LEFT_OUT]


#: The digest of the code as it was loaded: files may change while a process runs, what it computes does not.
OUR_CODE = digest_of(covered_sources())


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
