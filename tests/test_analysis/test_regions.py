"""Regions of planted landscapes, in eleven dimensions: what lies apart stays apart, what hangs together is one."""

from itertools import pairwise

import numpy as np
import pytest
from support.names import NAMES
from support.planted import (
    CENTRE,
    FREE,
    GOOD,
    ONE,
    SCENARIO,
    SPACE,
    Landscape,
    around,
    found,
    on_islands,
    scores_of,
    shifted,
    two_islands,
)

from analysis.regions.paths import SMALLEST, bend, joined
from analysis.regions.search import clusters
from analysis.run_data.fresh_seeds import STAGES, Fair, settled
from calibrate.methods.space import to_points, to_unit
from engine.types import Floats

RATE = SCENARIO.free_names.index("adjustment_rate")


def off_the_banana(unit: Floats) -> Floats:
    """Distance from a parabola in the first two dimensions, whose ends are 0.8 apart and its middle 0.6 below them."""
    along = np.linspace(0.1, 0.9, 200)
    curve = np.stack([along, 0.2 + 0.6 * ((along - 0.5) / 0.4) ** 2], axis=1)
    return np.linalg.norm(unit[:, None, :2] - curve[None], axis=2).min(axis=1)


def banana(unit: Floats) -> Floats:
    """Good within 0.06 of the parabola, and within 0.4 of the centre in the other nine dimensions."""
    return 10 - 4 * np.maximum(off_the_banana(unit) / 0.06, np.linalg.norm(unit[:, 2:] - 0.5, axis=1) / 0.4)


def on_banana(along: Floats, rng: np.random.Generator) -> Floats:
    unit = around(CENTRE, 0.2, len(along), rng)
    unit[:, 0], unit[:, 1] = along, 0.2 + 0.6 * ((along - 0.5) / 0.4) ** 2
    return unit


def groups_at(landscape: Landscape, unit: Floats, seed: int, noise: float = 0.3) -> int:
    """How many groups paths leave, between points that are known to be good."""
    scores = scores_of(landscape, seed, noise)

    def means(path: Floats, threshold: float) -> Fair:
        return settled(scores, to_points(SPACE, path), threshold)

    (level,) = joined(means, unit, np.full(len(unit), GOOD + 1), [GOOD], seed)
    return len(level.regions())


def test_two_islands_stay_two(seed: int) -> None:
    regions = found(on_islands(np.random.default_rng(seed)), two_islands, seed)
    assert regions.number == 2
    unit = to_unit(SPACE, regions.draws.points[regions.place])
    first = np.linalg.norm(unit - ONE, axis=1) < 0.3
    assert len(set(regions.region[first])) == len(set(regions.region[~first])) == 1
    assert [level.regions for level in regions.levels] == [2] * 5
    assert regions.floors.size == 0


def test_a_bent_ridge_is_one_though_straight_lines_leave_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    unit = on_banana(rng.uniform(0.1, 0.9, 300), rng)
    ends = on_banana(np.array([0.1, 0.9]), rng)
    assert banana(ends.mean(axis=0)[None])[0] < 0  # the straight line between its ends leaves it
    regions = found(unit, banana, seed)
    assert regions.number == 1
    assert (regions.region < 0).mean() < 0.05


def test_a_ridge_with_draws_at_its_ends_alone_is_joined_by_a_path_that_bends(seed: int) -> None:
    rng = np.random.default_rng(seed)
    along = np.concatenate([rng.uniform(0.1, 0.2, 40), rng.uniform(0.8, 0.9, 40)])
    regions = found(on_banana(along, rng), banana, seed)
    (chosen,) = (level for level in regions.levels if level.threshold == GOOD)
    assert (chosen.clusters, regions.number) == (2, 1)
    assert regions.floors.size == 0 or regions.floors.min() > GOOD - 1


def test_a_cluster_with_a_moat_through_it_is_two_regions(seed: int) -> None:
    """The moat is 0.12 wide, a little more than a path's step; distance sees nothing of it."""

    def moated(unit: Floats) -> Floats:
        return np.where(np.abs(unit[:, 0] - 0.5) < 0.06, 0.0, 10 - 10 * np.linalg.norm(unit - CENTRE, axis=1))

    unit = around(CENTRE, 0.35, 400, np.random.default_rng(seed))
    assert found(unit, moated, seed).number == 2
    assert found(unit, lambda unit: 10 - 10 * np.linalg.norm(unit - CENTRE, axis=1), seed).number == 1


def test_a_log_scale_is_measured_as_it_is_walked(seed: int) -> None:
    """Rates from 0.0007 to 0.0016 are bad: 0.13 of the range in logarithms, and 0.02 of it as plain numbers."""

    def banded(unit: Floats) -> Floats:
        rate = np.exp(np.log(1e-4) + unit[:, RATE] * np.log(500))
        return np.where((rate > 7e-4) & (rate < 1.6e-3), 0.0, 10 - 2 * np.linalg.norm(unit - CENTRE, axis=1))

    unit = around(CENTRE, 0.1, 300, np.random.default_rng(seed))
    unit[:, RATE] = np.random.default_rng(seed).uniform(0.05, 0.7, 300)
    regions = found(unit, banded, seed)
    assert regions.number == 2
    rates = [regions.points(region)[:, NAMES.index("adjustment_rate")] for region in (0, 1)]
    assert {bool((rate < 1e-3).all()) for rate in rates} == {True, False}


