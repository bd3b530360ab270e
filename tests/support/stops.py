"""Runs that stop at the ends of years, are put away while others run in their place, and go on from the copy."""

from collections.abc import Callable, Sequence

import numpy as np
from numba import njit
from support.busy_country import scenario

from engine.kernel.recording import Record, make_record
from engine.kernel.run import Outcome, begin, go_on, run
from engine.kernel.shelf import Shelf, make_shelf, put_away, take_up
from engine.kernel.state import State, make_state
from engine.kernel_inputs import make_inputs


@njit
def begun(inputs, state, point, seed, chain, iteration):
    """The beginning of a run, for Python."""
    begin(inputs, state, point, seed, chain, iteration)


@njit
def on_shelf(state, shelf, row):
    """A run put away, for Python."""
    put_away(state, shelf, row)


@njit
def off_shelf(shelf, row, state):
    """A run taken up, for Python."""
    take_up(shelf, row, state)


class Stops:
    """A country in which runs stop, with the arrays for it."""

    def __init__(self, *overrides: str) -> None:
        self.inputs = make_inputs(scenario(*overrides))
        self.state: State = make_state(self.inputs)
        self.shelf: Shelf = make_shelf(self.state, 3)
        self.years = len(self.inputs.heads)

    def at_once(self, point: np.ndarray, seed: int) -> tuple[Outcome, np.ndarray, Record]:
        """A run that does not stop."""
        weekly, record = self._empty()
        return Outcome(*run(self.inputs, point, seed, 0, 0, make_state(self.inputs), weekly, record)), weekly, record

    def in_pieces(
        self,
        point: np.ndarray,
        seed: int,
        ends: Sequence[int],
        others: np.ndarray,
        spoil: Callable[[Shelf, int], None] = lambda shelf, row: None,
    ) -> tuple[Outcome, np.ndarray, Record]:
        """The same run, stopped before each year in ``ends``; then one of ``others`` runs in its place.

        ``spoil`` may change what lies in the run's row of the shelf.
        """
        weekly, record = self._empty()
        begun(self.inputs, self.state, point, seed, 0, 0)
        escapes = attempts = first = 0
        for piece, past in enumerate([*ends, self.years]):
            if piece > 0:
                row = piece % 3
                on_shelf(self.state, self.shelf, row)
                other, nothing = others[piece % len(others)], make_record(0, self.inputs.kind.size)
                run(self.inputs, other, seed, 1, piece, self.state, np.zeros_like(weekly), nothing)
                spoil(self.shelf, row)
                off_shelf(self.shelf, row, self.state)
            lived = Outcome(*go_on(self.inputs, point, seed, 0, 0, self.state, weekly, record, first, past))
            escapes, attempts, first = escapes + lived.escapes_total, attempts + lived.attempts_total, past
            if lived.stopped:
                break
        return lived._replace(escapes_total=escapes, attempts_total=attempts), weekly, record

    def _empty(self) -> tuple[np.ndarray, Record]:
        weeks, communities, groups = self.inputs.weeks, *self.inputs.heads.shape[1:]
        record = make_record(weeks, communities, groups if communities < 100 else 0)
        return np.zeros(weeks, np.int64), record


def equal(one: tuple[Outcome, np.ndarray, Record], other: tuple[Outcome, np.ndarray, Record]) -> bool:
    """Whether two runs are the same, bit for bit, in all that an observer can ask."""
    same_weeks = np.array_equal(one[1], other[1])
    return one[0] == other[0] and same_weeks and all(map(np.array_equal, one[2], other[2]))
