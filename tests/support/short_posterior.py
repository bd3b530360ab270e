"""A posterior of the small country that need not look for its beginning: a minute to compile, seconds to run."""

from pathlib import Path

from support.names import NAMES
from support.places import QUICK

from calibrate import search
from engine.results.run_record import Run
from engine.scenario import Scenario, load_scenario

PARTICLES = 8
# Around quick's record, half of the runs stopped; and three beside it.
NEAR = (84.13, 45.16, 1.029, 14.06, 43.74, 6.05e-4, 0.6614, 0.7119, 17, 1.946, 0.8472)
CHANGED = ({}, {"tolerance": 40.0}, {"visibility": 0.6, "memory_weeks": 20}, {"utility_slope": 13.5})
STARTS = [dict(zip(NAMES, NEAR, strict=False)) | changes for changes in CHANGED]
BEGUN = (
    f"posterior.particles={PARTICLES}",
    f"posterior.starts=[{', '.join(str(start).replace(chr(39), '') for start in STARTS)}]",
)


def quick(*changes: str) -> Scenario:
    """The small country with a beginning."""
    return load_scenario(QUICK, [*BEGUN, *changes])


def run_of(out: Path, seed: int, *changes: str, chains: int = 4, iters: int = 120, workers: int = 2) -> Run:
    """A finished run."""
    return search(quick(*changes), out=out, method="posterior", chains=chains, iters=iters, workers=workers, seed=seed)
