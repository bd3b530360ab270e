"""Why a run ends before its last draw: a signal, or the time limit."""

import math
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

# One Ctrl-C can arrive twice, from the terminal and from the program that started this one, such as timeout.
SAME_SECONDS = 0.3
NOTICE = b"\nStopping: the draws in flight are finished and written; Ctrl-C again leaves at once.\n"


class Stop:
    """Whether the run is to end early, asked after each block; ``signal`` is the one that came, if any."""

    def __init__(self, deadline: float = math.inf) -> None:
        self.deadline = deadline  # in seconds of time.monotonic, which no change of the clock can move
        self.signal: int | None = None
        self.signalled = math.inf  # when

    def __call__(self) -> bool:
        return self.signal is not None or time.monotonic() >= self.deadline


@contextmanager
def heeding_signals(stop: Stop) -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP set ``stop``; a Ctrl-C after one leaves at once, with what is on disk.

    SIGHUP comes when a terminal goes, as with a lost line; ``nohup`` lets it be ignored, and so it stays.
    """

    def heed(number: int, _frame: FrameType | None) -> None:
        if stop.signal is not None:
            if number == signal.SIGINT and time.monotonic() - stop.signalled > SAME_SECONDS:
                os._exit(128 + number)
            return
        stop.signal, stop.signalled = number, time.monotonic()
        with suppress(OSError):  # the terminal may be gone
            os.write(2, NOTICE)

    heeded = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        heeded.append(signal.SIGHUP)
    before = {number: signal.signal(number, heed) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
