"""Pictures depend on our style alone, are the same bytes each time, and show names as they are; so does CSV."""

import csv
from io import StringIO

import matplotlib
import pytest
from support.places import ROOT, SMALL

from engine import load_scenario
from engine.cli.run_figure import run_figure
from engine.cli.yearly_table import gather
from engine.parameters import Parameters
from engine.plot_style import LONGEST_NAME, UNDATED, image
from engine.results.csv_bytes import csv_bytes
from engine.simulation import simulate

# What a user may have in a matplotlibrc.
USERS = {"text.usetex": True, "font.size": 30.0, "axes.facecolor": "red", "savefig.dpi": 30, "svg.fonttype": "path"}


def picture(ending: str, *overrides: str) -> bytes:
    """Return a run of the small country as a picture."""
    scenario = load_scenario(SMALL, overrides)
    middle = Parameters(**{name: entry.middle for name, entry in scenario.parameters.items()})
    runs = gather(scenario, [simulate(scenario, middle, 3)])
    return image(run_figure(scenario, runs, "one run of $Riv{er$"), ending)


def record_named(name: str) -> str:
    """Return an override that gives the record this name."""
    years = "{2001: 1, 2002: 1, 2003: 1, 2004: 1, 2005: 1}"
    return f"target={{series: {name}, smoothing_weeks: 0, tables: {{{name}: {years}}}}}"


@pytest.mark.parametrize("ending", UNDATED)
def test_a_picture_is_the_same_bytes_whatever_style_the_user_has(ending: str) -> None:
    ours = picture(ending)
    with matplotlib.rc_context(USERS):
        assert picture(ending) == ours
        assert matplotlib.rcParams["font.size"] == 30, "the user's own pictures keep the user's style"
    assert b"dc:date" not in ours
    assert b"CreationDate" not in ours


def test_a_control_picture_of_another_run_has_other_bytes() -> None:
    assert picture(".svg") != picture(".svg", "parameters.visibility=0.9")


def test_one_place_knows_the_style_and_one_writes_csv() -> None:
    sources = {path: path.read_text() for name in ("engine", "analysis") for path in ROOT.glob(f"{name}/**/*.py")}

    def with_words(words: str) -> list[str]:
        return sorted(path.name for path, text in sources.items() if words in text)

    assert with_words("rc_context") == []
    assert with_words(".savefig(") == ["plot_style.py"]
    assert with_words("csv.writer") == ["csv_bytes.py"]


def test_a_name_with_dollar_signs_is_text() -> None:
    """Set as mathematics, "{er" would be an error, after all else was done."""
    names = (
        "target={series: '$a{b$', smoothing_weeks: 0, tables: {'$a{b$': {2001: 1, 2002: 1, 2003: 1, 2004: 1, 2005: 1}}}"
    )
    svg = picture(".svg", names).decode()
    assert "target: $a{b$" in svg
    assert "one run of $Riv{er$" in svg


def test_a_long_name_is_cut() -> None:
    name = "a" * 300
    svg = picture(".svg", record_named(name)).decode()
    assert f"target: {'a' * (LONGEST_NAME - 1)}…" in svg
    assert "a" * LONGEST_NAME not in svg


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_is_no_formula_in_a_spreadsheet(name: str) -> None:
    text = csv_bytes(["name", name], [[name, -1.5], ["Plain", -2]]).decode()
    rows = list(csv.reader(StringIO(text, newline="")))
    harmless = f"'{name}".replace("\r", " ")
    assert rows == [["name", harmless], [harmless, "-1.5"], ["Plain", "-2"]]


def test_a_dash_is_a_dash_and_nothing_is_nothing() -> None:
    assert csv_bytes(["a", "b"], [["-", None], [True, 1e-300]]) == b"a,b\n-,\nTrue,1e-300\n"
