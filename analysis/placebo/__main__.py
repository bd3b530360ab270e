"""``python -m analysis.placebo results/``: do dated events of repression explain more than events of any date?"""

import sys
from argparse import Namespace
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

from tqdm import tqdm

from analysis.common import kept_lines
from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.placebo.exhibits import HEAD, exhibits_of, findings, singles
from analysis.placebo.search import SCHEDULES, Fit, Schedule, fitted, points_of, schedules
from analysis.run_data.made_by import line_of
from engine.cli.arguments import Parser, whole_number
from engine.processors import available_processors
from engine.results.provenance import OUR_CODE
from engine.results.run_record import Run

FILE = "placebo.jsonl"
OTHER = "of another run, of fewer draws, by other code, or with other --objective or --seed"


def parser() -> Parser:
    """Return the command's options."""
    about = "Whether the dated events of the scenario (regime.schedule) explain more than events of any date."
    command = parser_of("placebo", about)
    add = command.add_argument
    add(
        "--schedules",
        type=whole_number(1),
        default=SCHEDULES,
        metavar="N",
        help=f"with dates by lot (default {SCHEDULES})",
    )
    add("--seed", type=whole_number(0), default=0, metavar="N", help="of the dates and of the filters (default 0)")
    return command


def work(options: Namespace) -> None:
    """Work out the schedules that are not on disk yet, print what they say, and store table and picture."""
    opened: Run = options.run
    wanted = schedules(opened.scenario, options.schedules, options.seed)
    file, head = options.out / FILE, heading(opened, options)
    known = {fit.number: fit for fit in kept_lines.read_lines(file, head, OTHER, lambda line: Fit(**line))}
    if left := [schedule for schedule in wanted if schedule.number not in known]:
        points = points_of(opened, options.seed)
        kept_lines.begin(file, head)
        writing, stopped = Lock(), Event()
        with tqdm(total=len(wanted), initial=len(wanted) - len(left), unit=" schedules", disable=None) as bar:

            def search(schedule: Schedule) -> None:
                if stopped.is_set():
                    return
                fit = fitted(opened, schedule, points, options.seed)
                with writing:
                    kept_lines.add(file, fit._asdict())
                    known[fit.number] = fit
                    bar.update()

            with ThreadPoolExecutor(available_processors()) as pool:
                try:
                    list(pool.map(search, left))
                except BaseException:
                    stopped.set()
                    pool.shutdown(cancel_futures=True)
                    raise
    fits = [known[schedule.number] for schedule in wanted]
    print(f"{findings(fits)}\n\n{singles(fits).as_text(dict.fromkeys(HEAD[1:-1], '.2f'))}\n")
    hand_over(exhibits_of(fits, line_of(opened, "placebo")), options.out)


def heading(opened: Run, options: Namespace) -> dict[str, object]:
    """Return what the fits depend on, beside their number."""
    count = {str(chain): len(parts) for chain, parts in opened.parts.items()}
    depends = {"run": opened.fingerprint, "parts": count, "objective": opened.objective}
    return depends | {"seed": options.seed, "code": OUR_CODE}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work, stopped="the schedules that were worked out are kept: the same command goes on")


if __name__ == "__main__":
    sys.exit(main())
