"""The fair ranking: luck is told from skill, no chain crowds out the others, and chance is fresh."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.places import QUICK
from support.planted import CENTRE, FREE, RUN, SPACE, around, draws_at, scores_of

from analysis import best
from analysis.best import lines_of, main, table_of
from analysis.run_data.candidates import Recorded, best_draws, recorded, spread_draws
from analysis.run_data.fresh_seeds import Fresh, fair
from analysis.run_data.ranking import LEADERS, MORE, rank, ranked
from calibrate.cli import main as calibrate
from calibrate.methods.space import to_points, to_unit
from engine.results.run_record import open_run
from engine.types import Floats


def hill(unit: Floats) -> Floats:
    """Highest at the centre."""
    return 10 - 10 * np.linalg.norm(unit - CENTRE, axis=1)


def some_draws(seed: int, count: int = 400, chains: int = 4) -> Recorded:
    return draws_at(around(CENTRE, 0.4, count, np.random.default_rng(seed)), hill, chains)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run of the quick country."""
    folder = tmp_path_factory.mktemp("run") / "results"
    settings = ["--chains", "2", "--iters", "300", "--seed", "7", "--quiet", "--out", str(folder)]
    assert calibrate(["--config", str(QUICK), *settings]) == 0
    return folder


def test_a_lucky_draw_falls_behind(seed: int) -> None:
    draws = some_draws(seed)
    lucky = int(np.argmin(draws.score))
    draws.score[lucky] = 50.0
    ranking = rank(draws, scores_of(hill, seed), top=50)
    assert ranking.place[-1] == lucky
    assert ranking.lucky_gap[-1] > 30
    assert np.all(np.diff(ranking.fair.mean) <= 0)
    row = table_of(ranking).rows[-1]
    assert row[:4] == [50, int(draws.chain[lucky]), int(draws.iteration[lucky]), 50.0]
    assert row[7:9] == [None, None]


def test_what_ranking_adds_to_the_first_mean_is_not_in_the_second(seed: int) -> None:
    """All points are as good as each other. The first of 200 means of 30 lies near 2.7 standard errors above 0, and
    over 1.5 but for a chance of 1e-6. The second mean of a leader is over 5 standard errors away with chance 6e-7."""
    draws = some_draws(seed)
    ranking = rank(draws, scores_of(lambda unit: np.zeros(len(unit)), seed, noise=1.0))
    assert ranking.fair.mean[0] > 1.5 / np.sqrt(30)
    assert np.abs(ranking.again.mean).max() < 5 / np.sqrt(MORE * 30)
    assert ranking.again.error == pytest.approx(1 / np.sqrt(MORE * 30), rel=0.25)
    assert len(ranking.again.mean) == LEADERS


def test_a_draw_that_fails_on_fresh_seeds_comes_last(seed: int) -> None:
    draws = some_draws(seed, 12)
    first = int(best_draws(draws, 1)[0])
    failing = to_unit(SPACE, draws.points[first : first + 1])

    def with_failure(unit: Floats) -> Floats:
        return np.where(np.linalg.norm(unit - failing, axis=1) < 1e-9, np.nan, hill(unit))

    ranking = rank(draws, scores_of(with_failure, seed))
    assert ranking.place[-1] == first
    assert np.isnan(ranking.fair.mean[-1])
    assert "12 best of 12 draws" in lines_of(ranking)[0]
    assert "nan" not in lines_of(ranking)[1]


def test_no_chain_crowds_out_the_others(seed: int) -> None:
    """Chain 0 holds the 100 best of 400; of 40 it gets twice its quarter."""
    draws = some_draws(seed)
    draws.score[draws.chain == 0] += 100
    assert np.bincount(draws.chain[best_draws(draws, 40)]).tolist()[0] == 20
    few = (draws.chain == 0) | (draws.iteration < 10)
    fewer = draws._replace(**{name: getattr(draws, name)[few] for name in ("chain", "iteration", "score", "points")})
    chosen = best_draws(fewer, 80)  # at most 40 of a chain, but the others have 30 in all
    assert np.bincount(fewer.chain[chosen]).tolist() == [50, 10, 10, 10]
    assert np.all(np.diff(fewer.score[chosen]) <= 0)


def test_no_point_twice(seed: int) -> None:
    draws = some_draws(seed, 40)
    draws.points[:20] = draws.points[0]
    assert len(best_draws(draws, 40)) == 21


