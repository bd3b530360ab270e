"""What is made once and handed to all who ask."""

from collections.abc import Callable

import pytest

from analysis.common.once import Once
from engine.errors import DataError, UsageError


def counting(make: Callable[[], object]) -> tuple[Once[object], list[int]]:
    """What ``make`` makes, and a list that grows each time it is called."""
    calls: list[int] = []

    def counted() -> object:
        calls.append(1)
        return make()

    return Once(counted), calls


def raising(error: Exception) -> Callable[[], object]:
    def make() -> object:
        raise error

    return make


@pytest.mark.parametrize("value", ["a page", None, 0, []], ids=repr)
def test_it_is_made_when_it_is_first_asked_for_and_then_kept(value: object) -> None:
    once, calls = counting(lambda: value)
    assert calls == []
    assert [once.get() is value for _ in range(3)] == [True] * 3
    assert once.problem() == ""
    assert calls == [1]


@pytest.mark.parametrize("error", [DataError("too few draws"), UsageError("no such week")])
def test_an_error_of_the_users_is_told_each_time_and_the_work_is_not_done_again(error: Exception) -> None:
    once, calls = counting(raising(error))
    for _ in range(3):
        with pytest.raises(type(error), match=str(error)):
            once.get()
        assert once.problem() == str(error)
    assert calls == [1]


@pytest.mark.parametrize("error", [ValueError("a slip of ours"), KeyboardInterrupt()])
def test_any_other_error_passes_and_is_nobodys_reason(error: Exception) -> None:
    once, calls = counting(raising(error))
    for ask in (once.get, once.problem):
        with pytest.raises(type(error)):
            ask()
    assert calls == [1, 1]
