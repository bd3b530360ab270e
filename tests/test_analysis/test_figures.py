"""``python -m analysis.figures``: which pictures it makes of which draws, and what it says when it cannot."""

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from support.short_runs import searched

from analysis.common.exhibit import Exhibit
from analysis.figures.__main__ import main
from analysis.figures.chains import RUNS
from analysis.figures.exhibits import NAMES, exhibits
from analysis.figures.inputs import impacts_of
from analysis.run_data.best_draws import best_of_chains, traces_of
from analysis.run_data.ranking import Ranking, ranked
from engine import load_scenario, simulate
from engine.errors import DataError
from engine.results.replay import read_draw
from engine.results.run_record import Run, open_run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Path:
    """A finished run of the small country; tests do not change it."""
    return searched(tmp_path_factory.mktemp("figures") / "results", seed)


@pytest.fixture(scope="module")
def run(results: Path) -> Run:
    return open_run(results)


@pytest.fixture(scope="module")
def ranking(run: Run) -> Ranking:
    """Its best draws by their mean on fresh seeds."""
    return ranked(run)


@pytest.fixture(scope="module")
def made(run: Run) -> dict[str, Exhibit]:
    """All exhibits of it; nobody ranked its draws before."""
    return {exhibit.name: exhibit for exhibit in exhibits(run)}


def address_in(exhibit: Exhibit) -> tuple[int, int]:
    """Return chain and iteration of the run that an exhibit shows."""
    chain, iteration = re.findall(r"One run: chain (\d+), iteration (\d+)", exhibit.sentence)[0]
    return int(chain), int(iteration)


def labels_in_legends(figure: Figure) -> list[str]:
    """Return what is written left of the panels and runs into a legend of the figure."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    left = [text for text in figure.texts if text.get_rotation() == 90]
    boxes = [legend.get_window_extent(canvas.get_renderer()) for legend in figure.legends]
    return [text.get_text() for text in left if any(box.overlaps(text.get_window_extent()) for box in boxes)]


def texts_outside(figure: Figure) -> list[str]:
    """Return what is written beyond the edges of a picture, and so cut."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    beyond = [
        tick.label1
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    ]  # matplotlib keeps these, and does not draw them
    found = []
    for text in figure.findobj(Text, include_self=False):
        box = text.get_window_extent(renderer)
        outside = box.x0 < -1 or box.y0 < -1 or box.x1 > figure.bbox.x1 + 1 or box.y1 > figure.bbox.y1 + 1
        if text.get_text().strip() and text.get_visible() and text not in beyond and outside:
            found.append(text.get_text())
    return found


def test_every_picture_is_made_with_a_title_a_sentence_and_its_command(results: Path, made: dict[str, Exhibit]) -> None:
    assert tuple(made) == NAMES
    for name, exhibit in made.items():
        assert exhibit.figure is not None
        assert exhibit.title[0].isupper()
        assert exhibit.sentence.endswith((".", ". "))
        assert exhibit.command == f"python -m analysis.figures {results} --only {name}"


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_picture_is_cut_and_every_axis_has_its_unit(name: str, made: dict[str, Exhibit]) -> None:
    figure = made[name].figure
    assert figure is not None
    assert texts_outside(figure) == []
    assert labels_in_legends(figure) == []
    shared = [text for text in (figure._supxlabel, figure._supylabel) if text]
    said = [axes.get_ylabel() or axes.get_xlabel() for axes in figure.axes] + [text.get_text() for text in shared]
    assert any(said)


def test_text_beyond_the_edge_would_be_seen(made: dict[str, Exhibit]) -> None:
    figure = Figure(figsize=(2, 2))
    figure.text(0.8, 0.5, "much too long for what is left")
    assert texts_outside(figure) == ["much too long for what is left"]
    figure.supylabel("in the way", y=0.9)
    figure.legend(handles=[Line2D([], [], label="a line")], loc="upper left")
    assert labels_in_legends(figure) == ["in the way"]


