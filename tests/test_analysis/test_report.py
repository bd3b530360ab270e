"""``python -m analysis.report``: one page with everything on it, looked at in a real browser."""

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from support.browser import complaints, measured, needs_chromium
from support.places import PAPERS
from support.short_runs import searched

from analysis.common.exhibit import Exhibit, Table, store
from analysis.common.page import MOST_ROWS, Section, Text, as_text, page, piece_of
from analysis.report import __main__ as report
from analysis.report.__main__ import FILE, main
from analysis.report.sections import Sections, sections_of
from engine.errors import DataError
from engine.results.run_record import Run, open_run

WIDTHS = (400, 1400)
PAPER_WIDTH = 718  # of A4 without its margins, in CSS pixels


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    """A finished run of the small country with its report; tests do not change it."""
    filled = searched(tmp_path_factory.mktemp("report") / "results", seed, "--set", PAPERS)
    assert main([str(filled)]) == 0
    return filled


@pytest.fixture(scope="module")
def written(results: Path) -> Path:
    """The page."""
    return results / "analysis" / FILE


def few_sections(run: Run, screen: Run | None) -> Sections:
    """Sections that take no time: one, and one that cannot be made."""

    def fails() -> list[Exhibit]:
        raise DataError("too few draws for <this>")

    return [("What was found", sections_of(run, screen)[-1][1]), ("Second", fails)]


def example(rows: int = 3, figure: Figure | None = None) -> Exhibit:
    table = Table(("year", "people_who_left", "why"), [(2001 + row, 1234.5678 + row, "<b>") for row in range(rows)])
    return Exhibit("example", "A title & more", "What it <shows>.", "python -m it", figure, table)


def html_of(folder: Path, exhibit: Exhibit) -> str:
    store([exhibit], folder)
    return page("Title", "Lead.", "", [Section("Part", [piece_of(exhibit, folder)])])


def test_all_that_it_links_to_lies_beside_it(written: Path) -> None:
    text = written.read_text()
    links = set(re.findall(r'(?:href|src)="([^"#]*)"', text)) - {"data:,"}
    beside = {link for link in links if not link.startswith("data:image/")}
    assert {name.rpartition(".")[2] for name in beside} == {"png", "svg", "csv"}
    assert [name for name in beside if not (written.parent / name).is_file()] == []
    assert not re.search(r"https?://|<script|@import|url\(", re.sub(r'src="data:[^"]*"', "", text))
    assert written.stat().st_size < 4e6


def test_every_exhibit_has_its_own_name_sentence_and_command(results: Path, written: Path) -> None:
    text = written.read_text()
    names = re.findall(r'<article id="([^"]+)">', text)
    assert max(Counter(names).values()) == 1
    assert {"run", "best", "record", "impacts", "best_runs", "belief", "escapes_by_province", "traces"} <= set(names)
    commands = [re.sub("<.*?>", "", line) for line in re.findall(r"Made by\n<code>(.*?)</code>", text)]
    assert len(commands) == len(names)
    assert all(re.match(rf"python -m analysis\.\w+ {re.escape(str(results))}", command) for command in commands)
    assert re.findall(r"<h3>(.*?)</h3>\n<p></p>", text) == []


def test_no_section_of_a_finished_run_is_missing(results: Path, written: Path) -> None:
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", written.read_text())
    assert titles == [title for title, _ in sections_of(open_run(results), None)]
    assert re.findall(r'<p class="warn">(.*?)</p>', written.read_text()) == []


@needs_chromium
@pytest.mark.parametrize("width", WIDTHS)
def test_a_browser_has_nothing_to_complain_of(written: Path, tmp_path: Path, width: int) -> None:
    assert complaints(written, tmp_path, width) == []


@needs_chromium
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_load_and_no_text_is_cut(written: Path, tmp_path: Path, width: int, dark: bool) -> None:
    found = measured(written, tmp_path, width, dark)
    assert found["wide"] == width
    assert found["pictures"] == written.read_text().count("<img ") > 5
    assert found["broken"] == []
    assert found["cut"] == []
    assert found["sideways"] == 0
    assert found["text"] > 5000
    ground, ink = (sum(map(int, re.findall(r"\d+", found[key])[:3])) / 3 for key in ("ground", "ink"))
    assert (ground < 60, ink > 200) if dark else (ground > 250, ink < 60)
    assert found["dark"] == dark


