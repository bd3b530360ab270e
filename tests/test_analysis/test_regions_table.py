"""What is told of regions: their tables, the line of one shape on the other, what may have been missed."""

import numpy as np
import pytest
from support.planted import GOOD, ONE, SCENARIO, around, draws_at, found, on_islands, scores_of, two_islands

from analysis.regions.paths import SMALLEST
from analysis.regions.search import ABOVE, find_regions, silence
from analysis.regions.table import certainty, levels, summary, text, unseen
from analysis.run_data.fresh_seeds import Fair
from analysis.run_data.ranking import rank
from analysis.run_data.ridge import ridge_of


@pytest.mark.parametrize("count", [1, 3, 30])
def test_few_draws_of_one_chain(count: int, seed: int) -> None:
    """Fewer than SMALLEST points are no region; a chain alone says next to nothing of what it did not see."""
    draws = draws_at(around(ONE, 0.05, count, np.random.default_rng(seed)), two_islands, chains=1, status="running")
    scores = scores_of(two_islands, seed)
    regions = find_regions(rank(draws, scores), scores, seed, GOOD)
    again = Fair(np.full(regions.number, 9.0), np.full(regions.number, 0.1))
    assert regions.number == (1 if count >= SMALLEST else 0)
    assert len(summary(regions, again).rows) == regions.number
    said = text(regions, again)
    assert "(the run is running)" in said
    assert "1 independent start (" in said
    assert "less than 95% of starts" in said


def test_a_threshold_that_nothing_reaches_is_told(seed: int) -> None:
    draws = draws_at(on_islands(np.random.default_rng(seed), 10), two_islands)
    scores = scores_of(two_islands, seed)
    with pytest.raises(ValueError, match=r"no draw reaches 50 on fresh seeds; give --above less than [78]\.\d\d"):
        find_regions(rank(draws, scores), scores, seed, 50.0)


def test_regions_in_numbers(seed: int) -> None:
    regions = found(on_islands(np.random.default_rng(seed)), two_islands, seed)
    table = summary(regions, Fair(np.array([9.0, 8.0]), np.array([0.1, 0.1])))
    assert [row[0] for row in table.rows] == [1, 2]
    assert all(1 <= hit <= regions.starts for hit in regions.hits())
    assert levels(regions.levels).head[0] == "threshold"
    assert regions.fair.mean[regions.region == 0].max() >= regions.fair.mean[regions.region == 1].max()
    assert len(certainty(regions)) == 4


def test_the_line_of_one_shape_on_the_other() -> None:
    """α0 = 26 + 0.66 β0 with residuals 3, -3, -3, 3 at β0 = 10, 20, 30, 40, with no slope: s.e. = √(36/2)."""
    points = np.ones((4, 12))
    points[:, 1] = 10, 20, 30, 40
    points[:, 0] = 26 + 0.66 * points[:, 1] + [3, -3, -3, 3]
    assert ridge_of(points) == pytest.approx((26, 0.66, np.sqrt(18)))
    assert ridge_of(points[:2]) is None
    assert ridge_of(np.ones((5, 12))) is None


def test_what_may_have_been_missed() -> None:
    """A basin of share q escapes n starts with chance (1 - q)^n; 0.6877^8 = 0.05."""
    assert unseen(8) == pytest.approx(0.3123, abs=1e-4)
    assert (1 - unseen(8)) ** 8 == pytest.approx(0.05)
    assert unseen(1) == pytest.approx(0.95)


def test_silence_scores_what_is_left_of_the_target() -> None:
    """Quick: 1,240 people in 208 weeks are 5.96 a week; 6 points for the run to its end, none for active years."""
    assert silence(SCENARIO) == pytest.approx(6 - 1240 / 208, abs=0.2)
    assert ABOVE == 0.8
