"""Small panels of one size and scale, side by side, with the years below them."""

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from engine.plot_style import BORDER, CONTEXT, INLAND, short
from engine.scenario import Scenario

WIDTH = 7.2  # inches: two panels side by side stay readable on a phone
TOP = 0.6  # inches for the legend
LABELS = 5  # years written below a panel, at most
FAMINE = 0.15  # how dark


def small_panels(titles: Sequence[str], height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with a panel for each title, two side by side, all of one scale."""
    rows = -(-len(titles) // 2)
    figure = Figure(figsize=(WIDTH, TOP + 0.4 + height * rows), layout="constrained")
    panels = list(figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False).flat)
    for panel, title in zip(panels, titles, strict=False):
        panel.set_title(short(title))
    for unused in panels[len(titles) :]:
        unused.set_axis_off()
        panels[len(titles) - 2].tick_params(labelbottom=True)  # the last panel of its column
    return figure, panels[: len(titles)]


def legend_above(figure: Figure, handles: Sequence[Artist]) -> None:
    """Put one legend for all panels above them."""
    figure.legend(handles=list(handles), loc="outside upper left", ncols=3, columnspacing=1.2)


def label_left(figure: Figure, label: str) -> None:
    """Write what all panels measure left of them, below the legend."""
    figure.supylabel(label, y=0.5 - 0.5 * TOP / figure.get_figheight(), fontsize=10)


def famine_patch() -> Patch:
    """Return the famine years' entry of a legend."""
    return Patch(color=CONTEXT, alpha=2 * FAMINE, linewidth=0, label="famine years")


def mark_years(panels: Sequence[Axes], scenario: Scenario, labels: int = LABELS) -> None:
    """Shade the famine years in every panel and write at most ``labels`` years below."""
    step = -(-scenario.years // labels)
    written = scenario.calendar[::step]
    for panel in panels:
        for year, hungry in zip(scenario.calendar, scenario.famine(), strict=True):
            if hungry:
                panel.axvspan(year, year + 1, color=CONTEXT, alpha=FAMINE, linewidth=0, zorder=0)
        panel.set_xticks([year + 0.5 for year in written], [str(year) for year in written])
        panel.set_xlim(scenario.first_year, scenario.first_year + scenario.years)
        panel.tick_params(axis="x", length=0)


def border_first(scenario: Scenario) -> list[int]:
    """Return the places of the provinces, those on the Chinese border first."""
    provinces = scenario.population.provinces
    return sorted(range(len(provinces)), key=lambda place: not provinces[place].borders_china)


def colours(scenario: Scenario) -> list[str]:
    """Return the colour of each province, by its kind."""
    return [BORDER if province.borders_china else INLAND for province in scenario.population.provinces]


def kinds_patches(scenario: Scenario) -> list[Patch]:
    """Return the entries of a legend for the kinds of province there are."""
    names = {BORDER: "on the border", INLAND: "inland"}
    there = colours(scenario)
    return [Patch(color=colour, linewidth=0, label=name) for colour, name in names.items() if colour in there]
