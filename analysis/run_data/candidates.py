"""The draws of a run that have a score, and those of them that are worth simulating again."""

from typing import NamedTuple

import numpy as np

from calibrate.methods.base import Method
from calibrate.methods.registry import searcher
from calibrate.methods.space import Space, make_space
from calibrate.objective.objectives import Objective, ranked_by
from engine.errors import DataError, to_type
from engine.results.directory import RUN
from engine.results.run_record import Run, RunRecord
from engine.scenario import Scenario
from engine.types import Floats, Integers


class Recorded(NamedTuple):
    """The draws of a run that have a score, oldest first within each chain."""

    scenario: Scenario
    record: RunRecord
    objective: Objective
    chain: Integers
    iteration: Integers
    start: Integers  # each independent start of the run has a number of its own
    score: Floats  # or log-likelihood, if that is what the run is ranked by
    points: Floats  # (draws, parameters), in the order of the scenario's names

    @property
    def space(self) -> Space:
        """Return bounds and scales of what was searched."""
        return make_space(self.scenario)


def recorded(run: Run) -> Recorded:
    """Return the draws of a run; raise DataError if there is none with a score, or they cannot be read."""
    scenario, results = run.scenario, run.directory
    if not scenario.free_names:
        raise DataError(f"{results / RUN}: holds every parameter fixed; free at least one in the scenario")
    objective = ranked_by(run)
    method = searcher(run.record, scenario)
    table = run.draws(
        list(dict.fromkeys(["iteration", objective.column, method.objective.column, *scenario.free_names]))
    )
    column = {name: np.asarray(table[name].to_numpy()) for name in table.column_names}
    scored = np.isfinite(column[objective.column])
    if not scored.any():
        raise DataError(f"{results}: no draw has a score; look at one with `{to_type('engine')} --draw {results} 0 0`")
    points = np.tile(make_space(scenario).held, (int(scored.sum()), 1))
    for name in scenario.free_names:
        points[:, scenario.names.index(name)] = column[name][scored]
    chain, iteration = (column[name][scored].astype(np.int64) for name in ("chain", "iteration"))
    start = starts_of(method, column["chain"], column[method.objective.column])[scored]
    return Recorded(scenario, run.record, objective, chain, iteration, start, column[objective.column][scored], points)


def starts_of(method: Method, chain: Integers, worth: Floats) -> Integers:
    """Return the independent start that each draw belongs to, numbered from 0; chains lie one after another.

    Chains that help each other are one start together.
    """
    first = np.flatnonzero(np.append(True, chain[1:] != chain[:-1]))
    within = np.concatenate([method.starts(part) for part in np.split(worth, first[1:])])
    pairs = np.column_stack([chain // method.meets.group, within])
    return np.unique(pairs, axis=0, return_inverse=True)[1].ravel()


def best_draws(draws: Recorded, count: int) -> Integers:
    """Return the places of the ``count`` best recorded draws, best first, no point twice.

    # Choice: of one chain at most twice its even share, unless the others have no more: a chain that sat near a lucky
    # point records hundreds of its neighbours, and they would crowd out what all others found.
    """
    chains = np.unique(draws.chain)
    room = dict.fromkeys(chains.tolist(), -(-2 * count // len(chains)))
    seen: set[bytes] = set()
    chosen: list[int] = []
    crowded_out: list[int] = []
    for place in np.argsort(-draws.score, kind="stable").tolist():
        if len(chosen) == count:
            break
        point = draws.points[place].tobytes()
        if point not in seen:
            seen.add(point)
            room[int(draws.chain[place])] -= 1
            (chosen if room[int(draws.chain[place])] >= 0 else crowded_out).append(place)
    chosen += crowded_out[: count - len(chosen)]
    return np.array(sorted(chosen, key=lambda place: -draws.score[place]), np.int64)


def spread_draws(draws: Recorded, above: float, count: int) -> Integers:
    """Return the places of some ``count`` draws that scored at least ``above``, as many from each chain.

    # Choice: those of a chain lie evenly among its good draws, from the first to the last: so where a chain stayed long
    # there are many, which is what clusters are made of. Taken as far apart as can be, most are lucky outliers.
    """
    chains = np.unique(draws.chain)
    quota = max(1, count // len(chains))
    found = []
    for chain in chains:
        good = np.flatnonzero((draws.chain == chain) & (draws.score >= above))
        found.append(good[np.linspace(0, len(good) - 1, min(quota, len(good))).astype(np.int64)])
    return np.concatenate(found)
