"""A word before a long wait: compiling takes half a minute, the first time."""

import sys

from engine.numerics.jit import CACHE


def tell_of_compiling(function: str) -> None:
    """Say on stderr why nothing happens for a while, unless the machine code of ``function`` (room.name) is there."""
    if not any(CACHE.rglob(f"{function}-*.nbi")):
        print("compiling the model, only this once: about half a minute", file=sys.stderr)
