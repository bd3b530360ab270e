"""Many runs in a row, one a point, in one compiled loop."""

import numpy as np

from engine.kernel.inputs import Inputs
from engine.kernel.recording import Record
from engine.kernel.run import run
from engine.kernel.state import State
from engine.numerics.jit import compiled
from engine.types import Flags, Floats, Integers


@compiled
def run_each(
    inputs: Inputs,
    points: Floats,
    seed: int,
    chain: int,
    first: int,
    state: State,
    weekly_escapes: Integers,
    record: Record,
    escapes_by_year: Integers,
    totals: Integers,
    weeks_run: Integers,
    stopped: Flags,
) -> None:
    """Fill one row a point, (runs, 12), with what its run came to; run number k has the address of ``first`` + k.

    ``weekly_escapes`` is (runs, weeks), ``escapes_by_year`` (runs, years), ``totals`` (runs, 2): escapes and attempts.
    """
    for row in range(points.shape[0]):
        weekly = weekly_escapes[row]
        outcome = run(inputs, points[row], seed, chain, first + row, state, weekly, record)
        for year in range(escapes_by_year.shape[1]):
            escapes = np.int64(0)
            for week in range(year * inputs.weeks_per_year, (year + 1) * inputs.weeks_per_year):
                escapes += weekly[week]
            escapes_by_year[row, year] = escapes
        totals[row, 0] = outcome.escapes_total
        totals[row, 1] = outcome.attempts_total
        weeks_run[row] = outcome.weeks_run
        stopped[row] = outcome.stopped
