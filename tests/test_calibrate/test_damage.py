"""What goes wrong: a full disk, damaged and missing files. Told in a line, and nothing is lost."""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import walk_double
from support.walk_double import DOUBLE, parts, quick, settings_of, table_in

import calibrate.cli
import calibrate.store.parts
from calibrate.methods.base import START
from calibrate.session.plan import resumed, starting_positions
from calibrate.store.parts import read_position, sealed
from engine.errors import DataError
from engine.results.atomic_write import write_durably
from engine.results.columns import schema_of
from engine.results.directory import CHAIN, chain_folders, opened
from engine.results.replay import read_draw
from engine.results.run_record import fingerprint, open_run, read_record

DAMAGES = 150


@pytest.fixture
def search(seed: int, tmp_path: Path) -> Callable[..., pa.Table]:
    """``search(name, ...)``: the run of that name, begun or gone on with, and its whole table."""
    return lambda name, **wanted: walk_double.search(tmp_path / name, seed, **wanted)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target, beside = tmp_path / "file", tmp_path / "beside"
    write_durably(target, beside, lambda file: file.write(b"old"))

    def fail(file: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_durably(target, beside, fail)
    assert target.read_bytes() == b"old"
    assert not beside.exists()


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, seed: int) -> None:
    arguments = [*DOUBLE, "--chains", "2", "--seed", str(seed), "--progress", "none", "--iters", "2000"]
    arguments += ["--out", str(tmp_path / "full")]
    environment = os.environ | {"DOUBLE_TURN": "0.02"}
    # No file may grow past 64 KiB, which some part does: writing it fails as it does on a full disk.
    limited = ["bash", "-c", 'ulimit -f 64; exec "$@"', "bash", *arguments, "--set", "search.step=0.06"]
    full = subprocess.run(limited, env=os.environ, capture_output=True, text=True, check=False)
    assert full.returncode == 3
    assert "File too large" in full.stderr
    assert "--resume --out" in full.stderr
    assert "Traceback" not in full.stderr
    subprocess.run([*arguments, "--resume", "--set", "search.step=0.06"], check=True, env=environment)
    assert table_in(tmp_path / "full").num_rows == 4000


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda part: part.write_bytes(part.read_bytes()[:-100]), "is damaged"),
        (lambda part: part.write_bytes(b""), "is damaged"),
        (lambda part: part.write_bytes(b"PAR1" + bytes(1000) + b"PAR1"), "is damaged"),
        (lambda part: part.write_bytes(sealed(pq.ParquetFile(part).read(["iteration"]), START, 1)), "columns are not"),
        (lambda part: part.write_bytes(sealed(pa.table({"iteration": [0]}), START, 1)), "was made with another seed"),
        (lambda part: part.rename(part.with_name("part-00001.parquet")), None),
        (lambda part: part.chmod(0) if os.getuid() else part.write_bytes(b"x"), "part-00000.parquet"),
    ],
)
def test_a_damaged_part_is_told_with_what_would_do(
    search: Callable[..., pa.Table],
    tmp_path: Path,
    damage: Callable[[Path], object],
    told: str | None,
) -> None:
    search("results", iters=50)
    part = tmp_path / "results" / "draws" / "chain=01" / "part-00000.parquet"
    damage(part)
    if told is None:  # a part may have any number: what counts are its iterations
        schema = schema_of(quick(), fingerprint(read_record(tmp_path / "results")))
        assert read_position(part.parent, schema).iteration == 50
    else:
        with pytest.raises(DataError, match=told) as caught:
            search("results", iters=100)
        assert "chain=01" in str(caught.value)


