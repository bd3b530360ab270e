"""``python -m analysis.placebo``: a planted schedule is found, none is not, and it goes on where it was."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from support.places import QUICK
from support.short_runs import searched

from analysis.common import kept_lines
from analysis.placebo import __main__ as command
from analysis.placebo.exhibits import findings, singles
from analysis.placebo.search import EFFECTS, LOOSER, LOT, NONE, RECORD, SINGLE, Fit, as_good, one_of, schedules
from engine import Parameters, load_scenario, simulate_batch
from engine.scenario import Scenario

DATES = "[{first_week_of: 2002-01-01, direction: -1}, {first_week_of: 2003-07-01, direction: 1}]"
LIKELY = ("--set", "objective=likelihood", "--set", "stop_above=null", "--set", f"regime.schedule={DATES}")
# Some 200 escapes a year while repression is what it was at first; nobody hears of them.
POINT = {
    "prior_alpha": 20.0,
    "prior_beta": 18.0,
    "utility_intercept": -2.0,
    "utility_slope": 4.0,
    "tolerance": 50.0,
    "adjustment_rate": 1e-4,
    "initial_repression": 0.8,
    "visibility": 0.0,
    "memory_weeks": 52,
    "famine_effect": 0.5,
    "demographic_scale": 0.1,
}
FEW = ["--schedules", "12"]


def country(*overrides: str) -> Scenario:
    return load_scenario(QUICK, ["stop_above=null", f"regime.schedule={DATES}", *overrides])


def record_of(effect: float) -> str:
    """The mean escapes by year of the point where events have this effect, as --set takes them."""
    points = np.tile(Parameters.from_mapping(POINT | {"schedule_effect": effect}).vector(), (200, 1))
    mean = simulate_batch(country(), points, 5).by_year.mean(axis=0)
    assert 20 < mean.min() < mean.max() < 50_000
    return f"target.tables.arrivals={{{', '.join(f'{2001 + year}: {n:.0f}' for year, n in enumerate(mean))}}}"


@pytest.fixture(scope="module", params=[0.5, 0.0], ids=["planted", "none"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, seed: int) -> tuple[float, Path]:
    """The effect that made the record, and results whose search knew of no event."""
    place = tmp_path_factory.mktemp("placebo") / "results"
    held = [f"parameters.{name}={POINT[name]}" for name in POINT if name != "initial_repression"]
    sets = [word for text in (*held, record_of(request.param)) for word in ("--set", text)]
    return request.param, searched(place, seed, *LIKELY, *sets, chains=2, iters=400)


def test_schedules_by_lot_keep_directions_and_have_dates_of_the_years() -> None:
    found = schedules(country(), 300, 4)
    assert [one.kind for one in found] == [*SINGLE, *[LOT] * 300]
    assert [one.number for one in found] == list(range(len(found)))
    by_kind = {one.kind: one.events for one in found[: len(SINGLE)]}
    assert by_kind[NONE] == ()
    assert by_kind[RECORD] == (("2002-01-01", -1), ("2003-07-01", 1))
    assert by_kind[LOOSER] == (("2002-01-01", -1), ("2003-07-01", -1))
    lot = [one.events for one in found[len(SINGLE) :]]
    assert all(sorted(way for _, way in events) == [-1, 1] for events in lot)
    days = np.array([date.fromisoformat(day).toordinal() for events in lot for day, _ in events])
    first, last = date(2001, 1, 1).toordinal(), date(2004, 12, 31).toordinal()
    assert first <= days.min() < first + 20  # of 600 uniform days of 1,461: misses by chance once in 4,000
    assert last - 20 < days.max() <= last
    assert schedules(country(), 5, 4) == found[: len(SINGLE) + 5]
    assert schedules(country(), 5, 5)[-1] != schedules(country(), 5, 4)[-1]


def test_events_out_of_the_years_take_no_part() -> None:
    late = country(
        "regime.schedule=[{first_week_of: 2004-02-01, direction: 1}, {first_week_of: 2005-02-01, direction: 1}]"
    )
    assert [len(one.events) for one in schedules(late, 3, 0)] == [0, 1, 1, 1, 1, 1]


def test_a_planted_schedule_is_found_and_none_is_not(
    told: tuple[float, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a command that was killed in the middle of a line goes on, and ends with the same table."""
    effect, results = told
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert command.main([str(results), "--out", str(whole), *FEW]) == 0
    assert "The dated events add" in capsys.readouterr().out
    fits = kept_lines.read_lines(whole / command.FILE, head_of(whole), "", lambda line: Fit(**line))
    record, none = one_of(fits, RECORD), one_of(fits, NONE)
    assert len(fits) == len(SINGLE) + 12
    assert (len(none.worth), len(record.worth)) == (1, len(EFFECTS))
    if effect:
        assert as_good(fits)[0] <= 4  # of 12: dates a few months off do nearly as well by years
        assert record.effect >= 0.25
        assert record.best > none.best
        assert record.best - record.towards(-1) > 1
    else:
        assert record.best - none.best < 1
        assert none.best - record.worth[0] > 2  # d = -0.5 is far off
    cut.mkdir()
    lines = (whole / command.FILE).read_text().splitlines(keepends=True)
    (cut / command.FILE).write_text("".join(lines[:5]) + lines[5][:20])
    assert command.main([str(results), "--out", str(cut), *FEW]) == 0
    assert (cut / "placebo.csv").read_bytes() == (whole / "placebo.csv").read_bytes()
    assert command.main([str(results), "--out", str(cut), *FEW, "--seed", "3"]) == 2
    assert "of another run, of fewer draws, by other code, or with other --objective" in capsys.readouterr().err


def head_of(out: Path) -> dict[str, object]:
    """The heading of what is kept there."""
    return dict(json.loads((out / command.FILE).read_text().partition("\n")[0]))


def test_the_sentence_counts_and_says_which_way() -> None:
    below = [-160.0] * len(EFFECTS)

    def fit(kind: str, worth: float, effect: float = 0.25) -> Fit:
        return Fit(0, kind, [], [worth if d == effect else low for d, low in zip(EFFECTS, below, strict=True)])

    fits = [Fit(0, NONE, [], [-150.0]), fit(RECORD, -147.5), fit(LOOSER, -149.5)]
    fits += [fit(LOT, worth) for worth in (-148.0, -147.5, -147.0, -151.0)]
    said = findings(fits)
    assert "add +2.50 of log-likelihood to no event, at d = +0.25" in said
    assert "2 of 4 schedules with dates by lot add as much or more (p = 0.6)" in said
    assert "prefers what its sources say, by 12.50; all looser at the same dates add +0.50" in said
    assert [row[0] for row in singles(fits).rows] == list(SINGLE)
    turned = [fits[0], fit(RECORD, -140.0, -0.5), *fits[2:]]
    assert "prefers the contrary of what its sources say, by 20.00" in findings(turned)


@pytest.mark.parametrize(
    ("sets", "arguments", "said"),
    [
        ([], ["--draws", "5"], "--draws"),
        ([], ["--schedules", "0"], "--schedules"),
        ([], [], "no event of regime.schedule lies in 2001-2004"),
        (
            ["--set", f"regime.schedule={DATES}", "--set", "parameters.schedule_effect={low: -1, high: 1}"],
            [],
            "schedule_effect is not held at 0 in",
        ),
    ],
)
def test_slips_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int, sets: list[str], arguments: list[str], said: str
) -> None:
    results = searched(tmp_path / "results", seed, *sets, chains=1, iters=20)
    assert command.main([str(results), "--out", str(tmp_path / "out"), *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()
