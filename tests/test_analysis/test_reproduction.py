"""The paper beside us: its slips by hand, each claim's rule at made-up draws, the second scenario, and the command."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.places import CONFIGS
from support.short_runs import searched

from analysis.importance.table import PAPER
from analysis.reproduction.claims import VALUES, Line, a_value, lines
from analysis.reproduction.errata import TABLE_1, slips
from analysis.reproduction.evidence import Evidence, TwoBest, importance_order, regions_found
from analysis.reproduction.exhibits import as_markdown, main
from engine.errors import DataError
from engine.parameters import NAMES
from engine.scenario import load_scenario

AS_IN_THE_PAPER = TwoBest(np.array([0.85, 0.86]), np.array([0.44, 0.42]), np.zeros(2))
MEANS = {"famine_effect": 0.84, "memory_weeks": 380, "visibility": 0.5, "tolerance": 180}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    return searched(tmp_path_factory.mktemp("reproduction") / "quick", seed, chains=2, iters=300)


def evidence(seed: int, config: str = "dprk.yaml", **changes: Any) -> Evidence:
    """Good draws just as the paper's, 100 in four chains, some parameters otherwise."""
    rng = np.random.default_rng([seed, 81])
    beta = np.tile(np.linspace(40.0, 75.0, 25), 4)
    noise = rng.normal(0.0, 4.0, 100)
    noise -= np.polyval(np.polyfit(beta, noise, 1), beta)  # so that the line fitted is the line itself
    columns: dict[str, Any] = {
        "famine_effect": rng.uniform(0.76, 0.92, 100),
        "memory_weeks": rng.uniform(380 - 80, 380 + 80, 100),
        "visibility": rng.uniform(0.42, 0.58, 100),
        "tolerance": rng.uniform(170, 190, 100),
        "adjustment_rate": rng.uniform(0.0003, 0.0007, 100),
        "initial_repression": rng.uniform(0.81, 0.95, 100),
        "prior_beta": beta,
        "prior_alpha": 26.0 + 0.66 * beta + noise,
    }
    columns |= changes
    points = np.ones((100, len(NAMES)))
    for name, values in columns.items():
        points[:, NAMES.index(name)] = values
    scenario = load_scenario(CONFIGS / config)
    return Evidence(scenario, points, np.arange(100) % 4, AS_IN_THE_PAPER, list(PAPER), None, 800_000)


def verdicts(found: Evidence) -> dict[str, str]:
    return {line.claim: line.reproduced for line in lines(found)}


def test_slips_worked_by_hand() -> None:
    year, end, total, week = slips()
    assert year.arithmetic == "1.0005^52 - 1 = 2.6%; 1.005^52 - 1 = 30%"
    # ln 0.85 - 1196/2000 = -0.1625 - 0.598 = -0.7605, and exp(-0.7605) = 0.467.
    assert end.arithmetic == "0.85 (1 - 0.0005)^1196 = 0.467; 1 - (0.44/0.85)^(1/1196) = 0.055%"
    assert sum(TABLE_1[:23]) == 26_945  # to 2014; 1,275 and 1,418 follow
    assert total.arithmetic == "its cells add up to 29,638"
    assert week.arithmetic == "2,914 arrivals in the peak year / 52 = 56"


def test_draws_like_the_papers_reproduce_it(seed: int) -> None:
    found = verdicts(evidence(seed))
    assert found.pop("simulations") == "-"
    assert set(found.values()) == {"yes"}
    assert len(found) == 14


@pytest.mark.parametrize("name", MEANS)
def test_a_value_elsewhere_is_not_reproduced(name: str, seed: int) -> None:
    far = evidence(seed, **{name: 0.1 * MEANS[name] * np.ones(100)})
    assert a_value(far, name).reproduced == "no"
    assert a_value(far, name).why == "100% of our good draws lie below the paper's mean."
    for times, verdict in ((3.0, "partly"), (9.0, "no")):
        wide = evidence(
            seed, **{name: MEANS[name] + times * np.sqrt(3.0) * VALUES[name][1] * np.linspace(-1.0, 1.0, 100)}
        )
        assert a_value(wide, name).reproduced == verdict
        assert (
            a_value(wide, name).why
            == f"The paper's mean is among ours, but good draws spread {times:.0f} times as wide."
        )
    assert a_value(evidence(seed, "paper-region.yaml"), name).reproduced == "not tested"


def test_other_claims_fail_where_they_should(seed: int) -> None:
    rng = np.random.default_rng([seed, 82])
    found = verdicts(
        evidence(
            seed,
            adjustment_rate=np.linspace(0.0005, 0.0013, 100),
            prior_alpha=rng.uniform(1.0, 300.0, 100),
            prior_beta=rng.uniform(1.0, 300.0, 100),
            initial_repression=0.3 * np.ones(100),
        )._replace(
            best=TwoBest(np.array([0.99, 0.85]), np.array([0.8, 0.45]), np.array([0.4, 0.0])),
            importance=["prior_beta", "prior_alpha", *[name for name in PAPER if not name.startswith("prior")]],
        )
    )
    assert found["adjustment_rate, % a week, at most"] == "partly"
    assert found["adjustment_rate, % a week, typically"] == "no"
    assert found["prior_alpha on prior_beta"] == "no"
    assert found["prior mean of repression"] == "no"
    assert found["initial_repression in the best results"] == "no"
    assert found["repression in the two best runs"] == "partly"
    assert found["tolerance in the two best runs"] == "partly"
    assert found["importance (IncNodePurity), first to last"] == "no"


