"""Pictures of a run: ``python -m analysis.figures results/`` makes the paper's and those that it does not show."""

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from shlex import quote

from analysis import picture_belief, pictures_chains, pictures_inputs, pictures_provinces
from analysis.common.command import parser_of, run
from analysis.common.exhibit import Exhibit, store
from analysis.run_data.best_draws import RANKING, Replay, best_of_chains, replay, scenario_of, traces_of
from analysis.run_data.draws import read_draws
from calibrate.methods.screen import is_screen
from engine.cli.arguments import Parser
from engine.results.directory import read_run

# By name, in the order of the page; those of one draw take --draw.
OF_ONE_DRAW = ("belief", "repression_by_province", "known_by_province", "escapes_by_province")
OF_A_WALK = ("traces", "acceptance")
NAMES = ("record", "impacts", "best_runs", *OF_ONE_DRAW, *OF_A_WALK)


def exhibits(
    results: Path,
    only: Sequence[str] = NAMES,
    week: int | None = None,
    draw: tuple[int, int] | None = None,
    ranking: Path | None = None,
) -> list[Exhibit]:
    """Return the pictures named in ``only``, in the order of NAMES; of a screen none of how the chains walked.

    ``week`` (1 is the first) is that of the belief, ``draw`` the chain and iteration of the run that is shown, by
    default the best one: by ``ranking``, what ``analysis.best`` stored, or where there is none by the recorded score.
    Raises DataError for a run without draws, UsageError for a week or draw that it does not hold.
    """
    traces = traces_of(read_draws(results, ["iteration", "score", "accepted"]))
    scenario, record = scenario_of(results), read_run(results)
    best = best_of_chains(traces, ranking or results / "analysis" / RANKING)
    address = draw or (best[0].chain, best[0].iteration)
    seed = (record["seed"] + 1) % 2**63  # another than the run's, so that its chance is fresh

    @cache
    def run() -> Replay:
        return replay(results, *address)

    def command(name: str) -> str:
        options = f" --draw {address[0]} {address[1]}" if draw and name in OF_ONE_DRAW else ""
        options += f" --week {week}" if week is not None and name == "belief" else ""
        return f"python -m analysis.figures {quote(str(results))} --only {name}{options}"

    makers: dict[str, Callable[[str], Exhibit]] = {
        "record": lambda line: pictures_inputs.record(scenario, line),
        "impacts": lambda line: pictures_inputs.impacts(scenario, line),
        "best_runs": lambda line: pictures_chains.best_runs(results, scenario, seed, best, line),
        "belief": lambda line: picture_belief.belief(run(), week, line),
        "repression_by_province": lambda line: pictures_provinces.repression(run(), line),
        "known_by_province": lambda line: pictures_provinces.known(run(), line),
        "escapes_by_province": lambda line: pictures_provinces.escapes(run(), line),
        "traces": lambda line: pictures_chains.climb(traces, best, line),
        "acceptance": lambda line: pictures_chains.acceptance(traces, best, line),
    }
    no_walk = OF_A_WALK if is_screen(record) else ()
    return [makers[name](command(name)) for name in NAMES if name in only and name not in no_walk]


def parser() -> Parser:
    """Return the command's options."""
    command = parser_of("figures", "Pictures of a run: the paper's, and those that it does not show.")
    command.add_argument("--only", action="append", choices=NAMES, metavar="NAME", help=f"one of {', '.join(NAMES)}")
    command.add_argument("--week", type=int, metavar="N", help="of the belief; 1 is the first (default: the peak)")
    command.add_argument(
        "--draw",
        type=int,
        nargs=2,
        metavar=("CHAIN", "ITERATION"),
        help=f"whose run to show (default: the best, by analysis/{RANKING} where it is)",
    )
    return command


def work(options: Namespace) -> None:
    """Make the pictures, say what they show, and store them."""
    draw = tuple(options.draw) if options.draw else None
    found = exhibits(options.results, options.only or NAMES, options.week, draw)
    stored = store(found, options.out)
    for exhibit in found:
        print(f"{exhibit.title}\n  {exhibit.sentence}")
    print("\n".join(f"stored {file}" for file in stored))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
