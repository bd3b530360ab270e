"""The five worlds that tell how a change acts: as it was, otherwise, and otherwise with something held as it was.

An effect goes three ways. People may want to leave more or less, or be more or less able to, whatever they believe:
directly. What becomes known of their attempts moves the beliefs of others; and the state reacts to attempts, which
moves repression. To tell these apart, beliefs and repression are held on the path that they took as it was.
"""

import re
from collections.abc import Sequence
from typing import Any

from engine.counterfactual import World
from engine.errors import UsageError
from engine.scenario import Scenario
from engine.scenario.yaml_text import parse_yaml

FACTUAL, OTHERWISE, HELD, HELD_REPRESSION, HELD_BELIEFS = range(5)

#: What acts on beliefs, and what on repression, whatever people want: it is undone where that is held.
ON_BELIEFS = ("learning", "prior_alpha", "prior_beta", "memory_weeks", "visibility")
ON_REPRESSION = (
    *("reaction", "tolerance", "adjustment_rate", "initial_repression"),
    *("discontent", "schedule_effect"),
)


def worlds_of(scenario: Scenario, entries: Sequence[Any]) -> list[World]:
    """Return the worlds, in the order of their numbers above, for these interventions besides the scenario's own."""

    def world(beliefs: bool, repression: bool) -> World:
        undone = (ON_BELIEFS if beliefs else ()) + (ON_REPRESSION if repression else ())
        kept = [entry for entry in entries if _acts_on(entry) not in undone]
        return World(scenario.intervened([*scenario.interventions, *kept]), beliefs, repression)

    return [
        World(scenario),
        world(False, False),
        world(True, True),
        world(False, True),
        world(True, False),
    ]


def _acts_on(entry: Any) -> str:
    return str(getattr(entry, "stop", None) or entry.change)


def entries_of(scenario: Scenario, without: Sequence[str], texts: Sequence[str]) -> list[Any]:
    """Return the interventions that the options name; raise UsageError with a line for each that will not do."""
    entries, problems = [], []
    given: list[tuple[str, Any]] = [(f"--without {name}", {"stop": name}) for name in without]
    for text in texts:
        try:
            given.append((f"--intervention {text}", parse_yaml(text)[0]))
        except ValueError as error:
            problems.append(f"--intervention {text}: {error}")
    for label, plain in given:
        try:
            entries.append(scenario.intervened([plain], label).interventions[0])
        except UsageError as error:
            problems += [_shortened(line) for line in str(error).split("\n")]
    for event in (_acts_on(entry) for entry in entries):
        if event in scenario.events and event not in happening(scenario):
            problems.append(f"--without {event}: {scenario.name} has none in its years (events.{event}.years)")
    if problems:
        raise UsageError("\n".join(problems))
    return entries


def happening(scenario: Scenario) -> list[str]:
    """Return the events that have a year in the scenario's calendar."""
    return [event for event, years in scenario.events.items() if any(year in years for year in scenario.calendar)]


def _shortened(line: str) -> str:
    """Return what is wrong with one intervention without its place in a scenario, where it does not stand."""
    return re.sub(r"interventions\.0(\.|: )", "", line)


def in_words(entry: Any) -> str:
    """Return an intervention in words: without famine, visibility × 2 from 2003."""
    if stop := getattr(entry, "stop", None):
        words = f"without {stop}"
    else:
        words = f"{entry.change} {f'× {entry.times:g}' if entry.to is None else f'at {entry.to:g}'}"
    if entry.from_year is not None:
        words += f" from {entry.from_year}"
    if entry.week > 1:
        words += f" week {entry.week}"
    return words if entry.until is None else f"{words} until {entry.until}"
