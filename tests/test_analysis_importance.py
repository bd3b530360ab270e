"""What importance measures: the definition worked by hand, planted parameters, chains held out."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from results_on_disk import write_results

from analysis import importance
from analysis.forest import Forest, as_ranks, grow, held_out_loss, inc_node_purity, purity_gained
from analysis.importance import chain_folds, load
from analysis.importance_table import PROBE, Line
from engine.parameters import PAPER_NAMES

PLANTED = ("visibility", "famine_effect")  # score = 10 visibility + 5 famine_effect + noise


def planted(results: Path, seed: int, chains: int = 4, iterations: int = 250) -> Path:
    """A run of uniform draws whose score depends on PLANTED alone, with Gaussian noise of sd 1."""
    rng = np.random.default_rng(seed)
    points = {name: rng.random((chains, iterations)) for name in PAPER_NAMES}
    score = 10 * points["visibility"] + 5 * points["famine_effect"] + rng.normal(size=(chains, iterations))
    return write_results(results, points, score)


def table_of(results: Path, seed: int = 0, trees: int = 100, workers: int = 2) -> list[Line]:
    return importance.measure(load(results, seed), trees, seed, workers)[0]


def nothing() -> None:
    """No progress to show."""


def test_purity_of_one_tree_worked_by_hand() -> None:
    """Eight rows, both columns tried at every node.

    The residual sum of squares (RSS) of a node is the sum of (score - mean of the node)².
      all 8:    mean 76/8 = 9.5; 9.5² + 11.5² + 2.5² + 8.5² + 0.5² + 6.5² + 2.5² + 0.5²            = 350
      split on the first column between 2 and 3:
        {19, 21}              mean 20, RSS 1 + 1                                                    =   2
        {7, 1, 9, 3, 7, 9}    mean 6,  RSS 1 + 25 + 9 + 9 + 1 + 9                                   =  54
        removed by the first column: 350 - 2 - 54                                                   = 294
      the six rows are one more than 5 and are split again, on the second column:
        {1, 3}                mean 2,  RSS 1 + 1                                                    =   2
        {7, 9, 7, 9}          mean 8,  RSS 1 + 1 + 1 + 1                                            =   4
        removed by the second column: 54 - 2 - 4                                                    =  48
      The three nodes left hold 2, 2 and 4 rows: 5 or fewer, so the 8 that remain stay.
    """
    first = np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
    second = np.array([1.0, 0, 1, 0, 1, 0, 1, 1])
    score = np.array([19.0, 21, 7, 1, 9, 3, 7, 9])
    tree = grow(as_ranks([first, second]), score, columns_per_split=2, seed=0)
    assert purity_gained(tree) == pytest.approx([294.0, 48.0], rel=1e-12)


def test_five_rows_are_left_alone_and_a_repeated_row_counts_each_time() -> None:
    """Five rows are not split. Three drawn twice are six, and are: RSS of 0 0 0 0 3 3 is 4·1² + 2·2² = 12."""
    five = grow(as_ranks([np.arange(5.0)]), np.array([0.0, 0, 0, 3, 3]), 1, seed=0)
    assert purity_gained(five) == pytest.approx([0.0])
    six = grow(as_ranks([np.repeat([1.0, 2, 3], 2)]), np.repeat([0.0, 0, 3], 2), 1, seed=0)
    assert purity_gained(six) == pytest.approx([12.0])


def test_values_closer_than_single_precision_are_told_apart() -> None:
    column = 1.0 + np.arange(8) * 1e-12
    assert purity_gained(grow(as_ranks([column]), np.repeat([0.0, 1.0], 4), 1, seed=0)) == pytest.approx([2.0])


def test_trees_that_see_fewer_draws_count_for_all(seed: int) -> None:
    """A tenth of the draws a tree, scaled: what the planted columns removed comes out within a tenth.

    Over 100 seeds the larger gap was 3.2 % (sd 1.1 %): false alarms below one in 100,000.
    """
    rng = np.random.default_rng(seed)
    columns = list(rng.random((3, 8000)))
    score = 10 * columns[0] + 5 * columns[1] + rng.normal(size=8000)
    whole = Forest(trees=10, columns_per_split=3, seed=seed, workers=2)
    fewer = whole._replace(rows_per_tree=800, trees=50)
    purity = [inc_node_purity(as_ranks(columns), score, forest, nothing) for forest in (whole, fewer)]
    assert purity[1][:2] == pytest.approx(purity[0][:2], rel=0.1)


def test_planted_parameters_come_first_and_the_others_lie_near_the_probe(tmp_path: Path, seed: int) -> None:
    """The two planted parameters stand out, the nine others cannot be told from noise.

    Over 100 seeds: of the nine, the one furthest from the probe differed by 30 % (sd 12 %), the largest
    loss was 0.006 (sd 0.002), visibility's 1.18 (sd 0.06): false alarms below one in 10,000.
    """
    table = table_of(planted(tmp_path / "results", seed))
    assert [line.parameter for line in table[:2]] == list(PLANTED)
    assert [line.rank for line in table if line.rank] == list(range(1, 12))
    probe = next(line for line in table if line.parameter == PROBE)
    assert probe.rank is None
    for line in table[2:]:
        assert probe.inc_node_purity / 3 < line.inc_node_purity < 3 * probe.inc_node_purity
        assert abs(line.permutation_r2) < 0.03
    # The score's variance is 100/12 + 25/12 + 1 = 11.4. Shuffling visibility adds twice its own part,
    # 2 · 100/12 or 1.46 of the variance, to a forest that has learned it wholly; with few draws it is less.
    assert 0.9 < table[0].permutation_r2 < 1.46
    assert table[1].inc_node_purity > 4 * probe.inc_node_purity
    assert sum(line.share for line in table) == pytest.approx(1.0)


def test_scores_dealt_out_at_random_put_no_parameter_above_the_probe(tmp_path: Path, seed: int) -> None:
    """The negative control of the test above: with the scores shuffled visibility passes for noise, too."""
    draws = load(planted(tmp_path / "results", seed), seed)
    draws = draws._replace(score=np.random.default_rng(seed).permutation(draws.score))
    table = importance.measure(draws, 100, seed, 2)[0]
    probe = next(line for line in table if line.parameter == PROBE)
    visibility = next(line for line in table if line.parameter == "visibility")
    assert probe.inc_node_purity / 3 < visibility.inc_node_purity < 3 * probe.inc_node_purity
    assert abs(visibility.permutation_r2) < 0.1


def chain_effects(seed: int) -> tuple[list[NDArray[np.float64]], NDArray[np.float64], NDArray[np.int64]]:
    """A column that tells the chain, one of noise; a score of 10 in odd chains, else -10; the chain."""
    rng = np.random.default_rng(seed)
    chain = np.repeat(np.arange(8), 250)
    score = np.where(chain % 2, 10.0, -10.0) + rng.normal(size=2000)
    return [chain + rng.random(2000) / 2, rng.random(2000)], score, chain


def test_whole_chains_are_held_out(seed: int) -> None:
    """What only tells chains apart explains the draws of chains seen, and nothing of a chain not seen.

    Over 100 seeds: R² 0.93 (sd 0.01) within, -2.88 (sd 0.03) on chains held out; loss 1.69 (sd 0.05)
    and 0.004 (sd 0.003).
    """
    columns, score, chain = chain_effects(seed)
    forest = Forest(trees=20, columns_per_split=1, seed=seed, workers=2)
    mixed = np.random.default_rng(seed).permutation(np.arange(2000) % 4)
    within = held_out_loss(as_ranks(columns), score, mixed, forest, nothing)
    held = held_out_loss(as_ranks(columns), score, chain % 4, forest, nothing)
    assert within.r_squared > 0.85
    assert within.variance_share[0] > 1.0
    assert held.r_squared < 0.0
    assert abs(held.variance_share[0]) < 0.05


def test_folds_hold_out_whole_chains_or_the_end_of_the_only_one(tmp_path: Path, seed: int) -> None:
    for chains, folds in ((2, 2), (3, 3), (4, 4), (8, 4)):
        draws = load(planted(tmp_path / f"{chains}", seed, chains, 10), seed)
        fold, words = chain_folds(draws)
        assert len(np.unique(fold)) == folds
        assert all(len(np.unique(fold[draws.chain == chain])) == 1 for chain in range(chains))
        assert "whole chains" in words
    fold, words = chain_folds(load(planted(tmp_path / "1", seed, 1, 40), seed))
    assert fold.tolist() == [-1] * 30 + [0] * 10
    assert "last quarter of the only chain" in words


def test_a_seed_gives_the_same_numbers_with_any_number_of_workers(tmp_path: Path, seed: int) -> None:
    results = planted(tmp_path / "results", seed)
    first = table_of(results, trees=20)
    assert table_of(results, trees=20, workers=1) == first
    assert table_of(results, trees=20, workers=5) == first
    assert table_of(results, trees=20, seed=1) != first
