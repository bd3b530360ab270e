"""A point of the small country at which a run is calm and goes to its end, and how to type it."""

from support.walk_double import QUICK

POINT = {
    "prior_alpha": 64.5,
    "prior_beta": 40.25,
    "utility_intercept": 1.25,
    "utility_slope": 0.125,
    "tolerance": 39.5,
    "adjustment_rate": 0.0005,
    "initial_repression": 0.875,
    "visibility": 0.001,
    "memory_weeks": 84,
    "famine_effect": 1.5,
    "demographic_scale": 0.625,
}
SETTINGS = [text for name, value in POINT.items() for text in ("--set", f"parameters.{name}={value}")]
ONE_POINT = ["--config", QUICK, *SETTINGS]
