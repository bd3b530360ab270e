"""What variants come to, whatever was changed in them: their worth in order, and which conclusions they bear out."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import binomtest

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.reproduction.claims import NO, PARTLY, UNTESTED, YES
from analysis.variants.found import Found
from analysis.variants.study import REPEATS
from engine.plot_style import CONTEXT, OURS
from engine.types import Floats

LEVEL = 0.95
SURE = 2.0  # standard errors
CLAIMS = ("claim", "as_it_is", "tested", "yes", "yes_low", "yes_high", "partly", "no", "not_tested")


def worth_of(found: Sequence[Found]) -> Floats:
    """Return the worth of each variant's best point, NaN where there is none."""
    return np.array([np.nan if one.mean is None else one.mean for one in found])


def claims_of(found: Sequence[Found], what: str, command: str) -> Exhibit:
    """Return in what share of the variants each conclusion is borne out; the first REPEATS change nothing."""
    itself, others = found[:REPEATS], [one for one in found[REPEATS:] if one.verdicts]
    rows: list[list[Cell]] = []
    for claim in next((one.verdicts for one in found if one.verdicts), {}):
        told = [one.verdicts[claim] for one in others]
        if all(verdict not in (YES, PARTLY, NO) for verdict in told):
            continue
        base = [one.verdicts[claim] for one in itself if one.verdicts]
        as_it_is = ", ".join(f"{base.count(one)} {one}" for one in (YES, PARTLY, NO, UNTESTED) if one in base)
        tested = [verdict for verdict in told if verdict in (YES, PARTLY, NO)]
        share = binomtest(tested.count(YES), len(tested)).proportion_ci(LEVEL, "wilson")
        shares = [tested.count(one) / len(tested) for one in (PARTLY, NO)]
        yes = tested.count(YES) / len(tested), float(share.low), float(share.high)
        rows.append([claim, as_it_is, len(tested), *yes, *shares, len(told) - len(tested)])
    said = (
        f"Each conclusion of the paper, and of a longer search (ours), held against the good draws of each {what}, by "
        "the rule that analysis.reproduction has for it: yes, partly or no, as shares of those in which it can be "
        f"tested; between low and high, a {LEVEL:.0%} interval of yes for all that might have been drawn. As "
        f"it is: the scenario itself, searched {REPEATS} times. A search as short as these has good draws that spread "
        "wide, so that a claim of a narrow spread has little chance."
    )
    if not rows:
        said = "The scenario names no claims to hold against it (key `reference.claims`)."
    return Exhibit("claims", "Which conclusions are borne out", said, command, None, Table(CLAIMS, rows))


def in_order(found: Sequence[Found]) -> np.ndarray:
    """Return the places of the variants that change something, the best first; those without a worth last."""
    worth = worth_of(found)[REPEATS:]
    return REPEATS + np.argsort(-np.nan_to_num(worth, nan=-np.inf), kind="stable")


def draw_worth(axes: Axes, found: Sequence[Found], order: np.ndarray, label: str) -> None:
    """Draw the worth of the variants in their order, and the band of the scenario as it is."""
    worth = worth_of(found)
    error = np.array([np.nan if one.error is None else one.error for one in found])
    itself = worth[:REPEATS]
    if np.isfinite(itself).any():
        axes.axhspan(np.nanmin(itself), np.nanmax(itself), color=CONTEXT, alpha=0.4, linewidth=0)
    axes.errorbar(np.arange(len(order)), worth[order], SURE * error[order], fmt="o", ms=3, lw=0.8, color=OURS)
    axes.set_ylabel(label)
    axes.set_xlim(-0.8, len(order) - 0.2)
