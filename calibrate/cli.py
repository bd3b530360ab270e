"""``python -m calibrate``: what was asked for is refused, rehearsed or run, and the user told."""

import shlex
import signal
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from calibrate.methods.screen import Screen, is_screen
from calibrate.methods.walk import Walk
from calibrate.session.dask import Cluster, by_cluster, connected
from calibrate.session.plan import Plan, planned, resumed, starting_positions
from calibrate.session.progress import Progress, duration
from calibrate.session.session import run
from calibrate.session.stop import Stop, heeding_signals
from calibrate.session.threads import Made, Piece, by_threads, seconds_per_draw
from calibrate.settings import COMMAND, Settings, read_settings
from calibrate.store import verify
from calibrate.store.columns import schema_of
from calibrate.store.directory import SUMMARY, check_usable, clear, owned
from calibrate.store.parts import Position
from calibrate.store.summary import FAILED_SHARE, closing_table, too_many_failed
from engine.cli.arguments import reader_gone
from engine.cli.compile_notice import tell_of_compiling
from engine.errors import DataError, UsageError
from engine.processors import available_processors
from engine.results.directory import RUN
from engine.results.provenance import fingerprint

FAILING = 4  # the exit code of a run with too many draws that have no score


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 done, 2 bad usage or scenario, 3 results, 4 failing draws, 130, 143 stopped."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = verify.main(words[1:]) if words[:1] == ["verify"] else calibrate(read_settings(words))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever read our output has gone; what was drawn is on disk
        return reader_gone()
    except (UsageError, DataError) as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Stopped before the first draw.", file=sys.stderr)
        return 128 + signal.SIGINT


def calibrate(settings: Settings) -> int:
    """Return the exit code of the run, or of the rehearsal, that ``settings`` ask for; tell what a disk refused."""
    try:
        return run_or_rehearse(settings)
    except BrokenPipeError:
        raise
    except OSError as error:
        tell_of_disk(error, settings.out)
        return DataError.exit_code


def run_or_rehearse(settings: Settings) -> int:
    """Return the exit code of the run, or of the rehearsal, that ``settings`` ask for."""
    stop = Stop(time.monotonic() + settings.max_seconds)
    check_usable(settings.out, settings.resume, settings.overwrite)
    plan = resumed(settings) if settings.resume else planned(settings)
    with connected(settings.scheduler) if settings.scheduler else nullcontext() as cluster:
        if settings.dry_run:
            rehearse(settings, plan, cluster)
            return 0
        return run_owned(settings, plan, stop, cluster)


def run_owned(settings: Settings, plan: Plan, stop: Stop, cluster: Cluster | None) -> int:
    """Return the exit code of the run, with its directory held for this process alone."""
    with owned(settings.out):
        # Again, now that no other process can change it.
        check_usable(settings.out, settings.resume, settings.overwrite)
        if settings.overwrite:
            clear(settings.out)
        return session(settings, plan, stop, cluster)


def tell_of_disk(error: OSError, out: Path) -> None:
    """Print what the disk refused, and how to go on once it does not."""
    what = f"{error.filename or out}: {error.strerror or error}"
    print(f"{what}; make room or allow it; what was written before is safe", file=sys.stderr)
    with suppress(OSError):
        if (out / RUN).exists():
            print(f"Go on with: {resume_command(out)}", file=sys.stderr)


def session(settings: Settings, plan: Plan, stop: Stop, cluster: Cluster | None) -> int:
    """Return the exit code after the chains of ``plan`` went on to their end, or until ``stop``."""
    positions = starting_positions(settings, plan)
    workers = workers_of(settings, plan, cluster)
    if not settings.quiet:
        print(
            f"{plan.chains} chains of {plan.iters:,} draws, {workers} workers, seed {plan.seed}, to {settings.out}",
            file=sys.stderr,
        )
    done = sum(position.iteration for position in positions.values())
    with heeding_signals(stop):
        finished, summary = run(
            runner_of(plan, positions, workers, cluster),
            settings.out,
            schema_of(plan.scenario, fingerprint(plan.record)),
            plan.record,
            positions,
            stop=stop,
            progress=Progress(settings.progress, plan.chains * plan.iters, done),
        )
    if not settings.quiet:
        print(closing_table(summary))
        print(
            f"{summary['simulations_per_second']:,.0f} simulations per second for "
            f"{duration(summary['wall_seconds'])}, seed {plan.seed}, stored in {settings.out}"
        )
    if too_many_failed(summary["all"]["failed"], summary["all"]["draws"]):
        tell_of_failures(summary, settings.out)
        return FAILING
    if finished:
        if not settings.quiet:
            print(f"Next: python -m analysis.importance {shlex.quote(f'{settings.out}/')}")
        return 0
    print(f"Go on with: {resume_command(settings.out)}")
    return 0 if stop.signal is None else 128 + stop.signal


def tell_of_failures(summary: dict[str, Any], out: Path) -> None:
    """Print that too many draws failed, and how to look at one."""
    failed, draws = summary["all"]["failed"], summary["all"]["draws"]
    chain, iteration = summary["failed_draws"][0]
    print(
        f"{out}: {failed:,} of {draws:,} draws have no finite score, more than {FAILED_SHARE:.0%}; "
        f"{out / SUMMARY} lists the first; look at one with: "
        f"python -m engine --draw {shlex.quote(f'{out}/')} {chain} {iteration}",
        file=sys.stderr,
    )


def runner_of(
    plan: Plan, positions: Mapping[int, Position], workers: int, cluster: Cluster | None
) -> Callable[[Callable[[], bool]], Generator[Piece | Made, None, None]]:
    """Return what makes the draws of ``plan``, given when to stop: the cluster if there is one, or threads."""
    if cluster is not None:
        return partial(by_cluster, cluster, plan.record, positions)
    return partial(by_threads, compiled_walk(plan), positions, plan.iters, workers)


def compiled_walk(plan: Plan) -> Screen | Walk:
    """Return what ``plan`` walks, ready for threads."""
    screen = is_screen(plan.record)
    tell_of_compiling("evaluator.evaluate" if screen else "walk.advance")
    walk = (Screen if screen else Walk)(plan.scenario, plan.seed)
    walk.compile()
    return walk


def workers_of(settings: Settings, plan: Plan, cluster: Cluster | None) -> int:
    """Return how many threads can be at work: a chain is one walk, so never more than chains."""
    asked = settings.workers if cluster is None else cluster.threads()
    if asked is not None and asked > plan.chains:
        print(
            f"note: {asked} workers for {plan.chains} chains: only as many as chains work; "
            f"chains are what runs side by side: --chains {asked} would use them all",
            file=sys.stderr,
        )
    return min(available_processors() if asked is None else asked, plan.chains)


def rehearse(settings: Settings, plan: Plan, cluster: Cluster | None) -> None:
    """Print the scenario as YAML that loads again, and how long the run would take; write nothing."""
    walk = compiled_walk(plan)
    positions = starting_positions(settings, plan)
    left = sum(plan.iters - position.iteration for position in positions.values())
    workers = max(1, workers_of(settings, plan, cluster))
    each = seconds_per_draw(walk, positions, plan.iters)
    print(yaml.safe_dump(plan.scenario.resolved(), sort_keys=False, allow_unicode=True), end="")
    print(f"# {plan.chains} chains of {plan.iters:,} draws on {workers} workers, seed {plan.seed}:")
    print(f"# about {duration(left * each / workers)}, by the speed of the first draws")


def resume_command(out: Path) -> str:
    """Return what to type to go on with the run in ``out``."""
    return f"{COMMAND} --resume --out {shlex.quote(f'{out}/')}"