@needs_chromium
def test_no_table_runs_over_the_edge_of_the_screen_or_of_the_paper(written: Path, tmp_path: Path) -> None:
    """What is folded may be wider than the screen; on paper, where nobody can move it, nothing may."""
    assert measured(written, tmp_path, 1400)["scrolled"] == []
    on_paper = measured(written, tmp_path, PAPER_WIDTH, printed=True)
    assert (on_paper["scrolled"], on_paper["cut"], on_paper["sideways"]) == ([], [], 0)


@needs_chromium
@pytest.mark.parametrize(("columns", "rows", "over"), [(30, 8, ["example"]), (30, 2, []), (6, 8, [])])
def test_wide_tables_are_turned_where_they_are_short_and_fit_on_paper(
    tmp_path: Path, columns: int, rows: int, over: list[str]
) -> None:
    """The control: thirty columns of eight rows can only be moved to and fro on a screen, and the probe sees it."""
    cell = "as long as a sentence in the paper's claims is, and more" if columns == 6 else 12345.678
    table = Table(tuple(f"column_{place}" for place in range(columns)), [[cell] * columns for _ in range(rows)])
    (tmp_path / "page.html").write_text(html_of(tmp_path, example()._replace(table=table)))
    assert measured(tmp_path / "page.html", tmp_path, 1400)["scrolled"] == over
    on_paper = measured(tmp_path / "page.html", tmp_path, PAPER_WIDTH, printed=True)
    assert (on_paper["scrolled"], on_paper["cut"], on_paper["sideways"]) == ([], [], 0)


@needs_chromium
@pytest.mark.parametrize(
    ("instead", "key", "caught"),
    [
        ('<img alt="half" src="data:image/png;base64,iVBORw0KGgo=">', "broken", ["half"]),
        ('<p style="width: 5rem; overflow: hidden; white-space: nowrap">This is cut at five</p>', "cut", None),
        ('<p style="white-space: nowrap">This goes on and on over the edge of any telephone there is</p>', "cut", None),
        (
            '<table style="width: 5rem; table-layout: fixed"><td style="overflow-wrap: normal">Telephone<td>b</table>',
            "cut",
            None,
        ),
        ('<p style="position: relative; left: -3rem">This begins before the page does</p>', "cut", None),
        ('<div style="width: 2000px">wide</div>', "sideways", None),
    ],
)
def test_the_probe_sees_what_is_broken(tmp_path: Path, instead: str, key: str, caught: object) -> None:
    whole = html_of(tmp_path, example())
    (tmp_path / "page.html").write_text(whole)
    assert not measured(tmp_path / "page.html", tmp_path, 400)[key]
    (tmp_path / "page.html").write_text(whole.replace("<main>", f"<main>{instead}"))
    found = measured(tmp_path / "page.html", tmp_path, 400)[key]
    assert found
    assert caught in (None, found)


@needs_chromium
@pytest.mark.parametrize("length", [20, 39, 60, 300])
def test_a_long_word_in_a_table_is_broken(tmp_path: Path, length: int) -> None:
    exhibit = example()._replace(table=Table(("what", "it is"), [("path", f"python -m it /{length * 'x'}.yaml")]))
    (tmp_path / "page.html").write_text(html_of(tmp_path, exhibit))
    assert measured(tmp_path / "page.html", tmp_path, 400)["cut"] == []


@needs_chromium
@pytest.mark.parametrize(
    "instead",
    ['<img src="https://example.org/a.png">', "<script>nothing()</script>", '<link rel=stylesheet href="other.css">'],
)
def test_a_browser_complains_of_what_comes_from_elsewhere(tmp_path: Path, instead: str) -> None:
    (tmp_path / "page.html").write_text(html_of(tmp_path, example()).replace("<main>", f"<main>{instead}"))
    assert complaints(tmp_path / "page.html", tmp_path, 1400) != []


def test_a_warning_is_a_box_before_its_picture_and_stands_at_the_top(tmp_path: Path) -> None:
    text = html_of(tmp_path, example(figure=Figure())._replace(warnings=("believe no <rank> of it",)))
    assert '<li><a href="#example">Believe no &lt;rank&gt; of it</a>.</li>' in text
    box = text.index('<p class="warn beware">Believe no &lt;rank&gt; of it.</p>')
    assert text.index("What it &lt;shows&gt;.") < box < text.index("<img ")


