"""Further observed series: against SciPy's laws, in draws and batches alike, and what they are for."""

import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from scipy.stats import beta, betabinom, nbinom
from support.altered import changed, put
from support.places import CONFIGS, DPRK, QUICK
from support.walk_double import parts

import calibrate.cli
from analysis import best
from calibrate import Score
from calibrate.methods.base import START
from calibrate.methods.screen import Screen
from calibrate.objective.draw import Block
from calibrate.objective.further import DISTANCE, FOUND, LOG_LIKELIHOOD, by_figure, held, make_further
from calibrate.objective.likelihood import LEAST
from engine import Scenario, load_scenario, simulate_batch
from engine.results.columns import FURTHER
from engine.scenario.observed import Figure, asked_about

WOMEN = (
    "women={of: escapes, who: {sex: female}, people: {2001: 70, 2002-2003: 500}, out_of: {2001: 100, 2002-2003: 780}, "
    "miss: 0.1, weight: 2}"
)
RIVER = "river={of: escapes, who: {province: River}, share: {<=2003: 0.4}, miss: 0.05}"
MEN = "men={of: attempts, who: {sex: male}, people: {2002: 300, 2004: 250}, miss: 0.3, weight: 0.5}"
CAUGHT = "caught={of: prevented, share: {2001-2004: 0.6, 2003: 0.5}, miss: 0.1, weight: 3}"
SERIES = (WOMEN, RIVER, MEN, CAUGHT)


def quick(*series: str, overrides: tuple[str, ...] = ()) -> Scenario:
    return load_scenario(QUICK, [*(f"target.also.{one}" for one in series), *overrides])


def slowly(scenario: Scenario, tally: NDArray[np.float64], weeks_run: int) -> NDArray[np.float64]:
    """What a run has of each series, its distance and log L, (series, 3): from the page of the model alone."""
    women, everyone, river, men = tally.transpose(1, 0, 2)  # (years, attempts and escapes), in the order asked about
    at = {year: year - 2001 for year in range(2001, 2005)}
    whole = (100 + 260 + 520 + 360) / 208  # people a week of the target
    precision = {miss: 1 / (4 * miss**2) - 1 for miss in (0.1, 0.05)}
    rows = []

    def share(part: float, total: float) -> float:
        return (part + 0.5) / (total + 1)

    def ran(last: int) -> bool:
        return weeks_run >= 52 * (at[last] + 1)

    def escaped(kind: NDArray[np.float64], first: int, last: int) -> float:
        return float(kind[at[first] : at[last] + 1, 1].sum())

    one = share(escaped(women, 2001, 2001), escaped(everyone, 2001, 2001))
    two = share(escaped(women, 2002, 2003), escaped(everyone, 2002, 2003))
    gaps = [abs(one - 0.7) if ran(2001) else 1, abs(two - 500 / 780) if ran(2003) else 1]
    phi = precision[0.1]
    log_l = betabinom.logpmf(70, 100, one * phi, (1 - one) * phi)
    log_l += betabinom.logpmf(500, 780, two * phi, (1 - two) * phi)
    rows.append([share(escaped(women, 2001, 2003), escaped(everyone, 2001, 2003)), whole * np.mean(gaps), log_l])

    there = share(escaped(river, 2001, 2003), escaped(everyone, 2001, 2003))
    phi = precision[0.05]
    gap = abs(there - 0.4) if ran(2003) else 1
    rows.append([there, whole * gap, beta.logpdf(0.4, there * phi, (1 - there) * phi)])

    gaps, log_l, total = [], 0.0, 0.0
    for year, count in ((2002, 300), (2004, 250)):
        people = float(men[at[year], 0])
        missing = sum(week >= weeks_run for week in range(52 * at[year], 52 * at[year] + 52))
        gaps.append(min(abs(people - count) / 52, 25) if ran(year) else 25)
        mean, k = max(people + 60 * missing, LEAST), 1 / 0.3**2
        log_l += nbinom.logpmf(count, k, k / (k + mean))
        total += people
    rows.append([total, np.mean(gaps), log_l])

    gaps, log_l, parts, totals, phi = [], 0.0, 0.0, 0.0, precision[0.1]
    for first, last, observed in ((2001, 2004, 0.6), (2003, 2003, 0.5)):
        attempts = float(everyone[at[first] : at[last] + 1, 0].sum())
        prevented = attempts - escaped(everyone, first, last)
        caught = share(prevented, attempts)
        gaps.append(abs(caught - observed) if ran(last) else 1)
        log_l += beta.logpdf(observed, caught * phi, (1 - caught) * phi)
        parts, totals = parts + prevented, totals + attempts
    rows.append([share(parts, totals), whole * np.mean(gaps), log_l])
    return np.array(rows)


