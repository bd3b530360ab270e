"""Facts of the simulated world, on the paper's case."""

import numpy as np
import pytest
from scipy.special import betainc
from scipy.stats import norm
from support.busy_country import (
    BUSY,
    bench,
    check_regime,
    check_world,
    corners,
    lived,
    ran,
    random_points,
    same,
    scenario,
)
from support.goodness import FALSE_ALARM
from support.names import NAMES
from twins.cells import thresholds
from twins.country import country_from

from engine.parameters import Parameters


@pytest.mark.parametrize("counts", ["attempts", "escapes", "repressed"])
@pytest.mark.parametrize("scope", ["province", "nation"])
def test_nobody_escapes_who_did_not_try(counts: str, scope: str, seed: int) -> None:
    """And the rest of what holds in every world; at random points, in corners, and where the tolerance binds."""
    rng = np.random.default_rng([seed, 30])
    overrides = (f"regime.counts={counts}", f"belief.scope={scope}", "stop_above=20000")
    inputs, _ = bench(*overrides)
    binding = [BUSY | {"visibility": seen, "tolerance": most} for seen, most in ((0.0, 12.0), (0.01, 1.0), (0.01, 4.0))]
    points = random_points(rng, 20).tolist() + corners(rng, 10).tolist()
    points = np.array(points + [[point[name] for name in NAMES] for point in binding])
    raised = 0
    for point in points:
        outcome, weekly, record = ran(point, *overrides, seed=seed, recorded=True)
        check_world(record, outcome, inputs.heads.sum(axis=2), inputs.weeks_per_year)
        check_regime(record, outcome, point, counts)
        assert (weekly == record.escapes.sum(axis=1)).all()
        raised += np.count_nonzero(np.diff(record.repression[: outcome.weeks_run], axis=0) > 0)
    assert raised > 100


def test_a_blind_public_never_changes_its_mind(seed: int) -> None:
    """Visibility 0: nothing is known, and how long people remember makes no difference, bit for bit."""
    blind = lived(seed=seed, visibility=0.0)
    assert not blind.known.any()
    assert blind.attempts.any()
    for memory_weeks in (0, 1, 52, 1196):
        assert same(blind, lived(seed=seed, visibility=0.0, memory_weeks=memory_weeks))
    assert not same(lived(seed=seed), lived(seed=seed, memory_weeks=52))  # a seeing one does


@pytest.mark.parametrize("changes", [{"visibility": 0.0}, {"memory_weeks": 0}])
def test_beliefs_at_rest_leave_chances_at_rest(changes: dict[str, float], seed: int) -> None:
    """Who sees nothing, or remembers nothing, attempts by the prior alone: attempts by year against their exact law.

    100 runs, 23 years, 10 provinces; false alarm 1e-6 in all. Beliefs that move are told apart.
    """
    country = country_from(scenario())
    parameters = Parameters.from_mapping(BUSY | changes)
    chances = betainc(parameters.prior_alpha, parameters.prior_beta, thresholds(country, parameters))
    weeks = country.weeks_per_year
    moments = np.zeros((2, 10, len(country.heads)))
    for moment, value in zip(moments, (country.heads * chances, country.heads * chances * (1 - chances)), strict=True):
        np.add.at(moment, country.province, value.T * weeks)
    mean, variance = moments.transpose(0, 2, 1)

    def largest_z(changes: dict[str, float], runs: int) -> float:
        total = np.zeros_like(mean)
        for one in range(runs):
            point = Parameters.from_mapping(BUSY | changes).vector()
            attempts = ran(point, "stop_above=null", seed=seed, iteration=one, recorded=True)[2].attempts
            total += attempts.reshape(-1, weeks, attempts.shape[1]).sum(axis=1)
        enough = runs * mean > 100
        assert enough.sum() > 50
        return float(np.max(abs(total - runs * mean)[enough] / np.sqrt(runs * variance[enough])))

    limit = norm.isf(FALSE_ALARM / 2 / mean.size)
    assert largest_z(changes, 100) < limit
    assert largest_z({}, 100) > limit


