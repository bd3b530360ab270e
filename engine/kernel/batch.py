"""Many runs in a row, one a point, in one compiled loop."""

import numpy as np

from engine.kernel.inputs import Inputs
from engine.kernel.recording import ATTEMPTED, ESCAPED, Record
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
    weekly: Integers,
    record: Record,
    by_year: Integers,
    totals: Integers,
    weeks_run: Integers,
    stopped: Flags,
    tallies: Floats,
) -> None:
    """Fill one row a point, (runs, parameters), what its run came to; run number k has the address of ``first`` + k.

    ``weekly`` is (runs, weeks) and ``by_year`` (runs, years), of what is compared with the target; ``totals``,
    (runs, 2), are escapes and attempts; ``tallies``, (runs, years, kinds, 2), what the record tallies.
    """
    for row in range(points.shape[0]):
        outcome = run(inputs, points[row], seed, chain, first + row, state, weekly[row], record)
        for year in range(by_year.shape[1]):
            people = np.int64(0)
            for week in range(year * inputs.weeks_per_year, (year + 1) * inputs.weeks_per_year):
                people += weekly[row, week]
            by_year[row, year] = people
        totals[row, 0] = outcome.escapes_total
        totals[row, 1] = outcome.attempts_total
        weeks_run[row] = outcome.weeks_run
        stopped[row] = outcome.stopped
        for year in range(tallies.shape[1]):
            for kind in range(tallies.shape[2]):
                tallies[row, year, kind, ATTEMPTED] = record.tally[year, kind, ATTEMPTED]
                tallies[row, year, kind, ESCAPED] = record.tally[year, kind, ESCAPED]