def test_the_unit_box_and_back(seed: int) -> None:
    middle = to_points(SPACE, CENTRE[None])[0]
    assert middle[NAMES.index("adjustment_rate")] == pytest.approx(np.sqrt(1e-4 * 5e-2))
    assert middle[NAMES.index("prior_alpha")] == pytest.approx(50.5)
    assert middle[NAMES.index("economy_effect")] == 1.0  # held
    unit = np.random.default_rng(seed).random((100, FREE))
    back = to_unit(SPACE, to_points(SPACE, unit))
    memory = SCENARIO.free_names.index("memory_weeks")
    assert np.delete(back, memory, axis=1) == pytest.approx(np.delete(unit, memory, axis=1))
    assert np.abs(back - unit)[:, memory].max() <= 0.5 / 196  # rounded to whole weeks, 13 to 208
    assert set(to_points(SPACE, np.array([np.zeros(FREE), np.ones(FREE)]))[:, NAMES.index("memory_weeks")]) == {13, 208}


def shallow(depth: float) -> Landscape:
    """Two good ends of a corridor, the 0.4 between them ``depth`` below the threshold."""

    def landscape(unit: Floats) -> Floats:
        aside = np.linalg.norm(unit[:, 1:] - 0.5, axis=1)
        return np.where(np.abs(unit[:, 0] - 0.5) < 0.2, GOOD - depth, GOOD + 2.0) - 10 * np.maximum(aside - 0.3, 0)

    return landscape


def test_noise_does_not_join_what_lies_a_standard_deviation_apart(seed: int) -> None:
    """A point one standard deviation below passes 30 seeds with chance 2e-8 (5.5 standard errors), and some 7,000 are
    tried: false alarm below 2e-3 for the three repeats. The control: half a deviation above, it is joined."""
    for repeat in range(3):
        rng = np.random.default_rng([seed, repeat])
        unit = np.concatenate([around(shifted(a=place), 0.1, 20, rng) for place in (0.15, 0.85)])
        assert groups_at(shallow(1.0), unit, seed + repeat, noise=1.0) == 2
        assert groups_at(shallow(-0.5), unit, seed + repeat, noise=1.0) == 1


def test_a_path_that_bends_is_checked_again_and_luck_is_cut_off(seed: int) -> None:
    """Every point passes when it is first met; those between the ends fail when a path over them is simulated again."""
    start, goal = np.full((1, 3), 0.2), np.full((1, 3), 0.8)
    asked: list[int] = []

    def means(unit: Floats, threshold: float) -> Fair:
        is_path = len(unit) != 64 and np.any(np.all(unit == start, axis=1))
        asked.append(len(unit)) if is_path else None
        between = np.abs(unit - 0.5).max(axis=1) < 0.25
        return Fair(np.where(between & is_path, threshold - 1, threshold + 1), np.full(len(unit), 0.1))

    assert bend(means, start, goal, GOOD, np.random.default_rng(seed)) is None
    assert asked  # paths were found, and cut
    reached = bend(
        lambda unit, level: Fair(unit[:, 0] + level, unit[:, 0]), start, goal, GOOD, np.random.default_rng(0)
    )
    assert reached is not None
    assert (reached.start, reached.goal) == (0, 0)
    assert reached.floor <= GOOD + 0.2 + 1e-9


def test_as_many_seeds_as_it_takes(seed: int) -> None:
    """Far below: 6 seeds; far above: 30, no fewer; at the threshold: 90."""
    count = np.zeros(3, np.int64)
    scores = scores_of(lambda unit: np.array([0.0, GOOD + 5, GOOD])[np.round(2 * unit[:, 0]).astype(int)], seed)

    def counting(points: Floats, seeds: int) -> Floats:
        count[np.round(2 * to_unit(SPACE, points)[:, 0]).astype(int)] += seeds
        return scores(points, seeds)

    unit = np.tile(CENTRE, (3, 1))
    unit[:, 0] = 0.0, 0.5, 1.0
    mean = settled(counting, to_points(SPACE, unit), GOOD).mean
    assert count[:2].tolist() == [STAGES[0], sum(STAGES[:2])]
    assert count[2] in np.cumsum(STAGES)
    assert mean == pytest.approx([0, GOOD + 5, GOOD], abs=0.6)


def test_a_point_whose_runs_fail_is_no_way_through(seed: int) -> None:
    def failing(unit: Floats) -> Floats:
        return np.where(np.abs(unit[:, 0] - 0.5) < 0.2, np.nan, GOOD + 2)

    unit = np.concatenate([around(shifted(a=place), 0.1, 10, np.random.default_rng(seed)) for place in (0.15, 0.85)])
    assert groups_at(failing, unit, seed) == 2


def test_what_is_joined_stays_joined_at_lower_thresholds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    unit = on_banana(rng.uniform(0.1, 0.9, 150), rng)
    scores = scores_of(banana, seed)

    def means(path: Floats, threshold: float) -> Fair:
        return settled(scores, to_points(SPACE, path), threshold)

    found_at = joined(means, unit, banana(unit), [5.0, 7.0, 9.0, 8.0], seed)
    assert [level.threshold for level in found_at] == [9, 8, 7, 5]
    assert len({int((level.group >= 0).sum()) for level in found_at}) > 1
    for high, low in pairwise(found_at):
        assert not np.any((high.group >= 0) & (low.group < 0))
        for group in high.regions():
            assert len(set(low.group[high.group == group])) == 1


def test_clusters_where_there_are_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for count in (0, 1, SMALLEST, SMALLEST + 1):
        assert clusters(rng.random((count, FREE))).shape == (count,)
    assert set(clusters(rng.random((SMALLEST, FREE)))) == {-1}
