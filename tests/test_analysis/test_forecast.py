"""``python -m analysis.forecast``: scores beside closed forms, plain rivals beside what they claim, the command."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
from scipy.stats import norm, t
from support.short_posterior import run_of
from support.short_runs import searched

from analysis.forecast import rivals
from analysis.forecast.__main__ import main
from analysis.forecast.exhibits import foretold, verdict
from analysis.forecast.rivals import DRAWS, RIVALS, arima, drift, last_year
from analysis.forecast.scores import Scored, crps, log_scores, scored
from analysis.posterior.sample import sample_of
from engine.results.run_record import Run
from engine.types import Floats

FALSE_ALARM = 1e-6
RECORD = [100, 140, 260, 380, 520, 490, 430, 360, 400, 450, 470, 440]  # 2001 to 2012


def long(record: list[int], until: int = 2010) -> tuple[str, ...]:
    """Changes that give quick.yaml twelve years, met up to ``until``."""
    years = range(2001, 2013)

    def told(values: list[float] | list[int]) -> str:
        return "{" + ", ".join(f"{year}: {value}" for year, value in zip(years, values, strict=True)) + "}"

    return (
        "years=12",
        f"population.totals={told([200_000] * 12)}",
        f"economy.growth={told([-2, -6, 1, 3, 2, 1, 0, -1, 2, 3, 1, 0])}",
        f"target.tables={{arrivals: {told(record)}}}",
        f"target.until={until}",
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Run:
    """A run that foretells two years."""
    return run_of(tmp_path_factory.mktemp("forecast") / "run", seed, *long(RECORD), chains=2)


def logs(draws: Floats) -> Floats:
    return np.log1p(draws)


def exact_crps(z: float) -> float:
    """Of a standard normal law (Gneiting and Raftery 2007, section 4.2)."""
    return float(z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - np.pi**-0.5)


@pytest.mark.parametrize("z", [0.0, 0.7, -2.5])
def test_crps_is_that_of_a_normal_law(z: float, seed: int) -> None:
    """2,000 forecasts of 20 draws each: unbiased however few. Fails once in a million if right."""
    draws = np.random.default_rng(seed).standard_normal((20, 2000))
    limit = t.isf(FALSE_ALARM / 2, 1999)

    def off(found: Floats) -> float:
        return float(abs(found.mean() - exact_crps(z)) / (found.std(ddof=1) / np.sqrt(2000)))

    found = crps(draws, np.full(2000, z))
    assert off(found) < limit
    pairs = np.abs(draws[:, None, 0] - draws[None, :, 0]).sum() / (20 * 19)
    assert found[0] == pytest.approx(np.abs(draws[:, 0] - z).mean() - pairs / 2)
    with_itself = np.abs(draws - z).mean(axis=0) - (np.abs(draws - z).mean(axis=0) - found) * 19 / 20
    assert off(with_itself) > limit, "the control: pairs of a draw with itself among them"


def test_the_log_score_is_the_density_of_the_logarithm(seed: int) -> None:
    """Of log(1 + people) normal around 6; a kernel blurs it a little."""
    draws = np.expm1(np.random.default_rng(seed).normal(6.0, 0.5, (20_000, 3)))
    told = np.expm1(np.array([6.0, 6.5, 5.2]))
    assert log_scores(draws, told) == pytest.approx(norm.logpdf([6.0, 6.5, 5.2], 6.0, 0.5), abs=0.1)
    assert log_scores(np.full((50, 1), 7.0), np.array([7.0])).tolist() == [-np.inf], "a forecast that cannot miss"


def test_what_was_foretold_is_counted_in_its_bands() -> None:
    """Draws 0 to 100 evenly: half of them from 25 to 75, nine tenths from 5 to 95."""
    draws = np.tile(np.arange(101.0)[:, None], (1, 5))
    found = scored(draws, np.array([25.0, 50.0, 76.0, 95.0, 96.0]))
    assert (found.inside_50, found.inside_90) == (2, 4)
    assert found.crps == pytest.approx(crps(draws, np.array([25.0, 50.0, 76.0, 95.0, 96.0])).mean())
    # All draws 10 people off, in every year: 10 people, log(111/101).
    exact = scored(np.full((60, 2), 110.0), np.array([100.0, 100.0]))
    assert (exact.crps, exact.relative_crps) == pytest.approx((10.0, np.log(111 / 101)))


def test_the_last_year_goes_on_as_far_off_as_years_were(seed: int) -> None:
    """Spreads within 5.5 %: 4.9 standard errors of 4,000 draws, each fails once in a million."""
    record = 10_000 * np.exp([0.0, 0.3, -0.1, 0.2, 0.5, 0.1, 0.4, 0.2])
    draws = last_year(record, 9, np.random.default_rng(seed))
    assert draws.shape == (DRAWS, 9)
    values = np.log1p(record)
    spread = [float(np.sqrt(np.mean((values[step:] - values[:-step]) ** 2))) for step in (1, 2, 3, 4, 5, 6, 7)]
    widest = np.maximum.accumulate(spread)
    middle, found = np.median(logs(draws), axis=0), logs(draws).std(axis=0)
    # The median of n draws of a normal law has a standard error of 1.2533 s / sqrt(n).
    assert np.abs(middle - values[-1]).max() < 4.9 * 1.2533 * widest.max() / np.sqrt(DRAWS)
    assert found[:7] == pytest.approx(widest, rel=0.055)
    assert found[7:] == pytest.approx([widest[-1]] * 2, rel=0.055), "further ahead than the record is long"


def test_a_drift_goes_on_with_the_mean_step(seed: int) -> None:
    """Steps of 0.1 and 0.3 in turns: mean 0.2; both means and spreads 4.9 standard errors, once in a million each."""
    record = 10_000 * np.exp(np.cumsum([0.0, *[0.1, 0.3] * 5]))
    steps = np.diff(np.log1p(record))
    draws, ahead = logs(drift(record, 4, np.random.default_rng(seed))), np.arange(1, 5)
    spread = steps.std(ddof=1) * np.sqrt(ahead + ahead**2 / 10)
    assert np.abs(draws.mean(axis=0) - np.log1p(record[-1]) - ahead * steps.mean()).max() < 4.9 * spread[-1] / 63
    assert draws.std(axis=0) == pytest.approx(spread, rel=0.055)


def test_arima_finds_out_whether_a_record_returns(seed: int) -> None:
    """Five years after a last one far above: logarithms that keep half of their distance from 7, or that walk on."""
    steps = 0.1 * np.random.default_rng(seed).standard_normal(80)
    returning = [7.0]
    for step in steps:
        returning.append(7.0 + 0.5 * (returning[-1] - 7.0) + step)
    walking = 7.0 + np.cumsum(steps)
    returns, walks = (
        logs(arima(np.exp(values), 5, np.random.default_rng(seed))) for values in ([*returning, 7.4], walking)
    )
    # 7 + 0.4 · 0.5^5 = 7.01, and where the walk is, give or take what 80 years tell of a law: over 12
    # seeds at most 0.07 and 0.1 (measured once).
    assert np.median(returns[:, 4]) == pytest.approx(7.01, abs=0.12)
    assert np.median(walks[:, 4]) == pytest.approx(walking[-1], abs=0.3)
    assert returns[:, 4].std() < walks[:, 4].std()
    assert walks[:, 0].std() < walks[:, 4].std(), "further ahead less is known"


@pytest.mark.parametrize("name", RIVALS)
@pytest.mark.parametrize("record", [[0, 0, 3, 8, 9, 8, 41, 56], [50] * 8])
def test_rivals_foretell_people(name: str, record: list[int], seed: int) -> None:
    draws = RIVALS[name](np.array(record, dtype=float), 12, np.random.default_rng(seed))
    assert draws.shape == (DRAWS, 12)
    assert np.array_equal(draws, np.round(draws))
    assert draws.min() >= 0
    assert np.isfinite(draws).all()


def test_a_verdict_names_who_foretold_best() -> None:
    first, second = Scored(-1.0, 30.0, 0.1, 1, 2), Scored(-2.0, 40.0, 0.2, 1, 2)
    ahead = "foretold best, by log score (1.00 ahead of {0}) and by CRPS (10 ahead of {0})."
    assert verdict({"the model": first, "ARIMA": second}) == f"The model {ahead.format('ARIMA')}"
    assert verdict({"the model": second, "last year": first}) == f"Last year {ahead.format('the model')}"
    split = {"the model": first._replace(crps=50.0), "ARIMA": second}
    told = "By log score the model foretold best (1.00 ahead of ARIMA), by CRPS ARIMA (10 ahead of the model)."
    assert verdict(split) == told


def test_the_model_foretells_by_its_own_runs(run: Run) -> None:
    """Draws of a posterior without a miss would be its runs' own years; with it they lie around them."""
    sample = sample_of(run)
    draws = foretold(sample)
    count = min(DRAWS, sample.miss.size)
    assert draws.shape == (count, 2)
    exact = sample._replace(miss=np.full_like(sample.miss, 1e-9))
    chain, draw = sample.some(DRAWS)
    ahead = sample.means[chain, draw, 10:]
    # Without a miss they are Poisson around the runs: 4.9 standard errors of all of them, once in a million.
    plain = foretold(exact)
    assert abs((plain - ahead).sum()) < 4.9 * np.sqrt(ahead.sum())
    assert (draws - ahead).std() > 2 * (plain - ahead).std(), "the control: with it"


