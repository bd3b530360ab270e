"""The search as a function, for programs and notebooks; the command line is calibrate.cli."""

import math
import time
from contextlib import nullcontext
from os import PathLike
from pathlib import Path

from calibrate.session.dask import connected
from calibrate.session.plan import planned, resumed
from calibrate.session.session import carried_out
from calibrate.session.stop import Stop
from calibrate.settings import MOST_SCREENED, MOST_WORKERS, Settings
from calibrate.store.directory import check_usable
from engine.errors import UsageError
from engine.results.run_record import LIMITS, Run, open_run
from engine.scenario import Scenario


def search(
    scenario: Scenario | str | PathLike[str],
    *,
    out: str | PathLike[str],
    chains: int | None = None,
    iters: int | None = None,
    screen: int | None = None,
    seed: int | None = None,
    resume: bool = False,
    overwrite: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    max_seconds: float = math.inf,
    progress: str = "none",
) -> Run:
    """Return the run in ``out`` after a search of ``scenario``, as ``python -m calibrate`` makes it.

    ``scenario`` is one, or the path of its file. ``chains`` (8 if not given) walk side by side, each for ``iters``
    draws (100,000 if not given; the total, also after a resume); ``screen`` spreads so many draws over the box instead.
    With ``resume`` what is not given is taken from the run. It ends early after ``max_seconds``, or by Ctrl-C, which
    raises KeyboardInterrupt; what was drawn is on disk. ``progress`` is "bar", "plain" or "none".

    Raises UsageError for arguments that cannot be, DataError for results that cannot be read; both are ValueErrors.
    """
    most = {"screen": (1, MOST_SCREENED), "workers": (1, MOST_WORKERS)} | LIMITS
    given = {"chains": chains, "iters": iters, "seed": seed, "screen": screen, "workers": workers}
    problems = [line for name, value in given.items() for line in _problems(name, value, *most[name])]
    if screen is not None and iters is not None:
        problems.append("screen, iters: give one of them; a screen's draws are shared out over its chains")
    if resume and overwrite:
        problems.append("resume, overwrite: give one of them, to continue the run or to replace it")
    if scheduler is not None and workers is not None:
        problems.append("workers, scheduler: give one of them; a cluster's workers are all at work")
    if not isinstance(scenario, Scenario | str | PathLike):
        problems.append(f"scenario: {scenario!r:.60} is none; give what engine.load_scenario returns, or a path")
    if problems:
        raise UsageError("\n".join(problems))
    settings = Settings(
        config=None if isinstance(scenario, Scenario) else str(scenario),
        overrides=(),
        chains=chains,
        iters=iters,
        screen=screen,
        seed=seed,
        out=Path(out),
        resume=resume,
        overwrite=overwrite,
        workers=workers,
        scheduler=scheduler,
        max_seconds=max_seconds,
        dry_run=False,
        progress=progress,
        quiet=True,
        scenario=scenario if isinstance(scenario, Scenario) else None,
    )
    stop = Stop(time.monotonic() + max_seconds)
    check_usable(settings.out, resume, overwrite)
    plan = resumed(settings) if resume else planned(settings)
    with connected(scheduler) if scheduler else nullcontext() as cluster:
        carried_out(settings, plan, stop, cluster)
    return open_run(settings.out)


def _problems(name: str, value: object, low: int, high: int) -> list[str]:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and low <= value <= high):
        return []
    return [f"{name}: {value!r:.40}: give a whole number from {low} to {high}"]
