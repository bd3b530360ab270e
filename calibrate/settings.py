"""The command line of ``python -m calibrate``, checked."""

import math
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.cli.arguments import Parser, whole
from engine.errors import UsageError, to_type
from engine.results.columns import POSTERIOR
from engine.results.provenance import model_version
from engine.results.run_record import LIMITS, RunRecord
from engine.scenario import Scenario
from engine.scenario.validation import nearest

COMMAND = to_type("calibrate")
WALK, SCREEN = "walk", "screen"  # of calibrate.methods.registry; which option stands for which is told here alone
POPULATION = "population"
SEARCHES = (POPULATION, WALK, "tempered", "restart", POSTERIOR)
DEFAULT_METHOD = POPULATION  # best, or within the noise of the best, at every budget (docs/search.md)
DEFAULT_CONFIG = "configs/dprk.yaml"
DEFAULT_CHAINS, DEFAULT_ITERS = 8, 100_000
POSTERIOR_CHAINS, POSTERIOR_ITERS = 16, 5_000
EPILOG = (
    f"{COMMAND} init NAME begins a country of your own: a scenario and tables to fill in. "
    f"{COMMAND} verify DIR [--sample N] checks a run: every part, and draws simulated again."
)
MOST_WORKERS = 10_000
MOST_SCREENED = 2**30  # as many points as a Sobol sequence has
SECONDS = {"s": 1, "m": 60, "h": 3600}

DISPLAYS = ("auto", "bar", "plain", "none")  # of progress


class Settings(NamedTuple):
    """What was asked for; None where the command line is silent."""

    config: str | None
    overrides: tuple[str, ...]
    chains: int | None
    iters: int | None
    search: str | None  # one of SEARCHES
    screen: int | None  # draws in all, spread over the box instead of walked
    seed: int | None
    out: Path
    resume: bool
    overwrite: bool
    workers: int | None  # None: as many as there are processors
    scheduler: str | None  # None: threads of this process
    max_seconds: float
    dry_run: bool
    progress: str
    quiet: bool
    scenario: Scenario | None = None  # from Python, in place of config and overrides

    @property
    def method(self) -> str | None:
        """Return the method that the options stand for, None where they leave it to the run that is resumed."""
        return SCREEN if self.screen is not None else self.search


def parser() -> Parser:
    """Return the parser; numbers stay text there, so that all that are wrong can be told at once."""
    made = Parser(prog=COMMAND, description="Search the parameters of a scenario.", allow_abbrev=False, epilog=EPILOG)
    add = made.add_argument
    add("--config", metavar="FILE", help=f"scenario (default {DEFAULT_CONFIG}; with --resume, the run's own)")
    add(
        "--set",
        metavar="KEY.PATH=VALUE",
        action="append",
        default=[],
        help="change a scenario key; repeatable",
    )
    add(
        "--chains",
        metavar="N",
        help=f"chains side by side (default {DEFAULT_CHAINS}, posterior {POSTERIOR_CHAINS}; with --resume, the run's)",
    )
    add(
        "--iters",
        metavar="N",
        help=f"draws per chain in all (default {DEFAULT_ITERS}, posterior {POSTERIOR_ITERS}; with --resume, the run's)",
    )
    add(
        "--method",
        metavar="NAME",
        help=f"how to search: {', '.join(SEARCHES)} (default {DEFAULT_METHOD}; with --resume, the run's)",
    )
    add("--screen", metavar="N", help="no search: N draws in all, spread evenly over the whole box (Sobol)")
    add("--seed", metavar="N", help="the same seed gives the same draws (drawn and printed when absent)")
    add("--out", metavar="DIR", default="results/", help="where the run is kept (default results/)")
    add("--resume", action="store_true", help="go on with the run in --out")
    add("--overwrite", action="store_true", help="replace the run in --out")
    add("--workers", metavar="N|auto", default="auto", help="threads (default auto: one per processor)")
    add("--scheduler", metavar="ADDRESS", help="of a running Dask scheduler, tcp://host:8786: its workers, not threads")
    add("--max-time", metavar="TIME", help="end cleanly after this time: 90s, 10m, 2h")
    add(
        "--dry-run",
        action="store_true",
        help="check everything, print scenario and estimated time, write nothing",
    )
    add(
        "--progress",
        choices=DISPLAYS,
        default="auto",
        help="on stderr (default auto)",
    )
    add("--quiet", action="store_true", help="no progress, no closing table")
    add("--version", action="version", version=f"defection-abm {model_version()}")
    return made


def read_settings(arguments: Sequence[str] | None = None) -> Settings:
    """Return the checked command line, by default this process's; raise UsageError, a line a mistake."""
    given, problems = parser().read(arguments)

    def number(name: str, low: int, high: int) -> int | None:
        text = getattr(given, name)
        if text is None or ((value := whole(text)) is not None and low <= value <= high):
            return None if text is None else value
        problems.append(f"--{name} {text[:40]}: give a whole number from {low} to {high}")
        return None

    chains, iters, seed = (number(name, *LIMITS[name]) for name in ("chains", "iters", "seed"))
    screen = number("screen", 1, MOST_SCREENED)
    workers = None if given.workers == "auto" else number("workers", 1, MOST_WORKERS)
    if given.scheduler is not None and not re.fullmatch(r"(tcp|tls)://[^/]+:\d{1,5}", given.scheduler):
        problems.append(f"--scheduler {given.scheduler[:40]}: give the address as Dask prints it, tcp://host:8786")
    if given.scheduler is not None and given.workers != "auto":
        problems.append("--workers --scheduler: give one of them; a cluster's workers are all at work")
    if given.method is not None and given.method not in SEARCHES:
        screen_too = "; a screen is --screen N" if given.method == SCREEN else ""
        problems.append(f"--method {given.method[:40]}: {nearest(given.method, SEARCHES)}{screen_too}")
    if given.method is not None and given.screen is not None:
        problems.append("--method --screen: give one of them; a screen is no search")
    if given.screen is not None and given.iters is not None:
        problems.append("--screen --iters: give one of them; a screen's draws are shared out over its chains")
    max_time = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", given.max_time or "0s")
    if max_time is None:
        problems.append(f"--max-time {given.max_time[:40]}: give a number and s, m or h, such as 90s, 10m or 2h")
    if given.resume and given.overwrite:
        problems.append("--resume --overwrite: give one of them, to continue the run or to replace it")
    if problems or max_time is None:
        raise UsageError("\n".join(problems))
    return Settings(
        config=given.config,
        overrides=tuple(given.set),
        chains=chains,
        iters=iters,
        search=given.method,
        screen=screen,
        seed=seed,
        out=Path(given.out),
        resume=given.resume,
        overwrite=given.overwrite,
        workers=workers,
        scheduler=given.scheduler,
        max_seconds=float(max_time[1]) * SECONDS[max_time[2]] if given.max_time else math.inf,
        dry_run=given.dry_run,
        progress="none" if given.quiet else given.progress,
        quiet=given.quiet,
    )


def command_of(record: RunRecord, out: str) -> str:
    """Return what to type to make a run again from its scenario file, with ``out`` for its directory.

    ``record`` names the file (``config``).
    """
    draws = ["--screen", record.chains * record.iters] if record.method == SCREEN else ["--iters", record.iters]
    words = ["--config", str(record.config), *(word for text in record.overrides for word in ("--set", text))]
    words += ["--method", record.method] if record.method not in (DEFAULT_METHOD, SCREEN) else []
    words += ["--chains", str(record.chains), *map(str, draws)]
    return f"{COMMAND} {shlex.join([*words, '--seed', str(record.seed), '--out', out])}"