def test_a_part_holds_its_own_checksum(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    search("results", chains=1, iters=500)
    part = parts(tmp_path / "results")[0]
    content, origin = part.read_bytes(), fingerprint(read_record(tmp_path / "results"))
    assert pq.read_table(part).num_rows == 500, "any reader of Parquet reads it"
    with opened(part, origin) as file:
        assert file.metadata.num_rows == 500
    for place in range(0, len(content), 997):
        part.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(DataError, match="is damaged"), opened(part, origin):
            pass


def test_a_part_lies_in_memory_of_arrows_own(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    """Arrow's threads may outlive Python, and abort the process if they then have to give memory back to it."""
    search("results", chains=1, iters=500)
    part, origin = parts(tmp_path / "results")[0], fingerprint(read_record(tmp_path / "results"))
    before = pa.total_allocated_bytes()
    with opened(part, origin):
        assert pa.total_allocated_bytes() - before >= part.stat().st_size


def swap(one: Path, other: Path) -> None:
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


@pytest.mark.parametrize(
    ("misplace", "where", "told"),
    [
        (lambda here, _, there: swap(here, there), "chain=00/part-00000", "is of chain 1; put back"),
        (lambda here, _, there: shutil.copy(there, here), "chain=00/part-00000", "is of chain 1; put back"),
        (lambda here, after, _: swap(here, after), "chain=00/part-00000", "begins with draw 20 where 0 is due"),
        (lambda here, after, _: shutil.copy(here, after), "chain=00/part-00001", "begins with draw 0 where 20 is due"),
        (lambda here, after, _: shutil.copy(after, here), "chain=00/part-00000", "begins with draw 20 where 0 is due"),
        (lambda _, after, there: there.rename(after.with_name("part-00007.parquet")), "part-00007", "is of chain 1"),
        (lambda here, after, _: here.rename(after.with_name("part-00007.parquet")), "part-00001", "a part is missing"),
    ],
)
def test_every_reader_refuses_a_part_that_is_not_of_its_place(
    search: Callable[..., pa.Table],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    misplace: Callable[[Path, Path, Path], object],
    where: str,
    told: str,
) -> None:
    for iters in (20, 40):
        search("results", chains=2, iters=iters)
    here, after, there, _ = parts(tmp_path / "results")
    misplace(here, after, there)
    content = {part: part.read_bytes() for part in parts(tmp_path / "results")}
    with pytest.raises(DataError, match=told) as of_resume:
        search("results", chains=2, iters=60)
    with pytest.raises(DataError, match=told) as of_analysis:
        open_run(tmp_path / "results").draws(["score"])
    assert calibrate.cli.main(["verify", str(tmp_path / "results")]) == 3
    assert where in str(of_resume.value)
    assert str(of_analysis.value) == str(of_resume.value)
    assert where in capsys.readouterr().err
    assert {part: part.read_bytes() for part in parts(tmp_path / "results")} == content, "nothing was drawn on top"


def test_a_draw_is_not_read_from_another_chains_part(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    search("results", chains=2, iters=20)
    swap(*parts(tmp_path / "results"))
    with pytest.raises(DataError, match="is of chain 0; put back"):
        read_draw(open_run(tmp_path / "results"), 1, 7)


def test_a_part_of_another_run_is_refused_by_every_reader(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    search("results", chains=1, iters=20)
    walk_double.search(tmp_path / "other", 8, chains=1, iters=20)
    shutil.copy(*parts(tmp_path / "other"), *parts(tmp_path / "results"))
    with pytest.raises(DataError, match="was made with another seed"):
        open_run(tmp_path / "results").draws(["score"])


def test_parts_of_before_they_named_their_chain_are_read(
    search: Callable[..., pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(calibrate.store.parts, "CHAIN", b"nothing that was known then")
        search("results", chains=2, iters=20)
    assert CHAIN not in pq.read_schema(parts(tmp_path / "results")[0]).metadata
    assert open_run(tmp_path / "results").draws(["score"]).num_rows == 40
    assert search("results", chains=2, iters=40) == search("whole", chains=2, iters=40)


def test_a_missing_part_is_a_gap_and_its_remedy_works(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    for iters in (20, 40, 60):
        whole = search("results", chains=1, iters=iters)
    first, second, third = parts(tmp_path / "results")
    second.unlink()
    with pytest.raises(DataError, match="begins with draw 40 where 20 is due") as caught:
        search("results", chains=1, iters=60)
    assert str(third) in str(caught.value)
    third.unlink()
    assert search("results", chains=1, iters=60) == whole
    assert first.exists()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", "null", '{"seed": 1}', "\udcff", "[" * 100_000, '{"chains": 1' + "0" * 5000 + "}"],
)
def test_a_broken_record_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(DataError, match=r"run\.json.*--overwrite"):
        read_record(tmp_path)


def test_numbers_that_cannot_be_in_a_record_are_told(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    search("results", iters=5)
    path = tmp_path / "results" / "run.json"
    good = json.loads(path.read_text())
    for wrong in ({"seed": -1}, {"chains": 0}, {"chains": 10**9}, {"iters": "many"}, {"scenario": []}):
        path.write_text(json.dumps(good | wrong))
        with pytest.raises(DataError, match=f"{next(iter(wrong))}: .* cannot be"):
            read_record(tmp_path / "results")


def test_two_folders_of_one_chain_are_told(search: Callable[..., pa.Table], tmp_path: Path) -> None:
    search("results", iters=5)
    (tmp_path / "results" / "draws" / "chain=001").mkdir()
    with pytest.raises(DataError, match=r"chain=01: has the number of chain=001"):
        chain_folders(tmp_path / "results")


def test_all_damage_is_told(search: Callable[..., pa.Table], tmp_path: Path, seed: int) -> None:
    directory, chance = tmp_path / "results", random.Random(seed)
    search("results", chains=2, iters=50)
    settings = settings_of(directory, seed, 2, 60)
    plan = resumed(settings)
    for _ in range(DAMAGES):
        path = chance.choice([*parts(directory), directory / "run.json"])
        whole, told = path.read_bytes(), ""
        path.write_bytes(damaged(whole, chance))
        try:
            read_record(directory)
            starting_positions(settings, plan)
        except DataError as error:
            told = str(error)
        # A record with other words in it may still be one; a part is as it was written, or told.
        assert str(path) in told or path.suffix == ".json" or path.read_bytes() == whole
        path.write_bytes(whole)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """``content`` cut, overwritten, with bits flipped or a stretch doubled, somewhere."""
    place, length = chance.randrange(len(content)), chance.randrange(1, 50)
    return chance.choice(
        [
            content[:place],
            content[:place] + chance.randbytes(length) + content[place + length :],
            content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :],
            content[:place] + content[place : place + length] + content[place:],
        ]
    )
