"""``python -m calibrate init``: a country of one's own from an empty folder, and what is missing in it."""

import os
from pathlib import Path

import pytest

import calibrate.cli
from calibrate.skeleton.beginning import FILES
from engine import load_scenario, simulate

FIGURES = {  # for the first cell of each row, what comes after it
    "population.csv": {"2001": "90000", "2002": "91000", "2003": "92000"},
    "provinces.csv": {"Coast": "40000,1", "Hills": "50000,0"},
    "growth.csv": {"2001": "-2.5", "2002": "0", "2003": "3"},
    "target.csv": {"2001": "60", "2002": "250", "2003": "130"},
}
INIT = ("init", "atlantis", "--years", "2001-2003", "--provinces", "Coast, Hills")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, entered."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill_in(folder: Path) -> None:
    """Put the figures into the empty cells of every table."""
    for name, rows in FIGURES.items():
        header, *names = (folder / name).read_text(encoding="utf-8").splitlines()
        assert [row.split(",")[0] for row in names] == list(rows)
        assert all(set(row) - set(row.split(",")[0]) == {","} for row in names), "nothing was filled in"
        lines = [header, *(f"{row},{figures}" for row, figures in rows.items())]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_country_filled_in_is_simulated(capsys: pytest.CaptureFixture[str]) -> None:
    assert calibrate.cli.main(INIT) == 0
    told = capsys.readouterr()
    assert told.err == ""
    names = {name.format(name="atlantis") for name in FILES}
    assert {line.split()[0] for line in told.out.splitlines()[:-1]} == {f"atlantis/{name}" for name in names}
    assert told.out.endswith("missing: python -m calibrate --config atlantis/atlantis.yaml --dry-run\n")
    assert set(content(Path("atlantis"))) == names
    fill_in(Path("atlantis"))
    scenario = load_scenario("atlantis/atlantis.yaml")
    assert (scenario.name, scenario.calendar, scenario.provinces) == (
        "atlantis",
        [2001, 2002, 2003],
        ("Coast", "Hills"),
    )
    assert scenario.yearly_target().tolist() == [60, 250, 130]
    middle = scenario.point(entry.middle for entry in scenario.parameters.values())
    run = simulate(scenario, middle.replaced(prior_alpha=3, prior_beta=5), seed=7)  # people who can be persuaded
    assert run.attempts.shape == (156, 2)
    assert run.attempts.sum() > 0


