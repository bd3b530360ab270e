"""The options of commands that search variants, and the study that they ask for."""

from argparse import Namespace

from analysis.variants.study import Study
from engine.cli.arguments import Parser, whole_number

CHAINS, ITERS, SEED = 8, 1_000, 1


def add_options(command: Parser, chains: int = CHAINS, iters: int = ITERS) -> None:
    """Add what every command that searches variants takes; each search is as short as these say."""
    add = command.add_argument
    add("--set", metavar="KEY.PATH=VALUE", action="append", default=[], help="change the scenario for all; repeatable")
    add("--chains", type=whole_number(1), default=chains, metavar="N", help=f"of a search (default {chains})")
    add("--iters", type=whole_number(20), default=iters, metavar="N", help=f"draws of a chain (default {iters:,})")
    add("--seed", type=whole_number(0), default=SEED, metavar="N", help=f"of all of it (default {SEED})")
    add("--workers", type=whole_number(1), metavar="N", help="threads of a search (default: one per processor)")
    add("--scheduler", metavar="ADDRESS", help="of a running Dask scheduler, tcp://host:8786: its workers, not threads")


def study_of(options: Namespace, config: str, overrides: tuple[str, ...]) -> Study:
    """Return the study that the options ask for."""
    return Study(options.out, config, overrides, options.chains, options.iters, options.seed)


def typed(study: Study) -> list[str]:
    """Return the options as they are typed."""
    sets = [word for text in study.overrides for word in ("--set", text)]
    return [*sets, "--chains", str(study.chains), "--iters", str(study.iters), "--seed", str(study.seed)]
