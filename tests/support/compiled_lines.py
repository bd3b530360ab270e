"""A compiled function's own lines with doubles in them, for what cannot be had in time from the real thing."""

from types import FunctionType
from typing import Any


def with_names(function: Any, **names: Any) -> FunctionType:
    """The same lines of code, with other functions for some of those that they call."""
    return FunctionType(function.py_func.__code__, {**function.py_func.__globals__, **names})
