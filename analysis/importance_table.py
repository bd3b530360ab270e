"""The importance table as text and CSV: a line for each parameter, the paper's value and rank beside it."""

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.forest import Floats, HeldOutLoss

# IncNodePurity as the paper's appendix prints it; utility_intercept (γ1) is not among its rows.
PAPER = {
    "adjustment_rate": 9747806.7,
    "famine_effect": 8607270.7,
    "memory_weeks": 2892008.6,
    "prior_alpha": 2604975.6,
    "initial_repression": 2414993.1,
    "visibility": 1912530.7,
    "demographic_scale": 1788773.7,
    "utility_slope": 1279852.8,
    "prior_beta": 1087050.5,
    "tolerance": 929615.1,
}
LAYOUT = "{:>4} {:<18} {:>13} {:>6}  {:>9} {:>8}  {:>4} {:>13} {:>6}"
PROBE = "(pure noise)"  # a column drawn for this table alone: what it seems to matter is the floor


class Line(NamedTuple):
    """One line of the table and of importance.csv; shares are fractions, the probe has no rank."""

    rank: int | None
    parameter: str
    inc_node_purity: float
    share: float
    permutation_mse: float
    permutation_r2: float
    paper_rank: int | None
    paper_inc_node_purity: float | None
    paper_share: float | None


def lines(names: Sequence[str], purity: Floats, loss: HeldOutLoss) -> list[Line]:
    """Return the table, highest IncNodePurity first, the paper's value and rank beside it."""
    paper_names = list(PAPER)  # printed highest first
    paper_total = sum(PAPER.values())
    table: list[Line] = []
    rank = 0
    for place in np.argsort(-purity, kind="stable"):
        name = names[place]
        rank += name != PROBE
        paper = PAPER.get(name)
        table.append(
            Line(
                None if name == PROBE else rank,
                name,
                float(purity[place]),
                float(purity[place] / purity.sum()),
                float(loss.mean_square[place]),
                float(loss.variance_share[place]),
                None if paper is None else 1 + paper_names.index(name),
                paper,
                None if paper is None else paper / paper_total,
            )
        )
    return table


def as_text(table: Sequence[Line]) -> str:
    """Return the table for a terminal, 91 characters wide."""
    head = ("rank", "parameter", "IncNodePurity", "share", "MSE", "R²", "rank", "IncNodePurity", "share")
    formats = ("d", "", ",.1f", ".1%", ".4g", ".4f", "d", ",.1f", ".1%")
    rows = [
        ["-" if value is None else format(value, form) for value, form in zip(line, formats, strict=True)]
        for line in table
    ]
    above = ("", "", "", "", "lost when", "shuffled", "", "the paper", "")
    return "\n".join(LAYOUT.format(*cells).rstrip() for cells in (above, head, *rows))


def as_csv(table: Sequence[Line]) -> bytes:
    """Return the table as the bytes of importance.csv, one header line; empty where there is no value."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(Line._fields)
    writer.writerows(table)
    return stream.getvalue().encode()
