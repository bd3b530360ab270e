"""The model: a country simulated person by person, week by week. See engine.simulate for the loop itself."""

from engine.parameters import Parameters
from engine.scenario import Scenario, load_scenario
from engine.trajectory import Trajectory, simulate, simulate_many

__all__ = ["Parameters", "Scenario", "Trajectory", "load_scenario", "simulate", "simulate_many"]
