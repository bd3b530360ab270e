"""Every bad scenario is told in lines that name file, key, value and what would do; nothing less."""

import shutil
from pathlib import Path

import pytest
from support.places import CONFIGS, QUICK
from support.scenario_files import Slip, complaints, edit, slips

from engine.scenario import load_scenario, scenario_from_resolved


def named(slip: Slip) -> str:
    return slip.line


@pytest.mark.parametrize("slip", slips("quick.yaml"), ids=named)
def test_one_slip_is_one_line(tmp_path: Path, slip: Slip) -> None:
    edit(tmp_path, slip.old, slip.new)
    (told,) = complaints(tmp_path / "quick.yaml")
    assert told.replace(f"{tmp_path}/", "") == f"quick.yaml: {slip.line}"


@pytest.mark.parametrize("slip", slips("data/gdp_growth.csv"), ids=named)
def test_a_slip_in_a_table_is_told_with_file_row_and_column(tmp_path: Path, slip: Slip) -> None:
    edit(tmp_path, slip.old, slip.new, "data/gdp_growth.csv")
    told = complaints(tmp_path / "dprk.yaml")
    assert f"dprk.yaml: {slip.line}" in [line.replace(f"{tmp_path}/", "") for line in told]
    assert all(line.startswith(f"{tmp_path}/dprk.yaml: economy.growth") for line in told)


@pytest.mark.parametrize("slip", slips("--set"), ids=named)
def test_a_bad_override_is_told_as_typed(slip: Slip) -> None:
    assert complaints(QUICK, slip.old) == [f"--set {slip.old}: {slip.line}"]


def test_two_broken_cells_are_two_lines(tmp_path: Path) -> None:
    edit(tmp_path, "1996,-3.4,", "1996,a,", "data/gdp_growth.csv")
    edit(tmp_path, "1997,-6.5,", "1997,b,", "data/gdp_growth.csv")
    first, second = complaints(tmp_path / "dprk.yaml")
    assert "row 1996, column bok_current: 'a'" in first
    assert "row 1997, column bok_current: 'b'" in second


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("1,5", ", line 3: 3 cells; give 2, one for each column; decimals have a point, not a comma"),
        (
            '"-1,5"',
            "column a: '-1,5' is no number; give a number, or leave the cell empty; write it as -1.5",
        ),
        ('"1,500"', "the cell empty; write it as 1.500, or as 1500 if it parts thousands"),
    ],
)
def test_a_decimal_comma_is_told(tmp_path: Path, cell: str, told: str) -> None:
    edit(tmp_path, "name: quick", "name: {file: table.csv, column: a}")
    (tmp_path / "table.csv").write_text(f"year,a\n2001,7\n2002,{cell}\n")
    (line,) = complaints(tmp_path / "quick.yaml")
    assert line.endswith(told)


def test_a_decimal_comma_in_the_file_itself_is_told() -> None:
    (line,) = complaints(QUICK, "search.step='0,07'")
    assert line.endswith("give a share of each range, above 0 and up to 1; write it as 0.07")


def test_whole_numbers_may_be_written_with_an_exponent() -> None:
    scenario = load_scenario(QUICK, ["stop_above=1e5", "score.distance_cap=1e2"])
    assert scenario.stop_above == 100_000
    assert type(scenario.score.distance_cap) is float, "as before, so that a run's fingerprint is the same"
    assert complaints(QUICK, "stop_above=1.5e0") == [
        "--set stop_above=1.5e0: stop_above: 1.5 will not do; give a whole number of people a week, or null for never"
    ]


