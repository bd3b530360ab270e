"""What is to be run: a new run, or the rest of one that is on disk."""

import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from calibrate.methods.meetings import joinable
from calibrate.methods.registry import method_of
from calibrate.session.beginning import begun, filled_in
from calibrate.settings import (
    COMMAND,
    DEFAULT_CHAINS,
    DEFAULT_CONFIG,
    DEFAULT_ITERS,
    DEFAULT_METHOD,
    POSTERIOR_CHAINS,
    POSTERIOR_ITERS,
    SCREEN,
    Settings,
)
from calibrate.store.parts import Position, read_position
from engine.errors import DataError, UsageError, argument, first_of, switch
from engine.processors import available_processors
from engine.results.columns import POSTERIOR, schema_of
from engine.results.directory import chain_folders
from engine.results.provenance import OUR_CODE, differences, model_version, versions
from engine.results.run_record import RunRecord, fingerprint, open_run
from engine.scenario import Scenario, load_scenario

MOST_DIFFERENCES = 10


class Plan(NamedTuple):
    """What is to be run: a scenario, and run.json as it will be."""

    scenario: Scenario
    record: RunRecord


def planned(settings: Settings, stop: Callable[[], bool]) -> Plan:
    """Return the new run that ``settings`` ask for; a seed is drawn if none is given.

    That of a posterior is looked for, and takes a while; raises UsageError if ``stop`` says so before it is found.
    """
    config = settings.config or DEFAULT_CONFIG
    if settings.config is None and settings.scenario is None and not Path(config).exists():
        raise UsageError(
            f"{config}: is not here; name a scenario with {argument('config', 'FILE')}, begin one of your own with "
            f"{COMMAND} init NAME, or go to the checkout, which has that one"
        )
    by_default = (
        (POSTERIOR_CHAINS, POSTERIOR_ITERS) if settings.method == POSTERIOR else (DEFAULT_CHAINS, DEFAULT_ITERS)
    )
    chains = settings.chains or by_default[0]
    scenario = settings.scenario or load_scenario(config, settings.overrides)
    seed = secrets.randbits(63) if settings.seed is None else settings.seed
    if settings.method == POSTERIOR and scenario.target.also:
        names = ", ".join(scenario.target.also)
        raise UsageError(f"target.also: a posterior meets one series alone, not {names} too; give target.also={{}}")
    if settings.method == POSTERIOR:
        scenario = begun(scenario, seed, settings.workers or available_processors(), settings.quiet, stop)
    record = RunRecord(
        model_version=model_version(),
        source_digest=OUR_CODE,
        versions=versions(),
        method=settings.method or DEFAULT_METHOD,
        config=None if settings.scenario else config,
        overrides=settings.overrides,
        seed=seed,
        chains=chains,
        iters=share_of(settings.screen, chains) or settings.iters or by_default[1],
        scenario=scenario.resolved(),
        status="running",
    )
    return Plan(scenario, record)


def share_of(screen: int | None, chains: int) -> int | None:
    """Return how many draws of a screen each chain makes, rounded up; note where they are not at their evenest."""
    if screen is None:
        return None
    share = -(-screen // chains)
    if share.bit_count() > 1:
        even = 1 << share.bit_length()
        print(f"note: {share:,} draws a chain; Sobol points are evenest at a power of two: {even:,}", file=sys.stderr)
    return share


def resumed(settings: Settings) -> Plan:
    """Return the rest of the run in ``settings.out``; raise UsageError if another one is asked for."""
    run = open_run(settings.out)
    record = run.record
    now: dict[str, Any] = {"source_digest": OUR_CODE}
    if settings.seed is not None:
        now["seed"] = settings.seed
    if settings.scenario is not None:
        now["scenario"] = filled_in(settings.scenario.resolved(), record)
    elif settings.config is not None:
        now["scenario"] = filled_in(load_scenario(settings.config, settings.overrides).resolved(), record)
    elif settings.overrides:
        now["scenario"] = filled_in(run.scenario.changed(settings.overrides).resolved(), record)
    was = record.as_json()
    other = differences({key: was[key] for key in now}, now)
    chains = settings.chains or record.chains
    if chains < record.chains:
        other.append(f"chains: was {record.chains}, now {chains}; give as many or more")
    searched = record.method == SCREEN and settings.iters is not None
    asked = settings.method or (DEFAULT_METHOD if searched else record.method)
    if asked != record.method:
        other.append(f"method: was {record.method}, now {asked}")
    if other:
        head = (
            f"{settings.out}: holds another run than this; go back to what began it, "
            f"or begin anew with {argument('out')} or {switch('overwrite')}"
        )
        raise UsageError("\n".join([head, *first_of(other, MOST_DIFFERENCES)]))
    if not joinable(method_of(record).meets, record.chains, chains):
        group = method_of(record).meets.group
        raise UsageError(
            f"{argument('chains', chains)}: the last of {record.chains} chains of method {record.method} form a group "
            f"of fewer than {group}, which cannot grow; leave it, or begin anew with {argument('out')}"
        )
    for line in differences(record.versions, versions()):
        print(f"note: {line}; the last digits of a draw may differ", file=sys.stderr)
    iters = share_of(settings.screen, chains) or settings.iters or record.iters
    changes = {"model_version": model_version(), "versions": versions(), "chains": chains, "iters": iters}
    return Plan(run.scenario, record.brought_to(**changes))


def starting_positions(settings: Settings, plan: Plan) -> dict[int, Position]:
    """Return where each chain begins or goes on; raise UsageError if one has more draws than asked for."""
    record = plan.record
    positions = dict.fromkeys(range(record.chains), Position())
    if not settings.resume:
        return positions
    folders = chain_folders(settings.out)
    if folders and (last := max(folders)) >= record.chains:
        raise DataError(f"{folders[last]}: is no chain of this run; remove it, or give {argument('chains', last + 1)}")
    schema = schema_of(plan.scenario, fingerprint(record), record.method)
    for chain, folder in folders.items():
        positions[chain] = read_position(folder, schema)
    furthest = max(position.iteration for position in positions.values())
    if furthest > record.iters:
        asked = argument("screen", settings.screen) if settings.screen else argument("iters", record.iters)
        raise UsageError(f"{asked}: {settings.out} holds {furthest} draws of a chain; give as many or more")
    return positions
