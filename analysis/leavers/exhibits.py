"""Who escapes in the best draws of a run, and who came to South Korea: the validation that the paper announces.

The search saw numbers of escapes only: who leaves was not fitted.
"""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

import numpy as np

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.leavers import pictures
from analysis.leavers.count import Address, Leavers, lines, simulated, spread
from analysis.leavers.profile import FOLDER, Period, Profile, read_profile
from analysis.run_data.best_draws import best_of_chains, traces_of
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import Ranking, ranked
from engine.results.run_record import Run
from engine.scenario import Scenario

RECORD = (
    "The record counts who came to South Korea, often years later: who stayed in China, died or was sent back is not "
    "in it, so the two need not be equal even if the model is right."
)
NO_RECORD = "There is no record of this country to hold beside it."
NOT_HERE = f"the record of who came is not beside it: there is no {FOLDER} here; give --profile DIR"
MOST_DRAWS = 10
WOMEN = ("female",)
SHARES = ("population", "lowest_draw", "highest_draw", "record", "arrivals")
KINDS = ("women", "young", "border_provinces", "high_status", "secondary_sector", "rural")


def exhibits(
    run: Run,
    draws: Sequence[Address] = (),
    seeds: int = 30,
    ranking: Ranking | None = None,
    folder: Path | None = None,
) -> list[Exhibit]:
    """Return escapes by kind of person, the women among them by year, and the same for each draw.

    ``draws`` are addresses of the run, by default the best draw of each chain (MOST_DRAWS at most) by ``ranking``,
    which is made if it is not given; ``folder`` holds the record. Errors as in read_draw and read_profile.
    """
    command = line_of(run, "leavers")
    if draws:
        command += "".join(f" --draw {chain} {iteration}" for chain, iteration in draws)
    else:
        best = best_of_chains(traces_of(run), ranking or ranked(run))
        draws = [(one.chain, one.iteration) for one in best[:MOST_DRAWS]]
    leavers = simulated(run, draws, seeds)
    here = folder is not None or FOLDER.is_dir()
    profile = read_profile(folder or FOLDER, leavers.scenario) if here else None
    note = RECORD if profile else NO_RECORD if here else ""
    warnings = () if here else (NOT_HERE,)
    return [
        by_kind(leavers, profile, note, command)._replace(warnings=warnings),
        women_by_year(leavers, profile, note, command)._replace(warnings=warnings),
        by_draw(leavers, command),
    ]


def by_kind(leavers: Leavers, profile: Profile | None, note: str, command: str) -> Exhibit:
    """Return escapes by sex, age, province, status, sector and residence."""
    table = lines(leavers, profile)
    rows = [
        (line.trait, " + ".join(line.levels), *map(none_if_nan, line[2:6]), line.record, line.source) for line in table
    ]
    (women,) = [line for line in table if line.levels == WOMEN]
    said = f"Of those who escape in {told(leavers)}, {percent(women.escapes)} are women"
    said += f", of the population {percent(women.population)}"
    said += "." if women.record is None else f", of the {women.source} in South Korea {percent(women.record)}."
    return Exhibit(
        "leavers",
        "Who leaves",
        f"{said} The whiskers go from the lowest draw to the highest. {note}".rstrip(),
        command,
        pictures.kinds(table),
        Table(("trait", "level", "population", "escapes", "lowest_draw", "highest_draw", "record", "record_is"), rows),
    )


def women_by_year(leavers: Leavers, profile: Profile | None, note: str, command: str) -> Exhibit:
    """Return the share of women among the escapes of each year, beside the arrivals of each period."""
    ours = [spread(leavers.share_in(leavers.escapes[:, year], "sex", WOMEN)) for year in range(leavers.scenario.years)]
    periods = [] if profile is None else profile.periods
    arrived = [share_of_women(periods, year) for year in leavers.scenario.calendar]
    rows: list[Sequence[Cell]] = [
        (year, *map(none_if_nan, ends), none_if_nan(share))
        for year, ends, share in zip(leavers.scenario.calendar, ours, arrived, strict=True)
    ]
    means = [mean for mean, _, _ in ours if not isnan(mean)]
    said = f"Women among those who escape, by year, in {told(leavers)}: "
    said += f"from {percent(min(means))} to {percent(max(means))}" if means else "nobody escapes"
    known = [share for share in arrived if not isnan(share)]
    if known:
        said += (
            f"; among the arrivals {percent(known[0])} up to {periods[0].last_year}, {percent(known[-1])} in the end"
        )
    return Exhibit(
        "leavers_women",
        "Women among those who leave",
        f"{said}. The band goes from the lowest draw to the highest; a line as long as several years is their total. "
        f"{note}".rstrip(),
        command,
        pictures.women(leavers.scenario, rows, within(periods, leavers.scenario), leavers.population("sex", WOMEN)),
        Table(("year", "escapes", "lowest_draw", "highest_draw", "arrivals"), rows),
    )


def within(periods: list[Period], scenario: Scenario) -> list[Period]:
    """Return the periods that the scenario's years have a part of."""
    first, last = scenario.calendar[0], scenario.calendar[-1]
    return [period for period in periods if period.first_year <= last and period.last_year >= first]


def share_of_women(periods: list[Period], year: int) -> float:
    """Return the share of women among the arrivals of the period that a year lies in; NaN if there is none."""
    found = [period.women / period.total for period in periods if period.first_year <= year <= period.last_year]
    return found[0] if found else np.nan


def by_draw(leavers: Leavers, command: str) -> Exhibit:
    """Return how many escape in each draw and the shares of some kinds of people among them."""
    border = [province.name for province in leavers.scenario.population.provinces if province.borders_china]
    kinds = (
        ("sex", WOMEN),
        ("age", ("young",)),
        ("province", border),
        ("status", ("high",)),
        ("economy", ("secondary",)),
        ("residence", ("rural",)),
    )
    shares = [leavers.share(trait, levels) for trait, levels in kinds]
    attempts, escapes = (people.sum(axis=(1, 2)) for people in (leavers.attempts, leavers.escapes))
    rows = [
        (*address, float(attempts[row]), float(escapes[row]), *(none_if_nan(float(share[row])) for share in shares))
        for row, address in enumerate(leavers.draws)
    ]
    head = ("chain", "iteration", "attempts_a_run", "escapes_a_run", *KINDS)
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
