"""Pictures of what goes in: the record that a search has to meet, and the assumed impacts (Figures 1 and 2)."""

from collections import Counter

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.common.exhibit import Exhibit, Table
from analysis.common.panels import WIDTH, event_patches, mark_years
from engine.parameters import effect_of
from engine.plot_style import CONTEXT, OURS, PAPER, our_style, short, weeks_of
from engine.scenario import Scenario
from engine.scenario.target import weekly_target

GROWTH = {
    "fraction": "The bars of growth stand for 100 %: growth of 5 % counts a twentieth of them.",
    "percent": "The bars of growth stand for 1 %: growth of 5 % counts five times as much.",
    "zscore": "The bars of growth stand for one standard deviation.",
}
MEASURE = {"growth": "", "change": " Growth is here how far it lies above that of the year before."}
VAGUE = ("low", "middle", "high", "primary", "secondary", "other", "none")  # levels that say too little alone
Impacts = list[tuple[str, float, float]]  # what, ability, motivation


def record(scenario: Scenario, command: str) -> Exhibit:
    """Return the record by week, as it is and as it is smoothed into the target (Figure 1)."""
    raw = scenario.model_copy(update={"target": scenario.target.model_copy(update={"smoothing_weeks": 0.0})})
    real, target = weekly_target(raw), weekly_target(scenario)
    yearly = scenario.yearly_target()
    with our_style():
        figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
        axes = figure.subplots()
        middles = np.array(scenario.calendar) + 0.5
        weeks = weeks_of(scenario)
        axes.bar(middles, yearly / scenario.weeks_per_year, 0.9, color=PAPER, alpha=0.2, label="the year's mean")
        axes.plot(weeks, real, color=CONTEXT, linewidth=1.2, label=f"{short(scenario.target.series)}, unsmoothed")
        axes.plot(weeks, target, color=PAPER, linewidth=2, label="target of the search")
        axes.set_ylabel("people a week")
        axes.set_ylim(0, None)
        mark_years([axes], scenario, 12)
        handles, _ = axes.get_legend_handles_labels()
        axes.legend(handles=[*handles, *event_patches(scenario)], loc="upper left")
    by_year = target.reshape(scenario.years, -1).sum(axis=1)
    rows = [
        (year, float(people), round(float(aimed), 1), *(year in years for years in scenario.events.values()))
        for year, people, aimed in zip(scenario.calendar, yearly, by_year, strict=True)
    ]
    smoothing = scenario.target.smoothing_weeks
    how = f"smoothed over {smoothing:g} weeks" if smoothing else "not smoothed"
    return Exhibit(
        "record",
        "The record and the target (Figure 1 of the paper)",
        f"The search tries to meet the orange curve: {scenario.target.series} by year, spread over the weeks and "
        f"{how}. Their sum is {yearly.sum():,.0f} people, the highest year has {yearly.max():,.0f}.",
        command,
        figure,
        Table(("year", scenario.target.series, "target", *scenario.events), rows),
    )


def impacts(scenario: Scenario, command: str) -> Exhibit:
    """Return the assumed impacts on ability and motivation (Figure 2)."""
    found = impacts_of(scenario)
    with our_style():
        figure = impacts_picture(found)
    return Exhibit(
        "impacts",
        "Assumed impacts on ability and motivation (Figure 2 of the paper)",
        "What the model assumes, not what it finds: how much each trait adds to the ability and to the motivation to "
        "leave, before demographic_scale multiplies them all. Traits that are not listed add nothing. "
        f"{growth_in_words(scenario)}{events_in_words(scenario)}",
        command,
        figure,
        Table(("variable", "ability", "motivation"), found),
    )


def growth_in_words(scenario: Scenario) -> str:
    """Return what a bar of growth stands for."""
    if scenario.economy.growth is None:
        return "The scenario has no growth."
    return f"{GROWTH[scenario.economy.unit]}{MEASURE[scenario.economy.measure]}"


def events_in_words(scenario: Scenario) -> str:
    """Return what each event adds."""
    return "".join(
        f" A {event.replace('_', ' ')} year adds {effect_of(event)} to motivation." for event in scenario.events
    )


def impacts_of(scenario: Scenario) -> Impacts:
    """Return every coefficient of the scenario that is not 0 in both, in its order."""
    found: Impacts = []
    everywhere = Counter(level for levels in scenario.population.traits.values() for level in levels)
    for trait, levels in scenario.population.traits.items():
        coefficients = scenario.impacts.of(trait)
        for level in levels:
            if level in coefficients:
                name = f"{level} {trait}" if level in VAGUE or everywhere[level] > 1 else level
                found.append((name, coefficients[level].ability, coefficients[level].motivation))
    border, growth = scenario.impacts.border, scenario.impacts.growth
    found += [("border province", border.ability, border.motivation)]
    if scenario.economy.growth is not None:
        found += [("growth", growth.ability, growth.motivation)]
    return [row for row in found if row[1] or row[2]]


def impacts_picture(found: Impacts) -> Figure:
    """Return the bars of ability and motivation beside each other; made within the style of all pictures."""
    names = [name for name, *_ in found]
    figure = Figure(figsize=(WIDTH, 1.0 + 0.3 * len(names)), layout="constrained")
    for number, (panel, what) in enumerate(
        zip(figure.subplots(1, 2, sharey=True), ("ability", "motivation"), strict=True)
    ):
        values = [(ability, motivation)[number] for _, ability, motivation in found]
        widest = max([1.0, *(max(abs(ability), abs(motivation)) for _, ability, motivation in found)])
        panel.barh(range(len(names)), values, color=OURS, height=0.65)
        for place, value in enumerate(values):
            if value:
                panel.annotate(
                    f"{value:+g}",
                    (value, place),
                    (4 if value > 0 else -4, 0),
                    textcoords="offset points",
                    va="center",
                    ha="left" if value > 0 else "right",
                )
        panel.axvline(0, color="black", linewidth=0.8)
        panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        panel.set_xlim(-1.25 * widest, 1.25 * widest)
        panel.set_xlabel(f"added to {what} (coefficient)")
        panel.set_yticks(range(len(names)), names)
        panel.tick_params(axis="y", length=0)
        panel.spines["left"].set_visible(False)
        panel.invert_yaxis() if number == 0 else None
    return figure
