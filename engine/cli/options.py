"""The command line of ``python -m engine``, checked."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.cli.arguments import Parser, whole
from engine.errors import UsageError, to_type
from engine.results.provenance import model_version
from engine.results.run_record import LIMITS

COMMAND = to_type("engine")
MOST_RUNS = 10_000
PICTURES = (".png", ".svg", ".pdf")
TABLES = (".csv",)


class Options(NamedTuple):
    """What was asked for: a draw, or the runs of a scenario."""

    draw: tuple[Path, int, int] | None  # results directory, chain, iteration
    config: str  # empty where a draw was asked for
    overrides: tuple[str, ...]
    seed: int | None  # None for a draw with the chance that is its own
    runs: int
    plot: Path | None
    out: Path | None


def parser() -> Parser:
    """Return the parser; numbers stay text there, so that all that are wrong can be told at once."""
    made = Parser(
        prog=COMMAND,
        description="Simulate a recorded draw again, or run one point of a scenario.",
        usage="\n  %(prog)s --draw RESULTS CHAIN ITERATION [options]\n  %(prog)s --config FILE [options]",
        allow_abbrev=False,
    )
    add = made.add_argument
    add(
        "--draw",
        nargs=3,
        metavar=("RESULTS", "CHAIN", "ITERATION"),
        help="simulate this draw of a results directory again and compare it with the record; with --set or --runs, "
        "run its point in a changed scenario or on other seeds",
    )
    add("--config", metavar="FILE", help="run this scenario; a free parameter is taken in the middle of its range")
    add(
        "--set",
        metavar="KEY.PATH=VALUE",
        action="append",
        default=[],
        help="change a scenario key, such as parameters.famine_effect=0.84; repeatable",
    )
    add("--seed", metavar="N", help="seed of the first run (default 0; of one run of a draw, its own chance)")
    add("--runs", metavar="N", help="so many runs, with seeds from --seed up (default 1)")
    add("--plot", metavar="FILE", help=f"store a picture; the ending decides: {', '.join(PICTURES)}")
    add("--out", metavar="FILE", help="store the table of years as CSV")
    add("--overwrite", action="store_true", help="replace the files of --plot and --out")
    add("--version", action="version", version=f"defection-abm {model_version()}")
    return made


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Return the checked command line, by default this process's; raise UsageError, a line a mistake."""
    given, problems = parser().read(arguments)
    draw = None
    if given.draw is not None:
        if given.config is not None:
            problems.append("--config: a draw has its own scenario; leave it out and change that by --set")
        draw = _draw(given.draw, problems)
    elif given.config is None and not problems:
        problems.append(
            "nothing to run: give --draw RESULTS CHAIN ITERATION for a recorded draw, or --config FILE for a "
            f"scenario; see {COMMAND} --help"
        )
    runs = _whole("--runs", "1" if given.runs is None else given.runs, 1, MOST_RUNS, problems)
    own = draw is not None and given.seed is None and given.runs is None
    first = _whole("--seed", "0" if given.seed is None else given.seed, 0, LIMITS["seed"][1] - runs + 1, problems)
    plot = _file("--plot", given.plot, PICTURES, given, problems)
    out = _file("--out", given.out, TABLES, given, problems)
    if problems:
        raise UsageError("\n".join(problems))
    return Options(draw, given.config or "", tuple(given.set), None if own else first, runs, plot, out)


def _draw(words: list[str], problems: list[str]) -> tuple[Path, int, int]:
    results, *numbers = words
    chain, iteration = (
        _whole(f"--draw: {name}", number, 0, LIMITS[limit][1] - 1, problems)
        for name, limit, number in zip(("chain", "iteration"), ("chains", "iters"), numbers, strict=True)
    )
    return Path(results), chain, iteration


def _whole(name: str, text: str, low: int, high: int, problems: list[str]) -> int:
    if (value := whole(text)) is not None and low <= value <= high:
        return value
    problems.append(f"{name} {text[:40]}: give a whole number from {low} to {high}")
    return low


def _file(option: str, text: str | None, endings: Sequence[str], given: Namespace, problems: list[str]) -> Path | None:
    if text is None:
        return None
    path = Path(text)
    problem = _unfit(path, endings, given.overwrite)
    if problem:
        problems.append(f"{option} {text}: {problem}")
    return path


def _unfit(path: Path, endings: Sequence[str], overwrite: bool) -> str | None:
    """Return why a file cannot be stored at ``path`` and what would do, or None; nothing is changed."""
    wanted = " or ".join(endings)
    try:
        if path.is_dir():
            return f"is a directory; give a file that ends in {wanted}"
        if path.suffix.lower() not in endings:
            return f"cannot be of this kind; give a file that ends in {wanted}"
        if not path.parent.is_dir():
            return f"there is no directory {path.parent}; make it, or give another file"
        if path.exists() and not overwrite:
            return "exists; replace it with --overwrite, or give another file"
    except OSError as error:
        return f"cannot be written ({error.strerror}); give another file"
    return None
