"""Which parameters decide the score: ``python -m analysis.importance results/`` prints and stores a table.

Draws of a search are not a designed sample: a parameter that every chain settles early looks unimportant.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from analysis.draws import free_names, read_draws
from analysis.figures import importance_chart
from analysis.forest import (
    Floats,
    Forest,
    Indices,
    as_ranks,
    held_out_loss,
    inc_node_purity,
    stream,
)
from analysis.importance_table import PROBE, Line, as_csv, as_text, lines
from calibrate.settings import available_processors
from engine.arguments import Parser
from engine.durable import make_folder, write_durably
from engine.errors import DataError, UsageError
from engine.figure import image
from engine.run_directory import read_run

FOLDS = 4
HELD_OUT_TREES = 10  # one in so many of --trees for each fold: predictions settle before importance does
FEWEST_DRAWS = 20


class Draws(NamedTuple):
    """The draws that have a score, ready for the forests."""

    names: tuple[str, ...]  # searched parameters, then PROBE
    columns: list[Floats]
    score: Floats
    chain: Indices
    iteration: Indices


def load(results: Path, seed: int) -> Draws:
    """Return the draws of ``results`` with a probe column; raise DataError where no forest can grow."""
    names = free_names(results)
    if not names:
        raise DataError(f"{results / 'run.json'}: holds every parameter fixed; free at least one in the scenario")
    table = read_draws(results, ["iteration", "score", *names])
    column = {name: np.asarray(table[name].to_numpy()) for name in table.column_names}
    scored = np.isfinite(column["score"])
    score = column["score"][scored].astype(np.float64)
    if len(score) < FEWEST_DRAWS:
        raise DataError(f"{results}: holds {len(score)} draws with a score; let the run reach {FEWEST_DRAWS} at least")
    if score.min() == score.max():
        raise DataError(f"{results}: every draw scores {score[0]:g}, there is nothing to explain; search wider ranges")
    probe = stream(seed, 0, 0).random(len(score))
    columns = [column[name][scored].astype(np.float64) for name in names]
    return Draws((*names, PROBE), [*columns, probe], score, column["chain"][scored], column["iteration"][scored])


def chain_folds(draws: Draws) -> tuple[Indices, str]:
    """Return the fold in which each draw is held out, whole chains together, and the words for it.

    Draws of a chain resemble their neighbours: a forest that has seen some has all but seen the others.
    """
    chains, place = np.unique(draws.chain, return_inverse=True)
    if len(chains) == 1:
        late = draws.iteration >= np.quantile(draws.iteration, 0.75)
        return np.where(late, 0, -1), "the last quarter of the only chain (weaker: run more chains)"
    count = min(FOLDS, len(chains))
    return place % count, f"whole chains in turn, {len(chains)} chains in {count} folds"


def measure(draws: Draws, trees: int, seed: int, workers: int) -> tuple[list[Line], list[str]]:
    """Return the table of importance, and a line each on how the two measures were taken."""
    forest = Forest(trees, max(1, (len(draws.names) - 1) // 3), seed, workers)
    smaller = forest._replace(trees=max(1, trees // HELD_OUT_TREES))
    folds, held_out = chain_folds(draws)
    ranks = as_ranks(draws.columns)
    total = trees + (int(folds.max()) + 1) * smaller.trees
    with tqdm(total=total, unit="tree", disable=None, leave=False) as progress:
        purity = inc_node_purity(ranks, draws.score, forest, progress.update)
        loss = held_out_loss(ranks, draws.score, folds, smaller, progress.update)
    return lines(draws.names, purity, loss), [
        f"IncNodePurity: {trees} trees of {min(len(draws.score), forest.rows_per_tree):,} draws each, "
        f"{forest.columns_per_split} of {len(draws.names)} columns tried at a split",
        f"loss when shuffled, on {loss.rows:,} held-out draws ({held_out}): {smaller.trees} trees a fold, "
        f"R² {loss.r_squared:.3f} with nothing shuffled",
    ]


def report(results: Path, out: Path, trees: int, seed: int, workers: int) -> None:
    """Measure, print, and store importance.csv and importance.png in ``out``."""
    draws = load(results, seed)
    status = read_run(results)["status"]
    with writable(out):
        make_folder(out)
    table, method = measure(draws, trees, seed, workers)
    unfinished = "" if status == "finished" else f" (the run is {status})"
    print(f"{len(draws.score):,} draws of {len(np.unique(draws.chain))} chains{unfinished}")
    print("\n".join([*method, "", as_text(table), ""]))
    chart = image(importance_chart(table, PROBE), ".png")
    with writable(out):
        store(out / "importance.csv", as_csv(table))
        store(out / "importance.png", chart)


@contextmanager
def writable(out: Path) -> Iterator[None]:
    """Turn the system's refusal to write in ``out`` into a UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"--out {out}: cannot be written ({error.strerror}); give another directory") from None


def store(file: Path, content: bytes) -> None:
    """Leave ``file`` complete or as it was, and say where it is."""
    write_durably(file, file.with_name(f".{file.name}"), lambda beside: beside.write(content))
    print(f"stored {file}")


def whole_number(lowest: int) -> Callable[[str], int]:
    """Return what argparse calls to read an integer from ``lowest`` up."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{text!r} will not do; give an integer from {lowest} up")
        return int(text)

    return read


def workers(text: str) -> int:
    """Return the number of threads that ``text`` asks for."""
    return available_processors() if text == "auto" else whole_number(1)(text)


def parser() -> Parser:
    """Return the command's options."""
    command = Parser(
        prog="python -m analysis.importance",
        description="Which parameters decide the score of a run.",
        allow_abbrev=False,
    )
    command.add_argument("results", type=Path, help="the directory that `python -m calibrate --out` filled")
    command.add_argument("--trees", type=whole_number(1), default=500, metavar="N", help="default 500")
    command.add_argument("--seed", type=whole_number(0), default=0, metavar="N", help="default 0")
    command.add_argument("--out", type=Path, metavar="DIR", help="default RESULTS/analysis/")
    command.add_argument(
        "--workers",
        type=workers,
        default="auto",
        metavar="N|auto",
        help="threads (default auto: one per processor); they change no number",
    )
    return command


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code, as contract.md lists them."""
    try:
        options, problems = parser().read(argv)
        if problems:
            raise UsageError("\n".join(problems))
        out = options.out or options.results / "analysis"
        report(options.results, out, options.trees, options.seed, options.workers)
    except (UsageError, DataError) as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped; nothing was stored", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
