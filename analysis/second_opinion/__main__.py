"""``python -m analysis.second_opinion results-posterior/ results-energy/``: does another rule come to the same?"""

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

import numpy as np

from analysis.common.bars import MOST
from analysis.common.command import run
from analysis.common.exhibit import hand_over
from analysis.posterior.sample import Sample, sample_of
from analysis.run_data.labels import labels_of
from analysis.second_opinion.coverage import coverage_of
from analysis.second_opinion.exhibits import coverage, opinion_of, opinions
from engine.cli.arguments import Parser
from engine.cli.compile_notice import tell_of_compiling
from engine.errors import UsageError, to_type
from engine.results.run_record import open_run

OF_THE_RULE = ("particles", "rule", "weight", "starts")  # of a scenario's posterior: all that may differ


def parser() -> Parser:
    """Return the command's options."""
    about = "Does the energy score of the runs come to the same posterior as the likelihood? And which weight covers?"
    command = Parser(prog=to_type("analysis.second_opinion"), description=about, allow_abbrev=False)
    add = command.add_argument
    add("results", type=Path, help="a run of --method posterior by the likelihood")
    add("energy", type=Path, nargs="+", help=f"runs of it with posterior.rule=energy, up to {MOST - 1}")
    add("--out", type=Path, metavar="DIR", help="default: the folder analysis/ of the first")
    return command


def problems_of(options: Namespace) -> list[str]:
    """Return what is wrong with the options, a line each."""
    if len(options.energy) >= MOST:
        return [f"{len(options.energy)} runs by the energy score given: give {MOST - 1} at most"]
    return []


def begin(options: Namespace) -> None:
    """Open the posteriors, the likelihood's first, and set where what is made of them goes."""
    runs = [open_run(path, None) for path in (options.results, *options.energy)]
    options.labels = labels_of(runs)
    options.samples = [sample_of(opened) for opened in runs]
    options.out = options.out or options.results / "analysis"
    first, *others = options.samples
    if first.scenario.posterior.rule != "likelihood":
        raise UsageError(f"{options.results}: its rule is the energy score; name first a run by the likelihood")
    for path, other in zip(options.energy, others, strict=True):
        if other.scenario.posterior.rule != "energy":
            remedy = f"make one with `{to_type('calibrate')} --method posterior --set posterior.rule=energy`"
            raise UsageError(f"{path}: its rule is the likelihood, as the first run's; {remedy}")
        if case_of(other) != case_of(first):
            raise UsageError(f"{path}: its scenario differs from that of {options.results} in more than the rule")


def case_of(sample: Sample) -> dict[str, object]:
    """Return the scenario of a posterior without what the rule decides."""
    values = sample.scenario.resolved()
    rest = {key: value for key, value in values["posterior"].items() if key not in OF_THE_RULE}
    return values | {"posterior": rest}


def work(options: Namespace) -> None:
    """Print and store which weight covers, and where the two rules disagree."""
    tell_of_compiling("batch.run_each")
    first, *others = options.samples
    command = f"{to_type('analysis.second_opinion')} {shlex.join(map(str, (options.results, *options.energy)))}"
    # The run with the least weight has the widest pool, hence most to weigh.
    widest = min(range(len(others)), key=lambda place: others[place].scenario.posterior.weight)
    miss = float(np.median(first.miss)) if first.scenario.samples_miss else first.scenario.likelihood.size**-0.5
    found = [opinion_of(label, sample) for label, sample in zip(options.labels, options.samples, strict=True)]
    log = [name for name, entry in first.scenario.parameters.items() if entry.scale == "log"]
    exhibits = [
        opinions(found[0], found[1:], log, command),
        coverage(coverage_of(others[widest], miss), options.labels[1 + widest], miss, command),
    ]
    for exhibit in exhibits:
        assert exhibit.table is not None
        forms = {name: ".3g" for name in exhibit.table.head if not name.endswith(("what", "verdict"))}
        print(f"{exhibit.title}\n{fill(exhibit.sentence, 110)}\n\n{exhibit.table.as_text(forms)}\n")
    hand_over(exhibits, options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, problems_of, begin=begin)


if __name__ == "__main__":
    sys.exit(main())
