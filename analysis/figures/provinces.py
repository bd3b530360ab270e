"""One run province by province: repression and what people think of it, attempts that became known, escapes."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from scipy.stats import beta

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import (
    border_first,
    colours,
    event_patches,
    kinds_patches,
    label_left,
    legend_above,
    mark_years,
    small_panels,
)
from analysis.run_data.beliefs import beliefs
from analysis.run_data.best_draws import Replay
from engine.plot_style import our_style, weeks_of
from engine.types import Floats, Integers

BAND = (0.05, 0.95)  # of the belief
BELIEF = "#E69F00"  # not grey, as years of events are
HEIGHT = 1.35  # inches a panel


def repression(run: Replay, command: str) -> Exhibit:
    """Return repression by province and week, and what people believe it to be, where a province has one belief."""
    scenario, trajectory, parameters = run.draw.scenario, run.trajectory, run.draw.parameters
    ran = np.arange(scenario.weeks) < trajectory.weeks_run
    weeks, order = weeks_of(scenario), border_first(scenario)
    shapes = None if scenario.belief.by_category else beliefs(scenario, parameters, trajectory)
    with our_style():
        figure, panels = small_panels([scenario.provinces[place] for place in order], HEIGHT)
        for panel, place in zip(panels, order, strict=True):
            colour = colours(scenario)[place]
            if shapes is not None:
                draw_belief(panel, run, shapes[0][:, place], shapes[1][:, place])
            panel.plot(weeks[ran], 100 * trajectory.repression[ran, place], color=colour, linewidth=1.6)
            panel.set_ylim(0, 105)  # a line at 100 shows whole
        mark_years(panels, scenario)
        label_left(figure, "share of attempts (%)")
        handles = [
            Line2D([], [], color="black", linestyle="--", label="believed, mean"),
            Patch(color=BELIEF, alpha=0.35, linewidth=0, label=f"{BAND[0]:.0%} to {BAND[1]:.0%} of belief"),
        ]
        legend_above(figure, [*repression_patches(run), *(handles if shapes is not None else [])])
    level = yearly_mean(run, trajectory.repression)
    if shapes is None:
        return Exhibit(
            "repression_by_province",
            "Repression by province",
            "The share of attempts that the state stops. What people believe it to be differs by kind of person in "
            f"this scenario (belief.scope: {scenario.belief.scope}) and is not drawn. {of_draw(run)}",
            command,
            figure,
            by_province(run, {"repression": level}),
        )
    alpha, other = shapes
    believed = yearly_mean(run, alpha / (alpha + other))
    prior = parameters.prior_alpha / (parameters.prior_alpha + parameters.prior_beta)
    begun = np.flatnonzero(~np.isnan(level[:, 0]))
    last = scenario.calendar[begun[-1]]
    return Exhibit(
        "repression_by_province",
        "Repression, and what people believe it to be, by province",
        f"Coloured: the share of attempts that the state stops. Dashed: the share that people believe it stops. "
        f"In the first week they believe {prior:.0%} everywhere and it is {trajectory.repression[0].mean():.0%}; in "
        f"{last} they believe {span(believed[begun[-1]])} and it is {span(level[begun[-1]])}. {of_draw(run)}",
        command,
        figure,
        by_province(run, {"repression": level, "believed": believed}),
    )


def draw_belief(panel: Axes, run: Replay, alpha: Floats, other: Floats) -> None:
    """Draw the mean and the band of a province's belief, whose shapes by week are given, (weeks,) each."""
    scenario, last = run.draw.scenario, run.trajectory.weeks_run - 1
    weeks, ran = weeks_of(scenario), np.arange(scenario.weeks) <= last
    step = max(1, scenario.weeks_per_year // 12)  # the belief moves slowly: a point a month
    thinned = np.unique([*range(0, scenario.weeks, step), last, scenario.weeks - 1])
    low, high = (100 * beta.ppf(share, alpha[thinned], other[thinned]) for share in BAND)
    panel.fill_between(weeks[thinned], low, high, where=ran[thinned], color=BELIEF, alpha=0.35, linewidth=0)
    panel.plot(weeks[ran], 100 * alpha[ran] / (alpha + other)[ran], color="black", linestyle="--", linewidth=1)


def known(run: Replay, command: str) -> Exhibit:
    """Return attempts and those that became known, by province and year."""
    attempts, heard = yearly_sum(run, run.trajectory.attempts), yearly_sum(run, run.trajectory.known)
    share = run.draw.parameters.visibility
    return bars(
        run,
        "known_by_province",
        "Attempts that became known, by province",
        f"What people can learn from: attempts that became known, {np.nansum(heard):,.0f} of "
        f"{np.nansum(attempts):,.0f} in the whole run (visibility {share:.2%}). {of_draw(run)}",
        command,
        "known attempts a year",
        {"known": heard, "attempts": attempts},
    )


def escapes(run: Replay, command: str) -> Exhibit:
    """Return escapes by province and year."""
    counts = yearly_sum(run, run.trajectory.escapes)
    total = np.nansum(counts, axis=0)
    most = int(np.argmax(total))
    share = f", {total[most] / total.sum():.0%} of them from {run.draw.scenario.provinces[most]}" if total.sum() else ""
    return bars(
        run,
        "escapes_by_province",
        "Escapes by province",
        f"People who got out, by year, on one scale: {total.sum():,.0f} in the whole run{share}. {of_draw(run)}",
        command,
        "escapes a year",
        {"escapes": counts},
    )


def bars(
    run: Replay, name: str, title: str, sentence: str, command: str, label: str, counts: dict[str, Floats]
) -> Exhibit:
    """Return an exhibit with a panel of bars for each province, of the first of the ``counts``, (years, provinces)."""
    scenario, order = run.draw.scenario, border_first(run.draw.scenario)
    shown = next(iter(counts.values()))
    middles = np.array(scenario.calendar) + 0.5
    with our_style():
        figure, panels = small_panels([scenario.provinces[place] for place in order], HEIGHT)
        for panel, place in zip(panels, order, strict=True):
            panel.bar(middles, shown[:, place], width=0.8, color=colours(scenario)[place])
            panel.yaxis.set_major_locator(MaxNLocator(4, integer=True))
            panel.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        panels[0].set_ylim(0, max(1.0, 1.05 * np.nanmax(shown)))
        if not np.nansum(shown):
            sentence += " There were none, so the picture is empty."
            for panel in panels:
                panel.text(0.5, 0.5, "none", transform=panel.transAxes, ha="center", va="center")
        mark_years(panels, scenario)
        label_left(figure, label)
        legend_above(figure, repression_patches(run))
    return Exhibit(name, title, sentence, command, figure, by_province(run, counts))


def repression_patches(run: Replay) -> list[Artist]:
    """Return what every legend here begins with: kinds of province, years of events if there are any."""
    scenario = run.draw.scenario
    return [*kinds_patches(scenario), *event_patches(scenario)]


def by_province(run: Replay, columns: dict[str, Floats]) -> Table:
    """Return a line for each year and province; a year that the run did not reach has none."""
    scenario = run.draw.scenario
    rows: list[tuple[Cell, ...]] = [
        (year, province, *(float(values[row, place]) for values in columns.values()))
        for row, year in enumerate(scenario.calendar)
        for place, province in enumerate(scenario.provinces)
        if not any(np.isnan(values[row, place]) for values in columns.values())
    ]
    return Table(("year", "province", *columns), rows)


def yearly_sum(run: Replay, weekly: Integers) -> Floats:
    """Return the sums by year, (years, provinces), NaN in a year that the run did not reach."""
    return yearly_mean(run, weekly.astype(np.float64)) * weeks_by_year(run)[:, None]


def yearly_mean(run: Replay, weekly: Floats) -> Floats:
    """Return the means by year over the weeks run, (years, provinces), NaN in a year that the run did not reach."""
    scenario, count = run.draw.scenario, weeks_by_year(run)[:, None]
    ran = (np.arange(scenario.weeks) < run.trajectory.weeks_run)[:, None]
    sums = np.where(ran, weekly, 0.0).reshape(scenario.years, scenario.weeks_per_year, -1).sum(axis=1)
    means: Floats = np.divide(sums, count, out=np.full(sums.shape, np.nan), where=count > 0)
    return means


def weeks_by_year(run: Replay) -> Integers:
    """Return how many weeks of each year the run has, (years,)."""
    scenario = run.draw.scenario
    ran = np.arange(scenario.weeks) < run.trajectory.weeks_run
    weeks: Integers = ran.reshape(scenario.years, -1).sum(axis=1)
    return weeks


def span(shares: Floats) -> str:
    """Return lowest to highest in words: "44 %" or "44 % to 51 %"."""
    low, high = f"{shares.min():.0%}", f"{shares.max():.0%}"
    return low if low == high else f"{low} to {high}"


def of_draw(run: Replay) -> str:
    """Return which run it is, and where it stopped if it did."""
    scenario, weeks = run.draw.scenario, run.trajectory.weeks_run
    stop = f", stopped early after week {weeks:,} of {scenario.weeks:,}" if run.trajectory.stopped else ""
    return f"One run: chain {run.draw.chain}, iteration {run.draw.iteration:,}{stop}."
