"""The model: a country simulated person by person, week by week. See engine.kernel.run for the loop itself."""

from engine.parameters import Parameters
from engine.scenario import Scenario, load_scenario
from engine.simulation import Trajectory, simulate, simulate_many

__all__ = ["Parameters", "Scenario", "Trajectory", "load_scenario", "simulate", "simulate_many"]
