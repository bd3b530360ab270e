"""A scenario that zooms in: the run's own, with the ranges that the good points of one region span."""

import math
from collections.abc import Callable
from decimal import Decimal

import yaml

from analysis.regions.search import Regions
from engine.types import Floats

DIGITS = 4
WIDEN = 0.01  # of the range searched, on both sides, where all points of a region have one value


def zoomed(regions: Regions, region: int, origin: str) -> str:
    """Return the YAML text of the scenario for one region, tables written out, fit for ``calibrate --config``.

    Paper, note 7: its ranges are short "only after zooming in on the region with better results".
    # Choice: from the least to the largest value of the region's good points; none of them is left out of the box.
    """
    scenario, points = regions.draws.scenario, regions.points(region)
    values = scenario.resolved()
    searched = values.pop("parameters")
    lines = [
        f"# Region {region + 1} of {regions.number} in {origin}, zoomed in: {len(points)} good points, "
        f"{regions.threshold:.2f} or more on fresh seeds.",
        "# Their spread is the range of each parameter; the range of the run stands behind it. All else is the run's,",
        "# its tables written out.",
        "",
        yaml.safe_dump(values, sort_keys=False, allow_unicode=True),
        "parameters:",
    ]
    for name in scenario.names:
        entry = searched[name]
        if scenario.parameters[name].fixed is not None:
            lines.append(f"  {name}: {number(entry['fixed'])}   # held, as in the run")
            continue
        column = points[:, scenario.names.index(name)]
        low, high = span(column, entry["low"], entry["high"], scenario.parameters[name].integer)
        scale = ", scale: log" if entry["scale"] == "log" else ""
        was = f"{number(entry['low'])} to {number(entry['high'])}"
        lines.append(f"  {name}: {{low: {number(low)}, high: {number(high)}{scale}}}   # was {was}")
    return "\n".join([*lines, ""])


def span(values: Floats, least: float, largest: float, integer: bool) -> tuple[float, float]:
    """Return ends to ``values`` that are short to write, outside them and within the range that was searched."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        widen = max(WIDEN * (largest - least), float(integer))
        low, high = low - widen, high + widen
    return max(outward(low, math.floor), least), min(outward(high, math.ceil), largest)


def outward(value: float, whole: Callable[[Decimal], int]) -> float:
    """Return ``value`` with DIGITS digits, rounded by ``whole``, which goes up or down."""
    if value == 0:
        return value
    digits = DIGITS - 1 - math.floor(math.log10(abs(value)))
    return float(whole(Decimal(repr(value)).scaleb(digits)) * Decimal(10) ** -digits)


def number(value: float) -> str:
    """Return a number as it is written by hand: 52, 0.0005, 1e-05."""
    return f"{value:.12g}"
