"""The prior's two parameters: shuffled together, and the derived mean and strength in their place."""

from collections.abc import Callable

import numpy as np
import pytest
from support.planted_draws import Floats, by_name, nothing, screened

from analysis.importance.forest import Forest
from analysis.importance.measure import weigh, weigh_derived


def by_mean(points: Floats) -> Floats:
    """Return a score of α/(α + β) alone, from 0 to 20."""
    return np.asarray(20 * points[..., 0] / (points[..., 0] + points[..., 1]))


def by_strength(points: Floats) -> Floats:
    """Return a score of α + β alone, from 0 to 20."""
    return np.asarray(10 * (points[..., 0] + points[..., 1]))


@pytest.mark.parametrize(
    ("formula", "matters", "does_not"),
    [(by_mean, "prior_mean", "prior_strength"), (by_strength, "prior_strength", "prior_mean")],
)
def test_the_derived_columns_tell_in_what_way_the_pair_matters(
    formula: Callable[[Floats], Floats], matters: str, does_not: str, seed: int
) -> None:
    """A score of one derived column alone: it has nearly all, the other little; the pair together has more than each.

    Over 120 data sets: loss 1.56 (sd 0.11) for the one, 0.06 (sd 0.03) for the other, shares as 9 to 1 (least 4.4);
    the pair lost 1.92 times (sd 0.09) what the greater of the two did alone, the lesser 0.80 (sd 0.03), tolerance
    0.003 (sd 0.002).
    """
    draws = screened(("prior_alpha", "prior_beta", "tolerance"), formula, 2000, seed)
    forest = Forest(60, 1, seed, 2)
    lines = by_name(weigh(draws, forest, nothing).lines) | by_name(weigh_derived(draws, forest, nothing))
    pair = lines["prior_alpha + prior_beta"]
    assert lines[matters].kind == "derived"
    assert lines[matters].r2 > 1.0 > 0.25 > lines[does_not].r2
    assert lines[matters].share > 2 * lines[does_not].share
    assert pair.share == pytest.approx(lines["prior_alpha"].share + lines["prior_beta"].share)
    assert pair.r2 > 1.5 * max(lines["prior_alpha"].r2, lines["prior_beta"].r2)
    assert min(lines["prior_alpha"].r2, lines["prior_beta"].r2) > 0.6
    assert abs(lines["tolerance"].r2) < 0.03


def test_without_the_pair_there_is_no_group_and_nothing_derived(seed: int) -> None:
    draws = screened(("prior_alpha", "tolerance"), lambda points: 10 * points[..., 0], 200, seed)
    assert {line.kind for line in weigh(draws, Forest(5, 1, seed, 1), nothing).lines} == {"parameter", "probe"}
    assert weigh_derived(draws, Forest(5, 1, seed, 1), nothing) == []
