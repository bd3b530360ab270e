"""``python -m analysis.specifications``: its choices beside the schema, combinations, effects, a study that goes on."""

import csv
import shlex
import shutil
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest
from support.dask_on_loopback import Dask
from support.places import DPRK, GDR, PAPERS, QUICK, ROOT
from support.told import leaves, part, rows

from analysis.specifications import __main__ as command
from analysis.specifications.choices import AS_IT_IS, CHOICES, LEFT_OUT, choices_of
from analysis.specifications.combinations import drawn, usable
from analysis.specifications.effects import by_reading, effects
from analysis.specifications.exhibits import alike
from analysis.variants import study as variants
from analysis.variants.study import REPEATS, Study
from calibrate.cli import main as calibrate
from engine import Scenario, load_scenario
from engine.results.run_record import open_run
from engine.scenario import scenario_from_resolved
from engine.scenario.validation import Section

SMALL = ["--chains", "2", "--iters", "40", "--seed", "3"]
ALL = choices_of(load_scenario(DPRK))
CHOSEN = {key for choice in ALL for key in choice.keys}


def literals(annotation: Any, path: str = "") -> dict[str, set[str]]:
    """Return the words of each key that takes words, by dotted key."""
    found: dict[str, set[str]] = {}
    if isinstance(annotation, type) and issubclass(annotation, Section):
        for name, field in annotation.model_fields.items():
            found |= literals(field.annotation, f"{path}.{field.alias or name}".removeprefix("."))
    elif get_origin(annotation) is Literal:
        found[path] = {str(word) for word in get_args(annotation)}
    return found


def general(key: str) -> str:
    """Return the key of the schema that one of the paper's case is an instance of."""
    parts = key.split(".")
    last = "low" if parts[0] == "parameters" else parts[-1]
    return {
        "parameters": f"parameters.*.{last}",
        "events": f"events.*.{last}",
    }.get(parts[0], f"impacts.*.*.{last}" if len(parts) == 4 else ".".join(parts[:2]) if "shares" in parts else key)


def test_every_key_is_a_choice_or_left_out_for_a_reason() -> None:
    keys = set(leaves(Scenario))
    of_choices = {general(key) for key in CHOSEN} | {"events.*.years.first", "events.*.years.last"}
    assert keys - of_choices - set(LEFT_OUT) == set(), "say in choices.py which readings they have, or why none"
    assert set(LEFT_OUT) - keys == set(), "no such key any more"
    assert {general(key) for key in CHOSEN} - keys == set()
    assert {key.removeprefix("parameters.") for key in CHOSEN if key.startswith("parameters.")} <= set(
        load_scenario(DPRK).parameters
    )
    assert all(len(reason) > 10 for reason in LEFT_OUT.values())


def test_each_word_of_a_key_that_takes_words_is_a_reading() -> None:
    labels = {choice.keys[0]: {reading.label for reading in choice.readings} for choice in ALL}
    words = literals(Scenario)
    assert {"belief.scope", "regime.counts", "economy.unit"} <= set(words)
    assert {key: found - labels[key] for key, found in words.items() if key in labels and found - labels[key]} == {}
    assert [key for key in words if key not in labels and key not in LEFT_OUT] == []


def test_the_page_of_the_model_tells_of_each_choice() -> None:
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    told = {row[0]: " ".join(row[1:]) for row in rows(part(page, "### Scenario keys"))}
    for choice in ALL:
        for key in choice.keys:
            named = "parameters.*.low" if key.startswith("parameters.") else key
            assert any(f"`{named}`" in cell for cell in told), key


def test_the_papers_case_can_take_all_readings_but_those_that_are_its_own(tmp_path: Path) -> None:
    study = Study(tmp_path, str(DPRK), (), 1, 20, 1)
    found, cannot = usable(study)
    assert cannot == []
    assert [choice.name for choice in found] == [choice.name for choice in ALL]
    there = {(choice.name, reading.label) for choice in found for reading in choice.readings}
    own = [(c.name, reading.label) for c in ALL for reading in c.readings if (c.name, reading.label) not in there]
    assert ("belief.scope", "province") in own
    assert len(own) == len(ALL) - 3, "of two signs and the intercept the list has only other readings"
    assert all(choice.readings[0].label == AS_IT_IS and len(choice.readings) > 1 for choice in found)
    nation, _ = usable(Study(tmp_path, str(DPRK), ("belief.scope=nation",), 1, 20, 1))
    (scope,) = (choice for choice in nation if choice.name == "belief.scope")
    assert [reading.label for reading in scope.readings] == [AS_IT_IS, "province", "category", "category_nation"]


