"""``python -m analysis.inverse results/``: the utility that the record needs, and where none is enough."""

import math
import sys
from argparse import Namespace
from collections.abc import Sequence

import numpy as np

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.inverse.exhibits import HEAD, exhibits_of
from analysis.inverse.needed import Given
from analysis.run_data.best_draws import best_of_chains, replay, traces_of
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import ranked
from engine.cli.arguments import Parser, whole_number
from engine.results.run_record import Run
from engine.types import Floats


def parser() -> Parser:
    """Return the command's options."""
    about = "The utility that it would need to meet the record, year by year, and where none is enough."
    command = parser_of("inverse", about)
    add = command.add_argument
    add("--visibility", action="append", metavar="K", help="share of attempts known; repeatable (default: best draw's)")
    add("--memory", type=whole_number(1), metavar="WEEKS", help="how long they are known (default: best draw's)")
    add("--prior", metavar="ALPHA,BETA", help="shapes of the first belief (default: best draw's)")
    add("--repression", metavar="FROM,TO", help="in a straight line (default: best draw's, mean of the provinces)")
    return command


def numbers(text: str | None, count: int, low: float, high: float) -> list[float] | None:
    """Return ``count`` numbers from ``low`` to ``high``, separated by commas; None if ``text`` is something else."""
    try:
        found = [float(part) for part in (text or "").split(",")]
    except ValueError:
        return None
    return found if len(found) == count and all(low <= number <= high for number in found) else None


def problems_of(options: Namespace) -> list[str]:
    """Return a line for each option that will not do."""
    problems = [
        f"--visibility {text[:40]}: give a share from 0 to 1"
        for text in options.visibility or []
        if numbers(text, 1, 0, 1) is None
    ]
    if options.prior is not None and numbers(options.prior, 2, 1e-6, 1e9) is None:
        problems.append(f"--prior {options.prior[:40]}: give two numbers above 0, such as 66,60")
    if options.repression is not None and numbers(options.repression, 2, 0, 1) is None:
        problems.append(f"--repression {options.repression[:40]}: give two shares from 0 to 1, such as 0.85,0.44")
    return problems


def given_by(options: Namespace) -> list[Given]:
    """Return what is taken for granted: the options, and for what they leave out the run's best draw."""
    opened: Run = options.run
    best = best_of_chains(traces_of(opened), ranked(opened))[0]
    again = replay(opened, best.chain, best.iteration)
    parameters, scenario = again.draw.parameters, opened.scenario
    ends = numbers(options.repression, 2, 0, 1)
    people = np.array([province.population for province in scenario.population.provinces], dtype=np.float64)
    path: Floats
    if ends:
        path = np.linspace(ends[0], ends[1], scenario.weeks)
    else:
        found = again.trajectory.repression @ (people / people.sum())
        path = np.concatenate([found, np.full(scenario.weeks - len(found), found[-1])])  # of a run that was stopped
    prior = numbers(options.prior, 2, 0, math.inf) or [parameters.prior_alpha, parameters.prior_beta]
    memory = options.memory or int(parameters.memory_weeks)
    shares = [float(text) for text in options.visibility or [parameters.visibility]]
    return [Given(share, memory, prior[0], prior[1], path) for share in shares]


def work(options: Namespace) -> None:
    """Print what the record needs, and store table and picture."""
    words = [f" --visibility {text}" for text in options.visibility or []]
    words += [f" --{name} {value}" for name in ("memory", "prior", "repression") if (value := getattr(options, name))]
    exhibits = exhibits_of(options.run.scenario, given_by(options), line_of(options.run, "inverse", "".join(words)))
    table = exhibits[0].table
    assert table is not None
    forms = dict.fromkeys(HEAD[2:4], ",.0f") | {"expected": ".2f", "strength": ",.0f", "impossible": ".0%"}
    forms |= dict.fromkeys(("utility", "highest"), ".2f") | {"visibility": "g", "year": "d"}
    print(f"{exhibits[0].sentence}\n\n{table.as_text(forms)}\n")
    hand_over(exhibits, options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, problems_of)


if __name__ == "__main__":
    sys.exit(main())
