"""Is a posterior right? Records made at known points, and where the points lie among the draws that the records give.

Simulation-based calibration (Talts and others 2018): a point is drawn from the prior, a record from the point, a
posterior from the record; then the point's rank among the draws is uniform, whatever the model. Checked over a wide
prior it has no power, since most of a box is silence or explosion (Säilynoja and others 2025). So the prior is here the
box of the central nine tenths of a run's posterior, uniform on the scale searched: all records are near the real one.

A sampler that learned nothing of the record would pass that: its draws are the prior's, as the point is. So the
likelihood of the record has a rank too, estimated anew at the point and at each draw (Modrák and others 2025): a point
that its draws do not know would be likelier than they. ``--blind`` is the control: the posterior is given the real
record in place of the one that was made.

The same data sets tell of recovery: nine in ten intervals of nine tenths should hold their point.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binom, kstest

from analysis.posterior.predictive import new_records
from analysis.posterior.sample import MISS, prior_quantiles, sample_of
from calibrate.methods.meetings import Meetings
from calibrate.methods.posterior import Posterior
from calibrate.objective.likelihood import means
from calibrate.objective.particle_filter import estimate, filter_bench
from calibrate.session.beginning import point_of, with_beginning
from calibrate.session.threads import by_threads
from calibrate.store.parts import Position
from engine.processors import available_processors
from engine.results.run_record import open_run
from engine.scenario import Scenario, scenario_from_resolved
from engine.seeds import seed_from
from engine.simulation import simulate_batch
from engine.types import Floats

BOX = (0.05, 0.95)  # of the run's posterior
PARTICLES = 16  # where the run does not say
KEPT = 99  # draws among which a point has its rank
STARTS = 32
LIKELIHOOD = "likelihood of the record"


class Checked(NamedTuple):
    """What a data set came to, by parameter, the miss and last the likelihood of the record."""

    rank: Floats  # (parameters + 2,): of the point among KEPT draws, from 0 to KEPT
    inside: Floats  # (parameters + 1,): 1 where the central nine tenths hold it
    acceptance: float


def near(run: Any) -> Scenario:
    """Return the run's scenario, its box narrowed to its posterior."""
    sample = sample_of(run)
    values = sample.scenario.resolved()
    for name in sample.scenario.free_names:
        low, high = np.quantile(sample.of(name), BOX)
        entry = values["parameters"][name]
        whole = sample.scenario.parameters[name].integer
        if low == high:  # the chains never left one value, and say nothing of the parameter
            continue
        entry |= {"low": int(low) if whole else float(low), "high": int(high) + 1 if whole else float(high)}
    values["posterior"]["starts"] = None
    values["posterior"]["priors"] = {}
    return scenario_from_resolved(values)


def drawn(scenario: Scenario, rng: np.random.Generator, count: int) -> Floats:
    """Return points of the prior, (points, parameters + 1), the miss last."""
    points = np.empty((count, len(scenario.names) + 1))
    for place, name in enumerate(scenario.names):
        if name in scenario.free_names:
            values = prior_quantiles(scenario, name, rng.random(count))
            points[:, place] = np.round(values) if scenario.parameters[name].integer else values
        else:
            points[:, place] = scenario.parameters[name].middle
    points[:, -1] = prior_quantiles(scenario, MISS, rng.random(count))
    return points


def with_record(scenario: Scenario, point: Floats, seed: int, rng: np.random.Generator) -> Scenario:
    """Return the scenario with a record made at a point."""
    batch = simulate_batch(scenario, point[None, :-1], seed)
    record = new_records(rng, means(scenario, batch.by_year, batch.weeks_run), point[-1:])[0]
    values = scenario.resolved()
    table = dict(zip(scenario.calendar, record.tolist(), strict=True))
    values["target"]["tables"][scenario.target.series] |= table
    return scenario_from_resolved(values)