def test_another_country_has_readings_of_its_own(tmp_path: Path) -> None:
    """In the table beside its scenario; none of them is of the paper's case, and each can be taken."""
    found, cannot = usable(Study(tmp_path, str(GDR), (), 1, 20, 1))
    own = [choice.name for choice in choices_of(load_scenario(GDR)) if choice not in CHOICES]
    assert own[:2] == ["years and series", "growth"]
    assert set(own) <= {choice.name for choice in found}
    assert not any(line.startswith(tuple(own)) for line in cannot)
    (years,) = (choice for choice in found if choice.name == "years and series")
    assert years.readings[1].changes == ("years=27", "target.series=refugees_to_1988")


def test_what_a_case_says_of_a_choice_of_all_stands_in_its_place() -> None:
    row = {"choice": "belief.scope", "reading": "alone", "key": "belief.scope", "value": "category"}
    changed = load_scenario(QUICK).resolved()
    changed["reference"]["readings"] = [row]
    choices = choices_of(scenario_from_resolved(changed))
    assert [choice.name for choice in choices].count("belief.scope") == 1
    assert choices[0].readings[0].changes == ("belief.scope=category",)


def test_combinations_are_even_load_and_begin_alike(tmp_path: Path) -> None:
    study = Study(tmp_path, str(DPRK), (), 1, 20, 1)
    few, many = drawn(study, 8), drawn(study, 32)
    assert many.specifications[: REPEATS + 8] == few.specifications
    assert [one.variant.number for one in many.specifications] == list(range(REPEATS + 32))
    assert all(set(one.readings.values()) == {AS_IT_IS} for one in many.specifications[:REPEATS])
    scopes = [one.readings["belief.scope"] for one in many.specifications[REPEATS:]]
    assert {scope: scopes.count(scope) for scope in scopes} == dict.fromkeys(scopes, 8), "a Sobol sequence, no refusal"
    for one in few.specifications:
        scenario = study.scenario(one.variant.changes)
        assert scenario.belief.scope == ("province" if (s := one.readings["belief.scope"]) == AS_IT_IS else s)
        flipped = -4.0 if one.readings["sign of growth"] == "turned" else 4.0
        assert scenario.impacts.growth.motivation == flipped
        hungry = set(scenario.growth()[scenario.event_years()[:, 0] > 0])
        assert (len(hungry) == 1) == (one.readings["economy.in_events"] == "as_in_other_years")
    assert drawn(study._replace(seed=2), 8).specifications != few.specifications


def test_what_the_scenario_refuses_is_skipped_and_told(tmp_path: Path) -> None:
    """Growth's change cannot be had of the small country, whose growth begins with its first year."""
    found = drawn(Study(tmp_path, str(QUICK), (), 1, 20, 1), 8)
    assert any(line.startswith("economy.measure: change: ") for line in found.cannot)
    assert "economy.measure" not in [choice.name for choice in found.choices]
    assert len(found.specifications) == REPEATS + 8


def test_choices_that_were_drawn_alike_are_told(tmp_path: Path) -> None:
    """Of the first 48 points of this Sobol sequence two dimensions fall on the same side each time."""
    study = Study(tmp_path, str(DPRK), (), 1, 20, 1)
    found = drawn(study, 48)
    together = {name: names for names in alike(found) for name in names}
    assert "stop_counts" in together["attempts.number"]
    rows = [one.readings for one in found.specifications[REPEATS:]]
    assert len({(a["attempts.number"] == AS_IT_IS) == (a["stop_counts"] == AS_IT_IS) for a in rows}) == 1
    assert "target.compares" not in together.get("belief.threshold", ())


