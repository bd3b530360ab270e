"""What decides the numbers of a run beside the scenario: code and libraries; how two records differ."""

import hashlib
import json
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


def model_version() -> str:
    """Return the version of this distribution."""
    try:
        return version("defection-abm")
    except PackageNotFoundError:
        return "not installed"


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that make or store the numbers."""
    return {"python": platform.python_version()} | {name: version(name) for name in ("numba", "numpy", "pyarrow")}


def source_digest() -> str:
    """Return the SHA-256 of the sources of ``engine`` and ``calibrate``, names included, in hexadecimal."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for package in ("engine", "calibrate"):
        for path in sorted((root / package).rglob("*.py")):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


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
