"""What good draws, or the draws of a posterior, foretell of records that nothing was fitted to."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from analysis.posterior.lived import lived_again, whole_years
from analysis.posterior.sample import sample_of
from analysis.run_data.ranking import Ranking, ranked
from engine.errors import UsageError
from engine.results.columns import POSTERIOR
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.scenario.cells import build_cells
from engine.scenario.reference import Unseen
from engine.seeds import seeds_from
from engine.simulation import Trajectory, simulate_many
from engine.types import Floats

GOOD = 0.5  # the share of the ranked draws that is called good
POINTS, SEEDS = 50, 10  # good draws that are simulated, and how often each


class Foretold(NamedTuple):
    """One record beside what was foretold of it, for the simulated years that it has."""

    name: str
    unseen: Unseen
    years: list[int]
    record: Floats  # (years,)
    runs: Floats  # (runs, years), NaN where a run has nothing to show: nobody attempts, or it was stopped before

    @property
    def is_share(self) -> bool:
        """Return whether it is a share, and not people."""
        return self.unseen.is_share


def foretold(
    run: Run, records: dict[str, Unseen], points: int = POINTS, seeds: int = SEEDS, ranking: Ranking | None = None
) -> list[Foretold]:
    """Return what a run foretells of each of the ``records``.

    Of a posterior some draws are lived again; of another run its ``points`` best draws by fair ranking, the better half
    at most, are simulated on ``seeds`` fresh seeds each. Raises UsageError where there is no record of any year.
    """
    scenario = run.scenario
    measured = {name: measure_of(scenario, name, unseen) for name, unseen in records.items()}
    calendar = np.array(scenario.calendar)
    there = {name: np.isin(calendar, list(unseen.years)) for name, unseen in records.items()}
    if missing := [name for name in records if not there[name].any()]:
        said = f"{calendar[0]} to {calendar[-1]}"
        raise UsageError(f"reference.unseen: {', '.join(missing)}: no figure for any year simulated ({said})")
    by_cell = any(unseen.measures == "level_share" for unseen in records.values())
    if run.record.method == POSTERIOR:
        lived = lived_again(sample_of(run), lambda _, trajectory: trajectory, by_cell)
    else:
        lived = simulated_again(run, ranking or ranked(run), points, seeds, by_cell)
    rows: dict[str, list[Floats]] = {name: [] for name in records}
    for trajectory in lived:
        for name, measure in measured.items():
            rows[name].append(whole_years(trajectory, measure(trajectory)))
    return [
        Foretold(
            name,
            unseen,
            calendar[there[name]].tolist(),
            np.array([unseen.years[year] for year in calendar[there[name]].tolist()]),
            np.array(rows[name])[:, there[name]],
        )
        for name, unseen in records.items()
    ]


def simulated_again(run: Run, ranking: Ranking, points: int, seeds: int, by_cell: bool) -> list[Trajectory]:
    """Return runs of the best draws on seeds that neither the search nor the ranking has seen."""
    scenario, draws = run.scenario, ranking.draws
    count = max(1, min(points, round(GOOD * len(ranking.place))))
    fresh = seeds_from(count * seeds, run.record.seed, 17)
    found: list[Trajectory] = []
    for row in tqdm(range(count), unit="draw", disable=None, leave=False):
        point = scenario.point(draws.points[ranking.place[row]])
        found += simulate_many(scenario, point, fresh[row * seeds : (row + 1) * seeds], by_cell=by_cell)
    return found


def measure_of(scenario: Scenario, name: str, unseen: Unseen) -> Callable[[Trajectory], Floats]:
    """Return what makes of a run the years of a record, (years,); raise UsageError for a level that is not there."""
    if unseen.measures == "prevented_share":
        return prevented_share
    if unseen.measures in ("attempts", "escapes"):
        return lambda run: run.by_year(getattr(run, unseen.measures)).astype(np.float64)
    cells, level = build_cells(scenario), unseen.level
    if level not in cells.labels.get(unseen.trait, ()):
        raise UsageError(f"reference.unseen.{name}: the scenario has no {unseen.trait} {level!r}; take it out")
    chosen = cells.are(unseen.trait, [level])
    return lambda run: share(run.escapes_by_cell[:, chosen].sum(axis=1), run.escapes_by_cell.sum(axis=1))


def prevented_share(run: Trajectory) -> Floats:
    """Return the share of the attempts of each year that the state prevented, (years,); NaN where nobody attempts."""
    attempts, escapes = run.attempts_by_year(), run.escapes_by_year()
    return share(attempts - escapes, attempts)


def share(part: np.ndarray, whole: np.ndarray) -> Floats:
    """Return ``part`` over ``whole``, NaN where that is nothing."""
    found: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return found
