"""What is to be run: a new run, or the rest of one that is on disk."""

import secrets
import sys
from typing import Any, NamedTuple

from calibrate.methods.screen import KIND, is_screen
from calibrate.settings import DEFAULT_CHAINS, DEFAULT_CONFIG, DEFAULT_ITERS, Settings
from calibrate.store.parts import Position, read_position
from engine.errors import DataError, UsageError
from engine.results.directory import RUN, chain_folders, read_run
from engine.results.provenance import OUR_CODE, differences, fingerprint, model_version, versions
from engine.scenario import Scenario, load_scenario, scenario_from_resolved


class Plan(NamedTuple):
    """What is to be run: a scenario, the seed, and how many chains of how many draws."""

    scenario: Scenario
    seed: int
    chains: int
    iters: int
    record: dict[str, Any]  # run.json as it will be: of the run that is resumed, brought up to date, or new


def planned(settings: Settings) -> Plan:
    """Return the new run that ``settings`` ask for; a seed is drawn if none is given."""
    scenario = load_scenario(settings.config or DEFAULT_CONFIG, settings.overrides)
    chains = settings.chains or DEFAULT_CHAINS
    return plan_of(
        scenario,
        secrets.randbits(63) if settings.seed is None else settings.seed,
        chains,
        share_of(settings.screen, chains) or settings.iters or DEFAULT_ITERS,
        {} if settings.screen is None else {"kind": KIND},
    )


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
    record = read_run(settings.out)
    now: dict[str, Any] = {"source_digest": OUR_CODE}
    if settings.seed is not None:
        now["seed"] = settings.seed
    if settings.config is not None or settings.overrides:
        now["scenario"] = load_scenario(settings.config or DEFAULT_CONFIG, settings.overrides).resolved()
    other = differences({key: record[key] for key in now}, now)
    chains = settings.chains or record["chains"]
    if chains < record["chains"]:
        other.append(f"chains: was {record['chains']}, now {chains}; give as many or more")
    if is_screen(record) and settings.iters is not None:
        other.append("it is a screen, made by --screen, not by --iters")
    if not is_screen(record) and settings.screen is not None:
        other.append("it is a search, made by --iters, not by --screen")
    if other:
        head = (
            f"{settings.out}: holds another run than this; go back to what began it, "
            "or begin anew with --out or --overwrite"
        )
        raise UsageError("\n".join([head, *other]))
    try:
        scenario = scenario_from_resolved(record["scenario"], f"{settings.out / RUN}: scenario")
    except UsageError as error:
        raise DataError(str(error)) from None
    for line in differences(record["versions"], versions()):
        print(f"note: {line}; the last digits of a draw may differ", file=sys.stderr)
    iters = share_of(settings.screen, chains) or settings.iters or record["iters"]
    return plan_of(scenario, record["seed"], chains, iters, record)


def plan_of(scenario: Scenario, seed: int, chains: int, iters: int, earlier: dict[str, Any]) -> Plan:
    """Return the plan with the record of it, in which what ``earlier`` says of the run's start stays."""
    record = {
        "model_version": model_version(),
        "source_digest": OUR_CODE,
        "versions": versions(),
        "seed": seed,
        "chains": chains,
        "iters": iters,
        "scenario": scenario.resolved(),
    }
    return Plan(scenario, seed, chains, iters, earlier | record)


def starting_positions(settings: Settings, plan: Plan) -> dict[int, Position]:
    """Return where each chain begins or goes on; raise UsageError if one has more draws than asked for."""
    positions = {chain: Position(0, None, 0) for chain in range(plan.chains)}
    if not settings.resume:
        return positions
    folders = chain_folders(settings.out)
    if folders and (last := max(folders)) >= plan.chains:
        raise DataError(f"{folders[last]}: is no chain of this run; remove it, or give --chains {last + 1}")
    for chain, folder in folders.items():
        positions[chain] = read_position(folder, plan.scenario, fingerprint(plan.record))
    furthest = max(position.iteration for position in positions.values())
    if furthest > plan.iters:
        asked = f"--screen {settings.screen}" if is_screen(plan.record) else f"--iters {plan.iters}"
        raise UsageError(f"{asked}: {settings.out} holds {furthest} draws of a chain; give as many or more")
    return positions
