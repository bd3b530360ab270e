"""The two slow twins against each other in law, at the points where the model shows its traits."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.places import SMALL
from support.points import CHANGES, POINTS, overrides
from support.statistics_of_law import compare_runs, statistics_of
from twins.cells import simulate_cells
from twins.country import Country, Record, country_from, small_country
from twins.people import simulate_people

from engine.parameters import Parameters
from engine.scenario import load_scenario

pytestmark = pytest.mark.law

Simulator = Callable[[Country, Parameters, np.random.Generator], Record]


@pytest.mark.parametrize("simulate", [simulate_cells, simulate_people])
@pytest.mark.parametrize("name", POINTS)
def test_a_run_adds_up(simulate: Simulator, name: str, seed: int) -> None:
    run = simulate(small_country(**CHANGES.get(name, {})), POINTS[name], np.random.default_rng(seed))
    assert run.attempts.shape == run.repression.shape == (65, 3)
    assert (run.known <= run.attempts).all()
    assert (run.known_repressed <= np.minimum(run.known, run.attempts - run.escapes)).all()
    assert (run.known - run.known_repressed <= run.escapes).all()
    assert run.attempts[: run.weeks_run].any()
    assert not run.attempts[run.weeks_run :].any()


def sample(simulate: Simulator, name: str, runs: int, stream: list[int], **changes: Any) -> list[dict[str, float]]:
    """The statistics of ``runs`` runs at a named point, some parameters changed."""
    country, parameters = small_country(**CHANGES.get(name, {})), POINTS[name].replaced(**changes)
    rngs = [np.random.default_rng([*stream, run]) for run in range(runs)]
    return [statistics_of(simulate(country, parameters, rng), country.weeks_per_year) for rng in rngs]


@pytest.mark.parametrize(
    "name", ["busy", "tolerance", "short_memory", "explosion", "nation", "rounded_down", "leavers", "certain"]
)
def test_cells_and_people_follow_one_law(name: str, seed: int) -> None:
    """False alarm 1e-4 a point, exact (a permutation test): below 1e-3 for the eight together."""
    people = sample(simulate_people, name, 40, [seed, 1])
    cells = sample(simulate_cells, name, 160, [seed, 2])
    comparison = compare_runs(people, cells, np.random.default_rng(seed))
    assert not comparison.differs(), comparison
    # Negative control, same sample sizes: the half of what they should see.
    control = sample(simulate_cells, name, 160, [seed, 3], visibility=POINTS[name].visibility / 2)
    assert compare_runs(people, control, np.random.default_rng(seed)).differs()


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("short_memory", {"memory_weeks": 5}),
        ("short_memory", {"memory_weeks": 3}),
        ("tolerance", {"tolerance": 1.0}),
        ("busy", {"visibility": 0.15}),
    ],
)
def test_slips_show_in_attempts_alone(name: str, changes: dict[str, Any], seed: int) -> None:
    """Negative controls, 150 runs against 150, blind to what was known: only behaviour tells them apart."""
    told = ("known", "known and repressed", "share known", "share repressed of known")
    pair = [
        sample(simulate_cells, name, 150, [seed, 4]),
        sample(simulate_cells, name, 150, [seed, 5], **changes),
    ]
    first, second = ([{key: run[key] for key in run if key not in told} for run in runs] for runs in pair)
    assert compare_runs(first, second, np.random.default_rng(seed)).differs()


@pytest.mark.parametrize("name", POINTS)
def test_the_small_country_is_the_same_as_a_scenario(name: str) -> None:
    """Cell by cell; head counts may be rounded the other way."""
    by_hand = small_country(**CHANGES.get(name, {}))
    read = country_from(load_scenario(SMALL, overrides(name)))
    for field in ("province", "ability", "motivation", "famine"):
        np.testing.assert_array_equal(getattr(read, field), getattr(by_hand, field), err_msg=field)
    np.testing.assert_allclose(read.growth, by_hand.growth)
    assert abs(read.heads - by_hand.heads).max() <= 1
    assert read.heads.sum(axis=1).tolist() == [18_400, 18_800, 19_200, 19_600, 20_000]
    for field in ("provinces", "weeks_per_year", "growth_on_ability", "growth_on_motivation"):
        assert getattr(read, field) == getattr(by_hand, field)
    for field in CHANGES.get(name, {}):
        assert getattr(read, field) == getattr(by_hand, field)
