"""``python -m analysis.volume results/``: what share of the box is worth at least so much?"""

import sys
from argparse import Namespace
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from analysis.common.command import parser_of, run
from analysis.common.exhibit import hand_over
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fresh
from analysis.run_data.made_by import line_of
from analysis.volume.exhibits import Volume, exhibits_of
from analysis.volume.subset import Level, descend
from calibrate.methods.space import make_space, to_points
from calibrate.objective.objectives import ranked_by
from engine.cli.arguments import Parser, whole_number
from engine.results.run_record import Run
from engine.types import Floats

POPULATIONS, POINTS = 6, 500


def parser() -> Parser:
    """Return the command's options."""
    command = parser_of("volume", "What share of the box that was searched is worth at least so much.")
    add = command.add_argument
    add(
        "--populations",
        type=whole_number(2),
        default=POPULATIONS,
        metavar="N",
        help=f"independent ones, whose spread is the error (default {POPULATIONS})",
    )
    add("--points", type=whole_number(20), default=POINTS, metavar="N", help=f"of each (default {POINTS})")
    add("--seed", type=whole_number(0), default=0, metavar="N", help="what all chance comes from (default 0)")
    return command


def measured(opened: Run, best: float, populations: int, points: int, seed: int) -> Volume:
    """Return the shares of the box of a run, whose best draw is worth ``best``."""
    space, fresh = make_space(opened.scenario), Fresh(opened, seed, shown=False)

    def evaluate(unit: Floats) -> Floats:
        found = fresh(to_points(space, unit), 1)[:, 0]
        worth: Floats = (
            found if found.ndim == 1 else found.max(axis=1)
        )  # of log-likelihoods the likeliest size, as recorded
        return worth

    found: list[list[Level]] = []
    with tqdm(unit=" levels", disable=None) as bar:
        for population in range(populations):
            rng = np.random.default_rng((seed, population))
            found.append([])
            for level in descend(evaluate, space.place.size, points, rng, best):
                found[-1].append(level)
                bar.set_description_str(f"population {population + 1} of {populations}", refresh=False)
                bar.update()
    return Volume(ranked_by(opened), found, best, fresh.simulated)


def words_of(options: Namespace) -> str:
    """Return the options that make these numbers again, those at their defaults left out."""
    defaults = {"populations": POPULATIONS, "points": POINTS, "seed": 0}
    given = {name: getattr(options, name) for name in defaults}
    return "".join(f" --{name} {value}" for name, value in given.items() if value != defaults[name])


def work(options: Namespace) -> None:
    """Print the shares, and store table and picture."""
    opened: Run = options.run
    best = float(recorded(opened).score.max())
    volume = measured(opened, best, options.populations, options.points, options.seed)
    exhibits = exhibits_of(volume, line_of(opened, "volume", words_of(options)))
    table = exhibits[0].table
    assert table is not None
    forms = {
        "at_least": ".2f",
        "share_of_box": ".2g",
        "standard_error": ".1g",
        "low": ".2g",
        "high": ".2g",
        "draws_for_one": ",.0f",
    }
    print(f"{exhibits[0].sentence}\n\n{table.as_text(forms)}\n")
    hand_over(exhibits, options.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; see analysis.common.command."""
    return run(parser(), argv, work)


if __name__ == "__main__":
    sys.exit(main())
