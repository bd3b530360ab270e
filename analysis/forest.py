"""How much each column matters to a forest of regression trees: R's IncNodePurity, and loss on rows held out.

The trees are scikit-learn's, grown as R's randomForest grows them: a bootstrap of rows, p // 3 columns tried
at a node, nodes of 5 rows or fewer not split. Each tree is measured and dropped: memory stays flat.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

Floats = NDArray[np.float64]
Ranks = NDArray[np.float32]
Indices = NDArray[np.int64]

SMALLEST_SPLIT = 6  # R's nodesize = 5 for regression: a node of 5 rows or fewer is left alone
# Choice: R gives each tree as many rows as there are. From 20,000 to 800,000 rows a tree, shares of
# IncNodePurity on made-up walks of eight chains stayed within 0.01 of each other; a tree took 0.05 s to 3 s.
ROWS_PER_TREE = 40_000
HELD_OUT_ROWS = 20_000


class Forest(NamedTuple):
    """What a forest is grown with; ``workers`` threads change the time it takes and no number."""

    trees: int
    columns_per_split: int  # mtry
    seed: int
    workers: int
    rows_per_tree: int = ROWS_PER_TREE


class HeldOutLoss(NamedTuple):
    """What is lost when one column is shuffled on rows that no tree of the fold has seen."""

    mean_square: Floats  # (columns,), rise of the mean squared error
    variance_share: Floats  # (columns,), the same over the variance of the held-out response: drop of R²
    r_squared: float  # of the held-out rows with nothing shuffled; below 0 when their mean would do better
    rows: int


def as_ranks(columns: list[Floats]) -> Ranks:
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


def inc_node_purity(features: Ranks, response: Floats, forest: Forest, tick: Callable[[], object]) -> Floats:
    """Return IncNodePurity (columns,) as R's randomForest defines it: ``purity_gained``, mean over the trees.

    Where trees see fewer rows than there are, the sum of squares is scaled up by rows over rows seen.
    ``tick`` is called after every tree.
    """
    rows = len(response)
    seen = min(rows, forest.rows_per_tree)

    def gain(number: int) -> Floats:
        rng = stream(forest.seed, 1, number)
        bag = rng.integers(rows, size=seen)
        return purity_gained(grow(features[bag], response[bag], forest.columns_per_split, tree_seed(rng)))

    return mean_over_trees(gain, forest, tick) * (rows / seen)


def held_out_loss(
    features: Ranks, response: Floats, folds: Indices, forest: Forest, tick: Callable[[], object]
) -> HeldOutLoss:
    """Return the permutation importance of each column on rows held out.

    ``folds`` (rows,) gives the fold in which a row is held out, 0 and up, or -1 for one that never is.
    A fold's forest grows on all other rows and is judged on at most HELD_OUT_ROWS / folds of its own.
    """
    count = int(folds.max()) + 1
    squares, judged = [], []
    for fold in range(count):
        rng = stream(forest.seed, 2 + fold, 0)
        held = np.flatnonzero(folds == fold)
        held = rng.choice(held, size=min(len(held), HELD_OUT_ROWS // count), replace=False)
        shuffled = with_each_shuffled(features[held], rng)
        grown_on = np.flatnonzero(folds != fold)
        squares.append((predict(features, response, grown_on, shuffled, forest, fold, tick) - response[held]) ** 2)
        judged.append(response[held])
    error = np.concatenate(squares, axis=1).mean(axis=1)
    pooled = np.concatenate(judged)
    variance = float(np.var(pooled)) or np.nan
    loss = error[1:] - error[0]
    return HeldOutLoss(loss, loss / variance, 1.0 - float(error[0]) / variance, len(pooled))


def with_each_shuffled(features: Ranks, rng: np.random.Generator) -> Ranks:
    """Return copies (1 + columns, rows, columns): the features, then again with each column shuffled."""
    columns = features.shape[1]
    copies = np.tile(features, (1 + columns, 1, 1))
    for number in range(columns):
        copies[1 + number, :, number] = rng.permutation(features[:, number])
    return copies


def predict(
    features: Ranks,
    response: Floats,
    grown_on: Indices,
    judged: Ranks,
    forest: Forest,
    fold: int,
    tick: Callable[[], object],
) -> Floats:
    """Return predictions (copies, rows) for ``judged`` (copies, rows, columns), trees seeing ``grown_on``."""
    copies, rows, columns = judged.shape
    flat = judged.reshape(copies * rows, columns)
    seen = min(len(grown_on), forest.rows_per_tree)

    def of_tree(number: int) -> Floats:
        rng = stream(forest.seed, 2 + fold, 1 + number)
        bag = grown_on[rng.integers(len(grown_on), size=seen)]
        tree = grow(features[bag], response[bag], forest.columns_per_split, tree_seed(rng))
        return np.asarray(tree.predict(flat), dtype=np.float64).reshape(copies, rows)

    return mean_over_trees(of_tree, forest, tick)


def stream(seed: int, purpose: int, number: int) -> np.random.Generator:
    """Return the random numbers at an address: purpose 0 is the probe, 1 the forest, 2 and up the folds."""
    # NumPy takes (7, 0, 0) for 7: an address that ended in 0 would meet the numbers of a bare seed again.
    return np.random.default_rng((seed, purpose, 1 + number))


def tree_seed(rng: np.random.Generator) -> int:
    """Return a seed for scikit-learn, which takes no Generator."""
    return int(rng.integers(2**31))


def mean_over_trees(measure: Callable[[int], Floats], forest: Forest, tick: Callable[[], object]) -> Floats:
    """Return the mean of ``measure(number)`` over the trees, added in order so that threads change no bit."""
    total: Floats | float = 0.0
    with ThreadPoolExecutor(forest.workers) as pool:
        for part in pool.map(measure, range(forest.trees)):
            total = total + part
            tick()
    return np.asarray(total / forest.trees, dtype=np.float64)