def test_a_choice_that_moves_it_is_found_and_one_that_does_not_is_not(seed: int) -> None:
    """False alarm: the choice without effect has p <= 0.001 one time in a thousand."""
    rng = np.random.default_rng(seed)
    readings = [{"moves": "ab"[n % 2], "does not": "xyz"[int(rng.integers(3))]} for n in range(60)]
    values = np.array([3.0 * (one["moves"] == "a") for one in readings]) + rng.normal(size=60)
    values[0] = np.nan
    first, second = effects(values, readings, 1)
    assert (first.choice, first.best, first.worst, first.p_value) == ("moves", "a", "b", 0.001)
    assert first.spread > first.by_chance
    assert second.p_value > 0.001
    a, b = (line for line in by_reading(values, readings, 1) if line.choice == "moves")
    assert a.low > 1.0 > -1.0 > b.high
    assert a.difference == -b.difference == pytest.approx(a.median - b.median)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of the small country, as if it were the paper's case."""
    out = tmp_path_factory.mktemp("specifications") / "whole"
    assert command.main([str(QUICK), "--runs", "8", *SMALL, "--set", PAPERS, "--out", str(out), "--workers", "1"]) == 0
    return out


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_all_there_is_to_see_is_stored(whole: Path) -> None:
    every = rows_of(whole / "every_specification.csv")
    assert [row["number"] for row in every] == [str(number) for number in range(REPEATS + 8)]
    assert all(row["belief.scope"] for row in every)
    claims = {row["claim"]: row for row in rows_of(whole / "claims.csv")}
    visibility = claims["ours: visibility at most: 0.02"]
    shares = sum(float(visibility[name]) for name in ("yes", "partly", "no"))
    assert shares == pytest.approx(1.0)
    assert float(visibility["yes_low"]) <= float(visibility["yes"]) <= float(visibility["yes_high"])
    assert (whole / "specifications.png").stat().st_size > 10_000


def test_it_goes_on_where_it_was_killed_and_workers_change_nothing(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut"
    shutil.copytree(whole, cut)
    lines = (whole / variants.FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    (cut / variants.FILE).write_text("".join(lines[:6]) + lines[6][:30], encoding="utf-8")  # in the middle of a line
    for number in range(7, REPEATS + 8):
        shutil.rmtree(cut / variants.SEARCHES / f"{number:04d}")
    for part_file in sorted((cut / variants.SEARCHES / "0006").rglob("part-*.parquet"))[1:]:
        part_file.unlink()  # in the middle of a search
    asked: list[int] = []
    searched = variants.searched
    monkeypatch.setattr(variants, "searched", lambda s, v, *rest: asked.append(v.number) or searched(s, v, *rest))
    line = [str(QUICK), "--runs", "8", *SMALL, "--set", PAPERS, "--out", str(cut)]
    assert command.main([*line, "--workers", "2"]) == 0
    assert asked == list(range(5, REPEATS + 8)), "the heading and five lines were whole"
    for name in ("variants.jsonl", "claims.csv", "choices.csv", "readings.csv", "specifications.png"):
        assert (cut / name).read_bytes() == (whole / name).read_bytes(), name
    capsys.readouterr()
    assert command.main([*line, "--iters", "50"]) == 2
    assert "is of another study" in capsys.readouterr().err


def test_on_a_cluster_it_comes_to_the_same(whole: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra [distributed] is not installed")
    dask, out = Dask(tmp_path), tmp_path / "cluster"
    line = [str(QUICK), "--runs", "8", *SMALL, "--set", PAPERS, "--out", str(out)]
    with dask.scheduler(), dask.worker():
        assert command.main([*line, "--scheduler", dask.address]) == 0
    assert (out / variants.FILE).read_bytes() == (whole / variants.FILE).read_bytes()


def test_a_specification_is_searched_again_by_the_command_that_is_printed(whole: Path) -> None:
    row = rows_of(whole / "every_specification.csv")[REPEATS]
    words = shlex.split(row["command"])
    assert calibrate([*words[3:], "--quiet"]) == 0
    again = open_run(words[words.index("--out") + 1])
    assert again.draws().equals(open_run(whole / variants.SEARCHES / f"{REPEATS:04d}").draws())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nothing.yaml"], "nothing.yaml: "),
        ([str(QUICK), "--runs", "2"], "--runs"),
        ([str(QUICK), "--set", "belief.scope=planet"], "--set belief.scope=planet: belief.scope: "),
        ([str(QUICK), "--iters", "no"], "--iters"),
    ],
)
def test_slips_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], said: str) -> None:
    assert command.main([*given, "--out", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()
