"""How a posterior begins: where its chains start, found by a short search, and how many particles are enough.

What is found is written into the scenario that run.json keeps, so a run knows its own beginning: it is resumed,
verified and sent to a cluster like any other.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from tqdm import tqdm

from calibrate.methods.base import START
from calibrate.methods.meetings import Meetings
from calibrate.methods.population import Population
from calibrate.methods.posterior import Posterior
from calibrate.session.threads import Piece, by_threads
from calibrate.store.parts import Position
from engine.cli.compile_notice import tell_of_compiling
from engine.errors import UsageError
from engine.parameters import domain_of
from engine.results.columns import POSTERIOR
from engine.results.run_record import RunRecord
from engine.scenario import Scenario, scenario_from_resolved
from engine.seeds import seed_from
from engine.types import Floats

SEARCH_CHAINS, SEARCH_DRAWS = 32, 2_000  # of four groups, and so four independent looks at the box
BEST_OF_CHAIN = 6  # draws that the filter looks at again
STARTS = 32  # that are kept
PARTICLES = (16, 32, 64, 96, 128, 192, 256, 512)  # that a pilot tries
PILOT_POINTS, PILOT_RUNS = 6, 20
WANTED = 1.7  # the largest standard deviation of log L̂ that chains mix well with (docs/posterior.md)
# Choice: chains leave the starts for points where L̂ is noisier, and often for a smaller miss than the prior's, where it
# is noisier too. A pilot at the prior's miss found 16 particles enough, with which chains stood still.
PILOT_MISS = 0.5  # of the scale of the prior of the miss


def begun(scenario: Scenario, seed: int, workers: int, quiet: bool, stop: Callable[[], bool]) -> Scenario:
    """Return a scenario that says where its posterior begins and with how many particles; it climbs the likelihood.

    Raises UsageError if ``stop`` says so before that is known.
    """
    scenario = scenario.changed(["objective=likelihood"])
    given = scenario.posterior
    if given.starts is not None and given.particles is not None:
        return scenario
    if not scenario.free_names:
        raise UsageError("parameters: every one is held; a posterior needs one with a range")
    starts = [dict(start) for start in given.starts or ()]
    if not starts:
        tell(quiet, f"Looking for where to begin: {SEARCH_CHAINS * SEARCH_DRAWS:,} simulations")
        starts = found_starts(scenario, seed, workers, quiet, stop)
    particles = given.particles
    if particles is None:
        particles, deviation = enough_particles(scenario, starts, seed, workers, stop)
        tell(quiet, told_of_pilot(particles, deviation))
    return with_beginning(scenario, starts, particles)


def filled_in(values: dict[str, Any], record: RunRecord) -> dict[str, Any]:
    """Return a resolved scenario with what the posterior of ``record`` found at its beginning where it leaves that."""
    if record.method != POSTERIOR:
        return values
    found = {key: record.scenario["posterior"][key] for key, value in values["posterior"].items() if value is None}
    return values | {"objective": "likelihood", "posterior": values["posterior"] | found}


def tell(quiet: bool, line: str) -> None:
    """Print a line on stderr, unless ``quiet``."""
    if not quiet:
        print(line, file=sys.stderr)


def told_of_pilot(particles: int, deviation: float) -> str:
    """Return what the pilot found, for a reader."""
    enough = "" if deviation <= WANTED else f"; at most {WANTED:g} is wanted, so chains will stay long where they are"
    return f"{particles} particles: at the starts log L is known within {deviation:.1f}{enough}"


def with_beginning(scenario: Scenario, starts: Iterable[dict[str, float]], particles: int) -> Scenario:
    """Return the scenario with this beginning."""
    values: dict[str, Any] = scenario.resolved()
    values["posterior"] |= {"particles": particles, "starts": list(starts)}
    return scenario_from_resolved(values, scenario.name)


def in_time(stop: Callable[[], bool]) -> None:
    """Return if there is time left; raise UsageError if not."""
    if stop():
        remedy = "give it more, or posterior.starts and posterior.particles"
        raise UsageError(f"the time given was over before the posterior knew where to begin; {remedy}")


def found_starts(
    scenario: Scenario, seed: int, workers: int, quiet: bool, stop: Callable[[], bool]
) -> list[dict[str, float]]:
    """Return the STARTS best points that a short search for the likelihood found, by the filter's estimate."""
    if not quiet:
        tell_of_compiling(Population.compiles)
    search = Population(scenario, seed)
    search.compile()
    positions = dict.fromkeys(range(SEARCH_CHAINS), Position())
    meetings = Meetings(search, SEARCH_CHAINS)
    pieces = by_threads(search, positions, meetings, SEARCH_DRAWS, workers, stop)
    found = list(best_of_chains(counting(pieces, SEARCH_CHAINS * SEARCH_DRAWS, quiet)))
    in_time(stop)
    points = np.concatenate(found)
    rows = [point_of(scenario, point) for point in points]
    if not quiet:
        tell_of_compiling(Posterior.compiles)
    estimates = estimated(with_beginning(scenario, rows, PARTICLES[1]), seed, range(len(rows)), workers)
    order = np.argsort(-estimates, kind="stable")[:STARTS]
    return [rows[place] for place in order.tolist()]


