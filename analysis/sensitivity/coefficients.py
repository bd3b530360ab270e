"""The coefficients of Figure 2, as a scenario has them, and the scenario with others."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.scenario import Scenario, scenario_from_resolved

DIGITS = 4  # of a coefficient that was moved: what --set says is what is simulated


class Coefficient(NamedTuple):
    """One coefficient that is not 0."""

    key: str  # of the scenario, below impacts
    value: float

    @property
    def name(self) -> str:
        """Return the key without what all have."""
        return self.key.removeprefix("impacts.")


def coefficients(scenario: Scenario) -> list[Coefficient]:
    """Return the coefficients of a scenario that are not 0, in its order."""
    found = []

    def look(keys: tuple[str, ...], node: Any) -> None:
        if isinstance(node, dict):
            for key, below in node.items():
                look((*keys, key), below)
        elif node:
            found.append(Coefficient(".".join(keys), float(node)))

    look(("impacts",), scenario.resolved()["impacts"])
    return found


def times(one: Coefficient, factor: float) -> float:
    """Return a coefficient times a factor, as it is written."""
    return round(one.value * factor, DIGITS)


def moved(scenario: Scenario, found: Sequence[Coefficient], factors: Sequence[float]) -> Scenario:
    """Return the scenario with each coefficient times its factor."""
    resolved = scenario.resolved()
    for one, factor in zip(found, factors, strict=True):
        node = resolved
        *above, last = one.key.split(".")
        for key in above:
            node = node[key]
        node[last] = times(one, factor)
    return scenario_from_resolved(resolved)


def overrides(found: Sequence[Coefficient], factors: Sequence[float]) -> tuple[str, ...]:
    """Return what --set makes the same of."""
    return tuple(f"{one.key}={times(one, factor):g}" for one, factor in zip(found, factors, strict=True))
