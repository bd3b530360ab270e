"""The two slow twins: worked by hand where chance leaves no choice, and against each other in law."""

from collections.abc import Callable
from dataclasses import replace
from math import exp, log
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest
from support.points import POINTS
from twins.cells import simulate_cells, thresholds
from twins.country import Country, Record, small_country
from twins.people import simulate_people, utility_of

from engine.parameters import Parameters

Simulator = Callable[[Country, Parameters, np.random.Generator], Record]
both_twins = pytest.mark.parametrize("simulate", [simulate_cells, simulate_people])
RARE = 1e-6  # false-alarm rate of each binomial test below

# U = 1/2 for everybody, so the threshold is 1/3; a Beta(1, 1000) lies below 1/3 but for (2/3)^1000 = 1e-176.
EVERYBODY_GOES = Parameters(
    prior_alpha=1.0,
    prior_beta=1000.0,
    utility_intercept=0.0,
    utility_slope=0.0,
    tolerance=0.0,
    adjustment_rate=0.0,
    initial_repression=1.0,
    visibility=1.0,
    memory_weeks=3,
    famine_effect=0.0,
    demographic_scale=0.0,
)
NOBODY_LEARNS = EVERYBODY_GOES.replaced(visibility=0.0)


def plain_country(heads: list[list[int]], weeks_per_year: int, **changes: Any) -> Country:
    """One cell in each province, ``heads`` by year and province, every sum 0."""
    years, provinces = np.shape(heads)
    given: dict[str, Any] = {
        "heads": np.array(heads),
        "province": np.arange(provinces),
        "ability": np.zeros(provinces),
        "motivation": np.zeros(provinces),
        "growth": np.zeros(years),
        "famine": np.zeros(years),
        "provinces": provinces,
        "weeks_per_year": weeks_per_year,
    }
    return Country(**(given | changes))


@both_twins
@pytest.mark.parametrize(("alpha", "beta", "chance"), [(1, 1, 1 / 3), (2, 1, 1 / 9), (1, 2, 5 / 9), (2, 2, 7 / 27)])
def test_beliefs_with_simple_shapes_give_simple_fractions(
    simulate: Simulator, alpha: int, beta: int, chance: float, seed: int
) -> None:
    # At x = 1/3: x; x²; 1 − (1 − x)² = 1 − 4/9; 3x² − 2x³ = 9/27 − 2/27.
    parameters = NOBODY_LEARNS.replaced(prior_alpha=alpha, prior_beta=beta)
    run = simulate(plain_country([[40_000, 60_000]], 1), parameters, np.random.default_rng(seed))
    assert binomtest(int(run.attempts.sum()), 100_000, chance).pvalue > RARE


@both_twins
def test_attempts_are_repressed_and_known_on_separate_coins(simulate: Simulator, seed: int) -> None:
    parameters = EVERYBODY_GOES.replaced(initial_repression=0.7, visibility=0.4)
    run = simulate(plain_country([[100_000]], 1), parameters, np.random.default_rng(seed))
    assert run.attempts.sum() == 100_000
    for count, chance in [(run.escapes, 0.3), (run.known, 0.4), (run.known_repressed, 0.28)]:
        assert binomtest(int(count.sum()), 100_000, chance).pvalue > RARE


def test_ability_motivation_and_utility_worked_by_hand() -> None:
    # s = 1. Year 0: ability σ(0 + 1·2·(ln 3)/2) = 3/4, motivation σ(4 ln 3) = 81/82.
    # Year 1 (famine, no growth): ability σ(0) = 1/2, motivation σ(ln 3) = 3/4.
    # U = σ(−1 + 2·motivation·ability) = σ(−1 + 243/164) and σ(−1 + 3/4); threshold U/(1+U) = 1/(2 + exp(−·)).
    country = plain_country(
        [[1], [1]],
        1,
        growth=np.array([log(3) / 2, 0.0]),
        famine=np.array([0.0, 1.0]),
        growth_on_motivation=4.0,
    )
    parameters = EVERYBODY_GOES.replaced(
        utility_intercept=-1.0,
        utility_slope=2.0,
        famine_effect=log(3),
        demographic_scale=1.0,
        economy_effect=2.0,
    )
    # 4·2·(ln 3)/2 = 4 ln 3, and 3^4 = 81.
    sums = (-1 + 243 / 164, -1 / 4)
    assert thresholds(country, parameters).ravel() == pytest.approx([1 / (2 + exp(-sum_)) for sum_ in sums])
    for year, sum_ in enumerate(sums):
        assert utility_of(np.array([0]), year, country, parameters) == pytest.approx(1 / (1 + exp(-sum_)))