def test_a_record_is_told_by_its_row(tmp_path: Path) -> None:
    edit(tmp_path, "Kangwon,1477582,0", "Kangwon,1477582,perhaps", "data/provinces.csv")
    (told,) = complaints(tmp_path / "dprk.yaml")
    assert "population.provinces.3.on_border: 'perhaps' will not do; give true (1) or false (0)" in told
    assert told.endswith(f"({tmp_path}/data/provinces.csv, row Kangwon)")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "no rows"),
        (b"year,a\n", "no rows"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (b"year;a\n2001;1,5\n", "its cells are separated by semicolons; save it with commas between cells"),
        (b"year;a\n2001;15\n", "its cells are separated by semicolons; save it with commas between cells"),
        (b"year\ta\n2001\t15\n", "its cells are separated by tabs; save it with commas between cells"),
    ],
)
def test_tables_with_nothing_to_read(tmp_path: Path, content: bytes, line: str) -> None:
    edit(tmp_path, "name: quick", "name: {file: table.csv, column: a}")
    (tmp_path / "table.csv").write_bytes(content)
    (told,) = complaints(tmp_path / "quick.yaml")
    assert told.startswith(f"{tmp_path}/quick.yaml: name: {tmp_path}/table.csv: {line}")


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret.csv", tmp_path / "scenarios"
    secret.write_text("year,a\n2001,1\n", encoding="utf-8")
    edit(folder, "name: quick", "name: {file: link.csv, column: a}")
    (folder / "link.csv").symlink_to(secret)
    (told,) = complaints(folder / "quick.yaml")
    assert "'link.csv' leaves the scenario's folder" in told


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "is empty; give keys and values"),
        (b"# nothing\n", "is empty; give keys and values"),
        (b"- a\n- b\n", "['a', 'b'] is no mapping; give keys and values"),
        (b"just text", "'just text' is no mapping"),
        (b"name: caf\xe9", "byte 9 is not UTF-8; save the file as UTF-8"),
        (b"name: a\n\tyears: 4", "line 2: found character"),
        (b"name: a\x00b", "character 7: special characters are not allowed; take it out"),
        (b"name: a\n---\nname: b", "line 2: but found another document; mend the YAML"),
        (b"[" * 5000, "nested too deeply"),
        (b'name: "\\ud800"', "'\\ud800' is not valid text"),
    ],
)
def test_files_that_are_no_scenario(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    (told,) = complaints(path)
    assert told.startswith(f"{path}: {line}")


def test_no_file_or_a_directory(tmp_path: Path) -> None:
    assert complaints(tmp_path / "none.yaml") == [f"{tmp_path}/none.yaml: no such file; mend the path"]
    assert complaints(tmp_path) == [f"{tmp_path}: is a directory; give a file that can be read"]
    assert len(complaints("a\nb\0c")) == 1


def test_all_problems_at_once(tmp_path: Path) -> None:
    for old, new in [
        ("name: quick", "name: quick\nname: quick"),
        ("weeks_per_year: 52", "weeks_per_year: x\nweeks_per_yer: 3"),
        ("young: 0.45", "young: 0.9"),
        ("famine_effect: {low: 0, high: 3}", "famine_effect: {low: 3, high: 0, scal: log}"),
        ("tolerance: {low: 1", "tolerence: {low: 1"),
        ("growth: {2001: -2.0, 2002: -6.0, 2003: 1.0, 2004: 3.0}", "growth: {file: none.csv, column: a}"),
        ("counts: attempts", "counts: none"),
        ("2001: 100, ", ""),
    ]:
        edit(tmp_path, old, new)
    path = tmp_path / "quick.yaml"
    assert complaints(path, "search.step=2", "nonsense") == [
        f"{path}: line 5: key 'name' is there twice (first in line 4); keep one",
        "--set nonsense: no key and value; give key.path=value",
        f"{path}: economy.growth: {tmp_path}/none.csv: no such file; mend the path",
        f"{path}: weeks_per_yer: unknown key; did you mean weeks_per_year?",
        f"{path}: weeks_per_year: 'x' will not do; give a whole number from 1 to 1000",
        # 0.9 + 0.4 + 0.15 = 1.45
        f"{path}: population.shares.age: the shares add up to 1.45; make them add up to 1",
        f"{path}: regime.counts: 'none' will not do; give attempts, escapes or repressed",
        f"{path}: target.tables.arrivals: no figure for 2001; give one for each year 2001-2004",
        "--set search.step=2: search.step: 2 will not do; give a share of each range, above 0 and up to 1",
        f"{path}: parameters.tolerence: unknown key; did you mean tolerance?",
        f"{path}: parameters.famine_effect.scal: unknown key; did you mean scale?",
        f"{path}: parameters.famine_effect: low 3 is not below high 0; exchange them",
    ]


def test_growth_without_differences_has_no_zscore() -> None:
    flat = "economy.growth={2001: 1, 2002: 1, 2003: 1, 2004: 1}"
    (told,) = complaints(QUICK, "economy.unit=zscore", flat)
    assert told.startswith("--set economy.unit=zscore: economy.unit: zscore needs growth that differs by year")


def test_a_resolved_scenario_that_was_tampered_with_is_told_as_such() -> None:
    values = load_scenario(QUICK).resolved()
    values["parameters"]["visibility"]["high"] = 7
    with pytest.raises(ValueError, match=r"^run\.json: parameters\.visibility\.high: 7.* from 0 to 1$"):
        scenario_from_resolved(values, "run.json")


def test_reading_writes_nothing(tmp_path: Path) -> None:
    shutil.copytree(CONFIGS, tmp_path, dirs_exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    load_scenario(tmp_path / "dprk.yaml")
    complaints(tmp_path / "dprk.yaml", "years=0")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
