"""The importance table: a line for each parameter, the screen's and the paper's value beside ours."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from analysis.importance.draws import PAIR
from analysis.importance.measure import Importance

NOTHING: Mapping[str, float] = {}
HEADING = f"{'share':>7} {'':>7}  {'R² lost':>8} {'':>8} "  # of two measures
FLOOR = "~"  # stands beside a share that is not surely above the probe's


class Measure(NamedTuple):
    """What is told of one column, from one set of draws; shares are fractions, only parameters have a rank."""

    rank: int | None
    inc_node_purity: float
    share: float
    share_low: float | None
    share_high: float | None
    permutation_mse: float
    permutation_r2: float
    permutation_r2_low: float | None
    permutation_r2_high: float | None
    above_floor: bool | None


class Line(NamedTuple):
    """One line of the table."""

    name: str
    kind: str  # parameter, probe, group or derived
    run: Measure
    screen: Measure | None
    paper_rank: int | None
    paper_inc_node_purity: float | None
    paper_share: float | None


def lines(
    run: Sequence[Importance], screen: Sequence[Importance] = (), *, paper: Mapping[str, float] = NOTHING
) -> list[Line]:
    """Return the table: parameters and probe by IncNodePurity in the run, then what is made of them.

    ``screen`` are the same columns in a screen, or nothing; ``paper`` what a publication of the case has for them.
    """
    ours, beside = measures(run), measures(screen)
    kinds = {line.name: line.kind for line in run}
    single = [line for line in run if line.kind in ("parameter", "probe")]
    order = sorted(single, key=lambda line: -line.purity) + [line for line in run if line not in single]
    total = sum(paper.values())
    table = []
    for line in order:
        members = PAIR if line.kind == "group" else (line.name,)
        purity = sum(paper[name] for name in members) if set(members) <= set(paper) else None
        rank = 1 + order_of(paper).index(line.name) if line.name in paper else None
        share = None if purity is None else purity / total
        table.append(Line(line.name, kinds[line.name], ours[line.name], beside.get(line.name), rank, purity, share))
    return table


def order_of(paper: Mapping[str, float]) -> list[str]:
    """Return the parameters of a publication, the most important first."""
    return sorted(paper, key=lambda name: -paper[name])


def measures(measured: Sequence[Importance]) -> dict[str, Measure]:
    """Return what is told of each column, by name."""
    purities = sorted((line.purity for line in measured if line.kind == "parameter"), reverse=True)
    told = {}
    for line in measured:
        share_low, share_high = bounds(line.share, line.share_half)
        r2_low, r2_high = bounds(line.r2, line.r2_half)
        told[line.name] = Measure(
            1 + purities.index(line.purity) if line.kind == "parameter" else None,
            line.purity,
            line.share,
            None if share_low is None else max(share_low, 0.0),
            None if share_high is None else min(share_high, 1.0),
            line.mse,
            line.r2,
            r2_low,
            r2_high,
            line.above,
        )
    return told


def bounds(middle: float, half: float) -> tuple[float | None, float | None]:
    """Return the ends of an interval, None where it is not known."""
    return (middle - half, middle + half) if np.isfinite(half) else (None, None)


def head(table: Sequence[Line]) -> tuple[str, ...]:
    """Return the columns of importance.csv; those of the screen are there only with one."""
    screened = [f"screen_{name}" for name in Measure._fields] if table[0].screen else []
    return ("parameter", "kind", *Measure._fields, *screened, *Line._fields[-3:])


def beside_the_paper(table: Sequence[Line]) -> bool:
    """Return whether there is a value of the paper's anywhere in the table."""
    return any(line.paper_share is not None for line in table)


def row(line: Line) -> tuple[str | int | float | bool | None, ...]:
    """Return a line of importance.csv; None is an empty cell."""
    paper = (line.paper_rank, line.paper_inc_node_purity, line.paper_share)
    return (line.name, line.kind, *line.run, *(line.screen or ()), *paper)


def printed(table: Sequence[Line]) -> str:
    """Return the table for a terminal: 94 characters wide, with a screen 129."""
    screened, judged = table[0].screen is not None, beside_the_paper(table)
    beside = f"{'a screen of the whole box':^35}" if screened else ""
    papers = (f"{'the paper':>13}", f"{'rank':>6} {'share':>6}") if judged else ("", "")
    told = [
        f"{'':46}{'this run':^35}{beside}{papers[0]}".rstrip(),
        f"{'rank':>4} {'':<24} {'IncNodePurity':>14}  {HEADING}{HEADING if screened else ''}{papers[1]}".rstrip(),
    ]
    for line in table:
        rank = "-" if line.run.rank is None else str(line.run.rank)
        screen = "" if line.screen is None else cells(line.screen)
        paper = f"{number(line.paper_rank, 'd'):>6} {number(line.paper_share, '.1%'):>6}" if judged else ""
        purity = number(line.run.inc_node_purity, ",.1f")
        told.append(f"{rank:>4} {line.name:<24} {purity:>14}  {cells(line.run)}{screen}{paper}".rstrip())
    return "\n".join([*told, "", *notes(table)])


def cells(measure: Measure) -> str:
    """Return a share and a loss, with half widths, as text of the width of HEADING."""
    share, loss = number(measure.share, ".1%"), number(measure.permutation_r2, ".3f")
    share_half = half_width_of(measure.share_low, measure.share_high, measure.share, ".1%")
    loss_half = half_width_of(measure.permutation_r2_low, measure.permutation_r2_high, measure.permutation_r2, ".3f")
    mark = FLOOR if measure.above_floor is False else " "
    return f"{share:>7} {share_half:>7}{mark} {loss:>8} {loss_half:>8} "


def half_width_of(low: float | None, high: float | None, middle: float, form: str) -> str:
    """Return the half width of an interval as text; the half that is not cut off where a share ends."""
    return "" if low is None or high is None else f"±{max(high - middle, middle - low):{form}}"


def number(value: float | None, form: str) -> str:
    """Return a number as text, "-" where there is none."""
    return "-" if value is None else format(value, form)


def notes(table: Sequence[Line]) -> list[str]:
    """Return what has to be known to read the table, a line each."""
    told = [
        "±: 95 % interval, chains drawn again (if several groups met: groups; of a screen: draws).",
        "R² lost: when shuffled, on draws held out.",
        f"{FLOOR}: share not surely above that of (no effect), a column that moves as the parameters do and is none.",
    ]
    kinds = {line.kind for line in table}
    if "group" in kinds:
        told.append(f"{' + '.join(PAIR)}: shuffled together; their shares added.")
    if "derived" in kinds:
        told.append("prior_mean, α0/(α0 + β0), and prior_strength, α0 + β0: in a forest where they stand for the two.")
    return told
