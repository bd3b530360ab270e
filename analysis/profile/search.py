"""The best fair worth at each value of a parameter, with all others searched anew from warm starts.

The profile of a parameter is what is left of the objective when all others do their best for it (Raue and others 2009,
Bioinformatics 25:1923). Here each cell of it is found by short walks and measured on fresh seeds, so it carries two
errors: a search that has not found the best, which makes it too low, and chance, which is given as a standard error.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from analysis.run_data.fresh_seeds import Fresh, Scores, fair
from calibrate.methods.walk import Walk, state_of
from calibrate.objective.objectives import objective_of
from engine.results.run_record import Run
from engine.scenario import Scenario, scenario_from_resolved
from engine.scenario.ranges import ParameterRange
from engine.seeds import seeds_from
from engine.types import Floats

CELLS = 9  # values of a parameter, both ends of its range among them; the best draw's comes beside
DRAWS = 12_000  # of a cell, all its walks together
NEIGHBOURS = 2  # warm starts: the best of the cell before,
OTHERS = 2  # and of the run's best draws those nearest in this parameter
TOP, SEEDS, MORE = 20, 30, 300  # as in analysis.run_data.ranking: the best few on fresh seeds, the first on others


class Cell(NamedTuple):
    """One value of a parameter, and the best point found there."""

    parameter: str
    value: float
    mean: float  # worth on fresh seeds which did not choose the point
    error: float  # its standard error
    points: list[list[float]]  # the best few, (n, parameters), the first of them measured


def grid(entry: ParameterRange, best: float, cells: int = CELLS) -> list[float]:
    """Return so many values of a parameter from the least to the largest, evenly on its scale, and the ``best`` one."""
    log = entry.scale == "log"
    low, high = (math.log(entry.low), math.log(entry.high)) if log else (entry.low, entry.high)
    even = np.linspace(low, high, cells)
    values = np.exp(even) if log else np.round(even) if entry.integer else even
    found: list[float] = np.unique([entry.low, *values[1:-1], entry.high, best]).tolist()
    return found


def held(scenario: Scenario, parameter: str, value: float, objective: str) -> Scenario:
    """Return the scenario with one parameter held at ``value``, climbed by ``objective``."""
    resolved = scenario.resolved()
    resolved["parameters"][parameter] = {"fixed": value}
    return scenario_from_resolved(resolved | {"objective": objective})


def order_of(values: Sequence[float], best: float) -> list[tuple[int, int | None]]:
    """Return the places of ``values`` from the one nearest to ``best`` outwards, each with the one it starts from."""
    first = int(np.argmin(np.abs(np.array(values) - best)))
    up = [(place, place - 1) for place in range(first + 1, len(values))]
    down = [(place, place + 1) for place in range(first - 1, -1, -1)]
    return [(first, None), *up, *down]


def warm_starts(best: Floats, neighbour: Cell | None, place: int, value: float) -> Floats:
    """Return the points from which a cell is searched, (starts, parameters), that at ``place`` set to ``value``.

    ``best`` are the run's best draws, (n, parameters), the best first.
    """
    near = best[np.argsort(np.abs(best[:, place] - value), kind="stable")[:OTHERS]]
    known = best[:NEIGHBOURS] if neighbour is None else np.array(neighbour.points[:NEIGHBOURS])
    starts = np.concatenate([known, near]).copy()
    starts[:, place] = value
    return starts


def searched(scenario: Scenario, starts: Floats, scores: Scores, draws: int, seed: int) -> Floats:
    """Return ``starts``, (n, parameters), and then points of walks from them, by what a run gave, best first.

    None is there twice. A walk leaves its start by the rule of Metropolis, so it must know what that is worth.
    """
    method = Walk(scenario, seed)
    points, worth = [], []
    for chain, (start, there) in enumerate(zip(starts, fair(scores(starts, SEEDS)).mean, strict=True)):
        block, _ = method.step(chain, 1, max(1, draws // len(starts)), state_of(start, there))
        points.append(block.points)
        worth.append(getattr(block, objective_of(scenario).column))
    best = np.argsort(-np.nan_to_num(np.concatenate(worth), nan=-np.inf), kind="stable")
    whole = np.concatenate([starts, np.concatenate(points)[best]])
    return whole[np.sort(np.unique(whole, axis=0, return_index=True)[1])]


def measured(parameter: str, value: float, points: Floats, scores: Scores) -> Cell:
    """Return the cell of ``points``, (n, parameters): where its walks began, then what they came upon, best first."""
    candidates = points[:TOP]
    order = np.argsort(-fair(scores(candidates, SEEDS)).mean, kind="stable")
    again = fair(scores(candidates[order[:1]], MORE))
    return Cell(parameter, value, float(again.mean[0]), float(again.error[0]), candidates[order[:5]].tolist())


def seeds_of(run_seed: int, names: Sequence[str], parameter: str, place: int) -> tuple[int, int]:
    """Return the seed of a cell's walks, and that from which its fresh seeds come."""
    walks, fresh = seeds_from(2, run_seed, names.index(parameter), place, 271)
    return walks, fresh


def profile_of(
    run: Run, best: Floats, parameter: str, cells: int, draws: int, known: Mapping[float, Cell]
) -> Iterator[Cell]:
    """Yield the cells of a parameter's profile that are not ``known``, from the best draw's value outwards.

    ``best`` are the run's best draws, (n, parameters), the best first; ``draws`` is what a cell may cost, beside fresh
    seeds.
    """
    column = run.scenario.names.index(parameter)
    present = float(best[0, column])
    values = grid(run.scenario.parameters[parameter], present, cells)
    done = {values.index(value): cell for value, cell in known.items() if value in values}
    for place, neighbour in order_of(values, present):
        if place in done:
            continue
        walks, fresh = seeds_of(run.record.seed, run.scenario.names, parameter, place)
        starts = warm_starts(best, None if neighbour is None else done[neighbour], column, values[place])
        scenario = held(run.scenario, parameter, values[place], run.objective)
        scores = Fresh(run, fresh, shown=False)
        points = searched(scenario, starts, scores, draws, walks)
        done[place] = measured(parameter, values[place], points, scores)
        yield done[place]
