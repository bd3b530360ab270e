"""How much each column matters to a forest of regression trees: R's IncNodePurity, and loss on rows held out.

The trees are scikit-learn's, grown as R's randomForest grows them: a bootstrap of rows, p // 3 columns tried
at a node, nodes of 5 rows or fewer not split. Each tree is measured and dropped: memory stays flat.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from engine.types import Floats, Integers

Ranks = NDArray[np.float32]
Tick = Callable[[], object]

SMALLEST_SPLIT = 6  # R's nodesize = 5 for regression: a node of 5 rows or fewer is left alone
# Choice: R gives each tree as many rows as there are. From 20,000 to 800,000 rows a tree, shares of
# IncNodePurity on made-up walks of eight chains stayed within 0.01 of each other; a tree took 0.05 s to 3 s.
ROWS_PER_TREE = 20_000
HELD_OUT_ROWS = 20_000


class Forest(NamedTuple):
    """What a forest is grown with; ``workers`` threads change the time it takes and no number."""

    trees: int
    columns_per_split: int  # mtry
    seed: int
    workers: int
    rows_per_tree: int = ROWS_PER_TREE


class Features(NamedTuple):
    """What trees split on: the columns' ranks, and a last column, the probe, of which there are several drawings."""

    ranks: Ranks  # (rows, columns - 1)
    probes: Ranks  # (drawings, rows)

    def taken(self, rows: Integers, number: int) -> Ranks:
        """Return the features of some rows, (rows, columns), with the drawing of the probe that is ``number``'s."""
        return np.column_stack([self.ranks[rows], self.probes[number % len(self.probes), rows]])

    @property
    def columns(self) -> int:
        """How many columns trees split on."""
        return int(self.ranks.shape[1]) + 1


class HeldOut(NamedTuple):
    """What forests got wrong on rows they had not seen, before and after columns were shuffled there."""

    squares: Floats  # (1 + groups, rows): squared error with nothing shuffled, then with each group
    response: Floats  # (rows,)
    rows: Integers  # (rows,), which


def as_ranks(columns: Sequence[Floats]) -> Ranks:
    """Return the columns side by side (rows, columns), each value replaced by its rank in the column.

    A tree sees order only. Ranks keep it where scikit-learn would not: it takes float32, and values closer
    than 1e-7 for equal.
    """
    ranks = np.empty((len(columns[0]), len(columns)), dtype=np.float32)
    for number, column in enumerate(columns):
        ranks[:, number] = np.unique(column, return_inverse=True)[1]
    return ranks


def grow(features: Ranks, response: Floats, columns_per_split: int, seed: int) -> Any:
    """Return a tree (scikit-learn's ``tree_``) grown on the rows given; a repeated row counts each time."""
    tree = DecisionTreeRegressor(max_features=columns_per_split, min_samples_split=SMALLEST_SPLIT, random_state=seed)
    return tree.fit(features, response, check_input=False).tree_


def purity_gained(tree: Any) -> Floats:
    """Return for each column (columns,) the residual sum of squares that splits on it removed, in-bag."""
    per_row = tree.compute_feature_importances(normalize=False)
    return np.asarray(per_row * tree.weighted_n_node_samples[0], dtype=np.float64)


def bagged_tree(
    features: Features, response: Floats, pool: Integers | None, forest: Forest, rng: np.random.Generator, number: int
) -> tuple[Any, float]:
    """Return a tree grown on rows drawn from ``pool``, all rows if None, and how many rows there stand for one drawn.

    The tree is the one with ``number``, which decides its drawing of the probe.
    """
    rows = len(response) if pool is None else len(pool)
    seen = min(rows, forest.rows_per_tree)
    drawn = rng.integers(rows, size=seen)
    bag = drawn if pool is None else pool[drawn]
    tree = grow(features.taken(bag, number), response[bag], forest.columns_per_split, int(rng.integers(2**31)))
    return tree, rows / seen


def purity_by_tree(features: Features, response: Floats, forest: Forest, tick: Tick) -> Floats:
    """Return ``purity_gained`` of each tree, (trees, columns); the mean over trees is R's IncNodePurity.

    Where trees see fewer rows than there are, the sum of squares is scaled up by rows over rows seen.
    ``tick`` is called after every tree.
    """

    def gain(number: int) -> Floats:
        tree, scale = bagged_tree(features, response, None, forest, stream(forest.seed, 1, number), number)
        return purity_gained(tree) * scale

    return np.array(over_trees(gain, forest, tick))


def held_out(
    features: Features,
    response: Floats,
    folds: Integers,
    groups: Sequence[Sequence[int]],
    forest: Forest,
    tick: Tick,
) -> HeldOut:
    """Return the errors on rows held out, with nothing shuffled and with each group of columns shuffled together.

    ``folds`` (rows,) gives the fold in which a row is held out, 0 and up, or -1 for one that never is.
    A fold's forest grows on all other rows and is judged on at most HELD_OUT_ROWS / folds of its own.
    """
    count = int(folds.max()) + 1
    squares, judged = [], []
    for fold in range(count):
        rng = stream(forest.seed, 2 + fold, 0)
        held = np.flatnonzero(folds == fold)
        held = rng.choice(held, size=min(len(held), HELD_OUT_ROWS // count), replace=False)
        shuffled = with_each_shuffled(features.taken(held, fold), groups, rng)
        told = predicted(features, response, np.flatnonzero(folds != fold), shuffled, forest, fold, tick)
        squares.append((told - response[held]) ** 2)
        judged.append(held)
    rows = np.concatenate(judged)
    return HeldOut(np.concatenate(squares, axis=1), response[rows], rows)


def with_each_shuffled(features: Ranks, groups: Sequence[Sequence[int]], rng: np.random.Generator) -> Ranks:
    """Return copies (1 + groups, rows, columns): the features, then again with each group's columns shuffled.

    The columns of a group are shuffled by one and the same order, so that what binds them to each other stays.
    """
    copies = np.tile(features, (1 + len(groups), 1, 1))
    for number, group in enumerate(groups):
        order = rng.permutation(len(features))
        for column in group:
            copies[1 + number, :, column] = features[order, column]
    return copies


def predicted(
    features: Features,
    response: Floats,
    grown_on: Integers,
    judged: Ranks,
    forest: Forest,
    fold: int,
    tick: Tick,
) -> Floats:
    """Return predictions (copies, rows) for ``judged`` (copies, rows, columns), trees seeing ``grown_on``."""
    copies, rows, columns = judged.shape
    flat = judged.reshape(copies * rows, columns)

    def of_tree(number: int) -> Floats:
        tree, _ = bagged_tree(features, response, grown_on, forest, stream(forest.seed, 2 + fold, 1 + number), fold)
        return np.asarray(tree.predict(flat), dtype=np.float64).reshape(copies, rows)

    return sum(over_trees(of_tree, forest, tick), np.zeros((copies, rows))) / forest.trees


def stream(seed: int, purpose: int, number: int) -> np.random.Generator:
    """Return the random numbers at an address: purpose 0 is the probe, 1 the forest, 2 and up the folds."""
    # NumPy takes (7, 0, 0) for 7: an address that ended in 0 would meet the numbers of a bare seed again.
    return np.random.default_rng((seed, purpose, 1 + number))


def over_trees(measure: Callable[[int], Floats], forest: Forest, tick: Tick) -> list[Floats]:
    """Return ``measure(number)`` of each tree, in order, so that threads change no bit."""
    measured = []
    with ThreadPoolExecutor(forest.workers) as pool:
        for part in pool.map(measure, range(forest.trees)):
            measured.append(part)
            tick()
    return measured