def test_famine_is_not_scaled_by_the_demographic_scale() -> None:
    # s = 0 leaves ability 1/2 and motivation σ(δ). δ = ln 3, γ1 = 0, γ2 = 8: U = σ(8·3/8); without, σ(8/4).
    country = plain_country([[1], [1]], 1, famine=np.array([0.0, 1.0]), ability=np.array([5.0]))
    parameters = EVERYBODY_GOES.replaced(utility_slope=8.0, famine_effect=log(3))
    wanted = [1 / (2 + exp(-2)), 1 / (2 + exp(-3))]
    assert thresholds(country, parameters).ravel() == pytest.approx(wanted)


@both_twins
@pytest.mark.parametrize("memory", [0, 1, 3, 20])
def test_a_province_that_saw_all_caught_stays_home_until_it_forgets(
    simulate: Simulator, memory: int, seed: int
) -> None:
    # 10,000 known and repressed attempts make the belief Beta(10001, 1000), mean 0.91: nobody goes in the H
    # weeks in which week 0 is remembered (chance 1e-3000), everybody in week H + 1.
    parameters = EVERYBODY_GOES.replaced(memory_weeks=memory)
    run = simulate(plain_country([[10_000]], 8), parameters, np.random.default_rng(seed))
    assert run.attempts[:, 0].tolist() == [10_000 if week % (memory + 1) == 0 else 0 for week in range(8)]
    assert run.known_repressed.sum() == run.attempts.sum()
    assert not run.escapes.any()


@both_twins
@pytest.mark.parametrize(("scope", "listens"), [("province", False), ("nation", True)])
def test_news_crosses_provinces_only_in_the_national_scope(
    simulate: Simulator, scope: str, listens: bool, seed: int
) -> None:
    # Ten people hardly move their own belief: Beta(1 + 30, 1000). With the neighbour's 10,000 they stay home.
    run = simulate(plain_country([[10_000, 10]], 4, scope=scope), EVERYBODY_GOES, np.random.default_rng(seed))
    assert run.attempts[:, 0].tolist() == [10_000, 0, 0, 0]
    assert run.attempts[:, 1].tolist() == [10, 0, 0, 0] if listens else [10, 10, 10, 10]


@both_twins
@pytest.mark.parametrize(
    ("counts", "start", "wanted"),
    [
        # Ten attempts a week in year 0, twelve from then on, tolerance 10: falls on 10, rises on 12.
        ("attempts", 0.8, [0.8, 0.4, 0.2, 0.3, 0.45]),
        ("repressed", 1.0, [1.0, 0.5, 0.25, 0.125, 0.0625]),
        ("escapes", 0.0, [0.0, 0.0, 0.0, 0.0, 0.0]),
        ("escapes", 1.0, [1.0, 0.5]),
    ],
)
def test_the_state_follows_what_it_counts(
    simulate: Simulator, counts: str, start: float, wanted: list[float], seed: int
) -> None:
    # `repressed`: 11 or 12 caught of 12 at R = 1/4 would spoil the fourth number: once in 400,000 runs.
    parameters = NOBODY_LEARNS.replaced(tolerance=10.0, adjustment_rate=0.5, initial_repression=start)
    run = simulate(plain_country([[10], [12], [12]], 2, counts=counts), parameters, np.random.default_rng(seed))
    assert run.attempts[:, 0].tolist() == [10, 10, 12, 12, 12, 12]
    assert run.repression[: len(wanted), 0] == pytest.approx(wanted)


