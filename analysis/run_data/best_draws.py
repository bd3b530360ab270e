"""The draws that pictures are made of: the best of each chain, and one simulated again from its address."""

from typing import NamedTuple

import numpy as np

from analysis.run_data.ranking import Ranking
from calibrate.objective.objectives import Objective, ranked_by
from engine.errors import DataError
from engine.results.replay import Draw, read_draw, run_of, simulate_again
from engine.results.run_record import Run
from engine.simulation import Trajectory
from engine.types import Flags, Floats, Integers


class Traces(NamedTuple):
    """The draws of the chains of a run in the order in which they were made, a list entry a chain."""

    objective: Objective  # what the scores are of
    chain: list[int]
    iteration: list[Integers]
    score: list[Floats]  # NaN for a draw that failed
    accepted: list[Flags]


class Best(NamedTuple):
    """A chain's best draw; ``ranked`` if it is best on fresh seeds, not by the score that was recorded."""

    chain: int
    iteration: int
    score: float  # as recorded
    ranked: bool


class Replay(NamedTuple):
    """A recorded draw and its run."""

    draw: Draw
    trajectory: Trajectory
    note: str  # empty, or that the run is not the recorded one


def traces_of(run: Run) -> Traces:
    """Return the draws of a run by chain."""
    objective = ranked_by(run)
    worth = objective.column
    draws = run.draws(["iteration", worth, "accepted"])
    column = {name: np.asarray(draws[name].to_numpy()) for name in ("chain", "iteration", worth, "accepted")}
    chains, first = np.unique(column["chain"], return_index=True)
    ends = [*first[1:].tolist(), len(column["chain"])]
    split = {name: [column[name][a:b] for a, b in zip(first, ends, strict=True)] for name in column}
    return Traces(objective, chains.tolist(), split["iteration"], split[worth], split["accepted"])


def best_of_chains(traces: Traces, ranking: Ranking | None) -> list[Best]:
    """Return the best draw of each chain, the best first.

    Chains in ``ranking`` come first and in its order; without one, and for chains not in it, the recorded score
    decides. Raises DataError if no draw has a score.
    """
    found: dict[int, Best] = {}
    if ranking is not None:
        draws = ranking.draws
        for place in ranking.place.tolist():
            chain = int(draws.chain[place])
            found.setdefault(chain, Best(chain, int(draws.iteration[place]), float(draws.score[place]), True))
    recorded = []
    for place, chain in enumerate(traces.chain):
        score = np.where(np.isfinite(traces.score[place]), traces.score[place], -np.inf)
        highest = int(np.argmax(score))
        if chain not in found and np.isfinite(score[highest]):
            recorded.append(Best(chain, int(traces.iteration[place][highest]), float(score[highest]), False))
    best = [*found.values(), *sorted(recorded, key=lambda one: -one.score)]
    if not best:
        raise DataError("no draw of the run has a score; widen the ranges of the scenario")
    return best


def replay(run: Run, chain: int, iteration: int) -> Replay:
    """Return the draw at an address and its run; errors as in read_draw.

    A run made by other code may come out otherwise now; then the note says so, and the run is today's.
    """
    draw = read_draw(run, chain, iteration)
    try:
        return Replay(draw, simulate_again(draw), "")
    except DataError:
        note = "the run was made by other code or libraries; simulated today its numbers differ from the record"
        return Replay(draw, run_of(draw), note)
