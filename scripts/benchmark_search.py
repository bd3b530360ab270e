"""Our search beside peers, per simulation: what each finds with so many runs of the model.

Every peer proposes points of the unit box and is told what one run at each is worth, by the same compiled batch door;
time does not count. Of a budget's draws the 20 highest distinct points are simulated on 30 fresh seeds, and the best of
them on 300 others: that last mean is the figure, so that nobody gains by luck.
"""

import argparse
import contextlib
import itertools
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from calibrate.methods.base import NOTHING, START
from calibrate.methods.meetings import Meetings
from calibrate.methods.population import Population
from calibrate.methods.space import make_space, to_points
from calibrate.methods.tempered import Tempered
from calibrate.methods.walk import Walk
from calibrate.objective.likelihood import log_likelihoods, of_points
from calibrate.objective.score import Score
from engine.scenario import Scenario, load_scenario
from engine.simulation import simulate_batch
from engine.types import Floats

BUDGETS = (5_000, 20_000, 80_000, 300_000)
CHAINS, STRETCH = 8, 25  # of ours; a barrier lies at every stretch or two
TOP, SEEDS, MORE = 20, 30, 300
SILENT = -1e9  # for what has no finite worth


class SpentError(Exception):
    """The budget is used up."""


class Ask:
    """The worth of points, one run each, until ``budget`` runs are spent; all of it is kept."""

    def __init__(self, scenario: Scenario, seed: int, budget: int) -> None:
        self.scenario, self.seed, self.budget = scenario, seed, budget
        self.space, self.score = make_space(scenario), Score(scenario)
        self.dimension = self.space.place.size
        self.points: list[Floats] = []
        self.worth: list[Floats] = []
        self.spent = 0

    def __call__(self, unit: Floats) -> Floats:
        """Return what points, (n, free parameters) in the unit box, are worth; raise SpentError past the budget."""
        points = to_points(self.space, np.atleast_2d(unit))[: self.budget - self.spent]
        if not len(points):
            raise SpentError
        found = worth_of(self.scenario, self.score, points, self.seed, self.spent)
        self.keep(points, found)
        if len(found) < len(np.atleast_2d(unit)):
            raise SpentError
        return found

    def keep(self, points: Floats, found: Floats) -> None:
        """Note draws made elsewhere."""
        self.points.append(points)
        self.worth.append(np.where(np.isfinite(found), found, SILENT))
        self.spent += len(found)


def worth_of(scenario: Scenario, score: Score, points: Floats, seed: int, first: int) -> Floats:
    """Return what one run at each of ``points`` is worth under the scenario's objective."""
    batch = simulate_batch(scenario, points, seed, iteration=first, score=score)
    if scenario.objective == "score":
        return batch.score
    return log_likelihoods(scenario, batch.by_year, batch.weeks_run).max(axis=1)


def fair_worth(scenario: Scenario, points: Floats, seeds: int, seed: int) -> Floats:
    """Return what each of ``points`` is worth over so many fresh seeds."""
    score = Score(scenario)
    batch = simulate_batch(scenario, np.repeat(points, seeds, axis=0), seed, score=score)
    if scenario.objective == "score":
        return batch.score.reshape(len(points), seeds).mean(axis=1)
    found = log_likelihoods(scenario, batch.by_year, batch.weeks_run)
    return of_points(found.reshape(len(points), seeds, -1))[0]


def figure_of(scenario: Scenario, points: Floats, worth: Floats, seed: int) -> float:
    """Return the figure of merit of some draws."""
    order = np.argsort(-worth, kind="stable")
    distinct = order[np.sort(np.unique(points[order[: 50 * TOP]], axis=0, return_index=True)[1])[:TOP]]
    fair = fair_worth(scenario, points[distinct], SEEDS, 10**9 + seed)
    return float(fair_worth(scenario, points[distinct[[fair.argmax()]]], MORE, 2 * 10**9 + seed)[0])