@both_twins
@pytest.mark.parametrize(("counts", "start"), [("attempts", 0.9), ("repressed", 1.0)])
def test_repression_never_passes_one(simulate: Simulator, counts: str, start: float, seed: int) -> None:
    parameters = NOBODY_LEARNS.replaced(tolerance=9.0, adjustment_rate=0.5, initial_repression=start)
    run = simulate(plain_country([[10]], 4, counts=counts), parameters, np.random.default_rng(seed))
    assert run.repression[:, 0].tolist() == [start, 1.0, 1.0, 1.0]


@both_twins
def test_repression_may_begin_elsewhere_in_each_province(simulate: Simulator, seed: int) -> None:
    # 0.4 times 1/2, 1 and 5: the last is no probability and so 1. Each then falls by half a week on its own.
    country = plain_country([[10, 10, 10]], 3, initial=(0.5, 1.0, 5.0))
    parameters = NOBODY_LEARNS.replaced(initial_repression=0.4, adjustment_rate=0.5, tolerance=100.0)
    run = simulate(country, parameters, np.random.default_rng(seed))
    assert run.repression.tolist() == [[0.2, 0.4, 1.0], [0.1, 0.2, 0.5], [0.05, 0.1, 0.25]]


@both_twins
def test_a_province_that_wants_to_leave_is_tolerated_more(simulate: Simulator, seed: int) -> None:
    # s = 0: motivation 1/2, and with δ = ln 3 in the famine 3/4. κ = 4 ln 2 doubles the tolerance of 10 there, and 12
    # attempts a week are too many in the years beside it only. Without discontent they are too many in each.
    country = plain_country([[12], [12], [12]], 1, famine=np.array([0.0, 1.0, 0.0]), behaviour="valve_of_discontent")
    parameters = NOBODY_LEARNS.replaced(tolerance=10.0, adjustment_rate=0.5, initial_repression=0.4)
    parameters = parameters.replaced(famine_effect=log(3), discontent=4 * log(2))
    run = simulate(country, parameters, np.random.default_rng(seed))
    assert run.repression[:, 0] == pytest.approx([0.4, 0.6, 0.3])
    content = simulate(country, parameters.replaced(discontent=0.0), np.random.default_rng(seed))
    assert content.repression[:, 0] == pytest.approx([0.4, 0.6, 0.9])


@both_twins
@pytest.mark.parametrize(("behaviour", "rate"), [("schedule", 0.5), ("safety_valve", 0.0)])
def test_dated_events_move_the_odds_of_repression(simulate: Simulator, behaviour: str, rate: float, seed: int) -> None:
    # d = ln 3. Odds 1, from the second year's first week 3, from its last week (half a year is gone) 9, back to 3 in
    # the leap year's second week, which begins with 2 July. Certain repression stays certain.
    schedule = (("2000-12-31", 1), ("2002-01-01", 1), ("2003-07-03", 1), ("2004-07-02", -1), ("2005-01-01", 1))
    country = plain_country([[10, 10]] * 4, 2, behaviour=behaviour, schedule=schedule, initial=(1.0, 2.0))
    parameters = NOBODY_LEARNS.replaced(initial_repression=0.5, schedule_effect=log(3), adjustment_rate=rate)
    run = simulate(country, parameters, np.random.default_rng(seed))
    assert run.repression[:, 0] == pytest.approx([1 / 2] * 2 + [3 / 4] * 3 + [9 / 10] * 2 + [3 / 4])
    assert run.repression[:, 1].tolist() == [1.0] * 8


def test_growth_parted_from_the_famine_is_that_of_the_other_years() -> None:
    country = plain_country([[1]] * 3, 1, growth=np.array([0.02, -0.5, 0.04]), famine=np.array([0.0, 1.0, 0.0]))
    parted = replace(country, in_events="as_in_other_years")
    assert parted.economy == pytest.approx([0.02, 0.03, 0.04])
    assert country.economy is country.growth
    # With γ1 = 0, γ2 = 8, s = 1 and no famine effect, ability σ(g) and motivation σ(4g) are those of the mean year.
    parameters = EVERYBODY_GOES.replaced(utility_slope=8.0, demographic_scale=1.0)
    u = 1 / (1 + exp(-8 / ((1 + exp(-0.03)) * (1 + exp(-0.12)))))
    assert thresholds(parted, parameters)[1, 0] == pytest.approx(u / (1 + u))
    assert utility_of(np.array([0]), 1, parted, parameters) == pytest.approx(u)