def test_the_only_region_is_judged_by_where_good_draws_lie(seed: int) -> None:
    claim = "the only region with good results?"
    away = np.where(np.arange(100) < 60, 0.5, 0.01)
    some = lines(evidence(seed, visibility=away)._replace(regions="2 regions found, hit by 4, 1 chains"))[-1]
    assert (some.claim, some.reproduced) == (claim, "partly")
    assert some.ours == "60 of 100 good draws inside; 2 regions found, hit by 4, 1 chains"
    assert verdicts(evidence(seed, visibility=0.01 * np.ones(100)))[claim] == "no"
    assert verdicts(evidence(seed, "paper-region.yaml"))[claim] == "not tested"


def test_without_importance_its_claim_waits(seed: int, tmp_path: Path) -> None:
    assert importance_order(tmp_path / "importance.csv") is None
    waiting = verdicts(evidence(seed)._replace(importance=None))
    assert waiting["importance (IncNodePurity), first to last"] == "not tested"
    (tmp_path / "importance.csv").write_text("rank,parameter\n2,visibility\n1,prior_beta\n,(pure noise)\n")
    assert importance_order(tmp_path / "importance.csv") == ["prior_beta", "visibility"]
    (tmp_path / "importance.csv").write_text("parameter\nvisibility\n")
    with pytest.raises(DataError, match="is no table of importance"):
        importance_order(tmp_path / "importance.csv")
    assert regions_found(tmp_path / "regions.csv") is None
    (tmp_path / "regions.csv").write_text("region,points,chains_hit\n1,90,8\n2,7,3\n")
    assert regions_found(tmp_path / "regions.csv") == "2 regions found, hit by 8, 3 chains"


def test_the_papers_region_is_the_papers_case_but_for_its_ranges() -> None:
    texts = [(CONFIGS / name).read_text(encoding="utf-8") for name in ("dprk.yaml", "paper-region.yaml")]
    shared = [text.partition("\nfirst_year:")[2].partition("\n\n# {low, high}")[0] for text in texts]
    assert shared[0] == texts[1].partition("\nfirst_year:")[2].partition("\n\n# Where the paper gives")[0]
    case, region = (load_scenario(CONFIGS / name) for name in ("dprk.yaml", "paper-region.yaml"))
    resolved = [scenario.resolved() for scenario in (case, region)]
    assert [key for key in resolved[0] if resolved[0][key] != resolved[1][key]] == ["name", "parameters"]
    for name in NAMES:
        wide, narrow = case.parameters[name], region.parameters[name]
        assert wide.low <= narrow.low <= narrow.high <= wide.high
        assert narrow.scale == wide.scale
    for name, mean in MEANS.items():
        assert region.parameters[name].low < mean < region.parameters[name].high
    for beta in (22.0, 115.0):  # both ends of the line 26 + 0.66 beta where the prior mean is 0.65 and 0.47
        alpha = 26.0 + 0.66 * beta
        assert alpha / (alpha + beta) == pytest.approx(0.65 if beta < 50 else 0.47, abs=0.005)
        assert region.parameters["prior_alpha"].low <= alpha - 8
        assert alpha + 8 <= region.parameters["prior_alpha"].high + 0.5


def test_the_command_writes_a_page(
    results: Path, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(results), "--out", str(tmp_path)]) == 0
    assert f"stored {tmp_path / 'reproduction.md'}" in capsys.readouterr().out
    page = (tmp_path / "reproduction.md").read_text(encoding="utf-8")
    assert page.startswith("# The paper beside us: quick\n")
    command = f"python -m calibrate --config configs/quick.yaml --chains 2 --iters 300 --seed {seed} --out quick/"
    assert f"{command}\n" in page
    assert str(tmp_path.parent) not in page
    claims = [line for line in page.splitlines() if line.startswith("| ")]
    assert len(claims) == 15 + 4 + 2 * 2  # claims, slips, two heads of two lines
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in claims} == {len(Line._fields), 4}
    assert (tmp_path / "reproduction.csv").read_text(encoding="utf-8").count("\n") == 16


def test_a_table_in_markdown_keeps_its_columns() -> None:
    @dataclass
    class Plain:
        head: tuple[str, ...]
        rows: list[tuple[str, ...]]

    assert as_markdown(Plain(("in_fact",), [("a | b",)])) == ["| in fact |", "| --- |", "| a \\| b |"]  # type: ignore[arg-type]


def test_a_run_without_draws_says_so(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(results / "run.json", tmp_path / "run.json")
    assert main([str(tmp_path)]) == 3
    captured = capsys.readouterr()
    assert "holds no draws yet" in captured.err
    assert captured.err.count("\n") == 1
