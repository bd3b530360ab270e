"""The picture of one week's belief, and of the threshold each group of people holds it against (Figure 4)."""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.stats import beta

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH, border_first, colours, kinds_patches
from analysis.run_data.beliefs import beliefs, thresholds
from analysis.run_data.best_draws import Replay
from engine.errors import UsageError
from engine.plot_style import CONTEXT, logarithmic, our_style
from engine.scenario import Scenario
from engine.scenario.cells import build_cells
from engine.scenario.target import weekly_target
from engine.types import Floats

RAREST = 1e-12  # chances below it are not shown: nobody in a country of millions


class Group(NamedTuple):
    """People of a province with one threshold."""

    province: int
    threshold: float  # x = U/(1 + U)
    people: int
    chance: float  # that one of them attempts in the week


class Week(NamedTuple):
    """What there is to show of a week."""

    number: int  # counted from 0
    alpha: Floats  # (provinces,)
    beta: Floats
    repression: Floats
    groups: list[Group]


def belief(run: Replay, week: int | None, command: str) -> Exhibit:
    """Return the belief and the thresholds of a week (1 is the first), by default that of the target's peak.

    Raises UsageError for a week that the run did not reach.
    """
    scenario, trajectory = run.draw.scenario, run.trajectory
    if week is not None and not 1 <= week <= trajectory.weeks_run:
        raise UsageError(f"--week {week}: the run has no such week; give one from 1 to {trajectory.weeks_run}")
    number = min(int(np.argmax(weekly_target(scenario))), trajectory.weeks_run - 1) if week is None else week - 1
    shown = week_of(run, number)
    expected = sum(group.people * group.chance for group in shown.groups)
    unseen = sum(group.people for group in shown.groups if group.chance < RAREST)
    share = unseen / sum(group.people for group in shown.groups)
    year = scenario.calendar[number // scenario.weeks_per_year]
    with our_style():
        figure = picture(scenario, run, shown)
    state = np.stack([shown.alpha, shown.beta, shown.repression], axis=1)
    rows: list[tuple[Cell, ...]] = [
        (scenario.provinces[group.province], *map(float, state[group.province]), *group[1:]) for group in shown.groups
    ]
    head = ("province", "alpha", "beta", "repression", "threshold", "people", "chance_of_attempt")
    return Exhibit(
        "belief",
        f"Belief and threshold, week {number + 1:,} of {scenario.weeks:,}, in {year} (Figure 4 of the paper)",
        "Above: what people think repression is, as a density for each province; dashed, what they thought in the "
        "first week; triangles, what it really is. Below: a person attempts to leave if repression seems lower than "
        "their own threshold, so the chance of an attempt is the area left of it. Each dot is a group of people at its "
        f"threshold, the larger the more people. In this week {expected:,.1f} attempts are expected in the country; "
        f"{share:.0%} of the people have a chance below {RAREST:g} and are not shown. "
        f"Draw: chain {run.draw.chain}, iteration {run.draw.iteration:,}.",
        command,
        figure,
        Table(head, rows),
    )


def week_of(run: Replay, number: int) -> Week:
    """Return belief, repression and groups in the week of this number, counted from 0."""
    scenario, parameters = run.draw.scenario, run.draw.parameters
    alpha, other = (shapes[number] for shapes in beliefs(scenario, parameters, run.trajectory))
    cells = build_cells(scenario)
    year = number // scenario.weeks_per_year
    own = np.round(thresholds(scenario, parameters, cells, year), 12)
    groups = []
    for province in range(len(scenario.provinces)):
        here = cells.province == province
        values, group = np.unique(own[here], return_inverse=True)
        people = np.bincount(group.ravel(), cells.heads[year, here])
        chances = beta.cdf(values, alpha[province], other[province])
        groups += [
            Group(province, float(value), int(heads), float(chance))
            for value, heads, chance in zip(values, people, chances, strict=True)
            if heads
        ]
    return Week(number, alpha, other, run.trajectory.repression[number], groups)


def picture(scenario: Scenario, run: Replay, week: Week) -> Figure:
    """Return densities above, chances of an attempt below; made within the style of all pictures."""
    figure = Figure(figsize=(WIDTH, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 4))
    first = run.draw.parameters.prior_alpha, run.draw.parameters.prior_beta
    draw_densities(above, scenario, week, first)
    draw_chances(below, scenario, week)
    handles = [
        *kinds_patches(scenario),
        Line2D([], [], color=CONTEXT, linestyle="--", label="belief in the first week"),
        Line2D([], [], color="black", marker="v", linestyle="", label="real repression"),
        Line2D([], [], color="black", marker="o", linestyle="", label="a group of people"),
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3, columnspacing=1.2)
    return figure


def draw_densities(axes: Axes, scenario: Scenario, week: Week, first: tuple[float, float]) -> None:
    """Draw the density of each province's belief, the first week's, and repression as it is."""
    shares = np.linspace(0.0, 1.0, 1001)
    highest = 0.0
    edge = axes.get_xaxis_transform()
    for place in reversed(border_first(scenario)):
        colour = colours(scenario)[place]
        density = beta.pdf(shares, week.alpha[place], week.beta[place])
        axes.plot(shares, density, color=colour, linewidth=thickness(scenario, place))
        axes.plot(week.repression[place], 0.97, "v", color=colour, transform=edge, clip_on=False, markersize=7)
        highest = max(highest, np.max(density[np.isfinite(density)]))
    axes.plot(shares, beta.pdf(shares, *first), color=CONTEXT, linestyle="--", linewidth=1.2)
    axes.set_ylim(0, 1.12 * highest)
    axes.set_ylabel("density of belief")


def draw_chances(axes: Axes, scenario: Scenario, week: Week) -> None:
    """Draw the chance of an attempt at every threshold, and the groups where they are."""
    shares = np.linspace(0.0, 1.0, 1001)
    most = max(group.people for group in week.groups)
    for place in reversed(border_first(scenario)):
        colour, alpha, other = colours(scenario)[place], week.alpha[place], week.beta[place]
        axes.plot(shares, beta.cdf(shares, alpha, other), color=colour, linewidth=0.5 * thickness(scenario, place))
        here = [group for group in week.groups if group.province == place]
        axes.scatter(
            [group.threshold for group in here],
            [group.chance for group in here],
            s=[4 + 60 * group.people / most for group in here],
            color=colour,
            alpha=0.5,
            linewidth=0,
            zorder=3,
        )
    logarithmic(axes, "y")
    axes.set_ylim(RAREST, 3)
    axes.set_xlim(0, 1)
    axes.set_ylabel("chance that a person\nattempts in this week")
    axes.set_xlabel("share of attempts that is repressed: believed, real, and at which a group would leave")


def thickness(scenario: Scenario, place: int) -> float:
    """Return the width of a province's line: on the border thin, drawn above wide, so that both show where equal."""
    return 1.0 if scenario.population.provinces[place].on_border else 2.2