@both_twins
@pytest.mark.parametrize(("stop_above", "weeks_run"), [(14, 1), (15, 3), (17, 3), (18, 6), (None, 6)])
def test_a_run_ends_after_the_week_with_too_many_escapes(
    simulate: Simulator, stop_above: int | None, weeks_run: int, seed: int
) -> None:
    # No repression: 10 + 5 escape each week of year 0, 12 + 6 from week 2 on. Above, not at, the limit.
    country = plain_country([[10, 5], [12, 6], [12, 6]], 2, stop_above=stop_above)
    parameters = NOBODY_LEARNS.replaced(initial_repression=0.0)
    run = simulate(country, parameters, np.random.default_rng(seed))
    assert run.weeks_run == weeks_run
    assert run.stopped == (stop_above is not None and stop_above < 18)
    assert run.escapes.sum(axis=1).tolist() == ([15, 15, 18, 18, 18, 18][:weeks_run] + [0] * 6)[:6]


@both_twins
def test_attempts_may_be_what_ends_a_run(simulate: Simulator, seed: int) -> None:
    # All are caught, and 10 attempt each week of year 0, 12 from week 2 on.
    country = plain_country([[10], [12]], 2, stop_above=11)
    runs = [
        simulate(replace(country, stop_counts=counts), NOBODY_LEARNS, np.random.default_rng(seed))
        for counts in ("escapes", "attempts")
    ]
    assert [(run.weeks_run, run.stopped) for run in runs] == [(4, False), (3, True)]


@both_twins
def test_after_an_early_stop_the_last_level_stands(simulate: Simulator, seed: int) -> None:
    country = plain_country([[1000]], 5, stop_above=0)
    parameters = NOBODY_LEARNS.replaced(tolerance=2000.0, adjustment_rate=0.5, initial_repression=0.4)
    run = simulate(country, parameters, np.random.default_rng(seed))
    assert run.stopped
    assert run.weeks_run == 1
    assert run.repression[:, 0].tolist() == [0.4, 0.2, 0.2, 0.2, 0.2]


@both_twins
def test_those_who_escape_may_be_gone(simulate: Simulator, seed: int) -> None:
    # Everybody goes, and in the second province all are caught. In the second year 12 live where 10 have left: 2 go.
    country = plain_country([[10, 10], [12, 12]], 2, leavers="go", initial=(0.0, 1.0))
    run = simulate(country, NOBODY_LEARNS, np.random.default_rng(seed))
    assert run.attempts.tolist() == [[10, 10], [0, 10], [2, 12], [0, 12]]
    stay = simulate(replace(country, leavers="stay"), NOBODY_LEARNS, np.random.default_rng(seed))
    assert stay.attempts.tolist() == [[10, 10], [10, 10], [12, 12], [12, 12]]


@both_twins
def test_whole_persons_and_known_attempts_rounded_down(simulate: Simulator, seed: int) -> None:
    # Beta(1, 1) at 1/3: a third of 4, 5, 40 and 100 people is 1.33, 1.67, 13.3 and 33.3: 1, 2, 13 and 33 go.
    # Of these half, rounded down, become known: 0, 1, 6 and 16. All are caught.
    country = plain_country([[4, 5, 40, 100]], 1, number="rounded", known="rounded_down")
    run = simulate(country, EVERYBODY_GOES.replaced(prior_beta=1.0, visibility=0.5), np.random.default_rng(seed))
    assert run.attempts.tolist() == [[1, 2, 13, 33]]
    assert run.known.tolist() == run.known_repressed.tolist() == [[0, 1, 6, 16]]


@both_twins
def test_a_blind_public_never_changes_its_mind(simulate: Simulator, seed: int) -> None:
    blind = POINTS["busy"].replaced(visibility=0.0)
    forgetful = blind.replaced(memory_weeks=0)
    runs = [simulate(small_country(), point, np.random.default_rng(seed)) for point in (blind, forgetful)]
    assert runs[0].attempts.sum() > 0
    np.testing.assert_array_equal(runs[0].attempts, runs[1].attempts)
