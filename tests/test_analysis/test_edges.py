"""Every command on every run that is hardly one: a right result or one clear line, and nothing left behind."""

import shutil
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType

import matplotlib
import pytest
from matplotlib.figure import Figure
from support.places import CONFIGS, PAPERS, SMALL

import analysis.common.exhibit
import analysis.figures.chains
import analysis.importance.exhibits
import analysis.regions.exhibits
import analysis.run_data.ranking
from calibrate.cli import main as calibrate
from engine.__main__ import main as engine
from engine.plot_style import our_style

COMMANDS = (
    "best",
    "importance",
    "regions",
    "figures",
    "leavers",
    "reproduction",
    "diagnostics",
    "report",
    "engine",
    "profile",
    "inverse",
    "volume",
)
FEW = {
    "best": ["--top", "12"],
    "importance": ["--trees", "4"],
    "regions": ["--sample", "15"],
    "leavers": ["--seeds", "2"],
    "volume": ["--points", "20", "--populations", "2"],
    "profile": ["--cells", "3", "--draws", "100"],
    "reproduction": ["--trees", "4", "--sample", "15"],
}
HELD = ("prior_beta=20", "utility_intercept=0", "utility_slope=5", "tolerance=10", "adjustment_rate=1e-3")
HELD += ("initial_repression=0.5", "visibility=0.5", "memory_weeks=20", "famine_effect=1", "demographic_scale=0.3")
ONE_FREE = tuple(f"parameters.{text}" for text in HELD)
NONE_FREE = (*ONE_FREE, "parameters.prior_alpha=20")
SILENT = ("parameters.utility_intercept=-12", "parameters.utility_slope=0", "parameters.prior_alpha=100")
NAMES = "population.provinces=[{name: '$Riv{er$', population: 9, on_border: true}, {name: '=%s', population: 9, "
ODD_NAMES = NAMES % ("a" * 300) + "on_border: false}]"
CASES: dict[str, tuple[int, int, tuple[str, ...]]] = {  # chains, draws of each, what is set
    "no draw": (1, 1, ()),
    "one draw": (1, 1, ()),
    "few draws": (2, 3, ()),
    "all stopped": (2, 12, ("stop_above=0", "parameters.utility_intercept=2", "parameters.initial_repression=0")),
    "all silent": (2, 12, (*SILENT, "parameters.prior_beta=1")),
    "all equal": (2, 100, (*SILENT, "parameters.prior_beta=1", "target.smoothing_weeks=20")),
    "one chain": (1, 100, ()),
    "one free": (2, 100, ONE_FREE),
    "none free": (2, 100, NONE_FREE),
    "one year": (2, 100, ("years=1",)),
    "one province": (2, 30, ("population.provinces=[{name: River, population: 9, on_border: true}]",)),
    "odd names": (2, 30, (ODD_NAMES,)),
}
# Exit code and what the line says, where a command has no result; all others end with 0.
NO_DRAWS, FEW_DRAWS, FIXED = "holds no draws yet", "let the run reach", "holds every parameter fixed"
NO_GOOD, EQUAL = "so none is good", "there is nothing to explain"
TOLD: dict[tuple[str, str], tuple[int, str]] = {
    **{("no draw", command): (3, NO_DRAWS) for command in COMMANDS},
    **{
        ("none free", command): (3, FIXED) for command in COMMANDS if command not in ("diagnostics", "engine", "report")
    },
    **{(case, "regions"): (2, NO_GOOD) for case in ("all silent", "all equal", "all stopped")},
    **{(case, "importance"): (3, EQUAL) for case in ("all silent", "all equal")},
    **{
        (case, "diagnostics"): (3, FEW_DRAWS)
        for case in ("one draw", "few draws", "all stopped", "all silent", "one province", "odd names")
    },
    **{(case, "importance"): (3, FEW_DRAWS) for case in ("one draw", "few draws")},
    ("one draw", "reproduction"): (3, FEW_DRAWS),
}


def laid_out(figure: Figure, ending: str) -> bytes:
    """Return something in place of a picture, which is laid out whole, once."""
    if ending == ".png":
        with our_style():
            figure.draw_without_rendering()
    return b"picture"


@pytest.fixture(scope="module")
def small_work() -> pytest.MonkeyPatch:
    """Few runs and trees where a command has no option for them, and pictures that are laid out only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis.common.exhibit, "image", laid_out)
        patch.setattr(analysis.figures.chains, "RUNS", 5)
        patch.setattr(analysis.run_data.ranking, "MORE", 1)
        patch.setattr(analysis.run_data.ranking.rank, "__defaults__", (12, 30))
        patch.setattr(analysis.run_data.ranking.ranked, "__defaults__", (12, 30, 0))
        patch.setattr(analysis.importance.exhibits.measured_in, "__defaults__", (None, 4, 0, None))
        patch.setattr(analysis.regions.exhibits.found_in, "__defaults__", (None, 0, 15))
        yield patch


@pytest.fixture(scope="module", params=CASES)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, seed: int, small_work: None
) -> tuple[str, Path]:
    """A case's name, and its run."""
    chains, iters, overrides = CASES[request.param]
    out = tmp_path_factory.mktemp("edges") / "run"
    config = shutil.copy(SMALL, out.parent)
    shutil.copytree(CONFIGS / "data", out.parent / "data")  # where the paper's tables are
    options = ["--config", str(config), "--chains", str(chains), "--iters", str(iters), "--seed", str(seed)]
    for text in (PAPERS, *overrides):
        options += ["--set", text]
    assert calibrate([*options, "--out", str(out), "--quiet"]) == 0
    if request.param == "no draw":
        shutil.rmtree(out / "draws")
    return request.param, out


def module_of(command: str) -> ModuleType:
    return import_module(f"analysis.{command}" if command == "best" else f"analysis.{command}.__main__")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_a_result_or_says_why_not(
    case: tuple[str, Path],
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name, run = case
    out = tmp_path / "a" / "b"
    if command == "report":  # its pictures are those of the other commands
        monkeypatch.setattr(analysis.common.exhibit, "image", lambda figure, ending: b"picture")
    few = FEW.get(command, [])
    if command == "profile" and name not in ("one free", "none free"):
        few = [*few, "--only", "visibility"]
    with warnings.catch_warnings(), matplotlib.rc_context({"text.usetex": True}):
        warnings.simplefilter("error")
        if command == "engine":
            code = engine(["--draw", str(run), "0", "0"])
        else:
            code = module_of(command).main([str(run), "--out", str(out), *few])
    captured = capsys.readouterr()
    expected, told = TOLD.get((name, command), (0, ""))
    if command == "regions" and expected == 0 and code:  # whether a draw is good is a matter of chance
        expected, told = 2, NO_GOOD
    assert (code, captured.err.count("\n") if expected else 1) == (expected, 1), captured.err
    assert told in captured.err
    assert "Traceback" not in captured.err
    if expected:
        assert not out.parent.exists(), "an empty folder was left"
    elif command != "engine":
        assert captured.out.strip()
        assert all(path.stat().st_size for path in out.iterdir())
