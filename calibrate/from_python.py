"""The search as a function, for programs and notebooks; the command line is calibrate.cli."""

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from numbers import Integral, Real
from os import PathLike
from pathlib import Path

from calibrate.session.dask import connected
from calibrate.session.plan import planned, resumed
from calibrate.session.session import carried_out
from calibrate.session.stop import Stop
from calibrate.settings import DISPLAYS, MOST_SCREENED, MOST_WORKERS, SEARCHES, Settings
from calibrate.store.directory import check_usable
from engine.errors import UsageError
from engine.results.run_record import LIMITS, Run, open_run
from engine.scenario import Scenario

MOST = {"screen": (1, MOST_SCREENED), "workers": (1, MOST_WORKERS)} | LIMITS


def search(
    scenario: Scenario | str | PathLike[str],
    *,
    out: str | PathLike[str],
    overrides: Iterable[str] = (),
    chains: int | None = None,
    iters: int | None = None,
    method: str | None = None,
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

    ``scenario`` is one, or the path of its file, which ``overrides`` such as "famine.years=[1995]" change. ``chains``
    (8 if not given) go side by side, each for ``iters`` draws (100,000 if not given; the total, also after a resume);
    ``method`` is "population" (if not given), "walk", "tempered", "restart" or "posterior" (16 chains of 5,000 draws if
    not given); ``screen`` spreads so many draws over the box instead. With ``resume`` what is not given is taken from
    the run. It ends early after ``max_seconds``, or by Ctrl-C, which raises KeyboardInterrupt; what was drawn is on
    disk.
    ``progress`` is "auto" (a bar on a terminal), "bar", "plain" or "none".

    Raises UsageError for arguments that cannot be, DataError for results that cannot be read; both are ValueErrors.
    """
    given = {"chains": chains, "iters": iters, "screen": screen, "seed": seed, "workers": workers}
    changes = (overrides,) if isinstance(overrides, str) else tuple(overrides)
    problems = [line for name, value in given.items() for line in _number(name, value, *MOST[name])]
    problems += _at_odds(scenario, changes, given, scheduler, resume and overwrite)
    problems += _in_words(overrides, method, screen, max_seconds, progress)
    if problems:
        raise UsageError("\n".join(problems))
    wanted = {name: None if value is None else int(value) for name, value in given.items()}
    settings = Settings(
        config=None if isinstance(scenario, Scenario) else str(scenario),
        overrides=changes,
        search=method,
        out=Path(out),
        resume=resume,
        overwrite=overwrite,
        scheduler=scheduler,
        max_seconds=max_seconds,
        dry_run=False,
        progress=progress,
        quiet=True,
        scenario=scenario if isinstance(scenario, Scenario) else None,
        **wanted,
    )
    stop = Stop(time.monotonic() + max_seconds)
    check_usable(settings.out, resume, overwrite)
    plan = resumed(settings) if resume else planned(settings, stop)
    with connected(scheduler) if scheduler else nullcontext() as cluster:
        carried_out(settings, plan, stop, cluster)
    return open_run(settings.out)


def _number(name: str, value: object, low: int, high: int) -> list[str]:
    if value is None or (isinstance(value, Integral) and not isinstance(value, bool) and low <= int(value) <= high):
        return []
    such = f", such as {int(value)}" if isinstance(value, float) and value.is_integer() else ""
    return [f"{name}: {value!r:.40}: give a whole number from {low} to {high}{such}"]


def _in_words(
    overrides: object, method: str | None, screen: int | None, max_seconds: object, progress: object
) -> Iterator[str]:
    """Yield a line for an argument that is none of what it may be."""
    if isinstance(overrides, str):
        yield f"overrides: {overrides!r:.60}: give a list, such as [{overrides!r:.60}]"
    if method is not None and method not in SEARCHES:
        yield f"method: {method!r:.40}: give one of {', '.join(SEARCHES)}"
    if method is not None and screen is not None:
        yield "method, screen: give one of them; a screen is no search"
    if isinstance(max_seconds, bool) or not isinstance(max_seconds, Real) or not float(max_seconds) > 0:
        yield f"max_seconds: {max_seconds!r:.40}: give a number above 0"
    if progress not in DISPLAYS:
        yield f"progress: {progress!r:.40}: give one of {', '.join(DISPLAYS)}"


def _at_odds(
    scenario: object, changes: tuple[str, ...], wanted: dict[str, int | None], scheduler: str | None, both_ways: bool
) -> Iterator[str]:
    """Yield a line for what cannot be together, and for a scenario that is none."""
    if wanted["screen"] is not None and wanted["iters"] is not None:
        yield "screen, iters: give one of them; a screen's draws are shared out over its chains"
    if both_ways:
        yield "resume, overwrite: give one of them, to continue the run or to replace it"
    if scheduler is not None and wanted["workers"] is not None:
        yield "workers, scheduler: give one of them; a cluster's workers are all at work"
    if not isinstance(scenario, Scenario | str | PathLike):
        yield f"scenario: {scenario!r:.60} is none; give what engine.load_scenario returns, or a path"
    elif changes and isinstance(scenario, Scenario):
        yield "overrides: are for a scenario's file; give load_scenario them"