def test_the_record_adds_up_and_so_does_its_smooth_curve(made: dict[str, Exhibit]) -> None:
    table = made["record"].table
    assert table is not None
    assert [row[:2] for row in table.rows] == [(2001, 100.0), (2002, 260.0), (2003, 520.0), (2004, 360.0)]
    assert sum(row[2] for row in table.rows) == pytest.approx(1240, abs=0.2)
    assert [row[3] for row in table.rows] == [False, True, False, False]
    bars = [patch.get_height() * 52 for patch in made["record"].figure.axes[0].patches[:4]]
    assert bars == pytest.approx([100, 260, 520, 360])


def test_the_impacts_are_those_of_the_paper() -> None:
    assert impacts_of(load_scenario("configs/dprk.yaml")) == [
        ("young", 3, 0),
        ("old", -3, -2),
        ("female", 5, 0),
        ("secondary economy", 5, 0),
        ("low status", -2, -2),
        ("high status", 3, 2),
        ("rural", 0, -2),
        ("border province", 5, 0),
        ("growth", 1, 4),
    ]


def test_the_best_runs_are_those_of_fresh_seeds(
    run: Run, ranking: Ranking, seed: int, made: dict[str, Exhibit]
) -> None:
    table = made["best_runs"].table
    assert table is not None
    best = best_of_chains(traces_of(run), ranking)
    among = set(ranking.draws.chain[ranking.place].tolist())  # of one chain two thirds at most: so two chains at least
    assert [one.ranked for one in best] == [True] * len(among) + [False] * (3 - len(among))
    where = "" if len(among) == 3 else " in 2 chains"
    assert f"chosen by its mean on fresh seeds{where}, " in made["best_runs"].sentence
    assert list(dict.fromkeys(row[:2] for row in table.rows)) == [(one.chain, one.iteration) for one in best]
    for place, one in enumerate(best):
        draw = read_draw(run, one.chain, one.iteration)
        again = [simulate(draw.scenario, draw.parameters, seed + 1, place, number) for number in range(RUNS)]
        reached = np.array([[each.weeks_run > 52 * year for year in range(4)] for each in again])
        counts = np.array([each.escapes_by_year() for each in again])
        rows = [row for row in table.rows if row[:2] == (one.chain, one.iteration)]
        assert [row[5] - 2001 for row in rows] == np.flatnonzero(reached.any(axis=0)).tolist()
        for year, row in enumerate(rows):
            assert row[7] == pytest.approx(counts[reached[:, year], year].mean())
            assert row[9] == pytest.approx(np.quantile(counts[reached[:, year], year], 0.95))
        assert rows[0][2] == draw.row["score"]


def test_by_province_the_draw_is_the_recorded_one(run: Run, ranking: Ranking, made: dict[str, Exhibit]) -> None:
    address = address_in(made["escapes_by_province"])
    row = read_draw(run, *address).row
    escapes, known = made["escapes_by_province"].table, made["known_by_province"].table
    assert escapes is not None
    assert known is not None
    assert sum(line[2] for line in escapes.rows) == row["escapes_total"]
    assert sum(line[3] for line in known.rows) == pytest.approx(row["attempts_total"])
    first = ranking.place[0]
    assert address == (ranking.draws.chain[first], ranking.draws.iteration[first])


def test_a_ranking_that_is_handed_over_is_taken_for_what_it_says(run: Run, ranking: Ranking) -> None:
    """The hundredth draw made the first is shown in place of the first."""
    order = np.concatenate([[99], np.delete(np.arange(len(ranking.place)), 99)])
    other = ranking._replace(place=ranking.place[order])
    (shown,) = exhibits(run, ["escapes_by_province"], ranking=other)
    draws = ranking.draws
    first, hundredth = ((draws.chain[place], draws.iteration[place]) for place in ranking.place[[0, 99]])
    assert address_in(shown) == hundredth != first


