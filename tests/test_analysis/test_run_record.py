"""A results directory as one table, and what a user is told of one that cannot be read."""

import json
import shutil
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.names import REQUIRED
from support.results_on_disk import YEARS, write_results
from support.short_runs import searched

import engine.results.directory
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fresh
from analysis.run_data.ranking import rank
from calibrate.cli import main as calibrate
from calibrate.methods.base import START
from calibrate.store.parts import sealed
from calibrate.store.summary import summarize
from engine.errors import DataError, UsageError
from engine.results.replay import read_draw
from engine.results.run_record import open_run

PART = "draws/chain=01/part-00001.parquet"


@pytest.fixture
def results(tmp_path: Path, seed: int) -> Path:
    """Three chains of 10 draws, scored 0, 1, 2 and on in the order in which they are to be read."""
    points = {name: np.random.default_rng(seed).random((3, 10)) for name in REQUIRED}
    return write_results(tmp_path / "results", points, np.arange(30.0).reshape(3, 10))


def test_every_draw_of_every_chain_in_order(results: Path) -> None:
    table = open_run(results).draws()
    assert table["chain"].to_pylist() == [0] * 10 + [1] * 10 + [2] * 10
    assert table["iteration"].to_pylist() == list(range(10)) * 3
    assert table["score"].to_pylist() == list(range(30))
    assert table.column_names[:2] == ["chain", "iteration"]
    assert table.column_names[2:13] == list(REQUIRED)
    assert table.schema.field("chain").type == pa.int32()
    assert table.schema.field("escapes_by_year").type == pa.list_(pa.int64(), YEARS)


def test_only_the_columns_asked_for_in_the_order_asked_for(results: Path) -> None:
    assert open_run(results).draws(["score", "visibility"]).column_names == ["chain", "score", "visibility"]


def test_a_parameter_beyond_the_papers_is_read_when_it_was_searched(tmp_path: Path) -> None:
    score = np.zeros((1, 4))
    searched = write_results(tmp_path / "searched", {}, score, free=("visibility", "economy_effect"))
    assert open_run(searched).free_names == ("visibility", "economy_effect")
    assert "economy_effect" in open_run(searched).draws().column_names
    held = write_results(tmp_path / "held", {}, score, free=("visibility",))
    assert "economy_effect" not in open_run(held).draws().column_names


def test_a_run_from_before_a_parameter_existed_held_it(results: Path) -> None:
    run = json.loads((results / "run.json").read_text())
    del run["scenario"]["parameters"]["economy_effect"]
    (results / "run.json").write_text(json.dumps(run))
    assert open_run(results).free_names == REQUIRED


def test_what_else_lies_in_the_directory_is_left_alone(results: Path) -> None:
    before = open_run(results).draws()
    for stray in (
        "analysis/part-00000.parquet",
        ".unfinished/chain=00-part-00002.parquet",
        "draws/notes.txt",
    ):
        (results / stray).parent.mkdir(exist_ok=True)
        (results / stray).write_text("not a table")
    assert open_run(results).draws().equals(before)


def test_an_unfinished_run_gives_what_it_has(results: Path) -> None:
    shutil.rmtree(results / "draws" / "chain=02")
    (results / PART).unlink()
    assert open_run(results).draws()["score"].to_pylist() == list(range(15))


def test_draws_that_come_after_it_was_opened_are_not_its_own(tmp_path: Path, seed: int) -> None:
    """A real run, which goes on in the middle of being looked at: more draws of each chain, and a chain more."""
    out = searched(tmp_path / "run", seed, "--method", "walk", chains=2, iters=40)
    looked_at = open_run(out)
    before = looked_at.draws(["score"])  # some columns read before it goes on, the others after
    summary = summarize(looked_at, 0, 0.0)
    assert calibrate(["--resume", "--chains", "3", "--iters", "90", "--quiet", "--out", str(out)]) == 0
    after = looked_at.draws(["iteration", "score", "visibility"])
    assert after["iteration"].to_pylist() == list(range(40)) * 2
    assert after["score"].equals(before["score"])
    assert summarize(looked_at, 0, 0.0) == summary
    assert (looked_at.record.chains, looked_at.record.iters) == (2, 40)
    ranking = rank(recorded(looked_at), Fresh(looked_at), top=100)
    assert ranking.draws.iteration.max() == 39
    assert set(ranking.draws.chain.tolist()) == {0, 1}
    with pytest.raises(UsageError, match="chain 0 holds no iteration 40; give one from 0 to 39"):
        read_draw(looked_at, 0, 40)
    again = open_run(out)
    assert again.draws(["iteration"]).num_rows == 270
    assert read_draw(again, 0, 40).row["escapes_total"] >= 0


