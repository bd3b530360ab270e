"""The one compile policy: how every compiled function of the project is made, and where its machine code is kept."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numba

SOURCES = Path(__file__).resolve().parents[2]

#: Where compiled functions lie, and what stands in their machine code as a number: the places of the parameters.
COMPILED = (
    "calibrate/methods",
    "calibrate/objective",
    "engine/kernel",
    "engine/numerics",
    "engine/parameters.py",
)


def sources_in(places: Iterable[str]) -> list[Path]:
    """Return the files of these folders, however deep, and files, given from SOURCES on; in order."""
    found = [SOURCES / place for place in places]
    return sorted(path for place in found for path in ([place] if place.is_file() else place.rglob("*.py")))


def digest_of(paths: Iterable[Path]) -> str:
    """Return the SHA-256, in hex, of the names and the contents of files below SOURCES, in their order."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(SOURCES).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def cache_folder() -> Path:
    """Return the folder of the machine code, one for each state of the compiled sources.

    Numba looks only at the file of the function it loads: an edit in a function that this one calls would go
    unnoticed (numba issue 1833). A folder named by the digest of all of them cannot be stale.
    """
    if own := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(own)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "defection-abm" / digest_of(sources_in(COMPILED))[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # a read-only home: compile anew in this machine's temporary folder
        folder = Path(tempfile.gettempdir()) / f"defection-abm-{os.getuid()}" / folder.name
    return folder


CACHE = cache_folder()

# nogil: chains run on threads. error_model numpy: a division by zero gives inf, not an exception. contract: a·b + c
# in one rounding; nothing here may drop NaN or infinity checks. _nrt False: arrays are not counted references, which
# made a run eleven times slower; so no compiled function may make an array or assign one to another by slice.
_POLICY: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}, "_nrt": False}

# Nothing but compiled code calls these, so they need no door for Python: it took half of the time to compile.
_INSIDE: dict[str, Any] = _POLICY | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

Compile = Callable[[Callable[..., Any]], Any]


def compiled(function: Callable[..., Any]) -> Any:
    """Return a function that Python calls, its machine code kept in CACHE; others keep their own place."""
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(CACHE)
    try:
        return numba.njit(cache=True, **_POLICY)(function)
    finally:
        numba.config.CACHE_DIR = before


#: A function that only compiled functions call, too large to be worth a copy at each call.
internal: Compile = numba.njit(**_INSIDE)

#: A formula that is copied into each compiled caller, so that loops over it become vector instructions.
inlined: Compile = numba.njit(forceinline=True, **_INSIDE)

#: The same for a loop that adds up or seeks an extreme: the order is left to the compiled code, which then works in
#: lanes. Its numbers must not be NaN.
summing: Compile = numba.njit(forceinline=True, **(_INSIDE | {"fastmath": {"contract", "reassoc", "nnan", "nsz"}}))

#: A large part of a run, with a caller or two. It joins them before types are inferred, and so is not made into machine
#: code, and improved, alone first: that was a third of the time to compile. (For small ones it would take longer.)
merged: Compile = numba.njit(inline="always", **_INSIDE)
