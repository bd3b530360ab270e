"""``python -m analysis.posterior``: its numbers beside NumPy's and exact ones, and the command from run to files."""

from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
from scipy.signal import lfilter
from scipy.special import logsumexp
from scipy.stats import nbinom, norm
from support.goodness import chance, fits
from support.names import NAMES
from support.places import QUICK
from support.short_posterior import quick, run_of
from support.short_runs import searched

from analysis.common.libraries import arviz
from analysis.posterior.__main__ import main
from analysis.posterior.exhibits import parameters
from analysis.posterior.paths import paths_of
from analysis.posterior.predictive import efficiency, left_out, new_records, place_in, predicted
from analysis.posterior.sample import MISS, Sample, prior_quantiles, sample_of
from analysis.posterior.table import lines_of
from calibrate.methods.priors import log_prior, make_prior, posterior_space
from calibrate.methods.space import make_space, to_points
from calibrate.objective.likelihood import means
from engine.results.replay import read_draw, simulate_again
from engine.results.run_record import Run, open_run
from engine.scenario import Scenario
from engine.types import Floats

CHAINS, ITERS = 4, 200
LAWS = "posterior.priors={visibility: {mean: 0.3, deviation: 0.2}, adjustment_rate: {mean: -6, deviation: 0.7}}"
FALSE_ALARM = 1e-6


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Run:
    """A short run."""
    return run_of(tmp_path_factory.mktemp("posterior") / "run", seed, chains=CHAINS, iters=ITERS)


def made_up(scenario: Scenario, run: Run, seed: int, draws: int = 1000) -> Sample:
    """Independent draws of four chains: each parameter uniform in the middle of its range, on the scale searched."""
    rng, space = np.random.default_rng(seed), posterior_space(scenario)
    unit = rng.uniform(0.4, 0.6, (4, draws, len(space.place)))
    points = to_points(make_space(scenario), unit[:, :, :-1].reshape(4 * draws, -1)).reshape(4, draws, -1)
    miss = np.exp(space.low[-1] + unit[:, :, -1] * (space.high[-1] - space.low[-1]))
    iteration, nothing = np.tile(np.arange(draws), (4, 1)), np.zeros((4, draws))
    mean = np.tile(scenario.yearly_target(), (4, draws, 1))
    return Sample(run, scenario, [0, 1, 2, 3], iteration, points, miss, nothing, mean, 0.25)


def test_the_table_is_numpys(run: Run, seed: int) -> None:
    """R-hat and effective draws are ArviZ's: of independent draws near 1 and near all of them."""
    sample = made_up(quick(), run, seed)
    lines = {line.parameter: line for line in lines_of(sample, arviz())}
    assert list(lines) == [*quick().free_names, MISS]
    for name, line in lines.items():
        draws = sample.of(name)
        assert line[1:5] == pytest.approx([draws.mean(), *np.quantile(draws, [0.5, 0.05, 0.95])])
        assert line.rhat < 1.02
        assert min(line.ess_bulk, line.ess_tail) > 2000
        assert line.settled
        # By hand: the prior's interval is 0.9 of the range, the draws' 0.9 of a fifth. Weeks are rounded.
        if name != MISS:
            assert line.narrower == pytest.approx(5.0, rel=0.1), name
    intercept = lines["utility_intercept"]
    assert intercept.prior_p05 == pytest.approx(-12 + 0.05 * 14)
    assert intercept.p95 < 0, "a parameter below 0 is measured as any other"


def test_chains_that_disagree_are_told(run: Run, seed: int) -> None:
    sample = made_up(quick(), run, seed)
    told = parameters(sample, lines_of(sample, arviz()), "")
    assert told.warnings == ()
    assert "4 chains of 1,000 draws, a first half left out, 25.0% of the proposals taken" in told.sentence
    sample.points[2, :, NAMES.index("tolerance")] += 3.0
    (warning,) = parameters(sample, lines_of(sample, arviz()), "").warnings
    assert warning.startswith("the chains have not settled in tolerance: R-hat above 1.05 or fewer than 300")
    sample.points[:, :, NAMES.index("visibility")] = 0.5
    stuck = parameters(sample, lines_of(sample, arviz()), "")
    assert "R-hat is at most nan (visibility)" in stuck.sentence, "chains that never moved"
    assert "settled in tolerance, visibility:" in stuck.warnings[0]


