"""One run as Python sees it: a trajectory of weeks and provinces, from parameters and a seed."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.attribution import Membership, deal_to_cells, make_membership
from engine.errors import UsageError
from engine.kernel.recording import make_record
from engine.kernel.run import run
from engine.kernel.state import make_state
from engine.kernel_inputs import Inputs, make_inputs
from engine.numerics.random import PEOPLE
from engine.parameters import Parameters
from engine.scenario import Scenario
from engine.scenario.cells import build_cells


def _of_nobody() -> NDArray[np.int64]:
    return np.zeros((0, 0), np.int64)


@dataclass(frozen=True)
class Trajectory:
    """What happened in one run, week by week and province by province.

    Arrays are (weeks, provinces). After an early stop counts are 0 and repression stays at the last week's level.
    """

    attempts: NDArray[np.int64]
    escapes: NDArray[np.int64]  # attempts that were not repressed
    known: NDArray[np.int64]  # attempts that citizens learned of
    known_repressed: NDArray[np.int64]
    repression: NDArray[np.float64]  # R in force that week
    weeks_run: int
    stopped: bool
    weeks_per_year: int
    # (years, cells), cells as in engine.scenario.cells; of no rows where nobody asked.
    attempts_by_cell: NDArray[np.int64] = field(default_factory=_of_nobody)
    escapes_by_cell: NDArray[np.int64] = field(default_factory=_of_nobody)

    def by_year(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return one of the counts summed by year over the provinces, (years,)."""
        yearly: NDArray[np.int64] = counts.reshape(-1, self.weeks_per_year * counts.shape[1]).sum(axis=1)
        return yearly

    def escapes_by_year(self) -> NDArray[np.int64]:
        """Return the escapes of the country, (years,)."""
        return self.by_year(self.escapes)

    def attempts_by_year(self) -> NDArray[np.int64]:
        """Return the attempts of the country, (years,)."""
        return self.by_year(self.attempts)


def simulate(
    scenario: Scenario,
    parameters: Parameters | Mapping[str, object],
    seed: int = 0,
    chain: int = 0,
    iteration: int = 0,
    *,
    by_cell: bool = False,
) -> Trajectory:
    """Return one run of the scenario at a point, the same for the same arguments.

    (seed, chain, iteration) is the address of its chance: a draw that a search recorded is simulated again by its own.
    ``by_cell`` tells also who attempted and escaped, and changes nothing else. A parameter that the scenario holds
    fixed may be left out. Raises UsageError, a ValueError, naming a parameter missing, unknown or out of its domain.
    """
    point = as_parameters(scenario, parameters)
    inputs = make_inputs(scenario)
    return _simulate(inputs, _membership(scenario, inputs, by_cell), point, seed, chain, iteration)


def simulate_many(
    scenario: Scenario,
    parameters: Parameters | Mapping[str, object],
    seeds: Iterable[int],
    *,
    by_cell: bool = False,
) -> list[Trajectory]:
    """Return one trajectory for each seed, in their order, simulated in parallel; the rest as in simulate."""
    point = as_parameters(scenario, parameters)
    inputs = make_inputs(scenario)
    membership = _membership(scenario, inputs, by_cell)
    seeds = list(seeds)
    first = [
        _simulate(inputs, membership, point, seed) for seed in seeds[:1]
    ]  # compiles once, before there are threads
    with ThreadPoolExecutor() as pool:
        return first + list(pool.map(lambda seed: _simulate(inputs, membership, point, seed), seeds[1:]))


def _membership(scenario: Scenario, inputs: Inputs, by_cell: bool) -> Membership | None:
    return make_membership(build_cells(scenario), inputs.heads.shape[2]) if by_cell else None


def _simulate(
    inputs: Inputs, membership: Membership | None, point: Parameters, seed: int = 0, chain: int = 0, iteration: int = 0
) -> Trajectory:
    """Return the run of these inputs at this point and address, by cell if it is told which cells are in a group."""
    words = zip(_ADDRESS, (seed, chain, iteration), strict=True)
    address = tuple(_address_word(name, word) for name, word in words)
    _, provinces, groups = inputs.heads.shape
    record = make_record(inputs.weeks, provinces, groups if membership else 0)
    escapes = np.zeros(inputs.weeks, np.int64)
    outcome = run(inputs, point.vector(), *address, make_state(inputs), escapes, record)
    record.repression[outcome.weeks_run :] = record.repression[outcome.weeks_run - 1]
    cells: Iterable[NDArray[np.int64]] = ()
    if membership:
        rng = np.random.default_rng((*address, PEOPLE))  # its own chance, so that asking moves no number
        cells = deal_to_cells(record, membership, inputs.weeks_per_year, rng)
    return Trajectory(*record[:5], outcome.weeks_run, outcome.stopped, inputs.weeks_per_year, *cells)


def as_parameters(scenario: Scenario, parameters: Parameters | Mapping[str, object]) -> Parameters:
    """Return a checked point; what the scenario holds fixed need not be given."""
    if isinstance(parameters, Parameters):
        return parameters
    fixed = {name: entry.fixed for name, entry in scenario.parameters.items() if entry.fixed is not None}
    return Parameters.from_mapping(fixed | dict(parameters))


_ADDRESS = ("seed", "chain", "iteration")


def _address_word(name: str, word: object) -> int:
    if isinstance(word, bool) or not isinstance(word, (int, np.integer)) or not 0 <= word < 2**63:
        raise UsageError(f"{name}: {word!r} is no address; give an integer from 0 to {2**63 - 1}")
    return int(word)
