"""The style of all pictures: colours that mean the same everywhere, and a picture as the bytes of a file."""

from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from engine.scenario import Scenario
from engine.types import Floats

# Okabe and Ito's colours, told apart with every common colour blindness; the same thing has the same colour
# in every picture.
OURS = "#0072B2"
PAPER = "#D55E00"
BORDER = "#CC79A7"
INLAND = "#009E73"
CONTEXT = "#999999"

STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "legend.frameon": False,
    "figure.dpi": 160,
    "svg.fonttype": "none",
}


def weeks_of(scenario: Scenario) -> Floats:
    """Return the middle of each week on the axis of years, (weeks,)."""
    return scenario.first_year + (np.arange(scenario.weeks) + 0.5) / scenario.weeks_per_year


def image(figure: Figure, ending: str) -> bytes:
    """Return the picture as the bytes of a file with this ending: .png, .svg or .pdf."""
    stream = BytesIO()
    figure.savefig(stream, format=ending.removeprefix("."))
    return stream.getvalue()