def ours(kind: type[Walk]) -> Callable[[Ask, np.random.Generator], None]:
    """Return one of our own methods, eight chains dealt round."""

    def search(ask: Ask, rng: np.random.Generator) -> None:
        method = kind(ask.scenario, int(rng.integers(2**62)))
        meetings, states = Meetings(method, CHAINS), [START] * CHAINS
        for first in itertools.count(step=STRETCH):
            for chain in range(CHAINS):
                told = meetings.told(chain, first) or NOTHING
                block, states[chain] = method.step(chain, first, STRETCH, states[chain], told)
                room = ask.budget - ask.spent
                ask.keep(block.points[:room], getattr(block, method.objective.column)[:room])
                if room <= STRETCH:
                    raise SpentError
            for chain in range(CHAINS):
                meetings.arrive(chain, first + STRETCH, states[chain])

    search.__doc__ = kind.__doc__
    return search


def scipy_de(ask: Ask, rng: np.random.Generator) -> None:
    """SciPy's differential evolution (best1bin), its defaults, a generation a batch."""
    from scipy.optimize import differential_evolution

    differential_evolution(
        lambda unit: -ask(unit.T),
        [(0.0, 1.0)] * ask.dimension,
        maxiter=10**6,
        tol=0.0,
        polish=False,
        vectorized=True,
        updating="deferred",
        seed=int(rng.integers(2**31)),
    )


def emcee_with(moves: Callable[[], Any]) -> Callable[[Ask, np.random.Generator], None]:
    """Return emcee with 40 walkers and these moves."""

    def search(ask: Ask, rng: np.random.Generator) -> None:
        import emcee

        def log_density(unit: Floats) -> Floats:
            inside = ((unit >= 0) & (unit <= 1)).all(axis=1)
            found = np.full(len(unit), -np.inf)
            if inside.any() and ask.spent < ask.budget:
                with contextlib.suppress(SpentError):  # emcee prints what it meets
                    found[inside] = ask(unit[inside]) / ask.scenario.search.temperature
            return found

        sampler = emcee.EnsembleSampler(40, ask.dimension, log_density, vectorize=True, moves=moves())
        sampler.random_state = np.random.RandomState(int(rng.integers(2**31))).get_state()
        for _ in sampler.sample(rng.random((40, ask.dimension)), iterations=10**7, store=False):
            if ask.spent >= ask.budget:
                return

    return search


def differential_moves() -> Any:
    """Return emcee's differential evolution with a tenth of snooker moves."""
    import emcee

    return [(emcee.moves.DEMove(), 0.8), (emcee.moves.DEMove(gamma0=1.0), 0.1), (emcee.moves.DESnookerMove(), 0.1)]


def cma_bipop(ask: Ask, rng: np.random.Generator) -> None:
    """CMA-ES with BIPOP restarts, its defaults, inside the box."""
    import cma

    for restart in itertools.count():
        options = {"bounds": [0, 1], "verbose": -9, "seed": int(rng.integers(1, 2**31))}
        cma.fmin2(
            None,
            lambda: rng.random(ask.dimension),
            0.3,
            options,
            restarts=9,
            bipop=True,
            parallel_objective=lambda unit: list(-ask(np.array(unit))),
        )
        if restart > 1000:
            return