def rows(results: Path, name: str) -> Iterator[dict[str, object]]:
    yield from pyarrow.csv.read_csv(results / "analysis" / f"{name}.csv").to_pylist()


def test_the_command_from_run_to_files(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run.directory), "--until", "2011"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "foretold best" in out.partition("Fitted to 2001–2010, foretold from 2011 on; 1 year scored.")[0]
    files = {path.name for path in (run.directory / "analysis").iterdir()}
    assert files == {"forecast.csv", "forecast.png", "forecast.svg", "forecast_scores.csv"}
    table = list(rows(run.directory, "forecast"))
    names = ["the model", *RIVALS]
    assert [row["forecast"] for row in table] == [name for name in names for _ in (2011, 2012)]
    assert [(row["year"], row["record"], row["scored"]) for row in table[:2]] == [(2011, 470, True), (2012, 440, False)]
    scores = list(rows(run.directory, "forecast_scores"))
    model = scored(foretold(sample_of(run))[:, :1], np.array([470.0]))
    assert [row["forecast"] for row in scores] == names
    assert scores[0]["crps"] == pytest.approx(model.crps)
    assert scores[0]["log_score"] == pytest.approx(model.log_score)
    last = next(row for row in table if row["forecast"] == "last year")
    assert last["p50"] == pytest.approx(450, rel=0.05), "of 2010"
    assert main([str(run.directory), "--until", "2030"]) == 0
    assert "2 years scored" in capsys.readouterr().out