def counting(pieces: Iterable[Piece], draws: int, quiet: bool) -> Iterator[Piece]:
    """Yield ``pieces``, and show on a terminal, unless ``quiet``, how many of the ``draws`` they had."""
    with tqdm(total=draws, unit=" simulations", disable=quiet or None, leave=False) as bar:
        for piece in pieces:
            bar.update(piece.draws)
            yield piece


def best_of_chains(pieces: Iterable[Piece]) -> Iterator[Floats]:
    """Yield the points, (points, parameters), of the likeliest draws of each chain, chain by chain, none twice."""
    likelihood: dict[int, list[Floats]] = {}
    points: dict[int, list[Floats]] = {}
    for piece in pieces:
        likelihood.setdefault(piece.chain, []).append(piece.block.log_likelihood)
        points.setdefault(piece.chain, []).append(piece.block.points)
    for chain in sorted(points):
        there, first = np.unique(np.concatenate(points[chain]), axis=0, return_index=True)
        order = np.argsort(-np.concatenate(likelihood[chain])[first], kind="stable")
        yield there[order[:BEST_OF_CHAIN]]


def point_of(scenario: Scenario, point: Floats) -> dict[str, float]:
    """Return the free parameters of a point, (parameters,), by name; whole numbers as such."""
    values = {name: float(point[scenario.names.index(name)]) for name in scenario.free_names}
    return {name: int(value) if domain_of(name).integer else value for name, value in values.items()}


def estimated(scenario: Scenario, seed: int, chains: Iterable[int], workers: int) -> Floats:
    """Return log L̂ where these chains begin, each with chance of its own."""
    # Its own chance too beside that of the run: an estimate that chose a start is a lucky one.
    method = Posterior(scenario, seed_from(seed, 1))
    method.compile()
    with ThreadPoolExecutor(workers) as pool:
        return np.array(list(pool.map(lambda chain: method.step(chain, 0, 1, START)[0].log_likelihood[0], chains)))


def enough_particles(
    scenario: Scenario, starts: list[dict[str, float]], seed: int, workers: int, stop: Callable[[], bool]
) -> tuple[int, float]:
    """Return the least of PARTICLES with which log L̂ is known well at the best starts, and how well.

    That is the median over the points of its standard deviation over PILOT_RUNS estimates, at a miss that is small.
    """
    best = starts[:PILOT_POINTS]
    if scenario.samples_miss:
        scenario = scenario.changed([f"likelihood.size={(PILOT_MISS * scenario.posterior.miss) ** -2:.17g}"])
    for particles in PARTICLES:
        in_time(stop)
        chains = range(len(best), len(best) * (PILOT_RUNS + 1))
        estimates = estimated(with_beginning(scenario, best, particles), seed, chains, workers)
        deviation = float(np.median(estimates.reshape(PILOT_RUNS, len(best)).std(axis=0, ddof=1)))
        if deviation <= WANTED:
            break
    return particles, deviation
