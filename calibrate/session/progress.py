"""How far the run is, on stderr: a bar on a terminal, a line every few seconds elsewhere.

Shown by the parent thread alone.
"""

import sys
import time
from contextlib import suppress

from tqdm import tqdm

from calibrate.objective.objectives import Objective
from calibrate.store.columns import Tally
from calibrate.store.summary import too_many_failed

LINE_SECONDS = 5.0
ENOUGH = 1000  # draws


class Progress:
    """The tally of this session's draws and its display; ``mode`` is auto, bar, plain or none."""

    def __init__(self, mode: str, total: int, done: int, objective: Objective) -> None:
        self.objective = objective
        self.total, self.done = total, done  # draws of all chains, those of earlier sessions included
        self.draws, self.accepted, self.failed, self.best = 0, 0, 0, float("-inf")
        self.began = self.shown = time.monotonic()
        if mode == "auto":
            mode = "bar" if sys.stderr.isatty() else "plain"
        self.plain = mode == "plain"
        self.bar = (
            tqdm(total=total, initial=done, unit=" simulations", file=sys.stderr, dynamic_ncols=True)
            if mode == "bar"
            else None
        )

    def add(self, tally: Tally) -> None:
        """Count the draws of ``tally``, and show where it stands if it is time."""
        self.draws += tally.draws
        self.accepted += tally.accepted
        self.failed += tally.failed
        self.best = max(self.best, tally.best)
        with suppress(OSError):  # a terminal that has gone must not end a run
            if self.bar is not None:
                self.bar.set_postfix_str(self._quality(), refresh=False)
                self.bar.update(tally.draws)
            elif self.plain and time.monotonic() - self.shown >= LINE_SECONDS:
                self._print_line()

    @property
    def failing(self) -> bool:
        """Whether too many of this session's draws have failed, once there are enough to say so."""
        return self.draws >= ENOUGH and too_many_failed(self.failed, self.draws)

    def close(self) -> None:
        """End the display with the last tally."""
        with suppress(OSError):
            if self.bar is not None:
                self.bar.close()
            elif self.plain and self.draws:
                self._print_line()

    def _print_line(self) -> None:
        self.shown = time.monotonic()
        rate = self.draws / max(self.shown - self.began, 1e-9)
        reached = self.done + self.draws
        left = duration((self.total - reached) / rate)
        print(
            f"{reached:,} of {self.total:,} draws, {rate:,.0f} simulations/s, {self._quality()}, {left} left",
            file=sys.stderr,
            flush=True,
        )

    def _quality(self) -> str:
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"best {self.objective.words} {self.best:.2f}, accepted {self.accepted / self.draws:.0%}{failed}"


def duration(seconds: float) -> str:
    """Return ``seconds`` as people say it: 45 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
