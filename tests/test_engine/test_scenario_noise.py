"""Whatever stands in a scenario file or an override: it is a scenario, or it is told in lines."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.places import QUICK

from engine.errors import UsageError
from engine.scenario import Scenario, load_scenario, scenario_from_resolved

YAML = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "#",
    "'",
    '"',
    "\n",
    "\n  ",
    "\t",
    "-",
    "*a",
    "&a ",
    "!!int ",
    "? ",
    "|",
    ">",
]
YAML += ["%YAML 1.1", "---", "...", '"\\ud800"', '"\\UFFFFFFFF"', "\ud800", "\x00", "é", "\u2028"]
WORDS = [
    "0",
    "-1",
    "1e999",
    ".nan",
    "5e-4",
    "null",
    "true",
    "9" * 5000,
    "file: x",
    "{file: data, row: 1}",
    "equal",
]
WORDS += ["name", "years", "parameters", "population", "famine_effect", "fixed: ", "famine", "low", ".", "="]
NOISE = st.sampled_from(YAML + WORDS) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def legible(error: UsageError, *starts: str) -> bool:
    """Return whether each line of the error begins as it should and can be printed on one line."""
    return all(line.startswith(starts) and line.isprintable() for line in str(error).split("\n"))


def loaded_or_told(path: Path, *overrides: str) -> bool:
    try:
        return isinstance(load_scenario(path, overrides), Scenario)
    except UsageError as error:
        return legible(error, str(path), "--set ")


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), NOISE), min_size=1, max_size=4))
def test_noise_in_the_file(tmp_path: Path, edits: list[tuple[float, int, str]]) -> None:
    text = QUICK.read_text(encoding="utf-8")
    for place, cut, noise in edits:
        start = int(place * len(text))
        text = text[:start] + noise + text[start + cut :]
    path = tmp_path / "noise.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert loaded_or_told(path)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_any_value_at_any_key(data: st.DataObject) -> None:
    values = load_scenario(QUICK).resolved()
    node = values
    key = data.draw(st.sampled_from(sorted(node)))
    while isinstance(node[key], dict) and node[key] and data.draw(st.booleans()):
        node = node[key]
        key = data.draw(st.sampled_from(sorted(node)))
    change = data.draw(st.sampled_from(["put", "drop", "rename"]))
    old = node.pop(key)
    if change == "put":
        node[key] = data.draw(VALUES)
    elif change == "rename":
        node[data.draw(st.text(max_size=6))] = old
    try:
        assert isinstance(scenario_from_resolved(values, "here"), Scenario)
    except UsageError as caught:
        error = caught
    else:
        return
    assert legible(error, "here: ")


@settings(max_examples=600, deadline=None)
@given(st.lists(NOISE, max_size=6).map("".join))
def test_any_override(override: str) -> None:
    assert loaded_or_told(QUICK, override)
