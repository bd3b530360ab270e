"""``python -m analysis.sensitivity results/``: what the coefficients of Figure 2 decide, and what survives others."""

import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from textwrap import fill

from tqdm import tqdm

from analysis.common.command import parser_of, run
from analysis.common.exhibit import Exhibit, Table, hand_over
from analysis.common.once import Once
from analysis.regions.search import find_regions
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fresh
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import Ranking, rank
from analysis.sensitivity import exhibits
from analysis.sensitivity.coefficients import coefficients
from analysis.sensitivity.indices import evaluator, groups_of, indices_of, inputs_of
from analysis.sensitivity.one_at_a_time import best_points, one_at_a_time
from analysis.sensitivity.recalibrated import config_of, factors_of, variants_of
from analysis.variants.options import add_options, study_of
from analysis.variants.study import carried_out
from calibrate.objective.objectives import ranked_by
from engine.cli.arguments import Parser, whole_number
from engine.cli.compile_notice import tell_of_compiling
from engine.errors import DataError, UsageError
from engine.results.run_record import Run

PARTS = ("one_at_a_time", "indices", "recalibrated")
ROWS, SETS, SAMPLE = 256, 256, 120
SHOWN = 30  # rows of a table on the screen
FOLDER = "recalibrated"
Ranked = tuple[Ranking, Fresh]
FORMS = {
    **dict.fromkeys(("turned", "without", "halved", "doubled", "largest_error", "correlation"), ".2f"),
    **dict.fromkeys(("people_turned", "people_doubled"), ".2f"),
    **dict.fromkeys(("first", "first_low", "first_high", "total", "total_low", "total_high"), ".3f"),
    **dict.fromkeys(("yes", "yes_low", "yes_high", "partly", "no"), ".0%"),
    "p_value": ".3f",
}


def parser() -> Parser:
    """Return the command's options."""
    about = "What the coefficients of Figure 2 decide: one at a time, beside the parameters, and calibrated anew."
    command = parser_of("sensitivity", about)
    add = command.add_argument
    add("--rows", type=whole_number(16), default=ROWS, metavar="N", help=f"of Sobol' indices, 2^k (default {ROWS})")
    add(
        "--recalibrate",
        type=whole_number(8),
        nargs="?",
        const=SETS,
        metavar="N",
        help=f"N sets of other coefficients too, a short search each ({SETS} if N is left out); it may be stopped",
    )
    add("--only", action="append", choices=PARTS, help="this part alone; repeatable (default: all)")
    add_options(command)
    return command


def problems_of(options: Namespace) -> list[str]:
    """Return what is wrong with the options, a line each."""
    if options.rows & (options.rows - 1):
        return [f"--rows {options.rows}: Sobol points are even at powers of two; give {1 << options.rows.bit_length()}"]
    if "recalibrated" in (options.only or ()) and not options.recalibrate:
        return ["--only recalibrated: give --recalibrate N too, how many sets of coefficients"]
    if options.set:
        return ["--set: the scenario is that of the results; search another, and give its directory"]
    return []


def work(options: Namespace) -> None:
    """Measure, print and store, part by part."""
    opened: Run = options.run
    if not coefficients(opened.scenario):
        raise UsageError(f"{opened.directory}: its scenario has no coefficient of impacts that is not 0")
    makers: dict[str, Callable[[Once[Ranked]], list[Exhibit]]] = {
        "one_at_a_time": lambda ranks: one_by_one(opened, ranks.get()),
        "indices": lambda ranks: inside(opened, ranks.get(), options.rows),
        "recalibrated": lambda ranks: anew(opened, config_of(opened), options),
    }
    usual = [part for part in PARTS if part != "recalibrated" or options.recalibrate]
    ranks = Once(lambda: ranked_in(opened))
    for part in dict.fromkeys(options.only or usual):
        made = makers[part](ranks)
        for exhibit in made:
            print(f"{exhibit.title}\n{fill(exhibit.sentence, 110)}")
            if exhibit.table is not None and exhibit.table.rows and exhibit.name != "every_set":
                print(f"\n{Table(exhibit.table.head, exhibit.table.rows[:SHOWN]).as_text(FORMS)}")
            print()
        hand_over(made, options.out)  # now, for the next part may take hours


def ranked_in(opened: Run) -> Ranked:
    """Return the best draws of the run, and what goes on to seeds not used for them."""
    fresh = Fresh(opened)
    return rank(recorded(opened), fresh), fresh


def one_by_one(opened: Run, ranks: Ranked) -> list[Exhibit]:
    """Return the coefficients one at a time at the best points."""
    found = coefficients(opened.scenario)
    tell_of_compiling("batch.run_each")
    with tqdm(total=len(found), unit=" coefficients", disable=None, leave=False) as bar:
        lines = one_at_a_time(opened, best_points(ranks[0]), bar.update)
    command = line_of(opened, "sensitivity", " --only one_at_a_time")
    return [exhibits.moved_one_by_one(ranked_by(opened), lines, command)]


def inside(opened: Run, ranks: Ranked, rows: int) -> list[Exhibit]:
    """Return the indices inside the region of the best point."""
    objective, seed = ranked_by(opened), opened.record.seed
    regions = find_regions(*ranks, 0, None, SAMPLE)
    if not regions.number:
        raise DataError(f"{opened.directory}: its good points lie in no region; let the search go on")
    good = regions.points(0)
    inputs = inputs_of(opened, coefficients(opened.scenario), good)
    groups = groups_of(inputs)
    with tqdm(total=rows * (len(groups) + 3), unit=" runs", disable=None, leave=False) as bar:
        evaluate = evaluator(opened, inputs, (seed + 2) % 2**63, bar.update)
        indices = indices_of(len(inputs), groups, evaluate, rows, seed)
    region = f"the region of the best point ({objective.fair} {regions.threshold:.1f} or more)"
    command = line_of(opened, "sensitivity", f" --only indices --rows {rows}")
    return [exhibits.indices_exhibit(objective, indices, len(good), region, command)]


def anew(opened: Run, config: str, options: Namespace) -> list[Exhibit]:
    """Return what other coefficients come to, calibrated anew; what was searched before is not searched again."""
    found = coefficients(opened.scenario)
    study = study_of(options, config, opened.record.overrides)._replace(out=options.out / FOLDER)
    factors = factors_of(options.recalibrate, len(found), study.seed)
    variants = variants_of(found, factors)
    results = carried_out(study, variants, options.workers, options.scheduler)
    size = shlex.join(["--chains", str(study.chains), "--iters", str(study.iters), "--seed", str(study.seed)])
    command = line_of(opened, "sensitivity", f" --only recalibrated --recalibrate {options.recalibrate} {size}")
    return exhibits.recalibrated(study, ranked_by(opened), variants, results, found, factors, command)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    stopped = "the searches of --recalibrate are kept: the same command goes on"
    return run(parser(), argv, work, problems_of, stopped)


if __name__ == "__main__":
    sys.exit(main())
