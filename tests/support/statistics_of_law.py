"""Do two simulators follow the same law? Statistics of a run, and one test with a stated false-alarm rate.

The test permutes the runs between the two samples. When both come from one law, whatever that law is, every
permutation is as likely as what was seen, so the false-alarm rate holds exactly at any sample size: no normal
approximation, no independence between the statistics, no correction for their number.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Reals = NDArray[np.float64]

FALSE_ALARM = 1e-4  # of one comparison, all its statistics together


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two samples of runs side by side. Differences are z-scores, first sample minus second."""

    names: tuple[str, ...]
    level: Reals  # (statistics,) difference of the means
    rank: Reals  # (statistics,) difference of the mean ranks: one wild run weighs no more than any other
    spread: Reals  # (statistics,) difference of the mean distances of the ranks from the middle
    largest: float  # the combined statistic: the largest absolute z-score of all
    chance: float  # how often one law shows a z-score as large: small means two laws
    smallest: float  # the smallest chance that this many permutations can show

    def differs(self, false_alarm: float = FALSE_ALARM) -> bool:
        """Whether the two laws differ; says so wrongly with at most this probability."""
        if false_alarm < self.smallest:
            raise ValueError(f"false alarm {false_alarm:g} needs more permutations: {self.smallest:g} is the least")
        return self.chance <= false_alarm

    def __str__(self) -> str:
        scores = np.column_stack([self.level, self.rank, self.spread])
        worst = [
            f"{self.names[k]} {scores[k, 0]:+.1f} {scores[k, 1]:+.1f} {scores[k, 2]:+.1f}"
            for k in np.argsort(-abs(scores).max(axis=1))[:5]
        ]
        return f"chance {self.chance:.2g}; z of level, rank, spread: {', '.join(worst)}"


def statistics_of(record: Any, weeks_per_year: int) -> dict[str, float]:
    """One run in numbers, weeks that ran only. ``record`` has the attributes of ``twin_country.Record``."""
    ran = slice(0, record.weeks_run)
    attempts, escapes, repression = record.attempts[ran], record.escapes[ran], record.repression[ran]
    national = attempts.sum(axis=1).astype(float)
    total, known = attempts.sum(), record.known[ran].sum()
    starts = range(0, len(record.attempts), weeks_per_year)
    numbers = {
        "weeks run": float(record.weeks_run),
        "stopped": float(record.stopped),
        "attempts": float(total),
        "escapes": float(escapes.sum()),
        "known": float(known),
        "known and repressed": float(record.known_repressed[ran].sum()),
        "share escaped": escapes.sum() / max(1, total),
        "share known": known / max(1, total),
        "share repressed of known": record.known_repressed[ran].sum() / max(1, known),
        "busiest week": national.max(),
        "silent weeks": float(np.count_nonzero(attempts == 0)),
        "attempts squared": float((attempts.astype(float) ** 2).sum()),
        "week after week": float((national[1:] * national[:-1]).sum()),
        "weeks raised": float(np.count_nonzero(np.diff(repression, axis=0) > 0)),
        "last repression": repression[-1].mean(),
        "unequal repression": repression[-1].std(),
    }
    for year, start in enumerate(starts):
        numbers[f"attempts in year {year}"] = float(record.attempts[start : start + weeks_per_year].sum())
    for province, count in enumerate(attempts.sum(axis=0)):
        numbers[f"attempts in province {province}"] = float(count)
    # Nine digits: the order in which a simulator multiplies must not pass for another law among the ranks.
    return {name: float(f"{number:.9g}") for name, number in numbers.items()}


def table_of(runs: list[dict[str, float]]) -> tuple[tuple[str, ...], Reals]:
    """Names and values (runs, statistics) of many runs."""
    names = tuple(runs[0])
    return names, np.array([[run[name] for name in names] for run in runs])


def standardised(columns: Reals) -> Reals:
    """The columns with mean 0 and standard deviation 1; a column that never varies is 0."""
    centred = columns - columns.mean(axis=0)
    scale = centred.std(axis=0)
    constant = scale <= 1e-12 * (1.0 + abs(columns).max(axis=0))
    return np.where(constant, 0.0, centred / np.where(constant, 1.0, scale))


def compare(
    first: Reals,
    second: Reals,
    rng: np.random.Generator,
    names: tuple[str, ...] = (),
    permutations: int = 19_999,
) -> Comparison:
    """The comparison of two samples of runs, (runs, statistics) each, under ``permutations`` exchanges.

    The smallest chance it can report is 1 / (permutations + 1): take more for a false-alarm rate below 1e-4.
    """
    pooled = np.concatenate([first, second])
    ranks = rankdata(pooled, axis=0)
    spread = abs(ranks - (len(pooled) + 1) / 2)
    columns = standardised(np.concatenate([pooled, ranks, spread], axis=1))
    size, other = len(first), len(second)

    # The columns add up to 0, so both means follow from the sum over the first sample. Drawn without
    # replacement from values of variance 1, that sum has variance size · other / (size + other − 1).
    to_z = np.sqrt((size + other - 1) / (size * other))
    z = to_z * columns[:size].sum(axis=0)
    largest = abs(z).max()
    as_large = 0
    membership = np.arange(size + other) < size
    for start in range(0, permutations, 2000):
        rows = np.tile(membership, (min(2000, permutations - start), 1))
        exchanged = rng.permuted(rows, axis=1).astype(float) @ columns
        as_large += int(np.count_nonzero(abs(to_z * exchanged).max(axis=1) >= largest * (1 - 1e-9)))
    level_z, rank_z, spread_z = np.split(z, 3)
    return Comparison(
        names=names or tuple(f"statistic {index}" for index in range(pooled.shape[1])),
        level=level_z,
        rank=rank_z,
        spread=spread_z,
        largest=float(largest),
        chance=(1 + as_large) / (1 + permutations),
        smallest=1 / (1 + permutations),
    )


def compare_runs(first: list[dict[str, float]], second: list[dict[str, float]], rng: np.random.Generator) -> Comparison:
    """The comparison of two lists of what ``statistics_of`` returns."""
    names, values = table_of(first)
    return compare(values, table_of(second)[1], rng, names)
