"""The parameters of a posterior in a table: what they are, what was held likely before, and how sure that is."""

from typing import Any, NamedTuple

import numpy as np

from analysis.posterior.sample import Sample, prior_quantiles

ENDS = (0.05, 0.5, 0.95)
SETTLED = 1.05  # R-hat up to which chains agree
ENOUGH = 300.0  # effective draws


class Line(NamedTuple):
    """What is known of a parameter; ends are those of the central 90 %."""

    parameter: str
    mean: float
    median: float
    p05: float
    p95: float
    prior_p05: float
    prior_p95: float
    narrower: float  # how many times the interval is narrower than the prior's, on the scale searched
    rhat: float
    ess_bulk: float
    ess_tail: float

    @property
    def settled(self) -> bool:
        """Return whether chains agree and draws are enough."""
        return self.rhat <= SETTLED and min(self.ess_bulk, self.ess_tail) >= ENOUGH


def lines_of(sample: Sample, library: Any) -> list[Line]:
    """Return a line for each parameter that was sampled, and one for the miss."""
    lines = []
    for name in sample.names:
        draws = sample.of(name)
        low, median, high = np.quantile(draws, ENDS)
        before = prior_quantiles(sample.scenario, name, np.array(ENDS))
        log = name not in sample.scenario.parameters or sample.scenario.parameters[name].scale == "log"
        wide, narrow = (float(np.ptp(np.log(ends) if log else ends)) for ends in (before[[0, 2]], [low, high]))
        with np.errstate(divide="ignore", invalid="ignore"):  # chains that never moved have none
            rhat = float(library.rhat(draws)) if len(draws) > 1 else float("nan")
        sizes = (float(library.ess(draws, method=kind)) for kind in ("bulk", "tail"))
        numbers = (draws.mean(), median, low, high, before[0], before[2], wide / max(narrow, 1e-300), rhat)
        lines.append(Line(name, *map(float, numbers), *sizes))
    return lines