def test_nobody_looks_ahead(run: Run, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """What came in the years that are foretold changes how good a forecast was, and no forecast."""
    other = run_of(tmp_path / "other", seed, *long([*RECORD[:10], 4000, 9]), chains=2).directory
    assert main([str(run.directory)]) == main([str(other)]) == 0
    for one, two in zip(rows(run.directory, "forecast"), rows(other, "forecast"), strict=True):
        assert {**one, "record": None} == {**two, "record": None}
        assert one["record"] != two["record"]
    for one, two in zip(rows(run.directory, "forecast_scores"), rows(other, "forecast_scores"), strict=True):
        assert one["crps"] != two["crps"]


def test_of_a_short_record_the_model_stands_alone(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    short = run_of(tmp_path / "short", seed, "target.until=2002", chains=2, iters=100).directory
    assert main([str(short)]) == 0
    assert "rivals need a record of 8 years to go by" in capsys.readouterr().out
    assert [row["forecast"] for row in rows(short, "forecast_scores")] == ["the model"]


def test_what_cannot_be_is_told_in_a_line(
    run: Run, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = searched(tmp_path / "walk", seed, chains=1, iters=120)
    whole = run_of(tmp_path / "whole", seed, chains=2, iters=100).directory
    told = {
        (str(walk),): f"{walk}: is a run of method population, whose draws are no posterior",
        (str(whole),): f"{whole}: was fitted to all of its years; make one that is not, with --set target.until=YEAR",
        (str(run.directory), "--until", "2010"): "--until 2010: the first year foretold is 2011; give it or a later",
    }
    for arguments, line in told.items():
        capsys.readouterr()
        assert main(list(arguments)) == 3
        (found,) = capsys.readouterr().err.splitlines()
        assert found.startswith(line)

    def missing(name: str) -> None:
        raise ImportError(name=name)

    monkeypatch.setattr(rivals, "import_module", missing)
    assert main([str(run.directory)]) == 2
    told_of = "statsmodels.tsa.arima.model is not installed; pip install 'defection-abm[forecast]'\n"
    assert capsys.readouterr().err == told_of
