"""The command line as it is read, and what is known of the code that a run was made with."""

import math
import re
from pathlib import Path

import pytest
from walk_double import QUICK

import calibrate.settings
import engine.provenance
from calibrate.plan import planned
from calibrate.settings import available_processors, read_settings
from engine.errors import UsageError
from engine.provenance import differences, source_digest


def test_times_are_read_as_people_write_them() -> None:
    seconds = [read_settings(["--max-time", text]).max_seconds for text in ("90s", "10m", "1.5h")]
    assert seconds == [90, 600, 5400]
    assert read_settings([]).max_seconds == math.inf


def test_defaults_are_those_of_the_contract() -> None:
    settings = read_settings([])
    assert settings.out == Path("results")
    assert (settings.config, settings.chains, settings.iters) == (None, None, None)
    assert calibrate.settings.DEFAULT_CONFIG == "configs/dprk.yaml"
    plan = planned(read_settings(["--config", QUICK]))
    assert (plan.chains, plan.iters) == (8, 100_000)
    assert 0 <= plan.seed < 2**63
    assert available_processors() >= 1


def test_differences_are_dotted_and_short() -> None:
    was = {"a": {"b": 1, "c": [1, 2]}, "gone": None, "same": {"x": 1.0}, "long": "x" * 100}
    now = {"a": {"b": 2, "c": (1, 2)}, "new": {}, "same": {"x": 1}, "long": "y"}
    assert differences(was, now) == [
        "a.b: was 1, now 2",
        "gone: was null, now absent",
        'long: was "' + "x" * 56 + '..., now "y"',
        "new: was absent, now {}",
    ]


def test_the_digest_moves_with_any_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "calibrate").mkdir()
    monkeypatch.setattr(engine.provenance, "__file__", str(tmp_path / "engine" / "provenance.py"))
    digests = [source_digest()]
    for name, content in (("one.py", "1"), ("one.py", "2"), ("two.py", "2"), ("note.txt", "3")):
        (tmp_path / "engine" / name).write_text(content)
        digests.append(source_digest())
    assert re.fullmatch("[0-9a-f]{64}", digests[0])
    assert len(set(digests[:4])) == 4
    assert digests[4] == digests[3], "what is no source is no code"


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--version", "--help"):
        with pytest.raises(SystemExit) as caught:
            read_settings([option])
        assert caught.value.code == 0
    assert "defection-abm" in capsys.readouterr().out


def test_usage_errors_are_value_errors() -> None:
    with pytest.raises(UsageError, match="--chains"):
        read_settings(["--chains", "-5"])
