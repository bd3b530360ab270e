"""``python -m calibrate``: what was asked for is refused, rehearsed or run, and the user told."""

import errno
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import yaml

from calibrate.objective.objectives import objective_of
from calibrate.session.dask import Cluster, connected
from calibrate.session.plan import Plan, planned, resumed, starting_positions
from calibrate.session.progress import duration
from calibrate.session.session import carried_out, compiled_method, workers_of
from calibrate.session.stop import Stop, heeding_signals
from calibrate.session.threads import seconds_per_draw
from calibrate.settings import COMMAND, Settings, read_settings
from calibrate.skeleton import beginning
from calibrate.store import verify
from calibrate.store.directory import SUMMARY, check_usable
from calibrate.store.summary import FAILED_SHARE, closing_table, too_many_failed
from engine.cli.ending import exit_code_of
from engine.errors import DataError, argument, counted, to_type
from engine.results.columns import POSTERIOR
from engine.results.run_record import RunRecord, fingerprint, read_record

FAILING = 4  # the exit code of a run with too many draws that have no score


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 done, 2 bad usage or scenario, 3 results, 4 failing draws, 129, 130, 143 stopped."""
    words = list(sys.argv[1:] if arguments is None else arguments)

    others = {"verify": verify.main, "init": beginning.main}

    def work() -> int:
        other = others.get(words[0]) if words else None
        return calibrate(read_settings(words)) if other is None else other(words[1:])

    return exit_code_of(work, "Stopped before the first draw.")


def calibrate(settings: Settings) -> int:
    """Return the exit code of the run, or of the rehearsal, that ``settings`` ask for; tell what a disk refused."""
    stop, plan = Stop(time.monotonic() + settings.max_seconds), None
    try:
        check_usable(settings.out, settings.resume, settings.overwrite)
        plan = resumed(settings) if settings.resume else planned(settings, stop)
        with connected(settings.scheduler) if settings.scheduler else nullcontext() as cluster:
            if settings.dry_run:
                rehearse(settings, plan, cluster)
                return 0
            return told(settings, plan, stop, cluster)
    except BrokenPipeError:
        raise
    except OSError as error:
        return told_of_disk(error, settings.out, plan and plan.record)


def told_of_disk(error: OSError, out: Path, record: RunRecord | None) -> int:
    """Return the exit code after what the disk refused; tell it, and how to go on with the run of ``record``."""
    remedies = dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room")
    remedies |= dict.fromkeys((errno.EACCES, errno.EPERM), "allow writing there")
    remedy = remedies.get(error.errno or 0, f"give another directory with {argument('out')}")
    what = f"{error.filename or out}: {error.strerror or error}"
    print(f"{what}; {remedy}; what was written before is safe", file=sys.stderr)
    if record is not None and error.errno in remedies:
        with suppress(OSError, DataError):  # another run may be there, which was not to be gone on with but replaced
            if fingerprint(read_record(out)) == fingerprint(record):
                print(f"Go on with: {resume_command(out)}", file=sys.stderr)
    return DataError.exit_code


def told(settings: Settings, plan: Plan, stop: Stop, cluster: Cluster | None) -> int:
    """Return the exit code after the chains of ``plan`` went on to their end, or until ``stop``; tell how it went."""
    with heeding_signals(stop):
        finished, summary = carried_out(settings, plan, stop, cluster)
    if not settings.quiet:
        tell_of_run(settings, plan, summary)
    if too_many_failed(summary["all"]["failed"], summary["all"]["draws"]):
        tell_of_failures(summary, settings.out)
        return FAILING
    if finished:
        if not settings.quiet:
            for following in commands_after(plan):
                print(f"Next: {to_type(following)} {shlex.quote(f'{settings.out}/')}")
        return 0
    print(f"Go on with: {resume_command(settings.out)}")
    return 0 if stop.signal is None else 128 + stop.signal


def commands_after(plan: Plan) -> list[str]:
    """Return the commands that show what a finished run came to."""
    if plan.record.method != POSTERIOR:
        return ["analysis.importance"]
    ahead = plan.scenario.fitted_years < plan.scenario.years and plan.scenario.posterior.rule == "likelihood"
    return ["analysis.posterior", "analysis.forecast"] if ahead else ["analysis.posterior"]


def tell_of_run(settings: Settings, plan: Plan, summary: dict[str, Any]) -> None:
    """Print what the run came to, and how fast this sitting of it was."""
    speed = f"{summary['simulations_per_second']:,.0f} simulations per second for {duration(summary['wall_seconds'])}"
    print(closing_table(summary, objective_of(plan.scenario)))
    none = "nothing was left to draw" if summary["all"]["draws"] else "nothing was drawn yet"
    print(f"{speed if summary['session_draws'] else none}, seed {plan.record.seed}, stored in {settings.out}")


def tell_of_failures(summary: dict[str, Any], out: Path) -> None:
    """Print that too many draws failed, and how to look at one."""
    failed, draws = summary["all"]["failed"], summary["all"]["draws"]
    chain, iteration = summary["failed_draws"][0]
    print(
        f"{out}: {failed:,} of {draws:,} draws have no finite score, more than {FAILED_SHARE:.0%}; "
        f"{out / SUMMARY} lists the first; look at one with: "
        f"{to_type('engine')} --draw {shlex.quote(f'{out}/')} {chain} {iteration}",
        file=sys.stderr,
    )


def rehearse(settings: Settings, plan: Plan, cluster: Cluster | None) -> None:
    """Print the scenario as YAML that loads again, and how long the run would take; write nothing."""
    record = plan.record
    method = compiled_method(plan, settings.quiet)
    positions = starting_positions(settings, plan)
    left = sum(record.iters - position.iteration for position in positions.values())
    workers = max(1, workers_of(settings, record.chains, cluster))
    each = seconds_per_draw(method, positions, record.iters)
    print(yaml.safe_dump(plan.scenario.resolved(), sort_keys=False, allow_unicode=True), end="")
    for name, series in plan.scenario.target.also.items():
        figures = series.figures(plan.scenario.first_year, plan.scenario.fitted_years)
        met = f"{counted(len(figures), 'figure')} to be met, weight {series.weight:g}"
        print(f"# {name}: {series.in_words()}; {met}")
    what = f"{counted(record.chains, 'chain')} of {counted(record.iters, 'draw')} on {counted(workers, 'worker')}"
    print(f"# {what}, seed {record.seed}:")
    print(f"# about {duration(left * each / workers)}, by the speed of the first draws")


def resume_command(out: Path) -> str:
    """Return what to type to go on with the run in ``out``."""
    return f"{COMMAND} --resume --out {shlex.quote(f'{out}/')}"
