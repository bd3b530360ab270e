"""Former words of scenario files and runs: read as they were, with a line that says so; never in today's files."""

from pathlib import Path

import pytest
from support.places import CONFIGS, QUICK
from support.scenario_files import complaints

from engine import load_scenario, simulate
from engine.scenario import scenario_from_resolved
from engine.scenario.former import TRAITS

TODAY = QUICK.read_text(encoding="utf-8")
TRAITS_TODAY = TODAY[TODAY.index("  traits:\n") : TODAY.index("  shares:\n")]
FORMER = (
    TODAY.replace(TRAITS_TODAY, "")
    .replace("events:\n  famine:\n    years: [2002]", "famine:\n  years: [2002]")
    .replace("on_border", "borders_china")
    .replace("name: quick\n", "name: quick\nreference: dukalskis-2017\n")
)


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """Return a file in former words."""
    assert "famine:\n  years" in FORMER
    path = tmp_path / "former.yaml"
    path.write_text(FORMER, encoding="utf-8")
    return path


def test_a_former_file_is_todays_with_a_line_for_each_word(former: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = load_scenario(former)
    assert scenario == load_scenario(QUICK)
    assert {trait: list(levels) for trait, levels in scenario.population.traits.items()} == TRAITS
    told = capsys.readouterr().err.splitlines()
    assert [line.removeprefix(f"{former}: ").partition(":")[0] for line in told] == [
        "famine",
        "population.traits",
        "reference",
        "population.provinces",
    ]
    assert told[0] == f"{former}: famine: a former word; today it is events.famine"


def test_todays_files_say_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for path in (*CONFIGS.glob("*.yaml"), *CONFIGS.glob("*/*.yaml")):
        load_scenario(path)
    assert capsys.readouterr().err == ""


def test_a_former_run_is_todays_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    """run.json of version 0.1 has the same figures under former keys."""
    today = load_scenario(QUICK).resolved()
    population = {key: value for key, value in today["population"].items() if key != "traits"}
    population["provinces"] = [
        {"name": one["name"], "population": one["population"], "borders_china": one["on_border"]}
        for one in population["provinces"]
    ]
    former = {key: value for key, value in today.items() if key != "events"}
    former |= {"famine": today["events"]["famine"], "population": population, "reference": "dukalskis-2017"}
    again = scenario_from_resolved(former)
    assert again == load_scenario(QUICK)
    point = {name: entry.middle for name, entry in again.parameters.items()}
    runs = [simulate(scenario, point, 3).escapes.tolist() for scenario in (again, load_scenario(QUICK))]
    assert runs[0] == runs[1]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("override", ["famine.years=[2003]", "events.famine.years=[2003]", "famine={years: [2003]}"])
def test_an_override_may_say_either_word_of_either_file(former: Path, override: str) -> None:
    for path in (former, QUICK):
        assert load_scenario(path, [override]).event_years()[:, 0].tolist() == [0, 0, 1, 0]
    changed = load_scenario(QUICK).changed([override])
    assert changed.event_years()[:, 0].tolist() == [0, 0, 1, 0]


def test_what_is_there_in_both_words_is_refused(former: Path) -> None:
    text = former.read_text(encoding="utf-8")
    former.write_text(f"{text}\nevents: {{famine: {{years: []}}}}\n", encoding="utf-8")
    assert [line for line in complaints(former) if "famine" in line] == [
        f"{former}: famine: unknown key; did you mean name?"
    ]
