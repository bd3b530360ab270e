"""What is made of a scenario once and kept as long as the scenario is."""

import weakref
from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import TypeVar

from engine.scenario.schema import Scenario

Made = TypeVar("Made")


def kept(make: Callable[[Scenario], Made]) -> Callable[[Scenario], Made]:
    """Return ``make`` with a memory: for one scenario it works once, on whatever thread it is asked first.

    A scenario cannot be changed, so what was made of it stays true. It is known by its identity, not by its figures:
    comparing these would take longer than a run. What is made must not hold the scenario, or both would live for ever.
    """
    made: dict[int, Made] = {}
    lock = RLock()

    @wraps(make)
    def get(scenario: Scenario) -> Made:
        key = id(scenario)
        with lock:
            if key not in made:
                made[key] = make(scenario)
                weakref.finalize(scenario, made.pop, key, None)
            return made[key]

    return get
