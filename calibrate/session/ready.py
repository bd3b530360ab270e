"""The chains that nobody has in hand, handed out one by one: the one furthest behind that may go on first."""

from collections.abc import Mapping
from heapq import heappop, heappush

from calibrate.methods.meetings import Meetings
from calibrate.store.parts import Position


class Ready:
    """Chains with draws to do, and the meetings at which they wait for each other."""

    def __init__(self, meetings: Meetings, starts: Mapping[int, Position], iters: int) -> None:
        self.meetings, self.iters = meetings, iters
        self.unfinished = 0  # those in hand too
        self._chains: list[tuple[int, int, bytes]] = []
        for chain, start in starts.items():
            if start.iteration < iters:
                heappush(self._chains, (start.iteration, chain, start.state))
                self.unfinished += 1

    def __bool__(self) -> bool:
        return bool(self._chains)

    def take(self) -> tuple[int, int, bytes, bytes] | None:
        """Return iteration, chain, state and what the chain was told; None if all here wait for others."""
        held = []  # at a barrier
        found = None
        while self._chains and found is None:
            entry = heappop(self._chains)
            told = self.meetings.told(entry[1], entry[0])
            if told is None:
                held.append(entry)
            else:
                found = *entry, told
        for entry in held:
            heappush(self._chains, entry)
        return found

    def put_back(self, iteration: int, chain: int, state: bytes) -> None:
        """Note where a chain stands after its turn."""
        self.meetings.arrive(chain, iteration, state)
        if iteration < self.iters:
            heappush(self._chains, (iteration, chain, state))
        else:
            self.unfinished -= 1
