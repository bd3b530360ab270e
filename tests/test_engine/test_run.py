"""The one function that simulates: it comes to an end everywhere, and the same address is the same run."""

import re
import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas
import pytest
from support.busy_country import BUSY, bench, check_world, corners, lived, ran, random_points, same, scenario
from support.names import NAMES
from support.places import CONFIGS

import engine
from engine.kernel.recording import make_record
from engine.kernel.run import Outcome, run
from engine.kernel.state import make_state
from engine.parameters import Parameters, domain_of


def test_every_corner_and_ten_thousand_points_come_to_an_end(seed: int) -> None:
    """Finite numbers or an early stop; all of it within a minute on a slow machine."""
    rng = np.random.default_rng([seed, 31])
    points = np.concatenate([corners(rng, 500), random_points(rng, 10_000)])
    ran(points[0], seed=seed)  # compiles
    began = time.monotonic()
    stopped = 0
    for iteration, point in enumerate(points):
        outcome, weekly, _ = ran(point, seed=seed, iteration=iteration)
        assert 1 <= outcome.weeks_run <= 1196
        assert outcome.stopped == (weekly[outcome.weeks_run - 1] > 500)
        assert outcome.stopped or outcome.weeks_run == 1196
        assert weekly.min() == 0 or outcome.weeks_run == 1196
        assert not weekly[outcome.weeks_run :].any()
        assert outcome.escapes_total == weekly.sum()
        assert 0 <= outcome.escapes_total <= outcome.attempts_total
        stopped += outcome.stopped
    assert 500 < stopped < 10_000
    assert time.monotonic() - began < 60.0


def test_corners_without_a_stop_come_to_an_end(seed: int) -> None:
    """The busiest worlds, where whole provinces leave; and the ends of what the model can take at all."""
    rng = np.random.default_rng([seed, 32])
    inputs, _ = bench("stop_above=null")
    ends = np.array([[domain_of(name).low, domain_of(name).high] for name in NAMES])
    everywhere = np.where(rng.integers(0, 2, (60, len(NAMES))) == 1, ends[:, 0], ends[:, 1])
    began = time.monotonic()
    for point in np.concatenate([corners(rng, 40), everywhere]):
        outcome, weekly, record = ran(point, "stop_above=null", seed=seed, recorded=True)
        assert outcome.weeks_run == inputs.weeks
        assert weekly.sum() == outcome.escapes_total
        check_world(record, outcome, inputs.heads.sum(axis=2), inputs.weeks_per_year)
    assert time.monotonic() - began < 90.0


def test_recording_changes_no_other_number(seed: int) -> None:
    """At 200 random points and 50 about the busy one; and the record adds up to what the run came to."""
    rng = np.random.default_rng([seed, 33])
    busy = np.array([BUSY[name] for name in NAMES]) * rng.uniform(0.8, 1.2, (50, len(NAMES)))
    busy[:, NAMES.index("memory_weeks")] = rng.integers(0, 1196, 50)
    busy[:, NAMES.index("initial_repression")] = rng.uniform(0.5, 1.0, 50)
    for iteration, point in enumerate(np.concatenate([random_points(rng, 200), busy])):
        silent, weekly, _ = ran(point, seed=seed, iteration=iteration)
        observed, weekly_too, record = ran(point, seed=seed, iteration=iteration, recorded=True)
        assert silent == observed
        assert (weekly == weekly_too).all()
        assert (record.escapes.sum(axis=1) == weekly).all()
        assert record.attempts.sum() == observed.attempts_total
        assert record.escapes.sum() == observed.escapes_total


def test_no_run_knows_of_the_one_before(seed: int) -> None:
    """In a workspace that other runs have used, with early stops among them."""
    rng = np.random.default_rng([seed, 34])
    points = random_points(rng, 100)
    inputs, _ = bench()
    for iteration, point in enumerate(points):
        used, weekly, _ = ran(point, seed=seed, iteration=iteration)
        fresh = np.zeros(inputs.weeks, np.int64)
        anew = run(inputs, point, seed, 0, iteration, make_state(inputs), fresh, make_record(0, inputs.kind.size))
        assert used == Outcome(*anew)
        assert (fresh == weekly).all()


def test_repression_begins_where_each_province_says(seed: int) -> None:
    """0 to 2 times R0 = 0.9, 1 at most; factors of 1 are as good as none, to the last bit."""
    names, factors = scenario().provinces, np.linspace(0.0, 2.0, 10)
    uneven = scenario(f"regime.initial={dict(zip(names, factors.tolist(), strict=True))}")
    first = engine.simulate(uneven, BUSY | {"initial_repression": 0.9}, seed).repression[0]
    assert first.tolist() == np.minimum(1.0, 0.9 * factors).tolist()
    even = scenario(f"regime.initial={dict.fromkeys(names, 1)}")
    runs = [engine.simulate(country, BUSY, seed) for country in (even, scenario(), uneven)]
    assert [np.array_equal(runs[1].escapes, run.escapes) for run in runs] == [True, True, False]
    assert runs[0].repression.tobytes() == runs[1].repression.tobytes()


def test_one_address_is_one_run(seed: int) -> None:
    address = (seed, 3, 41)
    first = engine.simulate(scenario(), BUSY, *address)
    assert same(first, engine.simulate(scenario(), Parameters.from_mapping(BUSY), *address))
    for other in [(seed + 1, 3, 41), (seed, 4, 41), (seed, 3, 42)]:
        assert not same(first, engine.simulate(scenario(), BUSY, *other))
    many = engine.simulate_many(scenario(), BUSY, [seed, seed + 1, seed])
    assert same(many[0], many[2])
    assert same(many[0], engine.simulate(scenario(), BUSY, seed))
    assert not same(many[0], many[1])
    assert engine.simulate_many(scenario(), BUSY, []) == []


