"""One run as Python sees it: a trajectory of weeks and provinces, from parameters and a seed."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.inputs import Inputs, make_inputs
from engine.observe import make_record
from engine.parameters import Parameters
from engine.scenario import Scenario
from engine.simulate import run
from engine.workspace import make_workspace


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
) -> Trajectory:
    """Return one run of the scenario at a point, the same for the same arguments.

    (seed, chain, iteration) is the address of its chance: a draw that a search recorded is simulated again by its own.
    A parameter that the scenario holds fixed may be left out. Raises UsageError, a ValueError, that names a parameter
    missing, unknown or out of its domain.
    """
    point = as_parameters(scenario, parameters)
    return _simulate(make_inputs(scenario), point, seed, chain, iteration)


def simulate_many(
    scenario: Scenario, parameters: Parameters | Mapping[str, object], seeds: Iterable[int]
) -> list[Trajectory]:
    """Return one trajectory for each seed, in their order, simulated in parallel; errors as in simulate."""
    point = as_parameters(scenario, parameters)
    inputs = make_inputs(scenario)
    seeds = list(seeds)
    first = [_simulate(inputs, point, seed) for seed in seeds[:1]]  # compiles once, before there are threads
    with ThreadPoolExecutor() as pool:
        return first + list(pool.map(lambda seed: _simulate(inputs, point, seed), seeds[1:]))


def _simulate(inputs: Inputs, point: Parameters, seed: int = 0, chain: int = 0, iteration: int = 0) -> Trajectory:
    """Return the run of these inputs at this point and address."""
    words = zip(_ADDRESS, (seed, chain, iteration), strict=True)
    address = tuple(_address_word(name, word) for name, word in words)
    record = make_record(inputs.weeks, inputs.kind.size)
    escapes = np.zeros(inputs.weeks, np.int64)
    outcome = run(inputs, point.vector(), *address, make_workspace(inputs), escapes, record)
    record.repression[outcome.weeks_run :] = record.repression[outcome.weeks_run - 1]
    return Trajectory(*record, outcome.weeks_run, outcome.stopped, inputs.weeks_per_year)


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
