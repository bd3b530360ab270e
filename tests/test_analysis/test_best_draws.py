"""The draws that pictures are made of: the best of each chain, a trace of it, one simulated again."""

from pathlib import Path

import numpy as np
import pytest
from support.places import QUICK
from support.results_on_disk import write_results
from support.short_posterior import run_of
from support.short_runs import searched

from analysis.figures.chains import trace_of
from analysis.run_data.best_draws import Best, Traces, best_of_chains, replay, traces_of
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fair
from analysis.run_data.ranking import Ranking
from calibrate.objective.objectives import OBJECTIVES
from engine.errors import DataError
from engine.results.run_record import Run, open_run
from engine.scenario import load_scenario


def test_a_trace_holds_the_best_so_far_where_the_chain_stands_and_how_often_it_moved() -> None:
    score = np.array([2.0, np.nan, 5.0, 1.0, 3.0, 4.0])
    accepted = np.array([True, False, False, True, True, False])
    trace = trace_of(
        Traces(OBJECTIVES["score"], [7], [np.arange(6)], [score], [accepted]), 0
    )  # six windows of one draw
    assert trace.iteration.tolist() == [0, 1, 2, 3, 4, 5]
    assert trace.best.tolist() == [2, 2, 5, 5, 5, 5]
    assert trace.present.tolist() == [2, 2, 2, 1, 3, 3]
    assert trace.accepted == pytest.approx([1, 1 / 2, 1 / 3, 2 / 4, 3 / 5, 3 / 6]), "of 50 draws, or those there are"


def test_a_long_trace_is_thinned_and_ends_where_the_chain_does() -> None:
    draws = 10_007
    trace = trace_of(
        Traces(OBJECTIVES["score"], [0], [np.arange(draws)], [np.arange(draws) / 10], [np.arange(draws) % 4 == 0]), 0
    )
    assert len(trace.iteration) == 250
    assert trace.iteration[-1] == draws - 1
    assert trace.best[-1] == (draws - 1) / 10
    assert trace.accepted == pytest.approx(0.25, abs=0.02)


def ranking_of(run: Run, *addresses: tuple[int, int]) -> Ranking:
    """A ranking of these draws, the first the best, though what was recorded may say otherwise."""
    draws = recorded(run)
    place = [int(np.flatnonzero((draws.chain == chain) & (draws.iteration == at))[0]) for chain, at in addresses]
    mean = Fair(-np.arange(len(place), dtype=float), np.zeros(len(place)))
    return Ranking(draws, np.array(place), 30, mean, mean)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Chain 0 recorded 1, 9 and a failure, chain 1 recorded 4, 2 and 3."""
    monkeypatch.setattr(Run, "scenario", load_scenario(QUICK))  # of which the record on disk holds only the ranges
    return open_run(write_results(tmp_path / "results", {}, np.array([[1.0, 9.0, np.nan], [4.0, 2.0, 3.0]])))


def test_without_a_ranking_the_best_draws_are_the_recorded_ones(run: Run) -> None:
    assert best_of_chains(traces_of(run), None) == [Best(0, 1, 9.0, False), Best(1, 0, 4.0, False)]


def test_the_best_draw_of_a_chain_is_the_first_of_it_in_the_ranking(run: Run) -> None:
    found = best_of_chains(traces_of(run), ranking_of(run, (1, 2), (0, 0), (1, 0), (0, 1)))
    assert found == [Best(1, 2, 3.0, True), Best(0, 0, 1.0, True)]


def test_a_chain_that_is_not_ranked_comes_after_those_that_are(run: Run) -> None:
    found = best_of_chains(traces_of(run), ranking_of(run, (1, 2), (1, 0)))
    assert found == [Best(1, 2, 3.0, True), Best(0, 1, 9.0, False)]


def test_where_every_draw_failed_there_is_no_best(tmp_path: Path) -> None:
    failed = open_run(write_results(tmp_path / "failed", {}, np.full((2, 4), np.nan)))
    with pytest.raises(DataError, match="no draw of the run has a score"):
        best_of_chains(traces_of(failed), None)


def test_a_run_of_other_code_is_shown_and_said_to_differ(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = open_run(searched(tmp_path / "results", seed, chains=1, iters=10))
    posterior = run_of(tmp_path / "posterior", seed, chains=1, iters=10)  # its runs have a chance for each year
    same = [replay(made, 0, 5) for made in (search, posterior)]
    assert [one.note for one in same] == ["", ""]

    def differs(_: object) -> None:
        raise DataError("attempts_total: recorded 1, simulated again 2")

    monkeypatch.setattr("analysis.run_data.best_draws.simulate_again", differs)
    for made, before in zip((search, posterior), same, strict=True):
        other = replay(made, 0, 5)
        assert "made by other code" in other.note
        assert np.array_equal(other.trajectory.escapes, before.trajectory.escapes)
