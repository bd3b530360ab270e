"""Each coefficient from its sign turned to doubled at the best points, nothing else moved and nothing searched anew."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from analysis.run_data.fresh_seeds import fair, worth_of
from analysis.run_data.ranking import Ranking
from analysis.sensitivity.coefficients import Coefficient, coefficients, moved
from calibrate.objective.objectives import ranked_by
from calibrate.objective.score import Score
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.seeds import seed_from
from engine.simulation import simulate_batch
from engine.types import Floats

FACTORS = (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
PRINTED = FACTORS.index(1.0)
POINTS = 5  # the best of so many chains
SEEDS = 30  # the same for each factor and coefficient


class Moved(NamedTuple):
    """One coefficient at each of FACTORS."""

    coefficient: Coefficient
    mean: Floats  # (points, factors): worth on SEEDS runs
    error: Floats  # (points, factors): its standard error
    people: Floats  # (points, factors): what is compared with the record, over all years


def best_points(ranking: Ranking) -> Floats:
    """Return the best point of each of the POINTS best chains, the best first, (points, parameters)."""
    first: dict[int, int] = {}
    for place in ranking.place.tolist():
        first.setdefault(int(ranking.draws.chain[place]), place)
    return ranking.draws.points[list(first.values())[:POINTS]]


def one_at_a_time(run: Run, points: Floats, told: Callable[[], object]) -> list[Moved]:
    """Return each coefficient of the run's scenario moved at ``points``, (points, parameters).

    ``told`` is called after each.
    """
    scenario, found = run.scenario, coefficients(run.scenario)
    printed = worth_at(run, scenario, points)
    lines = []
    for place, one in enumerate(found):
        columns = []
        for factor in FACTORS:
            factors = [factor if other == place else 1.0 for other in range(len(found))]
            same = factor == FACTORS[PRINTED]
            columns.append(printed if same else worth_at(run, moved(scenario, found, factors), points))
        mean, error, people = (np.array(part).T for part in zip(*columns, strict=True))
        lines.append(Moved(one, mean, error, people))
        told()
    return lines


def worth_at(run: Run, scenario: Scenario, points: Floats) -> tuple[Floats, Floats, Floats]:
    """Return worth, its standard error and people in all, each (points,), on the same seeds for any scenario."""
    seed = seed_from(run.record.seed, 21)
    batch = simulate_batch(scenario, np.repeat(points, SEEDS, axis=0), seed, score=Score(scenario))
    worth = worth_of(scenario, ranked_by(run), batch)
    found = fair(worth.reshape(len(points), SEEDS, *worth.shape[1:]))
    people = batch.by_year.sum(axis=1).reshape(len(points), SEEDS).mean(axis=1)
    return found.mean, found.error, people
