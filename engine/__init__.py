"""The model: a country simulated person by person, week by week. See engine/kernel/run.py for the loop itself."""

from engine.parameters import Parameters
from engine.scenario import Scenario, load_scenario
from engine.simulation import Batch, Trajectory, parameters_of, simulate, simulate_batch, simulate_many

__all__ = [
    "Batch",
    "Parameters",
    "Scenario",
    "Trajectory",
    "load_scenario",
    "parameters_of",
    "simulate",
    "simulate_batch",
    "simulate_many",
]
