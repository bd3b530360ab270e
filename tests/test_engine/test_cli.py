"""``python -m engine``: what a search recorded is found again number for number, and every slip is told."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from support.names import NAMES
from support.one_point import ONE_POINT
from support.walk_double import QUICK, parts, quick, settings_of

from calibrate.methods.base import START
from calibrate.methods.walk import Walk
from calibrate.session.plan import planned
from calibrate.session.stop import Stop
from calibrate.store.columns import table_of
from calibrate.store.directory import make_chain_folder
from calibrate.store.parts import sealed, state_after, write_part
from engine.__main__ import main
from engine.results.columns import OF_A_RUN, schema_of
from engine.results.directory import opened
from engine.results.run_record import fingerprint, read_record
from engine.scenario import load_scenario
from engine.simulation import parameters_of, simulate, simulate_many

CHAINS, PARTS, DRAWS = 8, 3, 40
LAST = PARTS * DRAWS - 1
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory, seed: int) -> tuple[Path, dict[Path, bytes]]:
    """A results directory that the search filled, and the content of its files."""
    results = tmp_path_factory.mktemp("recorded")
    walk = Walk(quick(), seed)
    record = planned(settings_of(results, seed, CHAINS, PARTS * DRAWS), Stop()).record.brought_to(status="finished")
    (results / "run.json").write_text(json.dumps(record.as_json()))
    schema = schema_of(quick(), fingerprint(record))
    for chain in range(CHAINS):
        folder, state = make_chain_folder(results, chain, CHAINS), START
        for number in range(PARTS):
            block, state = walk.step(chain, number * DRAWS, DRAWS, state)
            write_part(folder, number, sealed(table_of([block], number * DRAWS, schema, NAMES), state, chain), results)
    return results, {path: path.read_bytes() for path in (results / "run.json", *parts(results))}


@pytest.fixture
def results(recorded: tuple[Path, dict[Path, bytes]]) -> Iterator[Path]:
    """The results directory; what a test spoils there is put right after it."""
    directory, files = recorded
    yield directory
    for path, content in files.items():
        path.write_bytes(content)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run(*arguments)``: exit code, and what was printed on stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


def spoil(part: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    with opened(part, origin_of(part)) as file:
        table = file.read()
    chain = int(part.parent.name.removeprefix("chain="))
    part.write_bytes(sealed(change(table), state_after(part, table.schema), chain))


def origin_of(part: Path) -> str:
    return fingerprint(read_record(part.parents[2]))


def test_every_recorded_draw_is_simulated_to_the_same_numbers(results: Path, run: Run) -> None:
    seen = set()
    for part in parts(results):
        with opened(part, origin_of(part)) as file:
            rows = file.read().to_pylist()
        chain = int(part.parent.name.removeprefix("chain="))
        kinds = {(row["stopped"], row["accepted"]): row for row in rows}
        for row in (rows[0], *kinds.values(), rows[-1]):
            code, out, err = run("--draw", results, chain, row["iteration"])
            assert (code, err) == (0, "")
            assert out.startswith(f"{results}: chain {chain}, iteration {row['iteration']}, seed ")
            assert out.split("\n")[0].endswith(": equal to the record")
            assert f"score {row['score']:.2f}" in out
            assert f"tolerance           {row['tolerance']!r}\n" in out, "all digits, to be typed again"
            seen |= {("stopped", row["stopped"]), ("accepted", row["accepted"])}
    assert len(seen) == 4, "early stops and full runs, accepted and rejected draws were among them"


def alter(part: Path, place: int, name: str) -> None:
    """Write another number into one row of a part, and seal it again."""

    def change(table: pa.Table) -> pa.Table:
        rows = table.to_pylist()
        value = rows[place][name]
        rows[place][name] = [value[0] + 1, *value[1:]] if isinstance(value, list) else type(value)(1 - value)
        return pa.Table.from_pylist(rows, schema=table.schema)

    spoil(part, change)


@pytest.mark.parametrize("name", OF_A_RUN)
def test_a_number_that_is_another_is_named(results: Path, run: Run, name: str) -> None:
    alter(parts(results)[1], 5, name)
    code, out, err = run("--draw", results, 0, DRAWS + 5)
    assert (code, out) == (3, "")
    first, reason = err.splitlines()
    assert first.startswith(f"chain 0, iteration {DRAWS + 5}: {name}: recorded ")
    assert reason.startswith("code and libraries are those of the run")
    assert run("--draw", results, 0, DRAWS + 4)[0] == 0


def test_what_changed_since_the_run_is_named_beside(results: Path, run: Run) -> None:
    record = json.loads((results / "run.json").read_text())
    record["versions"]["numba"] = "0.1"
    (results / "run.json").write_text(json.dumps(record))
    assert run("--draw", results, 0, 0)[0] == 0, "equal numbers are equal, whatever changed"
    alter(parts(results)[0], 0, "escapes_total")
    code, _, err = run("--draw", results, 0, 0)
    assert code == 3
    assert 'go back to it for the same numbers: versions.numba: was "0.1", now ' in err.splitlines()[1]


def test_a_record_that_was_changed_is_told(results: Path, run: Run) -> None:
    record = json.loads((results / "run.json").read_text())
    (results / "run.json").write_text(json.dumps(record | {"seed": record["seed"] + 1}))
    code, _, err = run("--draw", results, 0, 0)
    assert code == 3
    assert err.startswith(f"{parts(results)[0].parent}/part-")
    assert "was made with another seed, scenario or code than run.json says" in err


def test_the_commas_of_the_closing_table_may_stay(results: Path, run: Run) -> None:
    assert run("--draw", results, 0, "1,000")[2] == (
        f"{results}: chain 0 holds no iteration 1000; give one from 0 to {LAST}\n"
    )
    assert run("--draw", results, 0, "1,00")[0] == 2


@pytest.mark.parametrize(
    ("damage", "code", "told"),
    [
        (lambda parts: parts[1].write_bytes(parts[1].read_bytes()[:-9]), 3, "is damaged or cut short"),
        (lambda parts: parts[1].unlink(), 3, f"iteration {DRAWS} is due before it, but its part is missing"),
        (lambda parts: parts[0].unlink(), 3, f"iteration {DRAWS - 1} is due before it"),
        (lambda parts: [part.unlink() for part in parts], 3, "holds no draws yet"),
        (lambda parts: [part.unlink() for part in parts[:PARTS]], 2, "holds no chain 0; give one from 1 to 7"),
        (lambda parts: spoil(parts[1], lambda table: table.drop(["score"])), 3, "has no column score"),
        (lambda parts: spoil(parts[1], lambda table: table.slice(0, 0)), 3, "holds no iterations"),
        (
            lambda parts: spoil(parts[1], lambda table: pa.concat_tables([table.slice(0, 1), table])),
            3,
            f"holds iteration {DRAWS} 2 times",
        ),
        (
            lambda parts: spoil(parts[1], lambda table: table.set_column(1, "prior_alpha", pa.array([-1.0] * DRAWS))),
            3,
            f"part-00001.parquet: iteration {DRAWS}: prior_alpha: -1.0 is out of its domain",
        ),
    ],
)
def test_damage_is_told_on_one_line(
    results: Path, run: Run, damage: Callable[[list[Path]], object], code: int, told: str
) -> None:
    damage(parts(results))
    iteration = DRAWS - 1 if "39 is due" in told else DRAWS
    found, out, err = run("--draw", results, 0, iteration)
    assert (found, out) == (code, "")
    assert told in err
    assert err.count("\n") == 1


def test_a_scenario_that_no_longer_loads_is_told(results: Path, run: Run) -> None:
    record = json.loads((results / "run.json").read_text())
    record["scenario"]["regme"] = record["scenario"].pop("regime")
    (results / "run.json").write_text(json.dumps(record))
    code, _, err = run("--draw", results, 0, 0)
    assert (code, err) == (3, f"{results / 'run.json'}: scenario: regme: unknown key; did you mean regime?\n")


def row_of(results: Path, chain: int, iteration: int) -> dict[str, object]:
    part = parts(results)[chain * PARTS + iteration // DRAWS]
    with opened(part, origin_of(part)) as file:
        return file.read().to_pylist()[iteration % DRAWS]


def total(out: str) -> int:
    (escapes,) = re.findall(r"^escapes in all: .* recorded, ([\d,]+) here", out, re.MULTILINE)
    return int(escapes.replace(",", ""))


def test_a_draw_in_a_changed_scenario_is_its_point_with_its_own_chance(results: Path, run: Run) -> None:
    row = row_of(results, 1, 5)
    same, same_words, _ = run("--draw", results, 1, 5, "--set", "famine.years=[1994]")
    other, words, err = run("--draw", results, 1, 5, "--set", "famine.years=[]", "--set", "parameters.visibility=0.25")
    assert (same, other, err) == (0, 0, "")
    assert same_words.startswith(f"{results}: the point of chain 1, iteration 5; famine.years=[1994]; its own chance\n")
    assert f"escapes in all: {row['escapes_total']:,} recorded, " in words
    assert total(words) != row["escapes_total"]
    assert "visibility          0.25\n" in words
    assert f"tolerance           {row['tolerance']!r}\n" in words
    seed = json.loads((results / "run.json").read_text())["seed"]
    changed = quick().changed(["famine.years=[]", "parameters.visibility=0.25"])
    assert simulate(changed, parameters_of(changed, row), seed, 1, 5).escapes.sum() == total(words)


def test_a_draw_on_other_seeds_is_its_point_run_anew(results: Path, run: Run) -> None:
    row = row_of(results, 0, 0)
    code, out, _ = run("--draw", results, 0, 0, "--runs", "3", "--seed", "5")
    assert code == 0
    assert out.startswith(f"{results}: the point of chain 0, iteration 0; 3 runs, seeds 5 to 7\n")
    runs = simulate_many(quick(), parameters_of(quick(), row), [5, 6, 7])
    assert total(out) == round(sum(one.escapes.sum() for one in runs) / 3)


def test_free_parameters_are_taken_in_the_middle_and_named(run: Run) -> None:
    free = ["--set", "parameters.economy_effect={low: 0, high: 2}", "--set", "parameters.adjustment_rate.scale=log"]
    code, out, err = run("--config", QUICK, *free)
    assert code == 0
    assert err.startswith("in the middle of their ranges: prior_alpha, ")
    assert "economy_effect; give your own by --set parameters.NAME=NUMBER\n" in err
    point = {line.split()[0]: line.split()[1] for line in out.splitlines() if line[:4] in ("econ", "adju", "memo")}
    ranges = load_scenario(QUICK).parameters
    rate, memory = ranges["adjustment_rate"], ranges["memory_weeks"]
    assert float(point["economy_effect"]) == 1.0
    assert float(point["adjustment_rate"]) == pytest.approx((rate.low * rate.high) ** 0.5)
    assert int(point["memory_weeks"]) == round((memory.low + memory.high) / 2)


@pytest.mark.parametrize(
    ("arguments", "code", "lines"),
    [
        ([], 2, ["nothing to run: give --draw RESULTS CHAIN ITERATION "]),
        (["--draw", "RUN", "0"], 2, ["argument --draw: expected 3 arguments; see python -m engine --help"]),
        (["--draw", "nowhere", "0", "0"], 3, ["nowhere: not a results directory (no such directory); give"]),
        (["--draw", ".", "0", "0"], 3, [".: not a results directory (run.json is not in it); give one"]),
        (["--draw", "RUN", "8", "0"], 2, ["RUN: holds no chain 8; give one from 0 to 7"]),
        (["--draw", "RUN", "x", "1.5"], 2, ["--draw: chain x: give a", "--draw: iteration 1.5: give a"]),
        (["--draw", "RUN", "0", "0", "--config", QUICK], 2, ["--config: a draw has its own scenario; leave it out"]),
        (
            ["--draw", "RUN", "0", "0", "--set", "famine.yeers=[]"],
            2,
            ["--set famine.yeers=[]: events.famine.yeers: "],
        ),
        (["--config", "quik.yaml"], 2, ["quik.yaml: no such file; mend the path"]),
        (["--config", "quik.yaml", "--run", "2"], 2, ["--run: no such argument; did you mean --runs?"]),
        ([*ONE_POINT, "--runs", "0", "--seed", "-1"], 2, ["--runs 0: give a whole", "--seed -1: give a"]),
        ([*ONE_POINT, "--seed", str(2**63 - 1), "--runs", "2"], 2, [f"--seed {2**63 - 1}: give a whole"]),
        (
            [*ONE_POINT, "--set", "parameters.tolerence=1"],
            2,
            ["--set parameters.tolerence=1: param"],
        ),
        ([*ONE_POINT, "--plot", "a.jpg"], 2, ["--plot a.jpg: cannot be of this kind; give a file that ends"]),
        (
            [*ONE_POINT, "--plot", ".", "--out", "no/a.csv"],
            2,
            ["--plot .: is a dir", "--out no/a.csv: the"],
        ),
        ([*ONE_POINT, "--out", "a" * 300 + ".csv"], 2, ["--out aaa"]),
    ],
)
def test_slips_are_told(
    results: Path,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    lines: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    found, out, err = run(*[str(results) if text == "RUN" else text for text in arguments])
    assert (found, out) == (code, "")
    told = err.replace(str(results), "RUN").splitlines()
    assert [line[: len(wanted)] for line, wanted in zip(told, lines, strict=True)] == lines
    assert not list(tmp_path.iterdir())