def test_a_part_that_is_taken_away_meanwhile_is_named(results: Path) -> None:
    run = open_run(results)
    run.draws(["score"])
    (results / PART).unlink()
    assert run.draws(["score"]).num_rows == 30, "what was read once is not read again"
    with pytest.raises(DataError, match=rf"{PART}: cannot be read \(No such file or directory\)"):
        run.draws(["accepted"])


def test_each_column_and_each_end_of_a_part_is_read_once(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, parts = open_run(results), len(list(results.rglob("*.parquet")))
    seen: list[Path] = []
    open_regular = engine.results.directory.open_regular

    def look_into(path: Path, most: int) -> BufferedReader:
        seen.append(path)
        return open_regular(path, most)

    monkeypatch.setattr(engine.results.directory, "open_regular", look_into)
    run.draws(["score", "visibility"])
    run.draws(["visibility"])
    assert len(seen) == parts
    run.draws(["visibility", "accepted"])
    assert len(seen) == 2 * parts
    assert [run.span_of(results / PART) for _ in range(3)] == [(5, 9)] * 3
    assert len(seen) == 2 * parts
    assert [open_run(results).span_of(results / PART)] == [(5, 9)]
    assert len(seen) == 2 * parts + 1


def truncate(results: Path) -> None:
    content = (results / PART).read_bytes()
    (results / PART).write_bytes(content[: len(content) // 2])


def flip_a_byte(results: Path) -> None:
    content = bytearray((results / PART).read_bytes())
    content[len(content) // 3] ^= 1
    (results / PART).write_bytes(content)


def change_column(name: str, values: pa.Array | None) -> Callable[[Path], None]:
    def change(results: Path) -> None:
        table = pq.ParquetFile(results / PART).read()
        place = table.column_names.index(name)
        table = table.remove_column(place)
        table = table if values is None else table.add_column(place, name, values)
        (results / PART).write_bytes(sealed(table, START, 1))

    return change


def no_draws(results: Path) -> None:
    shutil.rmtree(results / "draws")


def only_empty_parts(results: Path) -> None:
    for part in results.glob("draws/*/*"):
        part.write_bytes(sealed(pq.ParquetFile(part).read().slice(0, 0), START, int(part.parent.name[-2:])))


def run_json(content: str | None) -> Callable[[Path], None]:
    def change(results: Path) -> None:
        (results / "run.json").unlink()
        if content is not None:
            (results / "run.json").write_text(content)

    return change


def no_parameters(results: Path) -> None:
    run = json.loads((results / "run.json").read_text())
    del run["scenario"]["parameters"]["visibility"]
    (results / "run.json").write_text(json.dumps(run))


@pytest.mark.parametrize(
    ("spoil", "file", "said", "remedy"),
    [
        (shutil.rmtree, "", "not a results directory (no such directory)", "python -m calibrate"),
        (run_json(None), "", "not a results directory (run.json is not in it)", "python -m calibrate"),
        (run_json("{"), "run.json", "is not JSON", "put back a copy"),
        (no_parameters, "run.json", "scenario.parameters", "put back a copy"),
        (no_draws, "", "holds no draws yet", "--resume"),
        (only_empty_parts, "draws/chain=00/part-00000.parquet", "holds no iterations", "remove it"),
        (truncate, PART, "damaged or cut short", "remove it"),
        (flip_a_byte, PART, "damaged or cut short", "remove it"),
        (lambda results: (results / PART).write_bytes(b""), PART, "damaged or cut short", "remove it"),
        (change_column("score", None), PART, "it has no column score", "move it away"),
        (change_column("score", pa.array(["good"] * 5)), PART, "other types", "move it away"),
    ],
)
def test_what_cannot_be_read_is_told_on_one_line(
    results: Path, spoil: Callable[[Path], None], file: str, said: str, remedy: str
) -> None:
    spoil(results)
    with pytest.raises(DataError) as caught:
        open_run(results).draws()
    message = str(caught.value)
    assert message.startswith(f"{results / file}: ")
    assert said in message
    assert remedy in message
    assert "\n" not in message
    assert caught.value.exit_code == 3
