"""How the chains of a search behave, with ArviZ.

R-hat and effective sample sizes say something only of chains that wander in one place by a rule that does not change.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.libraries import arviz
from analysis.diagnostics.occupied_points import OccupiedPoints, later_half, occupied_points, together
from analysis.run_data.made_by import line_of
from calibrate.methods.registry import method_of
from engine.results.run_record import Run
from engine.types import Floats

SETTLED = 1.05  # R-hat up to which chains agree
ENOUGH = 100.0  # effective draws
YES = "yes"
MET = ("chains of this run met and share a past: that they agree says less than of chains that never met",)
LAW = (
    "The walk keeps the score (or log-likelihood) of the run that led it to a point until it moves. So it is a "
    "Metropolis chain that weighs a point by the mean of exp(score / temperature) over chance, by its lucky runs "
    "and not by its mean, and it stays long where one run was very lucky."
)


def exhibits(run: Run, walk: OccupiedPoints | None = None) -> list[Exhibit]:
    """Return how each chain behaved, and R-hat and effective sample size where they hold; ``walk`` if it is read."""
    library, walk = arviz(), walk or occupied_points(run)
    command = line_of(run, "diagnostics")
    groups = together(walk)
    return [chains(walk, groups, command), agreement(library, run, walk, groups, command)]


def chains(walk: OccupiedPoints, groups: list[list[int]], command: str) -> Exhibit:
    """Return a line a chain: acceptance, best score, how long it stayed at one point."""
    place = {row: number for number, group in enumerate(groups) for row in group}
    rows: list[Sequence[Cell]] = []
    for row, chain in enumerate(walk.chains):
        moves = np.flatnonzero(walk.accepted[row])
        stays = np.diff(np.append(moves, walk.accepted.shape[1]))
        proposed = np.where(np.isfinite(walk.proposed[row]), walk.proposed[row], -np.inf)
        best = int(proposed.argmax())
        ends = later_half(walk.score[row : row + 1])
        rows.append(
            (
                *(chain, walk.counts[row], float(walk.accepted[row].mean()), float(proposed[best]), best),
                *(float(np.mean(ends)), int(stays.max()), float(stays.max() / stays.sum()), place[row] + 1),
            )
        )
    column = walk.objective.column
    head = (
        *("chain", "draws", "acceptance", f"best_{column}", "best_iteration"),
        *(f"standing_{column}", "longest_stay", "longest_stay_share", "place"),
    )
    alone = sum(len(group) == 1 for group in groups)
    said = f"Chains: {len(walk.chains)}; places where they stood in the later half of their draws: {len(groups)} (two "
    said += f"chains share one where each parameter's central 95 % overlap); chains alone in theirs: {alone}. "
    said += LAW if walk.noisy else "What draws of this method are is told by analysis.posterior."
    return Exhibit("diagnostics_chains", "How the chains walked", said, command, None, Table(head, rows))


def agreement(library: Any, run: Run, walk: OccupiedPoints, groups: list[list[int]], command: str) -> Exhibit:
    """Return R-hat and effective sample size of each parameter, for each group of chains that stand in one place."""
    rows: list[Sequence[Cell]] = []
    later = np.concatenate([later_half(walk.points), later_half(walk.score)[:, :, None]], axis=2)
    names = walk.scenario.free_names
    settled = 0
    for number, group in enumerate(groups):
        columns = {name: later[group][:, :, walk.scenario.names.index(name)] for name in names} | {
            walk.objective.column: later[group][:, :, -1]
        }
        found = {name: measured(library, values) for name, values in columns.items()}
        good = all(one[-1] == YES for one in found.values())
        settled += good
        for name, (*numbers, verdict) in found.items():
            told = "no: others do not" if verdict == YES and not good else verdict
            rows.append((number + 1, len(group), name, *numbers, told))
    head = ("place", "chains", "parameter", "rhat", "ess", "mean", "sd", "holds")
    said = (
        "R-hat and effective sample size (bulk) of where the chains stood, first half left out. They hold in a "
        f"place where at least two chains stand and, for every parameter and the {walk.objective.words}, R-hat is at "
        f"most {SETTLED} and the sample is worth {ENOUGH:.0f} independent draws: in {settled} of {len(groups)}. "
        "Elsewhere means and standard deviations describe a walk under way, not a settled law. A chain that never "
        "moved has no sample size."
    )
    nowhere = (
        f"the chains agree in none of {len(groups)} places: no mean and no spread here is that of a settled law",
    )
    warnings = (() if settled else nowhere) + (() if method_of(run.record).meets.group == 1 else MET)
    return Exhibit("diagnostics", "Do the chains agree?", said, command, None, Table(head, rows), warnings)


def measured(library: Any, values: Floats) -> tuple[Cell, ...]:
    """Return R-hat, effective sample size, mean, sd and whether they hold, of (chains, draws)."""
    still = np.ptp(values, axis=1) == 0  # exactly so: of equal numbers a standard deviation may be 7e-15
    mean, sd = float(values.mean()), 0.0 if np.ptp(values) == 0 else float(values.std())
    if still.any():
        return None, None, mean, sd, "no: it never moved" if still.all() else "no: a chain never moved"
    ess = float(library.ess(values))
    if len(values) == 1:
        return None, ess, mean, sd, "no: one chain alone"
    rhat = float(library.rhat(values))
    if not rhat <= SETTLED:
        return rhat, ess, mean, sd, "no: the chains differ"
    return rhat, ess, mean, sd, YES if ess >= ENOUGH else "no: too few effective draws"
