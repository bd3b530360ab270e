"""Named parameter points: at each the small country of ``twin_country`` shows one trait of the model."""

from typing import Any

from engine.parameters import Parameters

BUSY = Parameters(
    prior_alpha=20.0,
    prior_beta=18.0,
    utility_intercept=-2.0,
    utility_slope=4.0,
    tolerance=6.0,
    adjustment_rate=0.004,
    initial_repression=0.85,
    visibility=0.3,
    memory_weeks=20,
    famine_effect=1.0,
    demographic_scale=0.2,
)

POINTS: dict[str, Parameters] = {
    # Some seven attempts a week, the famine doubles them, repression falls, people learn from those caught.
    "busy": BUSY,
    # Less than one attempt a week: most province-weeks are silent, the first attempts decide what follows.
    "quiet": BUSY.replaced(prior_alpha=24.0, prior_beta=16.0, initial_repression=0.8, adjustment_rate=0.002),
    # The tolerance binds: repression goes up in a good part of the weeks, by steps that count.
    "tolerance": BUSY.replaced(tolerance=2.0, adjustment_rate=0.02),
    # The state counts escapes only (changes below).
    "escapes": BUSY.replaced(tolerance=1.0, adjustment_rate=0.02, initial_repression=0.7),
    # The state counts repressed attempts only (changes below).
    "repressed": BUSY.replaced(tolerance=2.0, adjustment_rate=0.02, initial_repression=0.7),
    # Four weeks of memory and every attempt seen: waves of a few weeks.
    "short_memory": BUSY.replaced(memory_weeks=4, visibility=1.0),
    # Nobody ever forgets within the run: what the first year taught holds for good.
    "full_memory": BUSY.replaced(memory_weeks=1000, visibility=0.1, prior_beta=20.0),
    # Probabilities up to 1: whole provinces leave at once, then learn; thousands of attempts a week.
    "certain": BUSY.replaced(
        prior_alpha=1.0,
        prior_beta=60.0,
        utility_intercept=1.0,
        utility_slope=8.0,
        tolerance=2000.0,
        initial_repression=0.95,
        visibility=0.05,
        memory_weeks=8,
    ),
    # Luck early on decides whether a cascade ends the run before its time (stop_above below).
    "explosion": BUSY.replaced(
        prior_beta=14.0, tolerance=10.0, initial_repression=0.55, visibility=0.6, memory_weeks=40
    ),
    # The same, but what ends a run is how many attempt (changes below).
    "stopped": BUSY.replaced(prior_beta=14.0, tolerance=10.0, initial_repression=0.75, visibility=0.6, memory_weeks=40),
    # Repression begins at another level in each province (changes below), and rises and falls fast from there.
    "initial": BUSY.replaced(adjustment_rate=0.02, tolerance=3.0, initial_repression=0.8),
    # News from the whole country (changes below): provinces rise and fall together.
    "nation": BUSY.replaced(prior_beta=20.0),
    # Each kind of person learns from its own (changes below): many beliefs, most of them of few.
    "category": BUSY.replaced(visibility=1.0, memory_weeks=40),
    "category_nation": BUSY.replaced(visibility=0.8, memory_weeks=30),
    # People leave below the utility itself, twice as high a threshold (changes below): fewer want to.
    "utility": BUSY.replaced(prior_alpha=30.0, prior_beta=12.0),
    # Of each cell the nearest whole number go, or of those who go a share becomes known, rounded down (changes below):
    # waves of a few weeks, between which nobody does or is heard of.
    "rounded": BUSY.replaced(prior_beta=26.0, memory_weeks=8, tolerance=20.0),
    "rounded_down": BUSY.replaced(prior_beta=22.0, visibility=0.5, memory_weeks=8),
    # Little is heard of and few are caught: the willing leave, and are missed later on (changes below).
    "leavers": BUSY.replaced(prior_beta=24.0, visibility=0.02, initial_repression=0.3, tolerance=5000.0),
    # Growth weighs five times as much, demography half: good years move people, the famine hardly.
    "economy": BUSY.replaced(economy_effect=10.0, famine_effect=0.2, demographic_scale=0.15),
    # The same, but for the famine year, which has the growth of the others (changes below).
    "parted": BUSY.replaced(economy_effect=10.0, famine_effect=0.2, demographic_scale=0.15),
    # Each province tolerates more while its people want to leave (changes below).
    "discontent": BUSY.replaced(tolerance=1.0, adjustment_rate=0.002, discontent=6.0, famine_effect=2.0),
    # Dates move repression far (changes below), and nothing else; or dates and what the state sees both do.
    "schedule": BUSY.replaced(tolerance=2.0, adjustment_rate=0.001, schedule_effect=1.5),
    "schedule_on_valve": BUSY.replaced(tolerance=2.0, adjustment_rate=0.001, schedule_effect=1.5),
}

EVENTS = (("2000-05-01", 1), ("2001-09-15", -1), ("2003-02-28", -1), ("2004-06-30", 1), ("2006-01-01", 1))

# What of the country changes at a point, as ``small_country`` takes it.
CHANGES: dict[str, dict[str, Any]] = {
    "escapes": {"counts": "escapes"},
    "repressed": {"counts": "repressed"},
    "explosion": {"stop_above": 60},
    "stopped": {"stop_above": 60, "stop_counts": "attempts"},
    "initial": {"initial": (0.7, 1.0, 2.0)},
    "nation": {"scope": "nation"},
    "utility": {"threshold": "utility"},
    "leavers": {"leavers": "go"},
    "rounded": {"number": "rounded"},
    "rounded_down": {"known": "rounded_down"},
    "category": {"scope": "category"},
    "category_nation": {"scope": "category_nation"},
    "parted": {"in_events": "as_in_other_years"},
    "discontent": {"behaviour": "valve_of_discontent"},
    "schedule": {"behaviour": "schedule", "schedule": EVENTS},
    "schedule_on_valve": {"schedule": EVENTS},
}

KEYS = {
    "in_events": "economy.in_events",
    "behaviour": "regime.behaviour",
    "schedule": "regime.schedule",
    "counts": "regime.counts",
    "initial": "regime.initial",
    "scope": "belief.scope",
    "threshold": "belief.threshold",
    "leavers": "population.leavers",
    "number": "attempts.number",
    "known": "attempts.known",
    "stop_above": "stop_above",
    "stop_counts": "stop_counts",
}
PROVINCES = ("River", "Plain", "Hills")


def overrides(name: str) -> tuple[str, ...]:
    """The same changes as ``load_scenario("tests/small.yaml", overrides)`` takes them."""
    changes = CHANGES.get(name, {})
    tables: dict[str, Any] = {}
    if "initial" in changes:
        tables["initial"] = dict(zip(PROVINCES, changes["initial"], strict=True))
    if "schedule" in changes:
        tables["schedule"] = [{"first_week_of": day, "direction": way} for day, way in changes["schedule"]]
    return tuple(f"{KEYS[key]}={value}" for key, value in (changes | tables).items())