@pytest.mark.parametrize("name", ["tolerance", "adjustment_rate", "visibility", "demographic_scale", MISS])
def test_the_prior_shown_is_the_prior_walked(name: str) -> None:
    """Quantiles beside the sum of the density that the sampler uses, over a fine grid of the scale walked."""
    scenario = quick(LAWS, "posterior.miss=0.4")
    space, prior = posterior_space(scenario), make_prior(scenario)
    row = len(space.place) - 1 if name == MISS else scenario.free_names.index(name)
    walked = np.linspace(space.low[row], space.high[row], 20_001)
    middles, points = (walked[1:] + walked[:-1]) / 2, np.tile(space.held, (20_000, 1))
    points[:, NAMES.index("adjustment_rate")] = 1e-3
    points[:, NAMES.index("visibility")] = 0.5
    points[:, space.place[row]] = np.exp(middles) if space.log[row] else middles
    density = np.exp([log_prior(point, space, prior) for point in points])
    shares = np.array([0.05, 0.5, 0.95])
    found = prior_quantiles(scenario, name, shares)
    below = np.interp(np.log(found) if space.log[row] else found, walked, np.append(0, np.cumsum(density)))
    assert below / density.sum() == pytest.approx(shares, abs=1e-5)


def test_a_draw_stands_as_often_as_its_chain_stayed(run: Run) -> None:
    sample, table = sample_of(run), run.draws(["iteration", "accepted", "visibility", "miss", "log_likelihood"])
    rows = table.filter(table["chain"].to_numpy() == 1).to_pylist()
    stood, here = [], rows[0]
    for row in rows:
        here = row if row["accepted"] else here
        stood.append(here)
    late = stood[ITERS // 2 :]
    assert sample.miss.shape == (CHAINS, ITERS // 2)
    assert sample.iteration[1].tolist() == [row["iteration"] for row in late]
    assert sample.of("visibility")[1].tolist() == [row["visibility"] for row in late]
    assert sample.of(MISS)[1].tolist() == [row["miss"] for row in late]
    assert sample.log_likelihood[1].tolist() == [row["log_likelihood"] for row in late]
    assert len(set(sample.iteration[1].tolist())) < ITERS // 2, "some stayed"


def test_what_happened_unseen_is_in_the_runs_of_the_draws(run: Run) -> None:
    sample, count = sample_of(run), 12
    paths = paths_of(sample, count)
    chain, draw = sample.some(count)
    for place in range(count):
        one = read_draw(run, sample.chains[chain[place]], int(sample.iteration[chain[place], draw[place]]))
        again = simulate_again(one)
        lived = again.weeks_run // 52
        for series, weekly in ((paths.attempts, again.attempts), (paths.known, again.known)):
            assert series[place, :lived].tolist() == again.by_year(weekly)[:lived].tolist()
            assert np.isnan(series[place, lived:]).all(), "not 0 after an early stop"
        mean = means(run.scenario, again.by_year(again.escapes)[None], np.array([again.weeks_run]))[0]
        assert sample.means[chain[place], draw[place]] == pytest.approx(mean)
        # River has 70,000 people and Plain 130,000.
        first = again.repression[:52] @ [0.35, 0.65]
        if again.weeks_run >= 52:
            assert paths.repression[place, 0] == pytest.approx(first.mean())
        assert paths.homes[place].sum() == pytest.approx(1.0)
        assert paths.kinds[place].tolist() == [], "nothing is on record of who left this country"
        assert np.isnan(paths.repression[place]).tolist() == [again.weeks_run < 52 * year for year in range(1, 5)]


def test_a_record_has_its_place_among_new_ones() -> None:
    records = np.array([[1, 5], [2, 5], [3, 5], [4, 5]])
    # Below 3 lie two of four, one is equal: (2 + 1/2) / 4; all are equal to 5: 1/2.
    assert place_in(records, np.array([3.0, 5.0])).tolist() == [0.625, 0.5]
    assert place_in(records, np.array([9.0, 0.0])).tolist() == [1.0, 0.0]


def test_new_records_are_missed_as_the_likelihood_says(seed: int) -> None:
    """Negative binomial: mean m, variance m + (m · miss)². Each of the three fails once in a million if right."""
    number, mean, miss = 200_000, 6.0, 0.5
    found = new_records(np.random.default_rng(seed), np.full((number, 1), mean), np.full(number, miss))[:, 0]
    variance = mean + (mean * miss) ** 2  # 15
    limit = norm.isf(FALSE_ALARM / 2)
    assert abs(found.mean() - mean) < limit * np.sqrt(variance / number)
    law = nbinom(miss**-2, miss**-2 / (miss**-2 + mean))
    fourth = float(law.stats("k")) + 3  # kurtosis: the spread of the variance found
    assert abs(found.var() - variance) < limit * variance * np.sqrt((fourth - 1) / number)
    expected = number * np.append(law.pmf(np.arange(60)), law.sf(59))
    counts = np.bincount(np.minimum(found, 60), minlength=61)
    assert fits(counts, expected)
    plain = np.bincount(np.minimum(np.random.default_rng(seed).poisson(mean, number), 60), minlength=61)
    assert chance(plain, expected) < 1e-12, "the control: counts without a miss"


def of_a_scale(scenario: Scenario, run: Run, size: float, seed: int) -> tuple[Sample, Floats, Floats]:
    """Draws of a posterior that is a finite sum, and what it says of each year without and with it.

    Runs are the record's mean times a scale, evenly likely on a grid; k is known. ``Sample`` has draws of it.
    """
    record = scenario.yearly_target()
    scales = np.linspace(0.1, 4.0, 400)
    mean = scales[:, None] * np.full(scenario.years, record.mean())
    each = nbinom.logpmf(record, size, size / (size + mean))  # (scales, years)
    whole = each.sum(axis=1)
    without = logsumexp(whole) - logsumexp(whole[:, None] - each, axis=0)
    weight = np.exp(whole - logsumexp(whole))
    drawn = np.random.default_rng(seed).choice(len(scales), (4, 1000), p=weight)
    sample = made_up(scenario, run, seed, draws=1000)
    sample = sample._replace(means=mean[drawn], miss=np.full((4, 1000), size**-0.5))
    return sample, without, np.log(weight @ np.exp(each))


def test_a_year_left_out_by_weights_is_as_if_it_had_never_been_seen(run: Run, seed: int) -> None:
    """Beside the exact sum. Over 40 seeds the largest error was 0.04 (measured once); the bound is three times that."""
    sample, exact, seen = of_a_scale(quick(), run, 1.5, seed)
    found = left_out(sample, arviz())
    assert found.log_likelihood == pytest.approx(exact, abs=0.12)
    assert (found.shape < 1).all()
    assert np.abs(seen - exact).max() > 0.2, "the control: with the year among what was seen"


def test_draws_that_hang_together_are_worth_fewer(seed: int) -> None:
    """Steps of an autoregression of 0.9 are worth 1/19 of independent ones; 40 seeds: 0.031 to 0.064, and 0.92 to 1.

    The bounds are six and eight standard deviations off: false alarm below 1e-8.
    """
    steps = np.random.default_rng(seed).normal(size=(4, 1000, 3))
    assert efficiency(np.exp(0.1 * steps), arviz()) > 0.8
    walked = lfilter([1.0], [1.0, -0.9], steps, axis=1)
    assert 1 / 80 < efficiency(np.exp(0.1 * walked), arviz()) < 1 / 9


def test_new_records_of_a_posterior(run: Run) -> None:
    sample = sample_of(run)
    found = predicted(sample)
    assert found.records.shape == (CHAINS * ITERS // 2, 4)
    assert found.place.tolist() == place_in(found.records, run.scenario.yearly_target()).tolist()
    assert np.array_equal(predicted(sample).records, found.records), "the same for the same run"


def test_the_command_from_run_to_files(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run.directory), "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "Did repression fall? In " in out
    assert f"4 chains of {ITERS // 2} draws, a first half left out" in out
    assert "The model misses a year of the record by " in " ".join(out.split())
    assert "warning: the chains have not settled in " in out, "so short a run cannot have"
    pictures = {"posterior_paths", "posterior_pairs", "posterior_records"}
    tables = {"posterior", "posterior_paths", "posterior_records", "posterior_statistics"}
    names = {f"{name}{end}" for name in pictures for end in (".png", ".svg")} | {f"{name}.csv" for name in tables}
    assert {path.name for path in tmp_path.iterdir()} == names
    table = pyarrow.csv.read_csv(tmp_path / "posterior.csv")
    assert table["parameter"].to_pylist() == [*run.scenario.free_names, MISS]
    assert table["median"].to_pylist() == pytest.approx(
        [float(np.median(sample_of(run).of(name))) for name in table["parameter"].to_pylist()], rel=1e-6
    )
    years = pyarrow.csv.read_csv(tmp_path / "posterior_records.csv")
    assert years["year"].to_pylist() == [2001, 2002, 2003, 2004]
    assert years["record"].to_pylist() == [100, 260, 520, 360]


def test_years_to_come_have_no_place(tmp_path: Path, seed: int) -> None:
    run = run_of(tmp_path / "run", seed, "target.until=2003", "likelihood.size=4")
    assert main([str(run.directory)]) == 0
    years = pyarrow.csv.read_csv(tmp_path / "run" / "analysis" / "posterior_records.csv")
    assert [place is None for place in years["place"].to_pylist()] == [False, False, False, True]
    table = pyarrow.csv.read_csv(tmp_path / "run" / "analysis" / "posterior.csv")
    assert table["parameter"].to_pylist() == list(run.scenario.free_names), "the miss is held"


def test_other_runs_are_told_in_a_line(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    walk = searched(tmp_path / "walk", seed, chains=1, iters=120)
    capsys.readouterr()
    assert main([str(walk)]) == 3
    told = f"{walk}: is a run of method population, whose draws are no posterior; make one with"
    assert capsys.readouterr().err.splitlines()[0].startswith(told)
    short = run_of(tmp_path / "short", seed, chains=2, iters=99)
    assert main([str(short.directory)]) == 3
    told = f"{short.directory}: its shortest chain holds 99 draws; let the run reach 100 at least\n"
    assert capsys.readouterr().err.endswith(told)
    assert not (tmp_path / "walk" / "analysis").exists()
    assert open_run(walk).scenario.name == QUICK.stem
