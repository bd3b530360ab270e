"""The posterior as a run: what its draws say of themselves, priors, where chains begin and what is kept of that."""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest
from scipy.stats import halfcauchy, norm
from support.altered import changed, put
from support.compiled_lines import with_names
from support.names import MISS, NAMES, PLAIN, SIZE
from support.places import QUICK
from support.short_posterior import BEGUN, PARTICLES, STARTS, quick, run_of
from support.walk_double import parts, table_in

import calibrate.cli
import engine.__main__
from calibrate import search
from calibrate.methods.archive import archive_of
from calibrate.methods.base import NOTHING, START
from calibrate.methods.posterior import Posterior, sample
from calibrate.methods.priors import LEAST_MISS, MOST_MISS, log_prior, make_prior, posterior_space
from calibrate.methods.space import make_space
from calibrate.methods.walk import standing, state_of
from calibrate.objective.filtered_draw import FilteredBlock, make_filtered_draw
from calibrate.objective.particle_filter import estimate, filter_bench
from calibrate.session import beginning
from calibrate.session.stop import Stop
from calibrate.store.columns import columns_of, table_of
from calibrate.store.verify import verified
from engine.errors import DataError, UsageError
from engine.numerics.jit import internal
from engine.results.columns import schema_of
from engine.results.replay import read_draw, simulate_again
from engine.results.run_record import Run, open_run
from engine.scenario import load_scenario

FEW = {"SEARCH_CHAINS": 4, "SEARCH_DRAWS": 80, "BEST_OF_CHAIN": 3, "STARTS": 5, "PILOT_POINTS": 2, "PILOT_RUNS": 3}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Run:
    """A short run."""
    return run_of(tmp_path_factory.mktemp("posterior") / "run", seed)


