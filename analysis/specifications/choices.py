"""Every choice of a scenario with its other readings, as data; and the keys that are none, with the reason.

What is read otherwise in any country stands here, what is so in one stands in its own table, ``reference.readings``. A
test holds both against the schema and against docs/model.md: each key of the paper's case is in a choice or left out
for a reason, and of a key that takes words each word is a reading.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from engine.scenario import Scenario
from engine.scenario.reference import Claimed, Erratum, KnownShare, OtherReading, Period, Unseen

AS_IT_IS = "as it is"  # the reading of the scenario itself, the first of every choice


class Reading(NamedTuple):
    """One reading: a name for it, and what --set makes it of."""

    label: str
    changes: tuple[str, ...]
    made: Callable[[Scenario], tuple[str, ...]] | None = None  # changes that depend on the rest of the scenario


class Choice(NamedTuple):
    """Keys that are one choice, and its readings beside that of the scenario."""

    name: str
    keys: tuple[str, ...]
    readings: tuple[Reading, ...]


def words(key: str, *values: str) -> Choice:
    """Return the choice of a key that takes words or figures, each a reading."""
    return Choice(key, (key,), tuple(Reading(value, (f"{key}={value}",)) for value in values))


def turned(*keys: str) -> Callable[[Scenario], tuple[str, ...]]:
    """Return what turns the signs of some impacts."""

    def made(scenario: Scenario) -> tuple[str, ...]:
        return tuple(f"{key}={-value_at(scenario, key)}" for key in keys)

    return made


def value_at(scenario: Scenario, key: str) -> float:
    """Return the figure of a key, 0 where the scenario does not give it."""
    node: Any = scenario.resolved()
    for word in key.split("."):
        node = node.get(word, 0.0 if isinstance(node, dict) and word in ("ability", "motivation") else {})
    return float(node)


#: In this order: a reading that depends on the rest of the scenario sees those of the choices before it.
CHOICES: tuple[Choice, ...] = (
    words("economy.measure", "growth", "change"),
    words("economy.unit", "fraction", "percent", "zscore"),
    words("economy.in_events", "as_recorded", "as_in_other_years"),
    Choice(
        "parameters.economy_effect",
        ("parameters.economy_effect",),
        (
            Reading("held at 1", ("parameters.economy_effect=1",)),
            Reading("free, 0 to 2", ("parameters.economy_effect={low: 0, high: 2}",)),
        ),
    ),
    Choice(
        "parameters.utility_intercept",
        ("parameters.utility_intercept",),
        (Reading("held at 0", ("parameters.utility_intercept=0",)),),
    ),
    Choice(
        "sign of growth",
        ("impacts.growth.ability", "impacts.growth.motivation"),
        (Reading("turned", (), turned("impacts.growth.ability", "impacts.growth.motivation")),),
    ),
    words("population.leavers", "stay", "go"),
    words("regime.counts", "attempts", "escapes", "repressed"),
    words("belief.scope", "province", "nation", "category", "category_nation"),
    words("belief.threshold", "payoff", "utility"),
    words("attempts.number", "chance", "rounded"),
    words("attempts.known", "chance", "rounded_down"),
    words("stop_counts", "escapes", "attempts"),
    words("target.compares", "escapes", "attempts"),
    words("target.smoothing_weeks", "52", "0", "26", "104"),
)


def choices_of(scenario: Scenario) -> tuple[Choice, ...]:
    """Return the choices of a scenario: those of its own case (``reference.readings``), and CHOICES.

    What the case says of one of these stands in its place.
    """
    given: dict[str, dict[str, list[OtherReading]]] = {}
    for row in scenario.reference.readings or ():
        given.setdefault(row.choice, {}).setdefault(row.reading, []).append(row)
    own = [
        Choice(name, _keys(readings.values()), tuple(map(_reading, readings.values())))
        for name, readings in given.items()
    ]
    return (*own, *(choice for choice in CHOICES if choice.name not in given))


def _keys(readings: Iterable[list[OtherReading]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.key for reading in readings for row in reading))


def _reading(rows: list[OtherReading]) -> Reading:
    return Reading(rows[0].reading, tuple(f"{row.key}={row.value}" for row in rows))


COEFFICIENT = "a coefficient of Figure 2, printed; analysis.sensitivity moves them all"
YARDSTICK = (
    "decides what a point is worth: specifications under unlike yardsticks cannot be sorted by it; give --set to "
    "repeat them all under another"
)
SEARCH = "how it is searched, not what the paper means"
THEORY = "another theory of the state than the paper's, not a reading of it: docs/regimes.md compares them"
CASE = "the case itself: its years, its places, its record"
#: Tables of a reference and their columns.
REFERENCE = tuple(
    f"reference.{name}{column}"
    for name, rows_of in {
        "note": (),
        "importance": (),
        "unseen": (),
        "claims": Claimed.model_fields,
        "conclusions": Claimed.model_fields,
        "errata": Erratum.model_fields,
        "leavers": KnownShare.model_fields,
        "leavers_by_year": Period.model_fields,
        "readings": OtherReading.model_fields,
    }.items()
    for column in ("", *(f".{column}" for column in rows_of))
) + tuple(f"reference.unseen.*.{key}" for key in Unseen.model_fields)
#: Keys of the scenario that are no choice here, and why.
LEFT_OUT: dict[str, str] = {
    "name": "moves no number",
    **dict.fromkeys(REFERENCE, "stands beside a run and moves no number"),
    **dict.fromkeys(("first_year", "years", "weeks_per_year"), CASE),
    **{f"population.provinces.{key}": CASE for key in ("name", "population", "on_border")},
    "target.tables": CASE,
    **{f"target.also.*.{key}": YARDSTICK for key in ("of", "who", "people", "share", "out_of", "miss", "weight")},
    "target.until": "which years are foretold is the matter of analysis.forecast",
    "population.traits": CASE,
    "impacts.*.*.ability": COEFFICIENT,
    "impacts.*.*.motivation": COEFFICIENT,
    "impacts.border.ability": COEFFICIENT,
    "impacts.border.motivation": COEFFICIENT,
    "economy.growth": "the record of growth; older estimates lack years",
    "regime.behaviour": THEORY,
    **{f"regime.schedule.{key}": THEORY for key in ("first_week_of", "direction", "what", "source", "certainty")},
    "regime.initial": "takes a figure for each province, and no source gives any",
    **{
        f"score.{key}": YARDSTICK for key in ("distance", "distance_cap", "run_weight", "active_weight", "stop_penalty")
    },
    "objective": YARDSTICK,
    "likelihood.size": YARDSTICK,
    **{f"search.{key}": SEARCH for key in ("step", "subset", "temperature", "rescore", "patience")},
    **{f"posterior.{key}": SEARCH for key in ("particles", "miss", "rule", "weight", "starts")},
    **{f"posterior.priors.*.{key}": SEARCH for key in ("mean", "deviation")},
    **{
        f"interventions.{key}": "what was not, but could have been: the matter of analysis.counterfactual"
        for key in ("stop", "change", "to", "times", "from", "week", "until")
    },
    **{
        f"parameters.*.{key}": "the box that is searched; that of two parameters is a choice above"
        for key in ("low", "high", "scale", "fixed")
    },
}