def test_the_sample_is_even_over_chains_and_over_each_chain(seed: int) -> None:
    draws = some_draws(seed)
    draws.score[draws.chain == 3] = -5
    chosen = spread_draws(draws, 0.0, 40)
    assert np.bincount(draws.chain[chosen], minlength=4).tolist() == [10, 10, 10, 0]
    assert np.all(draws.score[chosen] >= 0)
    one = draws.iteration[chosen[draws.chain[chosen] == 1]]
    assert np.all(np.diff(one) >= 5)
    assert len(spread_draws(draws, 1e9, 40)) == 0


def test_fresh_seeds_are_new_each_time_and_the_same_for_any_number_of_threads(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = to_points(SPACE, np.random.default_rng(seed).random((40, FREE)))

    def scores(workers: int, number: int = seed) -> list[Floats]:
        monkeypatch.setattr("engine.simulation.available_processors", lambda: workers)
        made = Fresh(RUN, number)
        return [made(points, 11), made(points, 11)]

    one, two, other = scores(1), scores(3), scores(2, seed + 1)
    assert np.array_equal(one, two)
    assert not np.array_equal(one[0], one[1])
    assert not np.array_equal(one[0], other[0])


def test_no_fresh_seed_is_the_runs_own(results: Path) -> None:
    """The same draws again at the run's seed give the recorded scores; on fresh seeds hardly one does."""
    run = open_run(results)
    draws = recorded(run)
    again = Fresh(run, run.record.seed)(draws.points[:100], 1)[:, 0]
    assert np.mean(again == draws.score[:100]) < 0.5  # silent runs score the same on every seed


def test_mean_and_standard_error() -> None:
    """1, 3 and 5: mean 3, standard deviation 2, standard error 2/√3."""
    assert fair(np.array([[1.0, 3, 5]])) == pytest.approx((3, 2 / np.sqrt(3)))


def test_prints_the_first_and_stores_all(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main([str(results), "--top", "30", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "30 best of 600 draws, ranked by their mean score on 30 fresh seeds" in said
    assert said.count("\n") == 4 + 1 + LEADERS + 1 + 7
    rows = list(csv.DictReader((out / "best.csv").read_text().splitlines()))
    assert len(rows) == 30
    assert [int(row["rank"]) for row in rows] == list(range(1, 31))
    means = [float(row["mean"]) for row in rows]
    assert means == sorted(means, reverse=True)
    assert float(rows[0]["lucky_gap"]) == pytest.approx(float(rows[0]["recorded"]) - means[0])
    assert rows[LEADERS]["again"] == ""
    assert {path.name for path in out.iterdir()} >= {
        "best.csv",
        "best.png",
        "best.svg",
        "best_point.csv",
        "best_point.svg",
        "best_values.csv",
    }
    assert main([str(results), "--top", "30", "--out", str(tmp_path / "twice")]) == 0
    assert (tmp_path / "twice" / "best.csv").read_bytes() == (out / "best.csv").read_bytes()


def test_recorded_scores_are_those_of_the_addresses(results: Path) -> None:
    run = open_run(results)
    table = table_of(ranked(run, top=5))
    draws = recorded(run)
    for row in table.rows:
        (place,) = np.flatnonzero((draws.chain == row[1]) & (draws.iteration == row[2]))
        assert draws.score[place] == row[3]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--top", "0"], "argument --top: '0' will not do; give an integer from 1 up"),
        (["--seeds", "29"], "argument --seeds: '29' will not do; give an integer from 30 up"),
        (["--seed", "-1"], "argument --seed: "),
        (["--tops", "5"], "--tops: no such argument; did you mean --top?"),
    ],
)
def test_arguments_that_will_not_do(
    results: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(results), *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_an_empty_run_and_no_run_say_so_in_a_line(results: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "run.json").write_text((results / "run.json").read_text())
    for folder, said in ((empty, "holds no draws yet"), (tmp_path / "nowhere", "not a results directory")):
        command = [sys.executable, "-m", "analysis.best", str(folder), "--out", str(tmp_path / "out")]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 3
        assert said in ended.stderr
        assert ended.stderr.count("\n") == 1


def test_interrupted_it_stores_nothing(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(best, "ranked", interrupt)
    assert main([str(results), "--out", str(tmp_path / "out")]) == 130
    assert "nothing was stored" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
