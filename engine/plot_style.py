"""The style of all pictures: colours that mean the same everywhere, names as they are, a picture as a file's bytes."""

from contextlib import AbstractContextManager
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.style import context
from matplotlib.ticker import FuncFormatter, LogFormatter, LogLocator, MaxNLocator, NullLocator

from engine.scenario import Scenario
from engine.types import Floats

# Okabe and Ito's colours, told apart with every common colour blindness; the same thing has the same colour
# in every picture.
OURS = "#0072B2"
PAPER = "#D55E00"
BORDER = "#CC79A7"
INLAND = "#009E73"
CONTEXT = "#999999"

LONGEST_NAME = 40  # signs of a user's name in a picture

STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "legend.frameon": False,
    "figure.dpi": 160,
    "svg.fonttype": "none",
    "svg.hashsalt": "defection-abm",  # the names of clip paths, else drawn by chance
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
}
UNDATED = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}  # the same picture, the same bytes


def our_style() -> AbstractContextManager[None]:
    """Return a context in which pictures are made and stored: STYLE on Matplotlib's defaults, nothing of the user's."""
    return context(STYLE, after_reset=True)


def short(name: str, most: int = LONGEST_NAME) -> str:
    """Return a name as a picture has room for it, in ``most`` signs; what is cut off is shown to be."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def logarithmic(axes: Axes, which: str) -> None:
    """Give the axis "x" or "y" a logarithmic scale with plain numbers, 1e-03: powers of ten are set as mathematics."""
    axes.set(**{f"{which}scale": "log"})
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_formatter(LogFormatter())
    axis.set_minor_formatter(LogFormatter())


def few_ticks(axes: Axes, which: str, most: int = 4) -> None:
    """Give the axis "x" or "y" a logarithmic scale with about so many plain numbers, also where it is short."""
    logarithmic(axes, which)
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axis.get_view_interval()
    short_axis = high < 8 * low
    axis.set_major_locator(MaxNLocator(most - 1) if short_axis else LogLocator(subs=(1.0, 2.0, 5.0), numticks=most))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.2g}"))
    axis.set_minor_locator(NullLocator())


def weeks_of(scenario: Scenario) -> Floats:
    """Return the middle of each week on the axis of years, (weeks,)."""
    return scenario.first_year + (np.arange(scenario.weeks) + 0.5) / scenario.weeks_per_year


def image(figure: Figure, ending: str) -> bytes:
    """Return the picture as the bytes of a file with this ending: .png, .svg or .pdf."""
    stream = BytesIO()
    with our_style():  # a picture goes on reading its style until it is drawn
        figure.savefig(stream, format=ending.removeprefix("."), metadata=UNDATED[ending])
    return stream.getvalue()
