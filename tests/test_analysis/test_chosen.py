"""The draws that pictures are made of: the best of each chain, a trace of it, one simulated again."""

from pathlib import Path

import numpy as np
import pytest
from support.results_on_disk import write_results
from support.short_runs import searched

from analysis import chosen
from analysis.figures.chains import trace_of
from analysis.run_data.best_draws import Traces, best_of_chains, replay, traces_of
from analysis.run_data.draws import read_draws
from engine.errors import DataError


def of(results: Path) -> Traces:
    return traces_of(read_draws(results, ["iteration", "score", "accepted"]))


def test_a_trace_holds_the_best_so_far_where_the_chain_stands_and_how_often_it_moved() -> None:
    score = np.array([2.0, np.nan, 5.0, 1.0, 3.0, 4.0])
    accepted = np.array([True, False, False, True, True, False])
    trace = trace_of(Traces([7], [np.arange(6)], [score], [accepted]), 0)  # six windows of one draw
    assert trace.iteration.tolist() == [0, 1, 2, 3, 4, 5]
    assert trace.best.tolist() == [2, 2, 5, 5, 5, 5]
    assert trace.present.tolist() == [2, 2, 2, 1, 3, 3]
    assert trace.accepted.tolist() == [1, 0, 0, 1, 1, 0]


def test_a_long_trace_is_thinned_and_ends_where_the_chain_does() -> None:
    draws = 10_007
    trace = trace_of(Traces([0], [np.arange(draws)], [np.arange(draws) / 10], [np.arange(draws) % 4 == 0]), 0)
    assert len(trace.iteration) == 250
    assert trace.iteration[-1] == draws - 1
    assert trace.best[-1] == (draws - 1) / 10
    assert trace.accepted == pytest.approx(0.25, abs=0.02)


def test_the_best_draws_are_the_recorded_ones_until_there_is_a_ranking(tmp_path: Path) -> None:
    score = np.array([[1.0, 9.0, np.nan], [4.0, 2.0, 3.0]])
    traces = of(write_results(tmp_path / "results", {}, score))
    ranking = tmp_path / "best.csv"
    assert [one[:4] for one in best_of_chains(traces, ranking)] == [(0, 1, 9.0, False), (1, 0, 4.0, False)]
    ranking.write_text("rank,chain,iteration,mean\n1,1,2,2.9\n2,1,0,2.5\n")
    assert [one[:4] for one in best_of_chains(traces, ranking)] == [(1, 2, 3.0, True), (0, 1, 9.0, False)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chain,iteration\n5,1\n", "the run holds no chain 5, iteration 1"),
        ("chain,iteration\n0,99\n", "the run holds no chain 0, iteration 99"),
        ("chain,score\n0,99\n", "it has no columns chain and iteration"),
        ("chain,iteration\nzero,1\n", "it has no columns chain and iteration"),
    ],
)
def test_a_ranking_of_another_run_is_refused(tmp_path: Path, text: str, said: str) -> None:
    results = write_results(tmp_path / "results", {}, np.ones((2, 4)))
    (tmp_path / "best.csv").write_text(text)
    with pytest.raises(DataError, match=said):
        best_of_chains(of(results), tmp_path / "best.csv")


def test_a_run_of_other_code_is_shown_and_said_to_differ(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = searched(tmp_path / "results", seed, chains=1, iters=10)
    same = replay(results, 0, 5)
    assert same.note == ""

    def differs(_: object) -> None:
        raise DataError("attempts_total: recorded 1, simulated again 2")

    monkeypatch.setattr(chosen, "simulate_again", differs)
    other = replay(results, 0, 5)
    assert "made by other code" in other.note
    assert np.array_equal(other.trajectory.escapes, same.trajectory.escapes)
