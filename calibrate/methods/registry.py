"""The methods by name: the one place that decides which stands behind a run."""

from calibrate.methods.base import Method
from calibrate.methods.population import Population
from calibrate.methods.posterior import Posterior
from calibrate.methods.restart import Restart
from calibrate.methods.screen import Screen
from calibrate.methods.tempered import Tempered
from calibrate.methods.walk import Walk
from engine.errors import DataError
from engine.results.columns import POSTERIOR
from engine.results.run_record import RunRecord
from engine.scenario import Scenario
from engine.scenario.validation import nearest

METHODS: dict[str, type[Method]] = {
    "walk": Walk,
    "tempered": Tempered,
    "population": Population,
    "restart": Restart,
    "screen": Screen,
    POSTERIOR: Posterior,
}


def method_of(record: RunRecord) -> type[Method]:
    """Return the method of a run; raise DataError for one that this version does not have."""
    if record.method not in METHODS:
        raise DataError(f"run.json: method: {record.method!r} is not known here; {nearest(record.method, METHODS)}")
    return METHODS[record.method]


def searcher(record: RunRecord, scenario: Scenario) -> Method:
    """Return the run's method at work on its scenario, from its seed."""
    return method_of(record)(scenario, record.seed)
