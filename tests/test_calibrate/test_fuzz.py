"""Whatever is done to the files of a run: it is noticed, or it did not matter; no traceback reaches the user."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.walk_double import QUICK

import calibrate.cli
from engine.results.run_record import open_run

ITERS = 30
TREES = 300

Damage = Callable[[Path], object]


def flipped(place: float, bit: int) -> Damage:
    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        if content:
            content[int(place * (len(content) - 1))] ^= 1 << bit
        path.write_bytes(content)

    return flip


def spliced(place: float, length: int, noise: bytes) -> Damage:
    def splice(path: Path) -> None:
        content = path.read_bytes()
        start = int(place * len(content))
        path.write_bytes(content[:start] + noise + content[start + length :])

    return splice


def moved(name: str) -> Damage:
    return lambda path: path.rename(path.with_name(name))


def in_its_place_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


NAMES = ["part-00000.parquet", "part-00001.parquet", "part-7.parquet", "part-00002.parquet~", "run.json", "notes.txt"]
JSON = [b"{}", b"[]", b"null", b"-1", b"1e999", b'"', b"\xff", b'"seed": 1,', b"[" * 9000, b"NaN", b"0" * 5000]
SHARE = st.floats(0, 1)
DAMAGES = st.one_of(
    st.builds(flipped, SHARE, st.integers(0, 7)),
    st.builds(spliced, SHARE, st.integers(0, 400), st.binary(max_size=20) | st.sampled_from(JSON)),
    st.builds(moved, st.sampled_from(NAMES)),
    st.sampled_from([Path.unlink, in_its_place_a_folder]),
)
FILES = ["run.json", "summary.json", *(f"draws/chain=0{c}/part-0000{p}.parquet" for c in (0, 1) for p in (0, 1))]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, seed: int) -> tuple[Path, pa.Table]:
    """A finished run of two chains, each in two parts."""
    out = tmp_path_factory.mktemp("fuzz") / "run"
    common = ["--config", QUICK, "--chains", "2", "--seed", str(seed), "--quiet", "--out", str(out)]
    assert calibrate.cli.main([*common, "--iters", "10"]) == 0
    assert calibrate.cli.main([*common, "--iters", str(ITERS), "--resume"]) == 0
    return out, open_run(out).draws()


def prefixes(out: Path, rows: pa.Table) -> bool:
    """Return whether each chain holds the draws that it should, up to some iteration."""
    found = open_run(out).draws() if any(out.glob("draws/*/*")) else rows
    for chain in (0, 1):
        ours, whole = (table.filter(pc.equal(table["chain"], chain)) for table in (found, rows))
        if ours != whole.slice(0, len(ours)):
            return False
    return True


@settings(
    max_examples=TREES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(damages=st.lists(st.tuples(st.sampled_from(FILES), DAMAGES), min_size=1, max_size=3))
def test_damage_is_noticed_or_did_not_matter(
    whole: tuple[Path, pa.Table],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    damages: list[tuple[str, Damage]],
) -> None:
    original, rows = whole
    out = tmp_path / "run"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(original, out)
    for name, damage in damages:
        if (out / name).is_file():
            try:
                damage(out / name)
            except IsADirectoryError:  # a file was to be moved to where a folder now is
                continue
    verified = calibrate.cli.main(["verify", str(out), "--sample", "4"])
    assert verified in (0, 3)
    if verified == 0:
        assert prefixes(out, rows)
    resumed = calibrate.cli.main(["--resume", "--quiet", "--iters", str(ITERS), "--out", str(out)])
    assert resumed in (0, 2, 3)
    told = capsys.readouterr().err
    assert all(line.isprintable() and line for line in told.splitlines())
    assert (resumed == 0) or told
    if resumed == 0:
        assert prefixes(out, rows)
        assert len(open_run(out).draws()) >= len(rows), "more if run.json asked for more chains"
