"""The draws that pictures are made of: the best of each chain, and one simulated again from its address."""

import csv
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.errors import DataError
from engine.results.directory import RUN, read_run
from engine.results.replay import Draw, read_draw, simulate_again
from engine.scenario import Scenario, scenario_from_resolved
from engine.simulation import Trajectory, simulate

RANKING = "best.csv"  # what analysis.best stores


class Traces(NamedTuple):
    """The draws of the chains of a run in the order in which they were made, a list entry a chain."""

    chain: list[int]
    iteration: list[NDArray[np.int64]]
    score: list[NDArray[np.float64]]  # NaN for a draw that failed
    accepted: list[NDArray[np.bool_]]


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


def scenario_of(results: Path) -> Scenario:
    """Return the scenario of a run; raise DataError if run.json does not hold one."""
    try:
        return scenario_from_resolved(read_run(results)["scenario"], f"{results / RUN}: scenario")
    except DataError:
        raise
    except ValueError as error:
        raise DataError(str(error)) from None


def traces_of(draws: pa.Table) -> Traces:
    """Return the draws by chain; ``draws`` has chain, iteration, score and accepted."""
    column = {name: np.asarray(draws[name].to_numpy()) for name in ("chain", "iteration", "score", "accepted")}
    chains, first = np.unique(column["chain"], return_index=True)
    ends = [*first[1:].tolist(), len(column["chain"])]
    split = {name: [column[name][a:b] for a, b in zip(first, ends, strict=True)] for name in column}
    return Traces(chains.tolist(), split["iteration"], split["score"], split["accepted"])


def best_of_chains(traces: Traces, ranking: Path) -> list[Best]:
    """Return the best draw of each chain, the best first.

    Chains in ``ranking``, a file that ``analysis.best`` stored, come first and in its order; where it is not there,
    and for chains not in it, the recorded score decides. Raises DataError if it ranks draws that the run does not hold.
    """
    found = {}
    if ranking.exists():
        for chain, iteration in ranked_draws(ranking):
            if chain not in found:
                found[chain] = Best(chain, iteration, recorded_score(traces, chain, iteration, ranking), True)
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


def ranked_draws(ranking: Path) -> list[tuple[int, int]]:
    """Return chain and iteration of the draws of a ranking, best first; raise DataError if it is none."""
    try:
        with open(ranking, encoding="utf-8", newline="") as file:
            return [(int(row["chain"]), int(row["iteration"])) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError):
        raise not_of_this_run(ranking, "it has no columns chain and iteration") from None


def recorded_score(traces: Traces, chain: int, iteration: int, ranking: Path) -> float:
    """Return the score that the run recorded at an address; raise DataError if it has none."""
    if chain in traces.chain:
        place = traces.chain.index(chain)
        row = int(np.searchsorted(traces.iteration[place], iteration))
        if row < len(traces.iteration[place]) and traces.iteration[place][row] == iteration:
            return float(traces.score[place][row])
    raise not_of_this_run(ranking, f"the run holds no chain {chain}, iteration {iteration}")


def not_of_this_run(ranking: Path, reason: str) -> DataError:
    """Return the error for a ranking that does not fit the run."""
    return DataError(f"{ranking}: is not a ranking of this run ({reason}); remove it, or run `python -m analysis.best`")


def replay(results: Path, chain: int, iteration: int) -> Replay:
    """Return the draw at an address and its run; errors as in read_draw.

    A run made by other code may come out otherwise now; then the note says so, and the run is today's.
    """
    draw = read_draw(results, chain, iteration)
    try:
        return Replay(draw, simulate_again(draw), "")
    except DataError:
        again = partial(simulate, draw.scenario, draw.parameters, draw.seed)
        note = " The run was made by other code or libraries; simulated today its numbers differ from the record."
        return Replay(draw, again(chain, iteration), note)