@pytest.fixture
def short_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the beginning be looked for with a few draws."""
    for name, value in FEW.items():
        monkeypatch.setattr(beginning, name, value)
    monkeypatch.setattr(beginning, "PARTICLES", (2, 4))


def test_a_draw_is_a_point_its_estimate_and_a_run_that_can_be_had_again(run: Run) -> None:
    bench = filter_bench(run.scenario, PARTICLES)
    for chain, iteration in ((0, 0), (1, 1), (2, 57), (3, 119), *some_taken(run)):
        draw = read_draw(run, chain, iteration)
        size = draw.row["miss"] ** -2
        found = estimate(bench, draw.parameters.vector(), draw.seed, chain, iteration, size)
        if draw.row["accepted"]:
            assert draw.row["log_likelihood"] == pytest.approx(found, rel=1e-12)
        chances = np.array(draw.row["chance_by_year"])
        assert set((chances // PARTICLES).tolist()) == {iteration}, "a slot of this evaluation's"
        assert simulate_again(draw).escapes.sum() == draw.row["escapes_total"]
        # The control: with the chance of the slots beside it it is another run.
        others = (iteration * PARTICLES + (chances + 1) % PARTICLES).tolist()
        with pytest.raises(DataError, match=f"chain {chain}, iteration {iteration}: .* simulated again"):
            simulate_again(draw._replace(row=draw.row | {"chance_by_year": others}))


def some_taken(run: Run) -> list[tuple[int, int]]:
    """Chain and iteration of some draws that were taken."""
    draws = table_in(run.directory)
    taken = np.flatnonzero(draws["accepted"].to_numpy())[::9]
    assert len(taken) > 5
    return list(zip(*(draws[name].to_numpy()[taken].tolist() for name in ("chain", "iteration")), strict=True))


@internal
def unhurried(bench, seed, chain, iteration, block, row, least):
    """A draw that is finished, whatever it must reach."""
    return make_filtered_draw(bench, seed, chain, iteration, block, row, -math.inf)


@internal
def hasty(bench, seed, chain, iteration, block, row, least):
    """A draw that is given up while it still might be taken."""
    return make_filtered_draw(bench, seed, chain, iteration, block, row, least + 15.0)


def steps_with(draw: Any, seed: int) -> tuple[FilteredBlock, bytes]:
    """The first draws of a chain, made so."""
    method = Posterior(quick(), seed)
    lines = numba.jit(**sample.targetoptions)(with_names(sample, make_filtered_draw=draw))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("calibrate.methods.posterior.sample", lines)
        return method.step(1, 0, 300, START)


def test_what_cannot_be_taken_is_not_finished_and_nothing_else_changes(seed: int) -> None:
    """Where chains go, bit by bit. The control: a filter that gives up too early leads them elsewhere."""
    soon, after = Posterior(quick(), seed).step(1, 0, 300, START)
    whole, there = steps_with(unhurried, seed)
    assert after == there
    assert np.array_equal(soon.points, whole.points)
    assert np.array_equal(soon.accepted, whole.accepted)
    assert np.array_equal(soon.log_likelihood[soon.accepted], whole.log_likelihood[soon.accepted])
    given_up = soon.log_likelihood != whole.log_likelihood
    assert 0.2 < given_up.mean() < 1.0
    assert steps_with(hasty, seed)[1] != after


def test_a_draw_is_shown_and_asked_what_if(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    draw = read_draw(run, 2, 57)
    where = ["--draw", str(run.directory), "2", "57"]
    assert engine.__main__.main(where) == 0
    assert f"{draw.row['attempts_total']:,}" in capsys.readouterr().out
    assert engine.__main__.main([*where, "--set", "parameters.visibility=0.1"]) == 0
    assert f"{draw.row['attempts_total']:,}" not in capsys.readouterr().out


def test_chains_begin_at_the_starts_in_turn(tmp_path: Path, seed: int) -> None:
    method = Posterior(quick(), seed)
    for chain in range(2 * len(STARTS)):
        block, state = method.step(chain, 0, 1, START)
        point = dict(zip(NAMES, block.points[0].tolist(), strict=True))
        assert point == STARTS[chain % len(STARTS)] | {"economy_effect": 1.0, "discontent": 0.0, "schedule_effect": 0.0}
        assert block.miss[0] == 0.3, "the prior's scale"
        assert block.accepted[0]
        assert state == state_of(np.append(block.points[0], 0.3), block.log_likelihood[0])


def test_where_a_chain_stands_is_found_in_its_draws(seed: int) -> None:
    method = Posterior(quick(), seed)
    _, before = method.step(1, 0, 30, START)
    block, after = method.step(1, 30, 60, before)
    columns = columns_of(table_of([block], 30, schema_of(quick(), "", "posterior"), NAMES))
    assert 0 < block.accepted.sum() < 60
    for row in range(60):
        assert method.state_at(columns, row, before) == (method.step(1, 30, row, before)[1] if row else before)
    assert method.state_at(columns, 60, before) == after
    assert not any(wrong.any() for wrong, _ in method.rules(columns, before))
    # The control: a chain's first draw that is not taken. Whether a later one should be hangs on the archive too, and
    # is told by taking the step again.
    beginning_columns = columns_of(
        table_of([method.step(1, 0, 5, START)[0]], 0, schema_of(quick(), "", "posterior"), NAMES)
    )
    assert not any(wrong.any() for wrong, _ in method.rules(beginning_columns, START))
    beginning_columns["accepted"] = np.zeros(5, np.bool_)
    assert [wrong.tolist() for wrong, _ in method.rules(beginning_columns, START)] == [[True] + [False] * 4]


def test_verify_notices_a_flag_that_was_altered(tmp_path: Path, seed: int) -> None:
    found = run_of(tmp_path / "run", seed, iters=60)
    draws = table_in(found.directory)
    assert "240 of them were simulated again" in verified(found.directory, 240)
    accepted = draws.filter(draws["chain"].to_numpy() == 0)["accepted"].to_numpy()
    row = int(np.flatnonzero(~accepted)[0])
    changed(parts(found.directory)[0], "accepted", put(row, True))
    with pytest.raises(DataError, match="simulated again"):
        verified(found.directory, 240)


def test_it_needs_a_beginning(seed: int) -> None:
    for given in ([], [BEGUN[0]], [BEGUN[1]]):
        with pytest.raises(UsageError) as caught:
            Posterior(load_scenario(QUICK, given), seed)
        assert str(caught.value) == "posterior.particles, posterior.starts: give both, or let calibrate find them"


def test_the_prior_is_scipys(seed: int) -> None:
    """But for a constant; on the scale walked, so that the miss has the factor of its logarithm."""
    laws = "posterior.priors={visibility: {mean: 0.3, deviation: 0.2}, adjustment_rate: {mean: -6, deviation: 0.7}}"
    scenario = quick(laws, "posterior.miss=0.4")
    space, prior = posterior_space(scenario), make_prior(scenario)
    rng = np.random.default_rng(seed)
    points = np.tile(space.held, (50, 1))
    rate, visibility = NAMES.index("adjustment_rate"), NAMES.index("visibility")
    points[:, rate], points[:, visibility] = np.exp(rng.uniform(-9, -3, 50)), rng.random(50)
    points[:, NAMES.index("tolerance")] = rng.uniform(1, 50, 50)  # flat
    points[:, MISS] = np.exp(rng.uniform(np.log(LEAST_MISS), np.log(MOST_MISS), 50))
    plain = norm.logpdf(points[:, visibility], 0.3, 0.2) + norm.logpdf(np.log(points[:, rate]), -6, 0.7)
    plain += halfcauchy.logpdf(points[:, MISS], scale=0.4)
    off = np.array([log_prior(point, space, prior) for point in points]) - plain
    assert np.ptp(off - np.log(points[:, MISS])) < 1e-12
    assert np.ptp(off) > 1, "the control: without the factor"


def test_the_space_is_the_searchs_and_the_miss() -> None:
    scenario = quick()
    searched, space = make_space(scenario), posterior_space(scenario)
    assert space.place.tolist() == [*searched.place.tolist(), MISS]
    assert np.exp([space.low[-1], space.high[-1]]) == pytest.approx([LEAST_MISS, MOST_MISS])
    assert space.log[-1]
    assert (len(space.held), space.held[MISS]) == (SIZE, 0.3)


def test_a_size_that_is_given_holds_the_miss(seed: int) -> None:
    scenario = quick("likelihood.size=4")
    assert posterior_space(scenario).place.tolist() == make_space(scenario).place.tolist()
    method = Posterior(scenario, seed)
    block, _ = method.step(0, 0, 30, START)
    assert set(block.miss.tolist()) == {0.5}, "1/sqrt(4)"
    assert block.accepted.sum() > 1
    found = estimate(filter_bench(scenario, PARTICLES), block.points[7], seed, 0, 7, 4.0)
    assert block.log_likelihood[7] == pytest.approx(found, rel=1e-12)


def test_what_chains_are_told_is_where_they_stood(seed: int) -> None:
    method = Posterior(quick(), seed)
    states = [method.step(chain, 0, 1, START)[1] for chain in range(3)]
    told = method.meet(NOTHING, 0, 1, states)
    spacing, archive = archive_of(told, SIZE)
    assert spacing == 1
    assert np.array_equal(archive, [standing(state)[0] for state in states])
    assert archive[:, MISS].tolist() == [0.3] * 3
    alone, in_company = (method.step(0, 20, 40, states[0], what)[0].points for what in (NOTHING, told))
    assert not np.array_equal(alone, in_company)


def test_a_beginning_is_found_and_is_the_same_for_any_workers(short_look: None, seed: int) -> None:
    plain = load_scenario(QUICK)
    found = beginning.begun(plain, seed, 1, True, Stop())
    assert beginning.begun(plain, seed, 3, True, Stop()).resolved() == found.resolved()
    assert beginning.begun(plain, seed + 1, 2, True, Stop()).posterior.starts != found.posterior.starts, "the control"
    assert found.objective == "likelihood"
    assert found.posterior.particles in (2, 4)
    starts = found.posterior.starts
    assert starts is not None
    assert len({tuple(start.values()) for start in starts}) == FEW["STARTS"]
    for start in starts:
        assert list(start) == list(plain.free_names)
        assert float(start["memory_weeks"]).is_integer()
    # What is given stays: the starts, or all.
    some = beginning.begun(load_scenario(QUICK, BEGUN[1:]), seed, 2, True, Stop())
    assert [dict(start) for start in some.posterior.starts or ()] == STARTS
    assert some.posterior.particles in (2, 4)
    assert beginning.begun(quick(), seed, 2, True, Stop()).posterior == quick().posterior


def test_a_time_limit_holds_for_the_beginning_too(short_look: None, tmp_path: Path, seed: int) -> None:
    with pytest.raises(UsageError, match="the time given was over before the posterior knew where to begin"):
        search(QUICK, out=tmp_path / "run", method="posterior", max_seconds=1e-3, seed=seed)
    assert not (tmp_path / "run").exists()


def test_with_every_parameter_held_there_is_nothing_to_find(seed: int) -> None:
    held = load_scenario(QUICK, [f"parameters.{name}=1" for name in PLAIN if name != "memory_weeks"])
    held = held.changed(["parameters.memory_weeks=20"])
    with pytest.raises(UsageError, match="every one is held; a posterior needs one with a range"):
        beginning.begun(held, seed, 1, True, Stop())


class Drawn(NamedTuple):
    """What is looked at of a block."""

    points: Any
    log_likelihood: Any


class Made(NamedTuple):
    """What is looked at of a piece."""

    chain: int
    block: Drawn


def test_the_likeliest_of_each_chain_none_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "BEST_OF_CHAIN", 2)
    pieces = [
        Made(1, Drawn(np.array([[5.0], [5.0], [6.0]]), np.array([-1.0, -1.0, -2.0]))),
        Made(0, Drawn(np.array([[1.0], [2.0]]), np.array([-9.0, -3.0]))),
        Made(0, Drawn(np.array([[3.0], [2.0]]), np.array([-4.0, -3.0]))),
    ]
    found = [points.tolist() for points in beginning.best_of_chains(pieces)]  # type: ignore[arg-type]
    assert found == [[[2.0], [3.0]], [[5.0], [6.0]]]


@pytest.mark.parametrize(("noise", "enough", "known"), [(1.0, 16, 1.0), (3.0, 64, 1.5), (90.0, 512, 90 * 32**-0.5)])
def test_as_many_particles_as_are_needed(
    noise: float, enough: int, known: float, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """An estimate whose standard deviation is ``noise`` with 16 particles and halves with four times as many."""

    def estimated(scenario: Any, _: int, chains: range, workers: int) -> Any:
        assert scenario.likelihood.size == pytest.approx(0.15**-2), "half of the prior's miss of 0.3"
        side = np.where(np.arange(len(chains)) // len(STARTS) % 2, 1.0, -1.0)
        runs = beginning.PILOT_RUNS
        exact = np.sqrt((runs - 1) / runs)  # so that the standard deviation of the sample is what is wanted
        return -150 + side * exact * noise * (16 / scenario.posterior.particles) ** 0.5

    monkeypatch.setattr(beginning, "estimated", estimated)
    particles, deviation = beginning.enough_particles(quick(), STARTS, seed, 1, Stop())
    assert (particles, deviation) == (enough, pytest.approx(known))
    told = beginning.told_of_pilot(particles, deviation)
    assert told.startswith(f"{enough} particles: at the starts log L is known within {known:.1f}")
    assert ("at most 1.7 is wanted" in told) == (noise == 90)


def test_a_run_knows_its_beginning(short_look: None, tmp_path: Path, seed: int) -> None:
    """The same scenario file, which says nothing of it, goes on with the run; one that says another does not."""
    given = ["--config", str(QUICK), "--chains", "3", "--seed", str(seed), "--quiet", "--out"]
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    assert calibrate.cli.main([*given, str(whole), "--method", "posterior", "--iters", "50"]) == 0
    assert calibrate.cli.main([*given, str(cut), "--method", "posterior", "--iters", "30"]) == 0
    record = json.loads((cut / "run.json").read_text())
    assert len(record["scenario"]["posterior"]["starts"]) == FEW["STARTS"]
    assert calibrate.cli.main([*given, str(cut), "--iters", "50", "--resume"]) == 0
    assert table_in(cut).equals(table_in(whole))
    assert "150 of them were simulated again" in verified(cut, 150)
    with pytest.raises(UsageError, match=r"posterior\.particles: was \d+, now 9"):
        search(QUICK, overrides=["posterior.particles=9"], out=cut, resume=True)
    assert open_run(cut).record.method == "posterior"
