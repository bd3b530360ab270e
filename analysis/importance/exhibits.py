"""Which parameters decide the score of a run: measured, as a table and as pictures.

Draws of a search are not a designed sample: a parameter that every chain settles early looks unimportant. So the
same is measured on a screen of the whole box, if one is given.
"""

from collections.abc import Sequence
from shlex import quote
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from analysis.common.exhibit import Exhibit, Table
from analysis.importance.chart import importance_chart
from analysis.importance.draws import Draws, check_same_case, load
from analysis.importance.forest import Forest
from analysis.importance.measure import Importance, Weighed, trees_in_all, weigh, weigh_derived
from analysis.importance.partial_dependence import dependence_exhibit
from analysis.importance.table import Line, head, lines, row
from analysis.run_data.made_by import line_of
from analysis.run_data.reference import reference_of
from engine.processors import available_processors
from engine.results.run_record import Run

TREES = 500


class Measured(NamedTuple):
    """What came out of one set of draws."""

    draws: Draws
    weighed: Weighed
    derived: list[Importance]
    method: list[str]  # how it was taken, a line each
    warnings: tuple[str, ...]
    paper: dict[str, float]  # what a publication of the case has, or nothing


def measure(run: Run, draws: Draws, trees: int, seed: int, workers: int) -> Measured:
    """Return the importance of every column of the ``draws`` of ``run``, on ``workers`` threads."""
    forest = Forest(trees, max(1, len(draws.names) // 3), seed, workers)
    with tqdm(total=trees_in_all(draws, trees), unit="tree", disable=None, leave=False) as progress:
        weighed = weigh(draws, forest, progress.update)
        derived = weigh_derived(draws, forest, progress.update)
    kind = "a screen" if draws.screen else f"{len(np.unique(draws.chain))} chains"
    unfinished = "" if run.record.status == "finished" else f" (the run is {run.record.status})"
    method = [
        f"{len(draws.score):,} draws of {kind}{unfinished}",
        f"IncNodePurity: {trees} trees of {min(len(draws.score), forest.rows_per_tree):,} draws each, "
        f"{forest.columns_per_split} of {len(draws.names) + 1} columns tried at a split",
        f"loss when shuffled, on {weighed.judged:,} draws held out ({weighed.held_out}): "
        f"R² {weighed.r_squared:.3f} with nothing shuffled",
    ]
    warnings = []
    if not weighed.r_squared > 0:
        warnings.append(
            f"R² is not above 0 but {weighed.r_squared:.2f} (importance, {kind}): on draws it has not seen this forest "
            "knows nothing; believe no rank of it"
        )
    if draws.one_start:
        warnings.append(
            f"the {kind} met and are one start: those held out resemble those that the forest learned from, and the "
            "intervals may be too narrow; more groups of chains, or --method walk, would tell"
        )
    return Measured(draws, weighed, derived, method, tuple(warnings), reference_of(run).importance or {})


def loaded(run: Run, screen: Run | None, seed: int) -> list[tuple[Run, Draws]]:
    """Return a run, and ``screen`` if there is one, each with its draws; raise what speaks against either."""
    if screen is not None:
        check_same_case(run, screen)
    return [(each, load(each, seed)) for each in (run, screen) if each is not None]


def measured_in(
    run: Run, screen: Run | None = None, trees: int = TREES, seed: int = 0, workers: int | None = None
) -> list[Measured]:
    """Return the importance in a run, and in ``screen`` if there is one; errors as in loaded, before any work."""
    threads = workers or available_processors()
    return [measure(each, draws, trees, seed, threads) for each, draws in loaded(run, screen, seed)]


def table_of(measured: Sequence[Measured]) -> list[Line]:
    """Return the table of importance, of the run and of the screen if there is one, the paper's beside its own case."""
    run, *screen = [[*each.weighed.lines, *each.derived] for each in measured]
    return lines(run, *screen, paper=measured[0].paper)


def exhibits_of(measured: Sequence[Measured], command: str) -> list[Exhibit]:
    """Return the table and chart of importance, and partial dependence of the run and of the screen."""
    table = table_of(measured)
    first = next(line for line in table if line.kind == "parameter")
    r_squared = measured[0].weighed.r_squared
    sentence = (
        f"How much each parameter decides the {measured[0].draws.objective.words}"
        f"{f', the first {first.name}' if r_squared > 0 else ''}: share of what the splits of a random forest explain "
        "(the paper's measure), and what the forest loses on draws it has not seen when the parameter is shuffled; "
        f"with nothing shuffled its R² on them is {r_squared:.2f}. Whiskers are 95 % intervals; what does not reach "
        "beyond the grey bar cannot be told from a column without effect."
    )
    chart = importance_chart(table)
    rows = Table(head(table), [row(line) for line in table])
    warnings = tuple(warning for each in measured for warning in each.warnings)
    made = [Exhibit("importance", "Importance", sentence, command, chart, rows, warnings)]
    for number, each in enumerate(measured):
        name = "partial-dependence-screen" if number else "partial-dependence"
        shown = dependence_exhibit(each.weighed.curves, each.draws.screen, each.draws.objective, name, command)
        made.append(shown._replace(warnings=each.warnings))
    return made


def command_for(run: Run, screen: Run | None) -> str:
    """Return what to type for these exhibits alone."""
    beside = "" if screen is None else f" --screen {quote(str(screen.directory))}"
    return line_of(run, "importance", beside)