def optuna_tpe(ask: Ask, rng: np.random.Generator) -> None:
    """Optuna's TPE, its defaults, 50 points a batch."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=int(rng.integers(2**31)), constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    names = [f"u{number}" for number in range(ask.dimension)]
    while True:
        trials = [study.ask() for _ in range(50)]
        unit = np.array([[trial.suggest_float(name, 0.0, 1.0) for name in names] for trial in trials])
        for trial, value in zip(trials, ask(unit), strict=True):
            study.tell(trial, float(max(value, SILENT)))


def black_it(ask: Ask, rng: np.random.Generator) -> None:
    """black-it with the samplers of its own example (Halton, random forest, best batch), 16 points each."""
    from black_it.calibrator import Calibrator
    from black_it.loss_functions.base import BaseLoss
    from black_it.samplers.best_batch import BestBatchSampler
    from black_it.samplers.halton import HaltonSampler
    from black_it.samplers.random_forest import RandomForestSampler

    class AsItIs(BaseLoss):
        def compute_loss_1d(self, simulated: Floats, _real: Floats) -> float:
            return float(simulated.mean())

    def model(theta: list[float], _length: int, _seed: int) -> Floats:
        return 100.0 - ask(np.array(theta)).reshape(1, 1)  # its forest wants losses above 0

    seeds = (int(rng.integers(2**31)) for _ in itertools.count())
    samplers = [kind(batch_size=16, random_state=next(seeds)) for kind in (HaltonSampler, RandomForestSampler)]
    samplers.append(BestBatchSampler(batch_size=16, random_state=next(seeds)))
    with contextlib.redirect_stdout(None):
        Calibrator(
            loss_function=AsItIs(),
            real_data=np.zeros((1, 1)),
            model=model,
            parameters_bounds=np.array([[0.0] * ask.dimension, [1.0] * ask.dimension]),
            parameters_precision=[1e-4] * ask.dimension,
            ensemble_size=1,
            samplers=samplers,
            n_jobs=1,
            random_state=next(seeds),
        ).calibrate(10**6)


SEARCHES: dict[str, tuple[Callable[[Ask, np.random.Generator], None], int]] = {
    "walk": (ours(Walk), 10**9),
    "population": (ours(Population), 10**9),
    "tempered": (ours(Tempered), 10**9),
    "scipy-de": (scipy_de, 10**9),
    "emcee-de": (emcee_with(differential_moves), 10**9),
    "emcee-stretch": (emcee_with(lambda: None), 10**9),
    "cma-bipop": (cma_bipop, 10**9),
    "optuna-tpe": (optuna_tpe, 5_000),  # what a proposal costs grows with the number of them
    "black-it": (black_it, 5_000),
}


def measured(name: str, scenario: Scenario, seed: int, budgets: list[int]) -> Iterator[dict[str, Any]]:
    """Yield what a search has found after each of ``budgets`` runs; a budget is a beginning of the largest."""
    search, most = SEARCHES[name]
    allowed = [budget for budget in budgets if budget <= most]
    if not allowed:
        return
    ask, began = Ask(scenario, seed, allowed[-1]), time.monotonic()
    with contextlib.suppress(SpentError), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        search(ask, np.random.default_rng(seed))
    points, worth = np.concatenate(ask.points), np.concatenate(ask.worth)
    seconds = time.monotonic() - began
    for budget in allowed:
        if budget > len(worth):
            continue
        figure = figure_of(scenario, points[:budget], worth[:budget], seed)
        yield {"search": name, "seed": seed, "budget": budget, "figure": figure, "seconds": round(seconds)}


def table_of(rows: list[dict[str, Any]], budgets: list[int]) -> str:
    """Return the median of each search at each budget, its lowest and highest in brackets, as Markdown."""
    lines = [f"| search | {' | '.join(f'{budget:,}' for budget in budgets)} |", f"|---|{'---|' * len(budgets)}"]
    for name in SEARCHES:
        cells = []
        for budget in budgets:
            found = [row["figure"] for row in rows if (row["search"], row["budget"]) == (name, budget)]
            text = f"{np.median(found):.1f} ({min(found):.1f} to {max(found):.1f}; {len(found)})" if found else "–"
            cells.append(text)
        if set(cells) != {"–"}:
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Measure what is asked for, a line of JSON a figure, and print the table."""
    root = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", default=str(root / "configs" / "dprk.yaml"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY.PATH=VALUE")
    parser.add_argument("--search", action="append", choices=SEARCHES, help="repeatable (default: all)")
    parser.add_argument("--budget", action="append", type=int, help=f"repeatable (default {BUDGETS})")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--lines", type=Path, default=Path("search.jsonl"), help="figures, added to; done ones are kept"
    )
    given = parser.parse_args()
    scenario, budgets = load_scenario(given.config, given.set), sorted(given.budget or BUDGETS)
    rows = [json.loads(line) for line in given.lines.read_text().splitlines()] if given.lines.exists() else []
    done = {(row["search"], row["seed"], row["budget"]) for row in rows}
    for seed in range(1, given.seeds + 1):
        for name in given.search or SEARCHES:
            wanted = [budget for budget in budgets if (name, seed, budget) not in done]
            for row in measured(name, scenario, seed, wanted):
                print(json.dumps(row), file=sys.stderr)
                rows.append(row)
                with given.lines.open("a") as file:
                    file.write(json.dumps(row) + "\n")
    print(table_of(rows, budgets))
    return 0


if __name__ == "__main__":
    sys.exit(main())
