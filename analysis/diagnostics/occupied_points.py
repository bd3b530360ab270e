"""Where the chains of a search stand after each draw, and which of them stand in one place."""

from typing import NamedTuple

import numpy as np

from calibrate.methods.registry import method_of
from calibrate.methods.space import make_space, to_unit
from calibrate.objective.objectives import OBJECTIVES, Objective
from engine.errors import DataError
from engine.results.columns import POSTERIOR
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.types import Flags, Floats

FEWEST = 100  # draws of a chain
CENTRAL = (0.025, 0.975)


class OccupiedPoints(NamedTuple):
    """The walk of each chain, as far as all of them came."""

    scenario: Scenario
    chains: list[int]
    points: Floats  # (chains, draws, parameters): where it stands after each draw, in the order of the scenario's names
    objective: Objective  # what the chains climbed, and the scores are of
    score: Floats  # (chains, draws): of where it stands
    accepted: Flags  # (chains, draws)
    proposed: Floats  # (chains, draws): score of the proposal, NaN for a draw that failed
    counts: list[int]  # draws of each chain in all
    noisy: bool  # whether the score kept at a point is that of one run, and not an estimate for a posterior


def occupied_points(run: Run) -> OccupiedPoints:
    """Return where the chains stand; raise DataError for a run whose shortest chain is hardly begun, or a screen."""
    results = run.directory
    if method_of(run.record).independent:
        raise DataError(f"{results}: is a {run.record.method}, its draws are no walk; give the run of a search")
    scenario = run.scenario
    free = scenario.free_names
    worth = OBJECTIVES[run.climbed].column
    table = run.draws([worth, "accepted", *free])
    column = {name: np.asarray(table[name].to_numpy()) for name in ("chain", worth, "accepted", *free)}
    chains, first, counts = np.unique(column["chain"], return_index=True, return_counts=True)
    length = int(counts.min())
    if length < FEWEST:
        raise DataError(f"{results}: its shortest chain holds {length} draws; let the run reach {FEWEST} at least")
    rows = first[:, None] + np.arange(length)
    accepted, proposed = column["accepted"][rows], column[worth][rows].astype(np.float64)
    stands = rows[:, :1] + np.maximum.accumulate(np.where(accepted, np.arange(length), 0), axis=1)
    points = np.tile(make_space(scenario).held, (*rows.shape, 1))
    for name in free:
        points[:, :, scenario.names.index(name)] = column[name][stands]
    score = column[worth][stands].astype(np.float64)
    objective, noisy = OBJECTIVES[run.climbed], run.record.method != POSTERIOR
    return OccupiedPoints(
        scenario, chains.tolist(), points, objective, score, accepted, proposed, counts.tolist(), noisy
    )


def later_half(values: Floats) -> Floats:
    """Return what is left of (chains, draws, ...) after the first half, in which the chains came from their starts."""
    return values[:, values.shape[1] // 2 :]


def together(walk: OccupiedPoints) -> list[list[int]]:
    """Return the rows of chains that stand in one place, group by group, largest first.

    Two chains do if in every parameter the central 95 % of where they stood overlap, later half; so do their friends.
    """
    space = make_space(walk.scenario)
    later = later_half(walk.points)
    ends = np.array([np.quantile(to_unit(space, points), CENTRAL, axis=0) for points in later])
    low, high = ends[:, 0], ends[:, 1]
    left = list(range(len(ends)))
    groups: list[list[int]] = []
    while left:
        group = [left.pop(0)]
        for member in group:
            near = [row for row in left if (low[row] <= high[member]).all() and (low[member] <= high[row]).all()]
            group += near
            left = [row for row in left if row not in near]
        groups.append(sorted(group))
    return sorted(groups, key=lambda group: -len(group))
