"""Other coefficients, calibrated anew: sets drawn at random, a short search each."""

import math

from scipy.stats import qmc

from analysis.run_data.made_by import made_by
from analysis.sensitivity.coefficients import Coefficient, overrides
from analysis.variants.study import Variant, as_it_is
from engine.errors import DataError
from engine.results.run_record import Run
from engine.types import Floats

LEAST, MOST = -1.0, 2.0  # times a coefficient: from its sign turned to doubled


def factors_of(count: int, coefficients: int, seed: int) -> Floats:
    """Return the factors of ``count`` sets, (count, coefficients), even between LEAST and MOST; the first of more."""
    exponent = math.ceil(math.log2(max(count, 2)))
    unit = qmc.Sobol(coefficients, seed=seed).random_base2(exponent)[:count]
    found: Floats = LEAST + (MOST - LEAST) * unit
    return found


def variants_of(found: list[Coefficient], factors: Floats) -> list[Variant]:
    """Return the scenario as it is, some times, and with each set of coefficients."""
    itself = as_it_is()
    sets = [Variant(len(itself) + number, overrides(found, one.tolist())) for number, one in enumerate(factors)]
    return [*itself, *sets]


def config_of(run: Run) -> str:
    """Return the scenario file of a run; raise DataError if it has none, or the file is another by now."""
    command, notes = made_by(run, "")
    if not command:
        raise DataError(f"{run.directory}: --recalibrate searches its scenario file anew. {' '.join(notes)}")
    return str(run.record.config)
