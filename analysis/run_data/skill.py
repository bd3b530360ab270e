"""How much of the record a curve accounts for: a number without a unit, so that unlike targets can be compared."""

import numpy as np

from engine.scenario import Scenario
from engine.types import Floats


def skill(scenario: Scenario, mean: Floats) -> float:
    """Return the share of the record that a curve, (years,), accounts for: 1 - Σ|curve - record| / Σ record.

    1 is the record itself, 0 as far off as nobody leaving. NaN for a record of nobody.
    """
    record = scenario.yearly_target()
    gap = np.abs(np.nan_to_num(mean) - record).sum()
    return float(1 - gap / record.sum()) if record.sum() else float("nan")
