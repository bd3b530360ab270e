"""The command line as it is read, and how two records differ."""

import math
from pathlib import Path

import pytest
from support.walk_double import QUICK

import calibrate.settings
from calibrate.session.plan import planned
from calibrate.session.stop import Stop
from calibrate.settings import read_settings
from engine.errors import UsageError
from engine.processors import available_processors
from engine.results.provenance import differences


def test_times_are_read_as_people_write_them() -> None:
    seconds = [read_settings(["--max-time", text]).max_seconds for text in ("90s", "10m", "1.5h")]
    assert seconds == [90, 600, 5400]
    assert read_settings([]).max_seconds == math.inf


def test_defaults_are_those_of_the_contract() -> None:
    settings = read_settings([])
    assert settings.out == Path("results")
    assert (settings.config, settings.chains, settings.iters) == (None, None, None)
    assert calibrate.settings.DEFAULT_CONFIG == "configs/dprk.yaml"
    record = planned(read_settings(["--config", QUICK]), Stop()).record
    assert (record.method, record.chains, record.iters) == ("population", 8, 100_000)
    assert 0 <= record.seed < 2**63
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


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--version", "--help"):
        with pytest.raises(SystemExit) as caught:
            read_settings([option])
        assert caught.value.code == 0
    assert "defection-abm" in capsys.readouterr().out


def test_usage_errors_are_value_errors() -> None:
    with pytest.raises(UsageError, match="--chains"):
        read_settings(["--chains", "-5"])
