"""A walk that is no model: cheap draws that depend on seed, chain, iteration and state alone, as real ones."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow.dataset import dataset
from support import places
from support.names import NAMES

from calibrate.methods.base import NOTHING, START
from calibrate.methods.registry import METHODS
from calibrate.methods.walk import Walk, standing, state_of
from calibrate.objective.draw import Block
from calibrate.objective.likelihood import log_likelihoods
from calibrate.session.plan import planned, resumed
from calibrate.session.session import carried_out
from calibrate.session.stop import Stop
from calibrate.settings import Settings, read_settings
from engine.parameters import domain_of
from engine.scenario import Scenario, load_scenario

QUICK = str(places.QUICK)
DOUBLE = [sys.executable, str(places.ROOT / "tests" / "with_walk_double.py"), "--config", QUICK, "--method", "walk"]


class WalkDouble(Walk):
    """Stands in for the walk, whose states and rules it has. A draw takes ``seconds``; the one at ``fails_at`` raises.

    Every ``unscored``-th draw of a chain, its first included, has a score that is no number.
    """

    seconds = 0.0
    fails_at: tuple[int, int] | None = None
    unscored: int | None = None

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self.scenario = scenario

    def compile(self) -> None:
        """Nothing to compile."""

    def step(self, chain: int, first: int, count: int, state: bytes, told: bytes = NOTHING) -> tuple[Block, bytes]:
        """Return ``count`` draws of a walk downhill or up, each from a generator of its own address."""
        assert (first == 0) == (state == START), "only the first draw has no state before it"
        here, stands_at = (np.zeros(len(NAMES)), 0.0) if state == START else standing(state)
        rows = []
        for iteration in range(first, first + count):
            if (chain, iteration) == self.fails_at:
                raise RuntimeError(f"planted failure at chain {chain}, iteration {iteration}")
            rng = np.random.Generator(np.random.Philox(key=[self.seed, chain], counter=[0, 0, 0, iteration]))
            point = rng.normal(size=len(NAMES)) * 0.1 + here
            for place, name in enumerate(NAMES):
                fixed = self.scenario.parameters[name].fixed
                point[place] = point[place] if fixed is None else fixed
                point[place] = round(point[place]) if domain_of(name).integer else point[place]
            score = float(rng.normal()) - 0.01 * float(point @ point)
            if self.unscored and iteration % self.unscored == 0:
                score = float("nan")
            better = iteration == 0 or score >= stands_at or not np.isfinite(stands_at)
            accepted = better or bool(rng.random() < np.exp(score - stands_at))
            if accepted:
                here, stands_at = point, score
            escapes = rng.poisson(5.0, size=self.scenario.years)
            years = int(np.count_nonzero(escapes))
            rows.append(
                (
                    point,
                    score,
                    log_likelihoods(self.scenario, escapes[None], np.array([self.scenario.weeks])).max(),
                    -score,
                    self.scenario.weeks,
                    False,
                    years,
                    escapes.sum(),
                    99,
                    accepted,
                    escapes,
                    np.zeros(0),
                )
            )
        time.sleep(self.seconds * count)
        return Block(*(np.array(column) for column in zip(*rows, strict=True))), state_of(here, stands_at)


@cache
def quick() -> Scenario:
    """The small country."""
    return load_scenario(QUICK)


def settings_of(directory: Path, seed: int, chains: int = 3, iters: int = 300) -> Settings:
    """What is asked for: the run in ``directory``, begun or gone on with."""
    words = ["--out", str(directory), "--chains", str(chains), "--iters", str(iters), "--seed", str(seed), "--quiet"]
    words += ["--method", "walk"]
    return read_settings([*words, "--resume"] if (directory / "run.json").exists() else [*words, "--config", QUICK])


def search(
    directory: Path,
    seed: int,
    chains: int = 3,
    iters: int = 300,
    workers: int = 2,
    stop: Callable[[], bool] = lambda: False,
) -> pa.Table:
    """Begin the run in ``directory``, or go on with it, with the walk double; return its whole table."""
    settings = settings_of(directory, seed, chains, iters)._replace(workers=workers)
    with doubled():
        plan = resumed(settings) if settings.resume else planned(settings, Stop())
        carried_out(settings, plan, stop, None)
    return table_in(directory) if parts(directory) else pa.table({})


@contextmanager
def doubled() -> Iterator[None]:
    """Put the double in the walk's place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(METHODS, "walk", WalkDouble)
        yield


def table_in(directory: Path) -> pa.Table:
    """All draws by chain and iteration."""
    draws = dataset(directory / "draws", partitioning="hive", format="parquet").to_table()
    return draws.sort_by([("chain", "ascending"), ("iteration", "ascending")])


def draws_in(directory: Path) -> int:
    """How many draws there are."""
    return int(dataset(directory / "draws", partitioning="hive", format="parquet").count_rows())


def record_in(directory: Path) -> dict[str, Any]:
    """What run.json says."""
    return dict(json.loads((directory / "run.json").read_text()))


def parts(directory: Path) -> list[Path]:
    """All parts by chain and number."""
    return sorted(directory.glob("draws/chain=*/part-*.parquet"))