def test_memory_of_the_whole_run_is_full_memory(seed: int) -> None:
    full = lived(seed=seed, memory_weeks=1196)
    for memory_weeks in (1197, 5000, 1_000_000):
        assert same(full, lived(seed=seed, memory_weeks=memory_weeks))
    assert same(full, lived(seed=seed, memory_weeks=1195))  # the last week to remember the first is week 1,195
    assert not same(full, lived(seed=seed, memory_weeks=600))


def test_what_is_forgotten_counts_no_more(seed: int) -> None:
    """Two runs whose memories differ are one until the shorter memory first loses something."""
    long, short = lived(seed=seed, memory_weeks=1196), lived(seed=seed, memory_weeks=300)
    first_known = int(np.flatnonzero(long.known.sum(axis=1))[0])
    lost = first_known + 300
    assert (long.attempts[: lost + 1] == short.attempts[: lost + 1]).all()
    assert not (long.attempts == short.attempts).all()


def test_an_endless_tolerance_lets_repression_fade(seed: int) -> None:
    """R0·(1 - rate)^t, in every province."""
    faded = lived(seed=seed, tolerance=1e9)
    weeks = np.arange(faded.weeks_run)[:, None]
    assert np.max(abs(faded.repression[: faded.weeks_run] / (0.85 * (1 - 5e-4) ** weeks) - 1)) < 1e-12
    bound = lived(seed=seed, tolerance=1)
    assert bound.repression[-1].max() > 1.01 * faded.repression[-1].max()


def test_a_state_that_never_adjusts_keeps_its_repression(seed: int) -> None:
    for tolerance in (0.0, 12.0, 1e9):
        assert (lived(seed=seed, adjustment_rate=0.0, tolerance=tolerance).repression == 0.85).all()


def test_full_repression_lets_nobody_out(seed: int) -> None:
    closed = lived(seed=seed, adjustment_rate=0.0, initial_repression=1.0)
    assert closed.attempts.any()
    assert not closed.escapes.any()
    assert (closed.known == closed.known_repressed).all()


def test_no_repression_stays_none_and_stops_nobody(seed: int) -> None:
    """A relative change of nothing is nothing."""
    free = lived("stop_above=null", seed=seed, initial_repression=0.0, tolerance=0.0)
    assert free.attempts.any()
    assert (free.repression == 0.0).all()
    assert (free.escapes == free.attempts).all()


def test_repression_never_passes_one(seed: int) -> None:
    """A state that tolerates nothing and doubles."""
    doubled = lived("stop_above=null", seed=seed, tolerance=0.0, adjustment_rate=1.0, prior_beta=25.0)
    assert doubled.repression.max() == 1.0
    assert doubled.repression[: doubled.weeks_run].min() >= 0.0


def test_everything_seen_is_everything_known(seed: int) -> None:
    seen = lived(seed=seed, visibility=1.0)
    assert (seen.known == seen.attempts).all()
    assert (seen.known_repressed == seen.attempts - seen.escapes).all()


def test_a_run_stops_after_the_week_that_passes_the_bound(seed: int) -> None:
    exploding = {"initial_repression": 0.3, "visibility": 0.6}
    stopped = lived(seed=seed, **exploding)
    weekly = stopped.escapes.sum(axis=1)
    assert stopped.stopped
    assert weekly[stopped.weeks_run - 1] > 500
    assert (weekly[: stopped.weeks_run - 1] <= 500).all()
    assert not stopped.attempts[stopped.weeks_run :].any()
    endless = lived("stop_above=null", seed=seed, **exploding)
    assert not endless.stopped
    assert endless.weeks_run == 1196
    before = slice(0, stopped.weeks_run)
    assert (endless.attempts[before] == stopped.attempts[before]).all()
