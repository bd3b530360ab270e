"""Very many runs in one call: each the run that simulate makes of its point at its address."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from support.names import NAMES
from support.places import DPRK, QUICK, SMALL

import engine
from calibrate import Score
from engine.kernel_inputs import make_inputs
from engine.scenario.cells import build_cells
from engine.types import Floats, Integers

RUNS = 150  # three pieces, the last of them short


def scenario() -> engine.Scenario:
    return engine.load_scenario(QUICK)


def points(seed: int, country: engine.Scenario, runs: int = RUNS) -> Floats:
    """Uniform points of the box, (runs, free parameters)."""
    rng = np.random.default_rng(seed)
    ranges = [country.parameters[name] for name in country.free_names]
    columns = [rng.uniform(entry.low, entry.high, runs) for entry in ranges]
    return np.column_stack(
        [np.round(column) if entry.integer else column for entry, column in zip(ranges, columns, strict=True)]
    )


def same(one: engine.Batch, other: engine.Batch) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))


def test_a_row_is_the_run_of_its_point(seed: int) -> None:
    country = scenario()
    rows = points(seed, country)
    batch = engine.simulate_batch(country, rows, seed, chain=2, iteration=7)
    assert np.isnan(batch.score).all(), "no score was asked for"
    assert {*batch.stopped.tolist()} == {True, False}
    for row in range(0, RUNS, 11):
        run = engine.simulate(country, dict(zip(country.free_names, rows[row], strict=True)), seed, 2, 7 + row)
        assert batch.by_year[row].tolist() == run.escapes_by_year().tolist()
        assert (batch.weeks_run[row], batch.stopped[row]) == (run.weeks_run, run.stopped)
        assert (batch.escapes_total[row], batch.attempts_total[row]) == (run.escapes.sum(), run.attempts.sum())
    assert not same(batch, engine.simulate_batch(country, rows, seed + 1, chain=2, iteration=7)), "the control"


def test_attempts_are_compared_where_the_scenario_says_so(seed: int) -> None:
    """The same runs; the years, and what a score is given by week, are the attempts."""
    country = scenario()
    other = country.changed(["target.compares=attempts"])
    rows = points(seed, country)
    batch = engine.simulate_batch(country, rows, seed)
    again = engine.simulate_batch(other, rows, seed, score=lambda weekly, _: weekly.sum(axis=1).astype(np.float64))
    assert again.by_year.sum(axis=1).tolist() == again.attempts_total.tolist() == batch.attempts_total.tolist()
    assert again.score.tolist() == again.attempts_total.tolist()
    run = engine.simulate(other, dict(zip(country.free_names, rows[-1], strict=True)), seed, 0, RUNS - 1)
    assert again.by_year[-1].tolist() == run.attempts_by_year().tolist()
    assert again.escapes_total.tolist() == batch.by_year.sum(axis=1).tolist()
    assert not np.array_equal(again.by_year, batch.by_year), "the control"


def test_points_come_as_arrays_or_as_tables(seed: int) -> None:
    country = scenario()
    rows = points(seed, country)
    whole = np.array(
        [[dict(zip(country.free_names, row, strict=True)).get(name, 1.0) for name in NAMES] for row in rows]
    )
    columns = dict(zip(country.free_names, rows.T, strict=True))
    wanted = engine.simulate_batch(country, rows, seed)
    frame = pd.DataFrame(columns | {"score": 3.0, "note": "mine"})
    for given in (whole, rows.tolist(), np.asfortranarray(rows), columns, frame, pa.table(columns)):
        assert same(engine.simulate_batch(country, given, seed), wanted), type(given)


def test_what_is_held_need_not_be_given_and_may_be(seed: int) -> None:
    country = engine.load_scenario(QUICK, ["parameters.visibility=0.25"])
    rows = points(seed, country)
    assert rows.shape[1] == 10
    columns = dict(zip(country.free_names, rows.T, strict=True))
    held = engine.simulate_batch(country, rows, seed)
    assert same(engine.simulate_batch(country, columns | {"visibility": np.full(RUNS, 0.25)}, seed), held)
    assert not same(engine.simulate_batch(country, columns | {"visibility": np.full(RUNS, 0.9)}, seed), held)


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_any_number_of_workers_gives_the_same(seed: int, workers: int) -> None:
    country = scenario()
    rows = points(seed, country)
    wanted = engine.simulate_batch(country, rows, seed, score=Score(country))
    assert same(engine.simulate_batch(country, rows, seed, score=Score(country), workers=workers), wanted)


def test_a_score_may_be_anybodys(seed: int) -> None:
    """It sees every week of every run, once: here the last week in which somebody escaped."""
    country = scenario()

    def last_week(weekly: Integers, weeks_run: Integers) -> Floats:
        return np.where(weekly > 0, np.arange(country.weeks), -1).max(axis=1) - 1000.0 * (weeks_run < country.weeks)

    batch = engine.simulate_batch(country, points(seed, country), seed, score=last_week)
    stopped = batch.weeks_run[batch.stopped] - 1
    assert batch.score[batch.stopped].tolist() == (stopped - 1000.0 * (stopped + 1 < country.weeks)).tolist()


def test_no_points_are_no_runs() -> None:
    country = scenario()
    batch = engine.simulate_batch(country, np.zeros((0, len(country.free_names))), score=Score(country))
    assert batch.by_year.shape == (0, 4)
    assert batch.score.shape == (0,)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (np.zeros((3, 5)), r"points: an array of shape \(3, 5\) will not do; give one of \(points, 11\)"),
        (np.zeros(11), r"points: an array of shape \(11,\) will not do"),
        (np.zeros((3, 11), bool), r"points: bool values are no numbers; give an array of numbers"),
        (np.zeros((3, 11), complex), r"points: complex128 values are no numbers"),
        ([["0.5"] * 11], r"points: str\d+ values are no numbers"),
        ([[0.5] * 11, [0.5] * 10], r"points: rows of unequal length"),
        ([[None] * 11], r"points: None is not a number"),
        ([[10**400] * 11], r"prior_alpha: inf is out of its domain; .* \(row 0 of the points\)"),
        ({name: [0.5] for name in NAMES} | {"visibility": [0.5, 0.6]}, r"prior_alpha: .* \(1,\); give 2 values"),
        (dict.fromkeys(NAMES, 0.5), r"prior_alpha: its column has the shape \(\); give "),
        ({"prior_alpha": [1.0]}, r"prior_beta: missing; give it a column"),
        ({"visibility": 1.5}, r"visibility: 1.5 is out of its domain; .* \(row 1 of the points\)"),
        ({"visibility": np.nan}, r"visibility: nan is out of its domain"),
        ({"memory_weeks": 80.5}, r"memory_weeks: 80.5 is not whole; .* \(row 1 of the points\)"),
    ],
)
def test_points_that_cannot_be_are_named(seed: int, given: Any, told: str) -> None:
    country = scenario()
    if isinstance(given, dict) and len(given) == 1 and not isinstance(next(iter(given.values())), list):
        ((name, value),) = given.items()
        given = points(seed, country)
        given[1, country.free_names.index(name)] = value
    with pytest.raises(ValueError, match=told):
        engine.simulate_batch(country, given)


def test_a_model_is_prepared_once_for_all_threads() -> None:
    country = engine.load_scenario(DPRK)
    with ThreadPoolExecutor(8) as pool:
        inputs = list(pool.map(lambda _: make_inputs(country), range(32)))
    assert all(one is inputs[0] for one in inputs)
    assert build_cells(country) is build_cells(country)
    assert make_inputs(engine.load_scenario(DPRK)) is not inputs[0], "another scenario, even an equal one, has its own"


def test_what_was_prepared_goes_when_its_scenario_goes() -> None:
    country = engine.load_scenario(SMALL)
    engine.simulate_batch(country, [[country.parameters[name].middle for name in country.free_names]])
    heads = weakref.ref(make_inputs(country).heads)
    assert heads() is not None
    del country
    gc.collect()
    assert heads() is None


def test_a_scenario_cannot_be_changed() -> None:
    country = scenario()
    for change in (
        lambda: country.economy.growth.__setitem__(2001, 5.0),
        lambda: country.target.tables["arrivals"].update({2001: 3.0}),
        lambda: country.population.totals.clear(),
        lambda: country.parameters.pop("visibility"),
    ):
        with pytest.raises(TypeError, match="cannot be changed; load another"):
            change()
    assert country == scenario()
    assert country.model_copy(deep=True) == country
    with pytest.raises(ValueError, match="read-only"):
        build_cells(country).heads[0, 0] = 5
