"""The model solved backwards: by hand where nothing is learned, and forwards again by the engine."""

from pathlib import Path

import numpy as np
import pytest
from support.places import QUICK
from support.short_runs import searched

from analysis.inverse.__main__ import main
from analysis.inverse.exhibits import exhibits_of, solved, spans, verdict
from analysis.inverse.needed import Given, by_year, needed, remembered
from engine import simulate_many
from engine.scenario import Scenario, load_scenario
from engine.scenario.target import weekly_target

ALIKE = ("parameters.demographic_scale=0", "parameters.famine_effect=0", "parameters.economy_effect=0")
STEADY = "parameters.adjustment_rate=1e-12"


def quick(*changes: str) -> Scenario:
    """The small country, where repression does not move."""
    return load_scenario(QUICK, [STEADY, *changes])


def given(scenario: Scenario, visibility: float, repression: float = 0.5) -> Given:
    return Given(visibility, 20, 1.0, 1.0, np.full(scenario.weeks, repression))


def test_where_nothing_is_known_it_is_a_line_of_algebra() -> None:
    """Beta(1, 1): the chance of attempting is the threshold itself, x = a/n, and U = x/(1 - x)."""
    scenario = quick()
    found = needed(scenario, given(scenario, 0.0))
    attempts = weekly_target(scenario) / 0.5
    chance = attempts / np.repeat(scenario.population_totals(), scenario.weeks_per_year)
    assert found.attempts == pytest.approx(attempts)
    assert found.utility == pytest.approx(np.tile((chance / (1 - chance))[:, None], len(found.share)))
    assert (found.expected == 0.5).all()
    assert (found.strength == 2).all()


def test_what_is_remembered() -> None:
    assert remembered(np.array([[1.0], [2.0], [4.0], [8.0]]), 2).ravel().tolist() == [0, 1, 3, 6]


def test_full_repression_cannot_give_a_record() -> None:
    scenario = quick()
    (one,) = solved(scenario, [given(scenario, 0.0, 1.0)])
    assert one.impossible == scenario.calendar
    assert "cannot be" in verdict(one)
    assert "can be" in verdict(solved(scenario, [given(scenario, 0.0)])[0])


@pytest.mark.parametrize("scope", ["province", "nation"])
def test_the_engine_goes_forwards_where_it_went_backwards(scope: str, seed: int) -> None:
    """All alike and the utility held: its mean escapes, as the record, need that utility again.

    A negative control: with more known they need another.
    """
    utility = 0.7  # the intercept's logistic function
    held = ("utility_slope=0", f"utility_intercept={np.log(utility / (1 - utility))}", "visibility=0.02")
    held += ("prior_alpha=200", "prior_beta=200", "initial_repression=0.5", "memory_weeks=20", "tolerance=10")
    changes = [*ALIKE, f"belief.scope={scope}", "stop_above=null", *(f"parameters.{text}" for text in held)]
    scenario = quick(*changes)
    runs = simulate_many(scenario, {}, range(seed, seed + 200))
    escapes = np.mean([run.escapes.sum(axis=1) for run in runs], axis=0)
    yearly = escapes.reshape(scenario.years, -1).sum(axis=1)
    table = {year: round(value) for year, value in zip(scenario.calendar, yearly.tolist(), strict=True)}
    record = scenario.changed([f"target.tables.{scenario.target.series}={table}", "target.smoothing_weeks=0"])
    asked = Given(0.02, 20, 200.0, 200.0, np.full(scenario.weeks, 0.5))
    years = by_year(record, needed(record, asked))
    # Some hundred known attempts beside a prior of 400: chance, which is left out, moves little.
    assert [year.utility for year in years] == pytest.approx([utility] * len(years), abs=0.005)
    other = by_year(record, needed(record, asked._replace(visibility=0.3)))
    assert abs(other[-1].utility - utility) > 0.02, "the control"


def test_years_in_words() -> None:
    assert spans([]) == "no year"
    assert spans([1999, 2000, 2001, 2003]) == "1999–2001, 2003"


def test_the_command(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    results = searched(tmp_path / "results", seed, chains=1, iters=40)
    assert main([str(results), "--visibility", "0.5", "--visibility", "0", "--repression", "0.9,0.4"]) == 0
    assert "With a visibility of 0.5" in capsys.readouterr().out
    assert (results / "analysis" / "inverse.csv").read_text().count("\n") == 1 + 2 * quick().years
    assert exhibits_of(quick(), [given(quick(), 0.1)], "")[0].figure is not None
    bad = ["--visibility", "2", "--prior", "1", "--repression", "0.5,x"]
    assert main([str(results), *bad]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert all(any(line.startswith(option) for line in told) for option in bad[::2])
