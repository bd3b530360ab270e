"""What the paper's claims are held against: good draws by fair ranking, the runs of the two best, and importance."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.best import Ranking
from engine.errors import DataError
from engine.parameters import NAMES, Parameters
from engine.scenario import Scenario
from engine.simulation import simulate_many

Floats = NDArray[np.float64]

GOOD = 0.5  # the share of the ranked draws that is called good
IMPORTANCE, REGIONS = "importance.csv", "regions.csv"


class TwoBest(NamedTuple):
    """The two best draws on fresh seeds: repression in the first and the last week, and weeks above tolerance."""

    first: Floats  # (2,): mean over provinces and seeds
    last: Floats
    above: Floats  # (2,): share of the weeks and provinces in which the tolerance was exceeded


class Evidence(NamedTuple):
    """What the claims are held against."""

    scenario: Scenario
    points: Floats  # (draws, 12): the good draws
    chains: NDArray[np.int64]  # (draws,): of each
    best: TwoBest
    importance: Sequence[str] | None  # parameters, the most important first; None if not measured
    regions: str | None  # those that analysis.regions found, in words; None if it was not run
    draws: int  # in the whole run

    def column(self, name: str) -> Floats:
        """Return the values of a parameter, (draws,)."""
        values: Floats = self.points[:, NAMES.index(name)]
        return values

    def prior_mean(self) -> Floats:
        """Return what people first believe repression to be, (draws,)."""
        alpha, beta = self.column("prior_alpha"), self.column("prior_beta")
        mean: Floats = alpha / (alpha + beta)
        return mean


def evidence_of(results: Path, ranking: Ranking, out: Path) -> Evidence:
    """Return what the claims are held against; importance and regions as stored in ``out``."""
    draws, count = ranking.draws, max(2, round(GOOD * len(ranking.place)))
    good = ranking.place[:count]
    if len(good) < 2:
        raise DataError(f"{results}: holds one draw with a score; let the run go on")
    best = two_best(draws.scenario, draws.points[good[:2]], ranking.seeds, draws.seed + 1)
    order = importance_order(out / IMPORTANCE)
    regions = regions_found(out / REGIONS)
    return Evidence(draws.scenario, draws.points[good], draws.chain[good], best, order, regions, len(draws.score))


def two_best(scenario: Scenario, points: np.ndarray, seeds: int, first_seed: int) -> TwoBest:
    """Return repression and the reach of the tolerance in the runs of two points on so many seeds each."""
    found = []
    for point in points:
        parameters = Parameters.from_mapping(dict(zip(NAMES, point.tolist(), strict=True)))
        many = [(first_seed + number) % 2**63 for number in range(seeds)]
        runs = simulate_many(scenario, parameters, many)
        counted = {
            "attempts": [run.attempts for run in runs],
            "escapes": [run.escapes for run in runs],
            "repressed": [run.attempts - run.escapes for run in runs],
        }[scenario.regime.counts]
        above = [weekly[: run.weeks_run] > parameters.tolerance for run, weekly in zip(runs, counted, strict=True)]
        reached = np.concatenate(above).mean()
        found.append((runs[0].repression[0].mean(), np.mean([run.repression[-1] for run in runs]), reached))
    first, last, above = np.array(found).T
    return TwoBest(first, last, above)


def importance_order(file: Path) -> list[str] | None:
    """Return the parameters in the order of a stored table of importance, None if there is none."""
    rows = stored(file, ("rank", "parameter"))
    try:
        return None if rows is None else [name for _, name in sorted((int(rank), name) for rank, name in rows if rank)]
    except ValueError:
        raise not_it(file) from None


def regions_found(file: Path) -> str | None:
    """Return how many regions a stored table holds and how many chains hit each, None if there is none."""
    rows = stored(file, ("region", "chains_hit"))
    if rows is None:
        return None
    hits = ", ".join(hit for _, hit in rows)
    return f"{len(rows)} region{'s' if len(rows) != 1 else ''} found, hit by {hits} chains"


def stored(file: Path, columns: tuple[str, str]) -> list[tuple[str, str]] | None:
    """Return two columns of a table that another command stored; None if there is no such file."""
    try:
        with open(file, encoding="utf-8", newline="") as text:
            return [(row[columns[0]], row[columns[1]]) for row in csv.DictReader(text)]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError):
        raise not_it(file) from None


def not_it(file: Path) -> DataError:
    """Return the error for a table that is not what its name says."""
    return DataError(f"{file}: is no table of {file.stem}; remove it, or run `python -m analysis.{file.stem}` again")
