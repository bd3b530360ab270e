"""Who escapes in the best draws of a run, beside who is known to have left: the validation that the paper announces.

The search saw numbers of escapes only, unless target.also names who left: so who leaves was not fitted.
"""

from collections.abc import Sequence
from math import isnan

import numpy as np

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.leavers import pictures
from analysis.leavers.count import Address, Leavers, lines, simulated, spread
from analysis.run_data.best_draws import best_of_chains, traces_of
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import Ranking, ranked
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.scenario.reference import Period, Reference

NO_RECORD = "no record of who left is named (reference.leavers), so nothing stands beside these shares"
MOST_DRAWS = 10


def exhibits(
    run: Run,
    draws: Sequence[Address] = (),
    seeds: int = 30,
    ranking: Ranking | None = None,
    reference: Reference | None = None,
) -> list[Exhibit]:
    """Return escapes by kind of person, those of the record's level by year, and the same for each draw.

    ``draws`` are addresses of the run, by default the best draw of each chain (MOST_DRAWS at most) by ``ranking``,
    which is made if it is not given; ``reference`` holds the record, by default the scenario's. Errors as in read_draw.
    """
    command = line_of(run, "leavers")
    if draws:
        command += "".join(f" --draw {chain} {iteration}" for chain, iteration in draws)
    else:
        best = best_of_chains(traces_of(run), ranking or ranked(run))
        draws = [(one.chain, one.iteration) for one in best[:MOST_DRAWS]]
    leavers = simulated(run, draws, seeds)
    record = reference or leavers.scenario.reference
    warnings = () if record.leavers or record.leavers_by_year else (NO_RECORD,)
    found = [by_kind(leavers, record, command)._replace(warnings=warnings)]
    found += [by_year(leavers, *which, record, command) for which in followed(leavers, record)]
    return [*found, by_draw(leavers, command)]


def by_kind(leavers: Leavers, reference: Reference, command: str) -> Exhibit:
    """Return escapes by the levels of each trait and by province."""
    table = lines(leavers, reference.leavers or ())
    rows = [
        (line.trait, " + ".join(line.levels), *map(none_if_nan, line[2:6]), line.record, line.source) for line in table
    ]
    # What the record tells, if it does, or else what is most unlike the population.
    apart = [line for line in table if not isnan(line.escapes) and line.trait != "province"]
    apart = [line for line in apart if line.record is not None] or apart
    said = f"In {told(leavers)} nobody escapes."
    if apart:
        most = max(apart, key=lambda line: line.escapes - line.population)
        kind = f"{' or '.join(most.levels)} ({most.trait})"
        said = f"Of those who escape in {told(leavers)}, {percent(most.escapes)} are {kind}"
        said += f", of the population {percent(most.population)}"
        said += "." if most.record is None else f", of the record ({most.source}) {percent(most.record)}."
    return Exhibit(
        "leavers",
        "Who leaves",
        f"{said} The whiskers go from the lowest draw to the highest. {reference.note or ''}".rstrip(),
        command,
        pictures.kinds(table),
        Table(("trait", "level", "population", "escapes", "lowest_draw", "highest_draw", "record", "record_is"), rows),
    )


def followed(leavers: Leavers, reference: Reference) -> list[tuple[str, str]]:
    """Return the traits and levels whose share the record has by year, each once, as far as the scenario has them."""
    found = dict.fromkeys((period.trait, period.level) for period in reference.leavers_by_year or ())
    return [(trait, level) for trait, level in found if level in leavers.cells.labels.get(trait, ())]


def by_year(leavers: Leavers, trait: str, level: str, reference: Reference, command: str) -> Exhibit:
    """Return the share of a level among the escapes of each year, beside that in each period of the record."""
    scenario = leavers.scenario
    ours = [spread(leavers.share_in(leavers.escapes[:, year], trait, [level])) for year in range(scenario.years)]
    periods = sorted(
        (one for one in reference.leavers_by_year or () if (one.trait, one.level) == (trait, level)),
        key=lambda period: period.first_year,
    )
    recorded = [share_of(periods, year) for year in scenario.calendar]
    rows: list[Sequence[Cell]] = [
        (year, *map(none_if_nan, ends), none_if_nan(share))
        for year, ends, share in zip(scenario.calendar, ours, recorded, strict=True)
    ]
    means = [mean for mean, _, _ in ours if not isnan(mean)]
    said = f"The share that is {level} among those who escape, by year, in {told(leavers)}: "
    said += f"from {percent(min(means))} to {percent(max(means))}" if means else "nobody escapes"
    if known := [share for share in recorded if not isnan(share)]:
        said += f"; in the record {percent(known[0])} at first, {percent(known[-1])} in the end"
    return Exhibit(
        f"leavers_{level}",
        f"Who leaves: {level}",
        f"{said}. The band goes from the lowest draw to the highest; a line as long as several years is their total. "
        f"{reference.note or ''}".rstrip(),
        command,
        pictures.by_year(scenario, level, rows, within(periods, scenario), leavers.population(trait, [level])),
        Table(("year", "escapes", "lowest_draw", "highest_draw", "record"), rows),
    )


def within(periods: list[Period], scenario: Scenario) -> list[Period]:
    """Return the periods that the scenario's years have a part of."""
    first, last = scenario.calendar[0], scenario.calendar[-1]
    return [period for period in periods if period.first_year <= last and period.last_year >= first]


def share_of(periods: list[Period], year: int) -> float:
    """Return the share in the period that a year lies in; NaN if there is none."""
    found = [period.people / period.total for period in periods if period.first_year <= year <= period.last_year]
    return found[0] if found else np.nan


def by_draw(leavers: Leavers, command: str) -> Exhibit:
    """Return how many escape in each draw, and the share of each level and of the border among them."""
    border = [province.name for province in leavers.scenario.population.provinces if province.on_border]
    kinds = {
        f"{trait}_{level}": leavers.share(trait, [level])
        for trait, levels in leavers.scenario.population.traits.items()
        for level in levels
    }
    shares = [leavers.share("province", border), *kinds.values()]
    attempts, escapes = (people.sum(axis=(1, 2)) for people in (leavers.attempts, leavers.escapes))
    rows = [
        (*address, float(attempts[row]), float(escapes[row]), *(none_if_nan(float(share[row])) for share in shares))
        for row, address in enumerate(leavers.draws)
    ]
    head = ("chain", "iteration", "attempts_a_run", "escapes_a_run", "on_border", *kinds)
    said = f"Attempts and escapes in a run, mean of {leavers.seeds} seeds, and shares of the escapes, draw by draw."
    return Exhibit("leavers_draws", "Who leaves, draw by draw", said, command, None, Table(head, rows))


def told(leavers: Leavers) -> str:
    """Return what was simulated."""
    draws = "one draw" if len(leavers.draws) == 1 else f"{len(leavers.draws)} draws"
    return f"{draws} of the run, simulated on {leavers.seeds} fresh seeds each"


def percent(share: float) -> str:
    """Return a share for a sentence."""
    return "nobody" if isnan(share) else f"{share:.0%}"


def none_if_nan(number: float) -> float | None:
    """Return what a table holds of a number."""
    return None if np.isnan(number) else number