def some_tallies(rng: np.random.Generator, runs: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Tallies, (runs, years, kinds, 2), of silence, of few and of many, and weeks run, some of them not all."""
    attempts = rng.gamma(1.0, 300.0, (runs, 4, 1)) * rng.choice([0, 0.01, 1, 3], (runs, 1, 1))
    shares = np.concatenate([rng.random((runs, 4, 1)), np.ones((runs, 4, 1)), rng.random((runs, 4, 2))], axis=2)
    kinds = attempts * shares
    weeks = np.where(rng.random(runs) < 0.5, 208, rng.integers(1, 209, runs))
    return np.stack([kinds, kinds * rng.random((runs, 4, 1))], axis=-1), weeks


def drawn(scenario: Scenario, seed: int) -> Block:
    return Screen(scenario, seed).step(2, 0, 256, START)[0]


def test_it_is_scipys_laws(seed: int) -> None:
    scenario = quick(*SERIES)
    kinds = asked_about(scenario.target.also.values())
    assert kinds == [(("sex", ("female",)),), (), (("province", ("River",)),), (("sex", ("male",)),)]
    tallies, weeks = some_tallies(np.random.default_rng(seed), 80)
    rows, sums = held(scenario, tallies, weeks)
    assert (weeks < 208).sum() > 20
    weights = np.array([2, 1, 0.5, 3])
    for row in range(80):
        slow = slowly(scenario, tallies[row], int(weeks[row]))
        np.testing.assert_allclose(rows[row].reshape(4, 3), slow, rtol=1e-9)
        np.testing.assert_allclose(sums[row], weights @ slow[:, 1:], rtol=1e-9)


@pytest.mark.parametrize("objective", ["score", "likelihood"])
def test_a_draw_is_what_it_was_and_what_the_series_make_of_it(objective: str, seed: int) -> None:
    """At the same points with the same chance: the run is the same, its worth is less by what the series say."""
    told = (f"objective={objective}",)
    plain, fuller = drawn(quick(overrides=told), seed), drawn(quick(*SERIES, overrides=told), seed)
    for name in ("points", "distance", "weeks_run", "stopped", "by_year", "escapes_total", "attempts_total"):
        assert getattr(plain, name).tobytes() == getattr(fuller, name).tobytes(), name
    assert plain.further.shape == (256, 0)
    by_series, weights = fuller.further.reshape(256, 4, 3), np.array([2, 1, 0.5, 3])
    np.testing.assert_allclose(fuller.score, plain.score - by_series[:, :, DISTANCE] @ weights, rtol=1e-12)
    likelihood = plain.log_likelihood + by_series[:, :, LOG_LIKELIHOOD] @ weights
    np.testing.assert_allclose(fuller.log_likelihood, likelihood, rtol=1e-12)
    assert (by_series[:, :, DISTANCE] > 0).all()
    nothing = drawn(quick(*(f"{one[:-1]}, weight: 0}}" for one in (RIVER,)), overrides=told), seed)
    assert nothing.score.tobytes() == plain.score.tobytes(), "without weight it is only recorded"
    assert nothing.further[:, FOUND].tobytes() == fuller.further[:, 3 + FOUND].tobytes()


def test_a_batch_tallies_what_draws_did(seed: int) -> None:
    scenario = quick(*SERIES)
    block = drawn(scenario, seed)
    batch = simulate_batch(scenario, block.points, seed, chain=2, score=Score(scenario))
    assert batch.score.tobytes() == block.score.tobytes()
    assert held(scenario, batch.tallies, batch.weeks_run)[0].tobytes() == block.further.tobytes()
    by_itself = Score(scenario)(np.zeros((1, 208), np.int64), np.array([208]))
    assert by_itself == Score(quick())(np.zeros((1, 208), np.int64), np.array([208])), "of the target alone"


def test_figures_of_years_that_are_not_to_be_met_are_left_out() -> None:
    shares = "{2001: 0.1, <=2002: 0.2, 2002-2003: 0.3, 1999: 0.4, 2004: 0.5, 2004-2005: 0.6}"
    ahead = quick(f"women={{of: escapes, who: {{sex: female}}, share: {shares}, miss: 0.1}}")
    series = ahead.target.also["women"]
    assert series.figures(2001, 2) == [Figure(0, 1, 0.1, 0.0), Figure(0, 2, 0.2, 0.0)]
    assert len(series.figures(2001, 4)) == 4
    assert make_further(ahead.changed(["target.until=2002"])).observed.tolist() == [0.1, 0.2]


def test_the_ready_series_of_the_case_are_met(tmp_path: Path) -> None:
    shutil.copytree(CONFIGS, tmp_path, dirs_exist_ok=True)
    text = DPRK.read_text(encoding="utf-8")
    (also,) = re.findall(r"^  # also:\n(?:  #   .*\n)+", text, re.MULTILINE)
    ready = text.replace(also, re.sub("^  # ", "  ", also, flags=re.MULTILINE))
    (tmp_path / "ready.yaml").write_text(ready, encoding="utf-8")
    scenario = load_scenario(tmp_path / "ready.yaml")
    women, border = scenario.target.also.values()
    assert women.figures(1992, 23)[-1] == Figure(22, 23, 1092 / 1397, 1397.0)
    assert [(one.first, one.past) for one in women.figures(1992, 23)][:3] == [(0, 7), (7, 10), (10, 11)]
    assert border.figures(1992, 23) == [Figure(0, 23, 0.759, 0.0)]
    assert scenario.changed(["target.also={}"]) == load_scenario(DPRK)


def test_the_best_of_a_screen_has_what_was_observed(seed: int) -> None:
    """What it is for: of the same draws other ones are best if other shares were observed."""
    found = {}
    for share in (0.55, 0.95):
        shares = f"{{2001-2004: {share}}}, miss: 0.05, weight: 20"
        scenario = quick(f"women={{of: escapes, who: {{sex: female}}, share: {shares}}}")
        block = Screen(scenario, seed).step(0, 0, 4096, START)[0]
        best = np.argsort(-block.score)[:20]
        found[share] = block.further[best, FOUND].mean()
    assert abs(found[0.55] - 0.55) < 0.1
    assert found[0.95] > found[0.55] + 0.1


def test_a_run_keeps_them_in_columns_and_is_verified(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    overrides = [word for one in SERIES for word in ("--set", f"target.also.{one}")]
    command = ["--config", str(QUICK), *overrides, "--seed", str(seed), "--quiet", "--out", str(tmp_path)]
    assert calibrate.cli.main([*command, "--chains", "1", "--iters", "80"]) == 0
    (part,) = parts(tmp_path)
    names = pq.read_schema(part).names
    assert names[-12:] == [f"{series}_{end}" for series in ("women", "river", "men", "caught") for end in FURTHER]
    assert calibrate.cli.main(["verify", str(tmp_path), "--sample", "80"]) == 0
    assert "80 of them were simulated again" in capsys.readouterr().out
    assert calibrate.cli.main([*command, "--resume", "--iters", "120"]) == 0
    assert calibrate.cli.main(["verify", str(tmp_path)]) == 0
    capsys.readouterr()
    changed(part, "river_distance", put(5, 0.0))
    assert calibrate.cli.main(["verify", str(tmp_path), "--sample", "0"]) == 3
    told = capsys.readouterr().err
    assert re.search("row 5, iteration 5: score is not what distance", told)


def test_best_and_a_rehearsal_show_them(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    overrides = [word for one in SERIES for word in ("--set", f"target.also.{one}")]
    command = ["--config", str(QUICK), *overrides, "--chains", "1", "--iters", "200", "--seed", str(seed), "--quiet"]
    assert calibrate.cli.main([*command, "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "# women: share of escapes: female; 2 figures to be met, weight 2\n" in told
    assert "# caught: share of attempts prevented: everyone; 2 figures to be met, weight 3\n" in told
    (tmp_path / "again.yaml").write_text(told, encoding="utf-8")
    assert load_scenario(tmp_path / "again.yaml") == quick(*SERIES)
    assert calibrate.cli.main([*command, "--out", str(tmp_path / "run")]) == 0
    assert best.main([str(tmp_path / "run"), "--top", "20"]) == 0
    assert "best_further.png" in capsys.readouterr().out
    table = pyarrow.csv.read_csv(tmp_path / "run" / "analysis" / "best_further.csv")
    assert table["series"].to_pylist() == ["women"] * 2 + ["river"] + ["men"] * 2 + ["caught"] * 2
    assert table["observed"].to_pylist() == pytest.approx([0.7, 500 / 780, 0.4, 300, 250, 0.6, 0.5])
    assert table["last_year"].to_pylist() == [2001, 2003, 2003, 2002, 2004, 2004, 2003]
    low, high = np.array(table["p05"]), np.array(table["p95"])
    assert (low < high).all()


def test_what_stands_beside_the_figures_is_what_was_compared(seed: int) -> None:
    scenario = quick(*SERIES)
    tallies, weeks = some_tallies(np.random.default_rng(seed), 30)
    rows, figures = held(scenario, tallies, weeks)[0].reshape(30, 4, 3), by_figure(scenario, tallies)
    ran = weeks == 208
    whole = (100 + 260 + 520 + 360) / 208
    gap = np.abs(figures - make_further(scenario).observed)
    np.testing.assert_allclose(rows[:, 1, FOUND], figures[:, 2])
    np.testing.assert_allclose(rows[ran, 0, DISTANCE], whole * gap[ran, :2].mean(axis=1))
    np.testing.assert_allclose(rows[ran, 2, DISTANCE], np.minimum(gap[ran, 3:5] / 52, 25).mean(axis=1))
    np.testing.assert_allclose(rows[ran, 3, DISTANCE], whole * gap[ran, 5:].mean(axis=1))


def test_a_posterior_meets_one_series(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--config", str(QUICK), "--set", f"target.also.{WOMEN}", "--method", "posterior", "--out", str(tmp_path)]
    assert calibrate.cli.main(given) == 2
    assert capsys.readouterr().err == (
        "target.also: a posterior meets one series alone, not women too; give target.also={}\n"
    )
