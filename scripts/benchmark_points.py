"""The fixed points of the benchmark, each with one trait, and a portrait of a run that shows it has the trait."""

import sys
from typing import NamedTuple

import numpy as np
from benchmark_rows import ROOT
from numpy.typing import NDArray

from engine import Parameters, Scenario, load_scenario, simulate
from engine.parameters import names_of, required

sys.path.append(str(ROOT / "tests"))  # the slow twin lives there
CONFIG = ROOT / "configs" / "dprk.yaml"
SEED = 20170611


def point(*values: float) -> Parameters:
    """Return a point from its eleven values in the paper's order."""
    return Parameters.from_mapping(dict(zip(required(names_of(["famine"])), values, strict=True)))


# Busy, many and binding are the first of their kind that a uniform search of the default box met, not the fastest.
POINTS = {
    # Nobody would ever go.
    "quiet": point(300, 1, -12, 0, 100, 1e-3, 0.5, 0.5, 300, 0, 0),
    # 1,700 to 2,000 of the 11,960 province-weeks change belief.
    "busy 1": point(279.37, 202.88, -1.55784, 10.23785, 417.147, 7e-5, 0.98075, 0.08286, 293, 2.36768, 0.24296),
    "busy 2": point(238.82507, 190.395, -9.38442, 15.61722, 238.012, 2e-5, 0.74317, 0.05837, 584, 1.84241, 0.63868),
    "busy 3": point(283.94058, 190.86754, 1.5401, 8.29803, 478.063, 8e-5, 0.65755, 0.53538, 965, 0.12836, 0.39164),
    # 150,000 attempts and more.
    "many 1": point(216.462, 161.435, -8.69475, 14.04897, 151.285, 2e-5, 0.98863, 0.00214, 983, 2.07451, 0.81743),
    "many 2": point(177.136, 128.502, -0.12, 3.8195, 382.63, 2e-4, 0.9969, 0.0012, 562, 0.0411, 0.4868),
    # Attempts exceed the tolerance in a third of the province-weeks; the second has many attempts as well.
    "binding 1": point(154.235, 98.414, -8.01429, 19.65718, 1.39924, 9e-5, 0.98809, 0.02109, 674, 0.25531, 0.27399),
    "binding 2": point(291.76, 209.648, 0.81631, 12.12897, 16.05374, 1.08e-3, 0.96379, 0.00418, 430, 0.12636, 0.16472),
    # Explosions: everybody in the first week, and some 50,000 people in the fourth.
    "spike 1": point(1, 300, 2, 20, 500, 1e-3, 0.5, 0.5, 300, 0, 0.1),
    "spike 2": point(266.608, 227.8, -0.01772, 1.73291, 252.786, 1e-4, 0.15328, 0.77817, 115, 0.11016, 0.80688),
}
BUSY = POINTS["busy 1"]
# What the paper reports of its good results, and of utility what makes 5,000 attempts there.
TYPICAL = point(87, 92, -3.73, 4.63, 180, 5e-4, 0.8, 0.5, 380, 0.84, 0.86)


class Portrait(NamedTuple):
    """What one run came to."""

    weeks: int
    attempts: int
    escapes: int
    changes: int  # province-weeks with another belief than the week before
    over: int  # province-weeks with more attempts than tolerated


def load(*overrides: str) -> Scenario:
    """Return the paper's case."""
    return load_scenario(CONFIG, overrides)


def country_of(name: str) -> Scenario:
    """Return the paper's case for the runs at a point of POINTS: full runs, but for the explosions."""
    return load() if kind_of(name) == "spike" else load("stop_above=null")


def kind_of(name: str) -> str:
    """Return what kind of point this is, such as busy."""
    return name.partition(" ")[0]


def portrait(name: str) -> Portrait:
    """Return the portrait of the run of the benchmark's seed at a point of POINTS."""
    parameters = POINTS[name]
    run = simulate(country_of(name), parameters, SEED)
    learned = (run.known_repressed, run.known - run.known_repressed)
    beliefs = [remembered(events, int(parameters.memory_weeks)) for events in learned]
    moved = np.diff(beliefs[0], axis=0) + 0.5j * np.diff(beliefs[1], axis=0) != 0
    return Portrait(
        weeks=run.weeks_run,
        attempts=int(run.attempts.sum()),
        escapes=int(run.escapes.sum()),
        changes=int(moved[: run.weeks_run].sum()),
        over=int((run.attempts > parameters.tolerance).sum()),
    )


def remembered(events: NDArray[np.int64], memory_weeks: int) -> NDArray[np.int64]:
    """Return the ``events``, (weeks, provinces), that are remembered in each week."""
    before = np.concatenate([np.zeros_like(events[:1]), events.cumsum(axis=0)])[:-1]
    weeks = np.arange(len(events))
    counts: NDArray[np.int64] = before - before[np.maximum(0, weeks - memory_weeks)]
    return counts