def test_the_command_stores_what_it_says(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "pictures"
    arguments = ["--only", "belief", "--only", "impacts", "--week", "1", "--draw", "1", "0", "--out", str(out)]
    assert main([str(results), *arguments]) == 0
    told = capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == sorted(
        f"{name}{ending}" for name in ("belief", "impacts") for ending in (".png", ".svg", ".csv")
    )
    assert "Belief and threshold, week 1 of 208, in 2001" in told
    assert "chain 1, iteration 0" in told
    assert all(f"stored {path}" in told for path in out.iterdir())
    assert (out / "belief.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((out / "belief.csv").read_text().splitlines()))
    assert {row["province"] for row in rows} == {"River", "Plain"}
    assert sum(int(row["people"]) for row in rows) == 200_000
    assert not (results / "analysis").exists()


def test_nothing_is_ranked_for_pictures_that_show_no_best_draw(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: Run) -> Ranking:
        raise AssertionError("ranked in vain")

    monkeypatch.setattr("analysis.figures.exhibits.ranked", never)
    shown = exhibits(run, ["record", "impacts", "traces", "acceptance", "belief"], draw=(1, 7))
    assert [exhibit.name for exhibit in shown] == ["record", "impacts", "belief", "traces", "acceptance"]
    with pytest.raises(AssertionError, match="ranked in vain"):
        exhibits(run, ["belief"])


def test_the_command_of_a_chosen_week_and_draw_names_them(run: Run) -> None:
    (exhibit,) = exhibits(run, ["belief"], week=1, draw=(0, 1))
    assert exhibit.command.endswith(" --only belief --draw 0 1 --week 1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "beliefs"], "argument --only: invalid choice: 'beliefs'"),
        (["--only", "belief", "--week", "0"], "--week 0: the run has no such week; give one from 1 to "),
        (["--only", "belief", "--week", "209"], "--week 209: the run has no such week; give one from 1 to "),
        (["--draw", "9", "0"], "holds no chain 9; give one from 0 to 2"),
        (["--draw", "0", "400"], "chain 0 holds no iteration 400; give one from 0 to 399"),
        (["--weeks", "5"], "--weeks: no such argument; did you mean --week?"),
        (["--out", "FILE/deep"], "FILE/deep: cannot be written"),
    ],
)
def test_arguments_that_will_not_do(
    results: Path, tmp_path: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    filled = [text.replace("FILE", str(tmp_path / "file")) for text in arguments]
    assert main([str(results), *filled]) == 2
    err = capsys.readouterr().err
    assert said.replace("FILE", str(tmp_path / "file")) in err
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


def test_interrupted_it_stores_nothing(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("analysis.figures.__main__.exhibits", interrupt)
    assert main([str(results), "--out", str(tmp_path / "out")]) == 130
    assert "nothing was stored" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_best_runs_are_seen_to_be_wrong_in_years_with_few_escapes(made: dict[str, Exhibit]) -> None:
    """Beside each plain panel stands one in which 300 lies well above 8, whatever the highest year has."""
    figure = made["best_runs"].figure
    assert figure is not None
    plain, log = figure.axes[:2]
    assert plain.get_title("left").startswith("chain ")
    for axes, apart in ((plain, False), (log, True)):
        axes.set_ylim(0, 5000)
        below, above = (axes.transAxes.inverted().transform(axes.transData.transform((0, y)))[1] for y in (8, 300))
        assert (above - below > 0.3) == apart


def test_a_run_that_differs_today_is_a_warning_of_each_of_its_pictures(
    run: Run, monkeypatch: pytest.MonkeyPatch, ranking: Ranking
) -> None:
    def differs(_: object) -> None:
        raise DataError("attempts_total: recorded 1, simulated again 2")

    monkeypatch.setattr("analysis.run_data.best_draws.simulate_again", differs)
    found = exhibits(run, ("record", "belief", "escapes_by_province"), ranking=ranking)
    assert [len(exhibit.warnings) for exhibit in found] == [0, 1, 1]
    assert "made by other code" in found[1].warnings[0]
