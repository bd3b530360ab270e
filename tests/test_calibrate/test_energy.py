"""The energy score of a point's runs, and the posterior that has it in the likelihood's place."""

from pathlib import Path

import numba
import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist
from support.names import MISS, NAMES
from support.short_posterior import PARTICLES, STARTS, quick, run_of

from calibrate.methods.posterior import Posterior
from calibrate.methods.priors import posterior_space
from calibrate.objective.energy import energy_score
from calibrate.objective.likelihood import Evidence, make_evidence, means
from calibrate.objective.particle_filter import estimate, make_filter_bench
from calibrate.store.verify import verified
from engine.errors import UsageError
from engine.kernel_inputs import make_inputs
from engine.scenario import Scenario
from engine.types import Floats, Integers

ENERGY = "posterior.rule=energy"


@numba.njit
def compiled_score(people: Integers, weeks_run: Integers, evidence: Evidence) -> float:
    return energy_score(people, weeks_run, evidence, np.zeros(people.shape))


def plain(scenario: Scenario, people: Integers, weeks_run: Integers) -> float:
    """The score from its formula, by SciPy's distances; people of each year, (runs, years)."""
    runs: Floats = np.log1p(means(scenario, people, weeks_run)[:, : scenario.fitted_years])
    record = np.log1p(scenario.yearly_target()[None, : scenario.fitted_years])
    return float(cdist(runs, record).mean() - 0.5 * pdist(runs).mean())


@pytest.mark.parametrize("changes", [(), ("target.until=2003",)], ids=["all years", "three years"])
def test_the_score_is_its_formula(seed: int, changes: tuple[str, ...]) -> None:
    scenario = quick(*changes)
    rng = np.random.default_rng(seed)
    people = rng.integers(0, 3_000, (7, scenario.years))
    weeks_run = rng.integers(0, scenario.weeks + 1, 7)
    found = compiled_score(np.ascontiguousarray(people.T), weeks_run, make_evidence(scenario))
    assert found == pytest.approx(plain(scenario, people, weeks_run), rel=1e-12)


def test_a_law_is_best_met_by_itself(seed: int) -> None:
    """Means of 400 scores, of records of the runs' own law and of laws twice as high or wide.

    The gaps are ten standard errors and more.
    """
    scenario = quick()
    rng = np.random.default_rng(seed)
    evidence = make_evidence(scenario)

    def mean_score(shift: float, width: float) -> float:
        scores = []
        for _ in range(400):
            counts = np.exp(rng.normal(6.0, 0.5, scenario.years))
            people = np.exp(rng.normal(6.0 + shift, 0.5 * width, (scenario.years, 20))).round().astype(np.int64)
            weeks_run = np.full(20, scenario.weeks)
            scores.append(compiled_score(people, weeks_run, evidence._replace(counts=counts)))
        return float(np.mean(scores))

    own = mean_score(0.0, 1.0)
    assert own < mean_score(np.log(2.0), 1.0)
    assert own < mean_score(0.0, 2.0)


def test_an_estimate_is_minus_the_weighted_score_of_plain_runs(seed: int) -> None:
    scenario = quick(ENERGY, "posterior.weight=3")
    inputs, evidence = make_inputs(scenario), make_evidence(scenario)
    bench = make_filter_bench(inputs, evidence, 9, scenario.posterior.energy_weight)
    point = np.array([STARTS[0].get(name, 1.0) for name in NAMES])
    found = estimate(bench, point, seed, 0, 4, 10.0)
    assert (bench.cloud.parent == np.arange(9)).all(), "nobody is resampled"
    assert found == pytest.approx(-3 * plain(scenario, bench.cloud.escapes.T, bench.cloud.weeks_run[-1]), rel=1e-12)


def test_a_posterior_by_it_is_a_run_like_any_other_without_a_miss(tmp_path: Path, seed: int) -> None:
    scenario = quick(ENERGY)
    assert MISS not in posterior_space(scenario).place
    block, _ = Posterior(scenario, seed).step(1, 0, 5, b"")
    assert set(block.miss) == {scenario.posterior.miss}
    run = run_of(tmp_path / "run", seed, ENERGY, iters=40)
    assert run.scenario.posterior.particles == PARTICLES
    assert "150 of them were simulated again" in verified(tmp_path / "run", 150)
    assert (run.draws(["log_likelihood"])["log_likelihood"].to_numpy() <= 1e-9).all(), "minus a score"


def test_a_rule_that_is_none_is_told() -> None:
    with pytest.raises(UsageError, match=r"posterior\.rule: .*energi"):
        quick("posterior.rule=energi")
    with pytest.raises(UsageError, match=r"posterior\.weight: 0"):
        quick("posterior.weight=0")
