"""What is simulated, as the user writes it: a YAML file read, its tables put in, all of it checked."""

from engine.scenario.schema import Scenario, expect_scenario, load_scenario, scenario_from_resolved

__all__ = ["Scenario", "expect_scenario", "load_scenario", "scenario_from_resolved"]
