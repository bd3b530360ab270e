"""Where chains wait for one another: at each barrier, until all of their group are there and are told."""

from threading import Lock

from calibrate.methods.base import NOTHING, Columns, Meets, Method


class Meetings:
    """What the groups of a run's chains were told, barrier by barrier; threads may ask and arrive at any time."""

    def __init__(self, method: Method, chains: int) -> None:
        self.method, self.chains = method, chains
        self._group, self._every = method.meets
        self._told: dict[int, dict[int, bytes]] = {}  # by group and barrier
        self._there: dict[tuple[int, int], dict[int, bytes]] = {}  # by group and barrier: the states of the chains
        self._lock = Lock()

    def next_after(self, iteration: int, last: int) -> int:
        """Return the iteration up to which a chain at ``iteration`` may go alone, ``last`` at most."""
        return min(last, (iteration // self._every + 1) * self._every) if self._every else last

    def members(self, group: int) -> range:
        """Return the chains of a group."""
        return range(group * self._group, min((group + 1) * self._group, self.chains))

    def arrive(self, chain: int, iteration: int, state: bytes) -> None:
        """Note that ``chain`` has come to ``iteration`` in this ``state``; the last to come to a barrier opens it."""
        if not self._every or iteration % self._every or not iteration:
            return
        group, barrier = chain // self._group, iteration // self._every
        with self._lock:
            told = self._told.setdefault(group, {0: NOTHING})
            if barrier <= max(told):
                return
            self._there.setdefault((group, barrier), {})[chain] = state
            while len(there := self._there.get((group, max(told) + 1), {})) == len(self.members(group)):
                barrier = max(told) + 1
                del self._there[group, barrier]
                states = [there[member] for member in self.members(group)]
                told[barrier] = self.method.meet(told[barrier - 1], group, barrier, states)

    def told(self, chain: int, iteration: int) -> bytes | None:
        """Return what ``chain`` was told at its last barrier up to ``iteration``; None if others are not there yet."""
        if not self._every:
            return NOTHING
        group, barrier = chain // self._group, iteration // self._every
        with self._lock:
            return self._told.get(group, {0: NOTHING}).get(barrier)

    def replay(self, chain: int, columns: Columns, before: bytes) -> None:
        """Arrive at all barriers that lie in a part of ``chain``, which it began in the state ``before``."""
        if not self._every:
            return
        first = int(columns["iteration"][0])
        for barrier in range(first // self._every + 1, (first + len(columns["iteration"])) // self._every + 1):
            iteration = barrier * self._every
            self.arrive(chain, iteration, self.method.state_at(columns, iteration - first, before))


def joinable(meets: Meets, was: int, now: int) -> bool:
    """Return whether a run of so many chains can go on with more: whether the groups stay as they were."""
    return was == now or was % meets.group == 0
