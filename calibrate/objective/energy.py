"""How far a point's runs lie from the record, whatever law the record has: the energy score.

    S = mean |x_i - y| - 1/2 mean |x_i - x_j|,   x = log(1 + m_t), y = log(1 + y_t), over the years t

x_i are the runs of one point. It is least, in the mean over records, for the law that the records come from (Gneiting
and Raftery 2007, section 4.3), and needs no law of the record: runs are enough. exp(-w S) in the likelihood's place
gives a posterior of its own (Pacchiardi, Khoo and Dutta 2024), whose width hangs on w.
"""

import math

from calibrate.objective.likelihood import Evidence, mean_of_year
from engine.numerics.jit import internal
from engine.types import Floats, Integers


@internal
def energy_score(people: Integers, weeks_run: Integers, evidence: Evidence, logs: Floats) -> float:
    """Return S of runs of so many ``people``, (years, runs), at least two; over the years that are to be met.

    ``weeks_run``, (runs,), are of the whole run: the years after a stop count what stops one. ``logs``, (years, runs),
    is room for x.
    """
    years, runs = evidence.counts.size, weeks_run.size
    for year in range(years):
        for run in range(runs):
            logs[year, run] = math.log1p(mean_of_year(people[year, run], year, weeks_run[run], evidence))
    from_record = between = 0.0
    for run in range(runs):
        squares = 0.0
        for year in range(years):
            squares += (logs[year, run] - math.log1p(evidence.counts[year])) ** 2
        from_record += math.sqrt(squares)
        for other in range(run):
            squares = 0.0
            for year in range(years):
                squares += (logs[year, run] - logs[year, other]) ** 2
            between += math.sqrt(squares)
    # Each pair was met once: the mean over the ordered pairs of unlike runs has no bias.
    return from_record / runs - between / (runs * (runs - 1))
