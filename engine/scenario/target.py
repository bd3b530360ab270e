"""The weekly record that a search has to meet, from the yearly one."""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d

from engine.scenario.schema import Scenario


def weekly_target(scenario: Scenario) -> NDArray[np.float64]:
    """Return the chosen series as people a week, (weeks,), never negative.

    A monotone cubic through the cumulative years, differenced: the weeks of a year add up to the year. Smoothing then
    moves people between years, but neither adds nor takes any. Years that are foretold are a series of their own: none
    of them gets into what is to be met.
    """
    parts = np.split(scenario.yearly_target(), [scenario.fitted_years])
    return np.concatenate([_weekly(part, scenario) for part in parts if len(part)])


def _weekly(yearly: NDArray[np.float64], scenario: Scenario) -> NDArray[np.float64]:
    ends = np.arange(len(yearly) + 1) * float(scenario.weeks_per_year)
    cumulative = np.concatenate([[0.0], np.cumsum(yearly)])
    so_far = PchipInterpolator(ends, cumulative)(np.arange(int(ends[-1]) + 1))
    weekly: NDArray[np.float64] = np.maximum(np.diff(so_far), 0.0)  # rounding leaves -1e-13 at times
    if scenario.target.smoothing_weeks > 0:
        # Choice: the width is the kernel's standard deviation, as in SciPy. At 52 weeks the peak falls from
        # 58 to 53 a week, near the paper's "at most 50"; were 52 the full width at half maximum, to 56.
        # Choice: beyond its ends the series goes on as its mirror image ("reflect"). That keeps the total;
        # "constant" and "nearest" do not, and "wrap" would carry 2014 over into 1992.
        weekly = gaussian_filter1d(weekly, scenario.target.smoothing_weeks, mode="reflect")
    return weekly
