"""The columns of the draws on disk, in order: declared here, and nowhere else."""

import pyarrow as pa

from engine.parameters import domain_of, required
from engine.scenario import Scenario

FINGERPRINT = b"run"  # the key, in a part's metadata, of engine.results.run_record.fingerprint
ESCAPES_BY_YEAR = "escapes_by_year"  # by the name that this column mostly has: see by_year_of

OUTCOMES: dict[str, pa.DataType] = {
    "score": pa.float64(),
    "log_likelihood": pa.float64(),  # of the yearly record, given the run
    "distance": pa.float64(),  # from the target, people a week
    "weeks_run": pa.int32(),
    "stopped": pa.bool_(),
    "active_years": pa.int32(),  # with an escape, or with an attempt if these are compared with the target
    "escapes_total": pa.int64(),
    "attempts_total": pa.int64(),
    "accepted": pa.bool_(),
    ESCAPES_BY_YEAR: pa.list_(pa.int64()),  # of as many as the scenario has years
}

#: What runs of version 0.1 lack.
LATER = ("log_likelihood",)

#: The method that asks a particle filter what a point is worth, and what its draws have beside all others'.
POSTERIOR = "posterior"
FILTERED: dict[str, pa.DataType] = {
    "miss": pa.float64(),  # 1/sqrt(k), at which log_likelihood is
    "chance_by_year": pa.list_(pa.int64()),  # the third word of the address whose chance each year of the run had
}

#: The ends of the names of what draws have of each further series, in this order.
FURTHER = ("found", "distance", "log_likelihood")

#: What a run alone decides; the others need the record that a search holds against it, or the draws before.
OF_A_RUN = ("weeks_run", "stopped", "active_years", "escapes_total", "attempts_total", ESCAPES_BY_YEAR)


def parameter_columns(names: tuple[str, ...], free: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the parameters have a column: those that a scenario must name, and what else is searched."""
    always = required(names)
    return always + tuple(name for name in free if name not in always)


def by_year_of(compares: str) -> str:
    """Return the name of the column of what target.compares says by year, escapes or attempts."""
    return f"{compares}_by_year"


def outcomes_of(compares: str, method: str) -> dict[str, pa.DataType]:
    """Return the columns beside the parameters that the draws of a method have, ``compares`` being the target's."""
    named = {by_year_of(compares) if name == ESCAPES_BY_YEAR else name: kind for name, kind in OUTCOMES.items()}
    return named | (FILTERED if method == POSTERIOR else {})


def further_columns(scenario: Scenario) -> tuple[str, ...]:
    """Return the columns of the series that target.also names: of each what the run has, its distance and its log L."""
    return tuple(f"{series}_{end}" for series in scenario.target.also for end in FURTHER)


def schema_of(scenario: Scenario, fingerprint: str, method: str = "walk", absent: tuple[str, ...] = ()) -> pa.Schema:
    """Return the columns of a part, in order; ``fingerprint``, the run's, stands in its metadata.

    ``absent`` are those that a run of an earlier version lacks.

    The chain is no column of the file but the name of its folder (``chain=03``), as Hive has it: readers add
    it as a column, and some refuse files that have one of that name too (pandas 3, pyarrow 26).
    """
    names = parameter_columns(scenario.names, scenario.free_names)
    parameters = [(name, pa.int32() if domain_of(name).integer else pa.float64()) for name in names]
    there = [
        (name, pa.list_(kind.value_type, scenario.years) if pa.types.is_list(kind) else kind)
        for name, kind in outcomes_of(scenario.target.compares, method).items()
        if name not in absent
    ]
    further = [(name, pa.float64()) for name in further_columns(scenario)]
    return pa.schema([("iteration", pa.int64()), *parameters, *there, *further], metadata={FINGERPRINT: fingerprint})
