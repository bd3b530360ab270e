"""Plain rivals: what one would foretell from the record alone, each as draws of the years to come.

All work on log(1 + people), on which a record from 8 to 2,914 moves by steps of one size.
"""

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from engine.errors import UsageError
from engine.types import Floats

ORDERS = ((0, 1, 0), (1, 1, 0), (0, 1, 1), (1, 1, 1), (2, 1, 0), (1, 0, 0), (2, 0, 0))  # of which AICc picks
DRAWS = 4_000
FEWEST = 8  # years of a record, for steps to have a spread

Rival = Callable[[Floats, int, np.random.Generator], Floats]  # record, years ahead, chance: draws (DRAWS, years ahead)


def last_year(record: Floats, ahead: int, rng: np.random.Generator) -> Floats:
    """Return the last year's number, as far off as numbers of so many years ago were."""
    values = np.log1p(record)
    longest = min(ahead, len(values) - 1)
    steps = [np.sqrt(np.mean((values[years:] - values[:-years]) ** 2)) for years in range(1, longest + 1)]
    # A spread over more years rests on fewer steps; it must not shrink for that, nor where there are none.
    spread = np.pad(np.maximum.accumulate(steps), (0, ahead - longest), "edge")
    drawn = values[-1] + spread * rng.standard_normal((DRAWS, ahead))
    return _people(drawn)


def drift(record: Floats, ahead: int, rng: np.random.Generator) -> Floats:
    """Return a random walk that goes on with the record's mean step; how sure that mean is counts too."""
    steps = np.diff(np.log1p(record))
    mean = steps.mean() + steps.std(ddof=1) / np.sqrt(len(steps)) * rng.standard_normal((DRAWS, 1))
    walked = mean + steps.std(ddof=1) * rng.standard_normal((DRAWS, ahead))
    return _people(np.log1p(record[-1]) + np.cumsum(walked, axis=1))


def arima(record: Floats, ahead: int, rng: np.random.Generator) -> Floats:
    """Return an ARIMA model's years, its order picked by AICc (Hyndman and Khandakar 2008) among ORDERS."""
    library = statsmodels()
    values = np.log1p(record)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of starting values and of fits that stop early: the next order is tried
        fits = [library.ARIMA(values, order=order, trend="c" if not order[1] else "n").fit() for order in ORDERS]
        best = min(fits, key=lambda fit: fit.aicc)
        told = best.get_forecast(ahead)
    mean, cov = np.asarray(told.predicted_mean), np.asarray(told.var_pred_mean)
    drawn = mean + np.sqrt(cov) * rng.standard_normal((DRAWS, ahead))
    return _people(drawn)


def statsmodels() -> Any:
    """Return the module of ARIMA; raise UsageError where it is not installed."""
    try:
        return import_module("statsmodels.tsa.arima.model")
    except ImportError as error:
        raise UsageError(f"{error.name} is not installed; pip install 'defection-abm[forecast]'") from None


def _people(drawn: Floats) -> Floats:
    found: Floats = np.maximum(np.round(np.expm1(np.minimum(drawn, 30.0))), 0.0)
    return found


RIVALS: dict[str, Rival] = {"last year": last_year, "random walk with drift": drift, "ARIMA": arima}