def test_every_empty_cell_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong in one table hides nothing that is missing in another."""
    assert calibrate.cli.main(INIT) == 0
    capsys.readouterr()
    rehearse = ("--config", "atlantis/atlantis.yaml", "--dry-run", "--iters", "20", "--chains", "1")
    assert calibrate.cli.main(rehearse) == 2
    where, every = "atlantis/atlantis.yaml: ", "; give one for each year 2001-2003"
    province = "population.provinces"
    assert capsys.readouterr().err.splitlines() == [
        f"{where}{province}.0.population: missing; give a number of people above 0 (atlantis/provinces.csv, row Coast)",
        f"{where}{province}.0.on_border: missing; give true (1) or false (0) (atlantis/provinces.csv, row Coast)",
        f"{where}{province}.1.population: missing; give a number of people above 0 (atlantis/provinces.csv, row Hills)",
        f"{where}{province}.1.on_border: missing; give true (1) or false (0) (atlantis/provinces.csv, row Hills)",
        f"{where}population.totals: no figure for 2001-2003{every} (atlantis/population.csv, column people)",
        f"{where}economy.growth: no figure for 2001-2003{every} (atlantis/growth.csv, column percent)",
        f"{where}target.tables.record: no figure for 2001-2003{every} (atlantis/target.csv, column people)",
    ]
    fill_in(Path("atlantis"))
    Path("atlantis/target.csv").write_text("year,people\n2001,60\n2002,\n2003,130\n")
    assert calibrate.cli.main(rehearse) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{where}target.tables.record: no figure for 2002{every} (atlantis/target.csv, column people)"
    ]
    Path("atlantis/target.csv").write_text("year,people\n2001,60\n2002,9\n2003,130\n")
    assert calibrate.cli.main(rehearse) == 0, "and then nothing is missing"
    assert set(content(Path())) == {f"atlantis/{name.format(name='atlantis')}" for name in FILES}


@pytest.mark.parametrize("there", ["a folder", "an empty folder", "a file", "a link to nowhere"])
def test_nothing_is_written_over(there: str, capsys: pytest.CaptureFixture[str]) -> None:
    if there == "a file":
        Path("atlantis").write_text("mine")
    elif there == "a link to nowhere":
        Path("atlantis").symlink_to("nowhere")
    else:
        Path("atlantis").mkdir()
    if there == "a folder":
        Path("atlantis/target.csv").write_text("mine")
    before = content(Path())
    assert calibrate.cli.main(INIT) == 2
    assert capsys.readouterr() == (
        "",
        "atlantis: is there already and stays as it is; give another name, or move it away\n",
    )
    assert content(Path()) == before


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ((), ["the following arguments are required: NAME; see python -m calibrate init --help"]),
        (("a/b",), ["'a/b' is no name for a folder here; give letters, digits, - and _"]),
        (("../b",), ["'../b' is no name for a folder here; give letters, digits, - and _"]),
        (("",), ["'' is no name for a folder here; give letters, digits, - and _"]),
        (("a b\n",), ["'a b\\n' is no name for a folder here; give letters, digits, - and _"]),
        (("a" * 300,), [f"'{'a' * 40}' is no name for a folder here; give letters, digits, - and _"]),
        (("a", "--years", "2003-2001"), ["--years 2003-2001: give the first and the last year, such as 1990-2010"]),
        (("a", "--years", "1-1001"), ["--years 1-1001: give the first and the last year, such as 1990-2010"]),
        (("a", "--years", "lately"), ["--years lately: give the first and the last year, such as 1990-2010"]),
        (("a", "--provinces", "A,A"), ["--provinces 'A,A': give different names, 200 at most, parted by commas"]),
        (("a", "--provinces", "A,,B"), ["--provinces 'A,,B': give different names, 200 at most, parted by commas"]),
        (("a", "--provinces", "1,2"), ["--provinces '1,2': give different names, 200 at most, parted by commas"]),
        (("a", "--year", "2001"), ["--year: no such argument; did you mean --years?"]),
        (("a", "--years", "x", "--provinces", "A,A"), ["--years x", "--provinces 'A,A'"]),
    ],
)
def test_bad_usage_is_a_line_each_and_makes_nothing(
    arguments: tuple[str, ...], lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert calibrate.cli.main(["init", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    for line, wanted in zip(told.err.splitlines(), lines, strict=True):
        assert line.startswith(wanted)
    assert list(Path().iterdir()) == []


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is read-only to root")
def test_a_folder_where_one_may_not_write(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty_folder.chmod(0o500)
    assert calibrate.cli.main(INIT) == 3
    told = "atlantis: cannot be made (Permission denied); go to a folder where you may write\n"
    assert capsys.readouterr().err == told


def test_a_disk_that_is_full_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = Path.write_text

    def full(path: Path, text: str, **options: str) -> int:
        if path.name == "growth.csv":
            raise OSError(28, "No space left on device")
        return write(path, text, **options)

    monkeypatch.setattr(Path, "write_text", full)
    assert calibrate.cli.main(INIT) == 3
    assert "cannot be made (No space left on device)" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["1984", "null", "true", "Österreich", "a-b_c", "1e5"])
def test_every_name_of_a_folder_is_one_of_a_scenario(name: str) -> None:
    assert calibrate.cli.main(["init", name, "--years", "2001-2003", "--provinces", "Coast,Hills"]) == 0
    fill_in(Path(name))
    assert load_scenario(f"{name}/{name}.yaml").name == name


def test_one_year_and_many() -> None:
    for first, last in ((2001, 2001), (1, 1000)):
        name = f"from{first}"
        assert calibrate.cli.main(["init", name, "--years", f"{first}-{last}", "--provinces", "Coast"]) == 0
        rows = Path(name, "target.csv").read_text().splitlines()
        assert (rows[1], rows[-1], len(rows)) == (f"{first},", f"{last},", last - first + 2)
        for table, figure in (("population.csv", "90000"), ("growth.csv", "1"), ("target.csv", "60")):
            text = Path(name, table).read_text().replace(",\n", f",{figure}\n")
            Path(name, table).write_text(text)
        Path(name, "provinces.csv").write_text("name,population,on_border\nCoast,5,1\n")
        assert load_scenario(f"{name}/{name}.yaml").years == last - first + 1


def test_help_says_what_comes_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["init", "--help"], ["--help"]):
        with pytest.raises(SystemExit):
            calibrate.cli.main(arguments)
        told = " ".join(capsys.readouterr().out.split())
        assert "country of your own" in told
        assert "init NAME" in told or "--years FIRST-LAST" in told
