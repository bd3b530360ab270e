"""Libraries that only some commands need, and that may be missing."""

import warnings
from importlib import import_module
from typing import Any

from engine.errors import UsageError


def arviz() -> Any:
    """Return ArviZ; raise UsageError where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it announces its next version
            library = import_module("arviz")
            import_module("h5netcdf")
    except ImportError as error:
        raise UsageError(f"{error.name} is not installed; pip install 'defection-abm[diagnostics]'") from None
    return library