def test_a_wide_table_of_few_rows_is_turned(tmp_path: Path) -> None:
    head, row = tuple(f"a{number}" for number in range(12)), tuple(range(12))
    text = html_of(tmp_path, example()._replace(table=Table(head, [row, row])))
    assert text.count("<tr>") == 12
    assert 'class="rows"' in text
    assert 'class="rows wide"' in html_of(tmp_path, example()._replace(table=Table(head, [row] * 20)))


def test_text_is_escaped(tmp_path: Path) -> None:
    text = html_of(tmp_path, example())
    assert "A title &amp; more" in text
    assert "What it &lt;shows&gt;." in text
    assert "<td>&lt;b&gt;</td>" in text
    assert "<b>" not in text


def test_a_long_table_is_cut_short_and_says_so(tmp_path: Path) -> None:
    text = html_of(tmp_path, example(rows=MOST_ROWS + 7))
    assert text.count("<tr>") == 1 + MOST_ROWS
    assert f"The first {MOST_ROWS} of\n{MOST_ROWS + 7} rows" in text
    assert "<details>" not in text
    assert "<details>" in html_of(tmp_path, example(MOST_ROWS, Figure()))
    assert len((tmp_path / "example.csv").read_text().splitlines()) == 1 + MOST_ROWS


@pytest.mark.parametrize(
    ("cell", "name", "said"),
    [
        (None, "score", Text("", False)),
        (float("nan"), "score", Text("", False)),
        (True, "famine", Text("yes", False)),
        (1992, "year", Text("1992", True)),
        (32094, "iteration", Text("32,094", True)),
        (1234.5678, "attempts", Text("1235", True)),
        (9747806.7, "purity", Text("9,747,807", True)),
        (0.000123456, "rate", Text("0.0001235", True)),
        ("x < y", "claim", Text("x < y", False)),
    ],
)
def test_cells_are_written_for_a_reader(cell: object, name: str, said: Text) -> None:
    assert as_text(cell, name) == said  # type: ignore[arg-type]


def test_a_section_that_cannot_be_made_says_so_and_the_page_goes_on(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "sections_of", few_sections)
    assert main([str(results), "--out", str(tmp_path / "deep" / "page.html")]) == 0
    text = (tmp_path / "deep" / "page.html").read_text()
    assert '<p class="warn">too few draws for &lt;this&gt;</p>' in text
    assert "What was found</h2>" in text
    told = capsys.readouterr()
    assert "stored 3 pictures and tables in " in told.out
    assert told.err.splitlines() == ["1 of 2: Second", "2 of 2: What was found"]  # no terminal here
    assert text.index("What was found</h2>") < text.index("Second</h2>")
    assert (tmp_path / "deep" / "chains.csv").is_file()


def test_an_unfinished_run_is_said_to_be_so(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(results, tmp_path / "half", ignore=shutil.ignore_patterns("analysis", "chain=02"))
    record = json.loads((results / "run.json").read_text()) | {"status": "interrupted"}
    (tmp_path / "half" / "run.json").write_text(json.dumps(record))
    monkeypatch.setattr(report, "sections_of", few_sections)
    assert main([str(tmp_path / "half"), "--out", str(tmp_path)]) == 0
    said = "This run is not finished (status: interrupted). It holds 800 of 1,200 draws"
    assert said in (tmp_path / FILE).read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--screens", "x"], 2, "--screens: no such argument; did you mean --screen?"),
        (["--out", "FILE/deep"], 2, "FILE/deep: cannot be written"),
        (["--out", "FOLDER.html"], 2, "FOLDER.html: is a directory"),
    ],
)
def test_arguments_that_will_not_do(
    results: Path,
    tmp_path: Path,
    arguments: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(report, "sections_of", few_sections)
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.html").mkdir()

    def filled(text: str) -> str:
        return text.replace("FILE", str(tmp_path / "file")).replace("FOLDER", str(tmp_path / "folder"))

    assert main([str(results), *map(filled, arguments)]) == code
    err = capsys.readouterr().err
    assert filled(said) in err
    assert err.count("\n") == 1


def test_an_empty_run_is_said_to_be_empty_in_one_line(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    shutil.copy(results / "run.json", tmp_path / "empty")
    assert main([str(tmp_path / "empty")]) == 3
    err = capsys.readouterr().err
    assert "holds no draws yet" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "empty" / "analysis").exists()


def test_interrupted_it_stores_no_page(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "report", interrupt)
    assert main([str(results), "--out", str(tmp_path / "out")]) == 130
    assert "the page was not stored" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
