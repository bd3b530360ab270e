"""Importance measured: two forests, what they lose when columns are shuffled, and intervals for all of it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.importance.bootstrap import Units, half_width, held_out_variance, variance_of_units
from analysis.importance.draws import DERIVED, FOLDS, PAIR, Draws, folds_of, units_of
from analysis.importance.forest import (
    Features,
    Forest,
    HeldOut,
    Tick,
    bagged_tree,
    held_out,
    over_trees,
    purity_by_tree,
    purity_gained,
    stream,
)
from analysis.importance.partial_dependence import BACKGROUND, POINTS, Curve, Grid, grid_of, predictions_along
from engine.types import Floats

PROBE = "(no effect)"  # a column made for this table alone: what it seems to matter is the floor
MOST_IMPORTANT = 6  # whose partial dependence is shown
HELD_OUT_TREES = 12  # one in so many of the trees for each fold: predictions settle before importance does
DERIVED_TREES = 5  # one in so many for the forest on DERIVED
REPLICATES = 25
REPLICATE_TREES = 71  # one in so many for each bootstrap replicate
POOLS, REGROWN = 2 + FOLDS, 3 + FOLDS  # purposes of random numbers, after those of analysis.importance.forest


class Importance(NamedTuple):
    """How much one column, or several together, matter; nan for what cannot be known."""

    name: str
    kind: str  # parameter, probe, group (shuffled together) or derived (a column of the second forest)
    purity: float  # IncNodePurity
    share: float  # of the purity of all columns
    share_half: float  # half width of its interval
    mse: float  # rise of the mean squared error when shuffled on rows held out
    r2: float  # the same over the variance there: drop of R²
    r2_half: float
    above: bool | None  # whether the share is surely above the probe's


class Weighed(NamedTuple):
    """The columns of one forest, its pair as well; how it was grown; partial dependence if it was asked for."""

    lines: list[Importance]
    curves: list[Curve]
    judged: int  # rows held out
    r_squared: float  # on them, with nothing shuffled; below 0 when their mean would do better
    held_out: str  # which rows


def trees_of(trees: int) -> tuple[int, int, int]:
    """Return the trees of a forest of ``trees``, of its folds each, and of each bootstrap replicate."""
    return trees, max(1, trees // HELD_OUT_TREES), max(2, trees // REPLICATE_TREES)


def trees_in_all(draws: Draws, trees: int) -> int:
    """Return how many trees ``weigh`` and ``weigh_derived`` grow."""
    folds = int(folds_of(draws)[0].max()) + 1
    sizes = [trees] if draws.derived() is None else [trees, max(1, trees // DERIVED_TREES)]
    return sum(whole + folds * fold + REPLICATES * each for whole, fold, each in map(trees_of, sizes))


def weigh(draws: Draws, forest: Forest, tick: Tick) -> Weighed:
    """Return the importance of every searched parameter, of the probe, and of PAIR shuffled together.

    Partial dependence is that of the most important columns that have a range in the draws' box.
    """
    features, units = draws.features(), Units(units_of(draws))
    by_tree = purity_by_tree(features, draws.score, forest, tick)
    groups: list[tuple[int, ...]] = [(column,) for column in range(features.columns)]
    if set(PAIR) <= set(draws.names):
        groups.append(tuple(draws.names.index(name) for name in PAIR))
    folds, words = folds_of(draws)
    _, fold_trees, each = trees_of(forest.trees)
    held = held_out(features, draws.score, folds, groups, forest._replace(trees=fold_trees), tick)
    order = np.argsort(-by_tree.mean(axis=0)[:-1], kind="stable")[:MOST_IMPORTANT]
    grids = [grid_of(draws, draws.names[column]) for column in order if draws.names[column] in draws.box]
    regrown, along = drawn_again(features, draws.score, units, grids, forest._replace(trees=REPLICATES * each), tick)
    # With the chance of a replicate's few trees left in: a band a little too wide, but smooth.
    half = half_width(along.mean(axis=1).var(axis=0, ddof=1), units.count)
    curves = [Curve(grid, along.mean(axis=(0, 1))[row], half[row]) for row, grid in enumerate(grids)]
    rng = stream(forest.seed, POOLS, REPLICATES)
    lines = importances(draws, groups, by_tree, regrown, held, units.count, rng)
    variance = float(np.var(held.response)) or np.nan
    return Weighed(lines, curves, len(held.rows), 1.0 - float(held.squares[0].mean()) / variance, words)


def weigh_derived(draws: Draws, forest: Forest, tick: Tick) -> list[Importance]:
    """Return the importance of DERIVED, by a forest on which they stand for PAIR; empty unless that was searched."""
    other = draws.derived()
    if other is None:
        return []
    fewer = forest._replace(trees=max(1, forest.trees // DERIVED_TREES))
    lines = weigh(other._replace(box={}), fewer, tick).lines
    return [line._replace(kind="derived") for line in lines if line.name in DERIVED]


def drawn_again(
    features: Features, response: Floats, units: Units, grids: Sequence[Grid], forest: Forest, tick: Tick
) -> tuple[Floats, Floats]:
    """Return shares (REPLICATES, trees of each, columns) and predictions (…, grids, points) of trees on units redrawn.

    ``forest.trees`` is the number of all these trees together.
    """
    each = forest.trees // REPLICATES

    def of_tree(number: int) -> Floats:
        replicate = number // each
        pool = units.drawn_again(stream(forest.seed, POOLS, replicate))
        rng = stream(forest.seed, REGROWN, number)
        tree, _ = bagged_tree(features, response, pool, forest, rng, replicate)
        background = features.taken(pool[rng.integers(len(pool), size=BACKGROUND)], replicate)
        along = predictions_along(tree, grids, background) if grids else np.empty(0)
        return np.concatenate([shares(purity_gained(tree)), along.ravel()])

    measured = np.array(over_trees(of_tree, forest, tick)).reshape(REPLICATES, each, -1)
    along = measured[..., features.columns :].reshape(REPLICATES, each, len(grids), POINTS)
    return measured[..., : features.columns], along


def shares(purity: Floats) -> Floats:
    """Return the purities as shares of their sum; all alike where nothing was split."""
    total = float(purity.sum())
    return purity / total if total > 0 else np.full(len(purity), 1.0 / len(purity))


def importances(
    draws: Draws,
    groups: Sequence[Sequence[int]],
    by_tree: Floats,
    regrown: Floats,
    held: HeldOut,
    units: int,
    rng: np.random.Generator,
) -> list[Importance]:
    """Return a line for each group of columns: every single one, the probe the last of them, then the pair."""
    sums = np.zeros((by_tree.shape[1], len(groups)))
    for number, group in enumerate(groups):
        sums[list(group), number] = 1.0
    purity, trees = by_tree.mean(axis=0), len(by_tree)
    share = shares(purity) @ sums
    again = regrown @ sums
    share_half = half_width(variance_of_units(again, trees), units)
    probe = by_tree.shape[1] - 1
    beyond = half_width(variance_of_units(again - again[..., [probe]], trees), units)
    above: list[bool | None] = [bool(value) for value in share - share[probe] > beyond]
    judged = units_of(draws)
    count = len(np.unique(judged[held.rows]))
    r2_half = half_width(held_out_variance(held, judged, rng), count)
    rise = held.squares[1:].mean(axis=1) - held.squares[0].mean()
    r2 = rise / (float(np.var(held.response)) or np.nan)
    if units < 2:
        above = [None] * len(groups)
    kinds = ["parameter"] * probe + ["probe"] + ["group"] * (len(groups) - probe - 1)
    names = [*draws.names, PROBE, " + ".join(PAIR)]
    above[probe] = None
    measured = np.array([purity @ sums, share, share_half, rise, r2, r2_half]).tolist()
    return [Importance(*line) for line in zip(names, kinds, *measured, above, strict=False)]
