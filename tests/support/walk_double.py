"""A walk that is no model: cheap draws that depend on seed, chain, iteration and state alone, as real ones.

Run as a program it is ``python -m calibrate`` with this walk for the compiled one, for tests that kill.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow.dataset import dataset
from support import places

import calibrate.cli
import calibrate.session.threads
from calibrate.methods.walk import ChainState
from calibrate.objective.draw import Block
from calibrate.session.plan import plan_of, starting_positions
from calibrate.session.progress import Progress
from calibrate.session.session import run
from calibrate.settings import read_settings
from calibrate.store.columns import schema_of
from calibrate.store.directory import owned
from engine.parameters import DOMAINS, NAMES
from engine.results.provenance import fingerprint
from engine.scenario import Scenario, load_scenario

QUICK = str(places.QUICK)
DOUBLE = [sys.executable, __file__, "--config", QUICK]


class WalkDouble:
    """Stands in for calibrate.methods.walk.Walk; a draw takes ``seconds``, and the one at ``fails_at`` raises.

    Every ``unscored``-th draw of a chain, its first included, has a score that is no number.
    """

    seconds = 0.0
    fails_at: tuple[int, int] | None = None
    unscored: int | None = None

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.seed = scenario, seed

    def compile(self) -> None:
        """Nothing to compile."""

    def advance(
        self, chain: int, first_iteration: int, count: int, state: ChainState | None
    ) -> tuple[Block, ChainState]:
        """Return ``count`` draws of a walk downhill or up, each from a generator of its own address."""
        assert (first_iteration == 0) == (state is None), "only the first draw has no state before it"
        rows = []
        for iteration in range(first_iteration, first_iteration + count):
            if (chain, iteration) == self.fails_at:
                raise RuntimeError(f"planted failure at chain {chain}, iteration {iteration}")
            rng = np.random.Generator(np.random.Philox(key=[self.seed, chain], counter=[0, 0, 0, iteration]))
            point = rng.normal(size=len(NAMES)) * 0.1 + (0.0 if state is None else state.point)
            for place, name in enumerate(NAMES):
                fixed = self.scenario.parameters[name].fixed
                point[place] = point[place] if fixed is None else fixed
                point[place] = round(point[place]) if DOMAINS[name].integer else point[place]
            score = float(rng.normal()) - 0.01 * float(point @ point)
            if self.unscored and iteration % self.unscored == 0:
                score = float("nan")
            better = state is None or score >= state.score or not np.isfinite(state.score)
            accepted = better or bool(rng.random() < np.exp(score - state.score))
            if accepted:
                state = ChainState(point, score)
            escapes = rng.poisson(5.0, size=self.scenario.years)
            years = int(np.count_nonzero(escapes))
            rows.append(
                (
                    point,
                    score,
                    -score,
                    self.scenario.weeks,
                    False,
                    years,
                    escapes.sum(),
                    99,
                    accepted,
                    escapes,
                )
            )
        time.sleep(self.seconds * count)
        assert state is not None
        return Block(*(np.array(column) for column in zip(*rows, strict=True))), state


@cache
def quick() -> Scenario:
    """The small country."""
    return load_scenario(QUICK)


def search(
    directory: Path,
    seed: int,
    chains: int = 3,
    iters: int = 300,
    workers: int = 2,
    stop: Callable[[], bool] = lambda: False,
) -> pa.Table:
    """Begin the run in ``directory``, or go on with it, with the walk double; return its whole table."""
    resume = ["--resume"] if (directory / "run.json").exists() else []
    plan = plan_of(quick(), seed, chains, iters, {})
    positions = starting_positions(read_settings(["--out", str(directory), *resume]), plan)
    done = sum(position.iteration for position in positions.values())
    with owned(directory):
        run(
            partial(calibrate.session.threads.by_threads, WalkDouble(quick(), seed), positions, iters, workers),
            directory,
            schema_of(quick(), fingerprint(plan.record)),
            plan.record,
            positions,
            stop=stop,
            progress=Progress("none", chains * iters, done),
        )
    return table_in(directory) if parts(directory) else pa.table({})


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


if __name__ == "__main__":
    WalkDouble.seconds = float(os.environ.get("DOUBLE_SECONDS", "0"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate.session.threads, "TURN_SECONDS", float(os.environ.get("DOUBLE_TURN", "4")))
        patch.setattr(calibrate.cli, "Walk", WalkDouble)
        sys.exit(calibrate.cli.main())
