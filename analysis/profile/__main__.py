"""``python -m analysis.profile results/``: how well is each parameter known, all others searched anew?"""

import sys
from argparse import Namespace
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

from tqdm import tqdm

from analysis.common import kept_lines
from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.profile import kept
from analysis.profile.exhibits import HEAD, exhibits_of
from analysis.profile.search import CELLS, DRAWS, Cell, grid, profile_of
from analysis.profile.verdict import drop_of, verdict_of
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import ranked
from calibrate.objective.objectives import ranked_by
from engine.cli.arguments import Parser, whole_number
from engine.errors import UsageError
from engine.processors import available_processors
from engine.results.run_record import Run
from engine.types import Floats

FEWEST_CELLS, FEWEST_DRAWS = 3, 100


def parser() -> Parser:
    """Return the command's options."""
    about = "How well each parameter is known: the best at each of its values, all others searched anew."
    command = parser_of("profile", about)
    add = command.add_argument
    add("--only", action="append", metavar="PARAMETER", help="this one; repeatable (default: all that were searched)")
    add(
        "--cells", type=whole_number(FEWEST_CELLS), default=CELLS, metavar="N", help=f"values of each (default {CELLS})"
    )
    add("--draws", type=whole_number(FEWEST_DRAWS), default=DRAWS, metavar="N", help=f"of a cell (default {DRAWS:,})")
    return command


def work(options: Namespace) -> None:
    """Search the cells that are not on disk yet, print what they say, and store tables and picture."""
    opened: Run = options.run
    names = options.only or list(opened.scenario.free_names)
    if unknown := [name for name in names if name not in opened.scenario.free_names]:
        raise UsageError(f"--only {unknown[0]}: was not searched; give one of {', '.join(opened.scenario.free_names)}")
    file, head = options.out / kept.FILE, kept.heading(opened, options.cells, options.draws)
    known = kept.read_cells(file, head)
    ranking = ranked(opened)
    best = ranking.draws.points[ranking.place]
    kept_lines.begin(file, head)
    cells = search_all(opened, best, names, known, options)
    drop = drop_of(opened.objective, opened.scenario.search.temperature)
    found = [(cells[name], verdict_of(cells[name], drop)) for name in names]
    command = line_of(opened, "profile")
    exhibits = exhibits_of(opened.scenario, ranked_by(opened), found, drop, options.draws, command)
    verdicts = exhibits[0].table
    assert verdicts is not None
    forms = dict.fromkeys(HEAD[1:4], ".4g") | dict.fromkeys(HEAD[5:], ".2f")
    print(f"{exhibits[0].sentence}\n\n{verdicts.as_text(forms)}\n")
    hand_over(exhibits, options.out)


def search_all(
    opened: Run, best: Floats, names: Sequence[str], known: dict[str, dict[float, Cell]], options: Namespace
) -> dict[str, list[Cell]]:
    """Return the cells of each parameter in the order of their values; parameters are searched side by side."""
    entries = opened.scenario.parameters
    wanted = {
        name: grid(entries[name], float(best[0, opened.scenario.names.index(name)]), options.cells) for name in names
    }
    left = sum(value not in known[name] for name in names for value in wanted[name])
    stopped, writing = Event(), Lock()
    with tqdm(total=left, unit=" cells", disable=None) as bar:

        def search_one(name: str) -> None:
            for cell in profile_of(opened, best, name, options.cells, options.draws, dict(known[name])):
                with writing:
                    kept.add(options.out / kept.FILE, cell)
                    known[name][cell.value] = cell
                    bar.update()
                if stopped.is_set():
                    return

        with ThreadPoolExecutor(min(available_processors(), len(names))) as pool:
            try:
                list(pool.map(search_one, names))
            except BaseException:
                stopped.set()
                pool.shutdown(cancel_futures=True)
                raise
    return {name: [known[name][value] for value in wanted[name]] for name in names}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, stopped="the cells that were searched are kept: the same command goes on")


if __name__ == "__main__":
    sys.exit(main())