def test_years_add_up(seed: int) -> None:
    trajectory = lived(seed=seed)
    assert trajectory.escapes_by_year().shape == (23,)
    assert trajectory.escapes_by_year()[1] == trajectory.escapes[52:104].sum()
    assert trajectory.attempts_by_year().sum() == trajectory.attempts.sum()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prior_alpha", 0.0),
        ("prior_beta", -1.0),
        ("visibility", 1.1),
        ("visibility", float("nan")),
        ("tolerance", float("inf")),
        ("utility_slope", "steep"),
        ("memory_weeks", 51.5),
        ("initial_repression", True),
        ("famine_effect", None),
        ("famine_effect", "5"),
        ("famine_effect", b"5"),
        ("famine_effect", np.True_),
        ("famine_effect", 1 + 0j),
        ("famine_effect", np.array([1.0])),
        ("famine_effect", Decimal(1)),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{name}: {value!r} is ")):
        engine.simulate(scenario(), BUSY | {name: value})


def test_a_value_too_long_to_write_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"tolerance: 10{56}\.\.\. is out of its domain; give a number from 0 to 1e"):
        engine.simulate(scenario(), BUSY | {"tolerance": 10**400})
    with pytest.raises(ValueError, match="tolerance: an integer of 5001 digits is out of its domain"):
        engine.simulate(scenario(), BUSY | {"tolerance": 10**5000})
    with pytest.raises(ValueError, match="seed: an integer of 5001 digits is no address"):
        engine.simulate(scenario(), BUSY, seed=10**5000)


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), Fraction(1, 2), np.int64(1), 1])
def test_any_real_number_will_do(number: Any) -> None:
    assert same(
        engine.simulate(scenario(), BUSY | {"famine_effect": number}), lived(famine_effect=float(number), seed=0)
    )


def test_missing_and_unknown_names_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="visibility: missing"):
        engine.simulate(scenario(), {name: value for name, value in BUSY.items() if name != "visibility"})
    with pytest.raises(ValueError, match="visibilty: no such parameter; did you mean visibility"):
        engine.simulate(scenario(), BUSY | {"visibilty": 0.3})
    without_fixed = {name: value for name, value in BUSY.items() if name != "economy_effect"}
    assert same(engine.simulate(scenario(), without_fixed), engine.simulate(scenario(), BUSY))


def test_a_row_of_a_table_is_a_point_whatever_else_it_tells() -> None:
    held = scenario("parameters.tolerance=40.5")
    row = BUSY | {"tolerance": 1.0, "rank": 1, "chain": 2, "iteration": 3, "score": 9.47, "mean": float("nan")}
    point = Parameters.from_mapping(BUSY | {"tolerance": 40.5})
    assert engine.parameters_of(held, row) == point, "what the scenario holds is the scenario's"
    assert engine.parameters_of(held, {name: str(value) for name, value in row.items()}) == point, "as csv reads it"
    assert engine.parameters_of(held, pandas.Series(row)) == point
    with pytest.raises(ValueError, match="visibility: missing"):
        engine.parameters_of(held, {name: value for name, value in row.items() if name != "visibility"})
    with pytest.raises(ValueError, match="visibility: 'half' is not a number"):
        engine.parameters_of(held, row | {"visibility": "half"})
    with pytest.raises(ValueError, match="row: 5 is no row of a table"):
        engine.parameters_of(held, 5)


def test_a_run_tells_its_years_and_itself_in_short() -> None:
    whole, early = lived("stop_above=null"), lived("stop_above=1")
    table = whole.table().to_pydict()
    assert table["year"] == scenario().calendar
    for name in ("attempts", "escapes", "known"):
        assert table[name] == getattr(whole, name).reshape(scenario().years, -1).sum(axis=1).tolist()
    assert table["repression"] == pytest.approx(whole.repression.reshape(scenario().years, -1).mean(axis=1).tolist())
    begun = -(-early.weeks_run // 52)
    assert early.table().num_rows == begun < scenario().years, "years that were not begun have no row"
    last = early.repression[52 * (begun - 1) : early.weeks_run]
    assert early.table()["repression"][-1].as_py() == pytest.approx(last.mean())
    assert repr(early).startswith(f"<Trajectory from 1992: stopped after week {early.weeks_run} of 1,196, ")
    assert len(repr(whole)) < 120


@pytest.mark.parametrize("word", ["seed", "chain", "iteration"])
def test_an_address_that_cannot_be_is_refused_by_name(word: str) -> None:
    for value in (-1, 2**63, 0.5, True, "1"):
        with pytest.raises(ValueError, match=f"{word}: {value!r} "):
            engine.simulate(scenario(), BUSY, **{word: value})


def test_the_loop_is_compiled_for_one_signature(seed: int) -> None:
    """Whole numbers for fractions, NumPy's integers for Python's, read-only tables: all reach it in one form."""
    engine.simulate(scenario(), BUSY | {"tolerance": 12, "memory_weeks": np.int32(380), "prior_alpha": np.float32(60)})
    engine.simulate(scenario("stop_above=null"), BUSY, np.int64(seed), np.int32(1), 2)
    engine.simulate(engine.load_scenario(CONFIGS / "quick.yaml"), BUSY, seed)
    ran(np.array([BUSY[name] for name in NAMES]), "belief.scope=nation", recorded=True)
    assert len(run.signatures) == 1