def draws_of(scenario: Scenario, seed: int, chains: int, iters: int) -> tuple[Floats, float]:
    """Return the posterior's draws, (draws, places), a first half left out, and the share of proposals taken."""
    method = Posterior(scenario, seed)
    positions, meetings = dict.fromkeys(range(chains), Position()), Meetings(method, chains)
    found: dict[int, list[Any]] = {chain: [] for chain in range(chains)}
    for piece in by_threads(method, positions, meetings, iters, available_processors(), lambda: False):
        found[piece.chain].append(piece.block)
    parts, taken = [], []
    for blocks in found.values():
        accepted = np.concatenate([block.accepted for block in blocks])
        points = np.concatenate([np.column_stack([block.points, block.miss]) for block in blocks])
        stands = np.maximum.accumulate(np.where(accepted, np.arange(iters), 0))[iters // 2 :]
        parts.append(points[stands])
        taken.append(accepted[iters // 2 :].mean())
    return np.concatenate(parts), float(np.mean(taken))


def likelihoods(scenario: Scenario, points: Floats, seed: int) -> Floats:
    """Return log L̂ of the record at ``points``, (points, parameters + 1), each on chance of its own."""
    bench = filter_bench(scenario, scenario.posterior.particles or PARTICLES)
    numbered = enumerate(points)
    return np.array([estimate(bench, one[:-1].copy(), seed, 0, place, float(one[-1] ** -2)) for place, one in numbered])


def checked(scenario: Scenario, seed: int, data_set: int, chains: int, iters: int, blind: bool = False) -> Checked:
    """Return what one data set came to; ``blind`` if the posterior is not told of it."""
    rng = np.random.default_rng([seed, data_set])
    (point, *starts) = drawn(scenario, rng, 1 + STARTS)
    own = int(rng.integers(2**62))
    beginning = [point_of(scenario, start[:-1]) for start in starts]
    made = with_record(scenario, point, own, rng)
    told = with_beginning(scenario if blind else made, beginning, scenario.posterior.particles or PARTICLES)
    draws, acceptance = draws_of(told, own, chains, iters)
    kept = draws[np.linspace(0, len(draws) - 1, KEPT).round().astype(int)]
    places = [*(scenario.names.index(name) for name in scenario.free_names), -1]
    worth = likelihoods(made, np.vstack([point, kept]), seed_from(own, 1))
    known, drawn_there = np.append(point[places], worth[0]), np.column_stack([kept[:, places], worth[1:]])
    below, equal = (drawn_there < known).sum(axis=0), (drawn_there == known).sum(axis=0)
    rank = below + (rng.random(len(known)) * (equal + 1)).astype(int)
    low, high = np.quantile(draws, BOX, axis=0)
    return Checked(rank, ((low <= point) & (point <= high))[places].astype(float), acceptance)


def main() -> int:
    """Return the exit code; print a line a data set and the table at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="a run of --method posterior, near whose posterior it is checked")
    parser.add_argument("--sets", type=int, default=100, help="data sets (default 100)")
    parser.add_argument("--chains", type=int, default=8)
    parser.add_argument("--iters", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2017)
    parser.add_argument("--blind", action="store_true", help="as a control: the posterior is told the real record")
    parser.add_argument("--lines", type=Path, help="where each data set's line is kept; those there are not made again")
    given = parser.parse_args()
    scenario = near(open_run(given.results))
    names = [*scenario.free_names, MISS, LIKELIHOOD]
    done = {}
    if given.lines and given.lines.exists():
        done = {line["set"]: line for line in map(json.loads, given.lines.read_text().splitlines())}
    for data_set in range(given.sets):
        if data_set not in done:
            began = time.perf_counter()
            found = checked(scenario, given.seed, data_set, given.chains, given.iters, given.blind)
            done[data_set] = {
                "set": data_set,
                "rank": found.rank.tolist(),
                "inside": found.inside.tolist(),
                "acceptance": round(found.acceptance, 4),
                "seconds": round(time.perf_counter() - began, 1),
            }
            if given.lines:
                with open(given.lines, "a", encoding="utf-8") as file:
                    file.write(json.dumps(done[data_set]) + "\n")
        print(json.dumps(done[data_set]), file=sys.stderr)
    lines = [done[data_set] for data_set in range(given.sets)]
    ranks, inside = (np.array([line[key] for line in lines]) for key in ("rank", "inside"))
    low, high = binom.ppf((0.025, 0.975), given.sets, BOX[1] - BOX[0])
    print(f"{given.sets} data sets, {given.chains} chains of {given.iters:,} draws, seed {given.seed}")
    print(f"inside: of {given.sets} intervals; {low:.0f} to {high:.0f} is what chance allows, 19 times in 20")
    print(f"{'parameter':<26}{'inside':>8}{'ranks: chance of a distance as large (KS)':>44}")
    for place, name in enumerate(names):
        uniform = (ranks[:, place] + np.random.default_rng(0).random(given.sets)) / (KEPT + 1)
        held = "" if name == LIKELIHOOD else f"{inside[:, place].sum():.0f}"
        print(f"{name:<26}{held:>8}{kstest(uniform, 'uniform').pvalue:>44.2g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
