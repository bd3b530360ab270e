"""What both slow twins take and return: a country as plain arrays, and the record of one run.

Written from the paper and the model's description alone; nothing here knows the compiled engine.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.parameters import Parameters

Counts = NDArray[np.int64]
Reals = NDArray[np.float64]


class Changed(NamedTuple):
    """A parameter that is another number in some weeks, or something that stops in them."""

    what: str  # a parameter, or "famine", "learning" or "reaction"
    value: float  # of the parameter, or by how much its own is multiplied
    times: bool
    first: int  # week
    past: int


@dataclass(frozen=True, eq=False)
class Country:
    """A country of cells, each one kind of person in one province, year by year.

    ``ability`` and ``motivation`` are the sums of Figure 2, unscaled, without the growth and famine terms.
    """

    heads: Counts  # (years, cells) people
    province: Counts  # (cells,) index of the province
    ability: Reals  # (cells,) a_c, border included
    motivation: Reals  # (cells,) m_c
    growth: Reals  # (years,) economy_t
    famine: Reals  # (years,) famine_t, 0 or 1
    provinces: int
    weeks_per_year: int
    growth_on_ability: float = 1.0
    growth_on_motivation: float = 4.0
    in_events: Literal["as_recorded", "as_in_other_years"] = "as_recorded"  # growth_t, where famine_t is 1
    behaviour: Literal["safety_valve", "valve_of_discontent", "schedule"] = "safety_valve"
    schedule: tuple[tuple[str, int], ...] = ()  # events: the date, and 1 for tighter or -1 for looser
    first_year: int = 2001
    counts: Literal["attempts", "escapes", "repressed"] = "attempts"  # what the state holds against its tolerance
    initial: tuple[float, ...] | None = None  # by how much R0 is multiplied in each province; None: by 1
    # Whose attempts a citizen hears of; a category is one kind of person, who are in the same order in each province.
    scope: Literal["province", "nation", "category", "category_nation"] = "province"
    number: Literal["chance", "rounded"] = "chance"  # how many of a cell attempt
    known: Literal["chance", "rounded_down"] = "chance"  # how many of these attempts become known
    leavers: Literal["stay", "go"] = "stay"  # whether those who escape count among the people of later weeks
    threshold: Literal["payoff", "utility"] = "payoff"  # below which expected repression one leaves
    stop_above: int | None = None  # people of the whole country in a week; None never stops
    stop_counts: Literal["escapes", "attempts"] = "escapes"  # who they are
    changed: tuple[Changed, ...] = ()

    def stopped(self, what: str, week: int) -> bool:
        """Whether famine, learning or reaction stand still in a week."""
        return any(change.what == what and change.first <= week < change.past for change in self.changed)

    def parameters_in(self, week: int, parameters: Parameters) -> Parameters:
        """The parameters of a week; a visibility that is multiplied is 1 at most, a famine that is stopped is none."""
        if self.stopped("famine", week):
            parameters = parameters.replaced(famine_effect=0.0)
        for what, value, times, first, past in self.changed:
            if hasattr(parameters, what) and first <= week < past:
                number = getattr(parameters, what) * value if times else value
                parameters = parameters.replaced(**{what: min(number, 1.0) if what == "visibility" else number})
        return parameters

    @property
    def economy(self) -> Reals:
        """Growth as it enters, (years,)."""
        plenty = self.famine == 0
        parted = self.in_events == "as_in_other_years"
        return np.where(plenty, self.growth, self.growth[plenty].mean()) if parted else self.growth

    def events(self, week: int) -> list[int]:
        """The directions of the events of a week, which ``schedule`` dates; a week is 1/weeks_per_year of a year."""
        found = []
        for day, direction in self.schedule:
            moment = np.datetime64(day, "D")
            year = moment.astype("datetime64[Y]")
            into = (moment - year).astype(int) / ((year + 1).astype("datetime64[D]") - year).astype(int)
            years_before = int(year.astype(int)) + 1970 - self.first_year
            if years_before * self.weeks_per_year + int(into * self.weeks_per_year + 1e-9) == week:
                found.append(direction)
        return found

    @property
    def hears(self) -> NDArray[np.bool_]:
        """Whether people of a cell, by row, hear of attempts of people of another, by column: (cells, cells)."""
        place = np.array([np.count_nonzero(self.province[:cell] == home) for cell, home in enumerate(self.province)])
        near = np.equal.outer(self.province, self.province)
        alike = np.equal.outer(place, place)
        return {
            "province": near,
            "nation": np.ones_like(near),
            "category": near & alike,
            "category_nation": alike,
        }[self.scope]

    def people(self, year: int, gone: Counts) -> Counts:
        """The people of each cell in a year, those who are ``gone`` taken out if they are: (cells,)."""
        return np.maximum(self.heads[year] - gone, 0) if self.leavers == "go" else self.heads[year]

    def stops(self, attempts: int, escapes: int) -> bool:
        """Whether a run ends after a week with so many."""
        counted = attempts if self.stop_counts == "attempts" else escapes
        return self.stop_above is not None and counted > self.stop_above

    def first_levels(self, initial_repression: float) -> Reals:
        """The repression of the first week, (provinces,); a probability."""
        factors = np.ones(self.provinces) if self.initial is None else np.array(self.initial)
        return np.clip(initial_repression * factors, 0.0, 1.0)

    @property
    def years(self) -> int:
        """Number of years."""
        return len(self.heads)

    @property
    def weeks(self) -> int:
        """Number of weeks of a full run."""
        return self.years * self.weeks_per_year


@dataclass(frozen=True, eq=False)
class Record:
    """One run. Weeks after an early stop count nobody and keep the level the state had set at the end."""

    attempts: Counts  # (weeks, provinces)
    escapes: Counts  # (weeks, provinces)
    known: Counts  # (weeks, provinces) attempts that became known
    known_repressed: Counts  # (weeks, provinces) those of them that were repressed
    repression: Reals  # (weeks, provinces) R_p in force during the week
    weeks_run: int
    stopped: bool
    attempts_by_cell: Counts | None = None  # (cells,), of a twin that can tell
    escapes_by_cell: Counts | None = None


def country_from(scenario: Any) -> Country:
    """The country that a scenario describes, cells in the scenario's order."""
    from engine.scenario.cells import build_cells  # here, so that the twins run without the scenario's rooms

    cells = build_cells(scenario)
    return Country(
        heads=np.asarray(cells.heads, dtype=np.int64),
        province=np.asarray(cells.province, dtype=np.int64),
        ability=np.asarray(cells.ability, dtype=np.float64),
        motivation=np.asarray(cells.motivation, dtype=np.float64),
        growth=np.asarray(scenario.changed(["economy.in_events=as_recorded"]).growth(), dtype=np.float64),
        famine=np.asarray(scenario.event_years()[:, 0], dtype=np.float64),
        provinces=len(scenario.provinces),
        weeks_per_year=scenario.weeks_per_year,
        growth_on_ability=scenario.impacts.growth.ability,
        growth_on_motivation=scenario.impacts.growth.motivation,
        in_events=scenario.economy.in_events,
        behaviour=scenario.regime.behaviour,
        schedule=tuple((str(event.first_week_of), event.direction) for event in scenario.regime.schedule),
        first_year=scenario.first_year,
        counts=scenario.regime.counts,
        initial=scenario.regime.initial and tuple(scenario.regime.initial[name] for name in scenario.provinces),
        scope=scenario.belief.scope,
        leavers=scenario.population.leavers,
        number=scenario.attempts.number,
        known=scenario.attempts.known,
        threshold=scenario.belief.threshold,
        stop_above=scenario.stop_above,
        stop_counts=scenario.stop_counts,
        changed=tuple(changed_by(entry, scenario) for entry in scenario.interventions),
    )


def changed_by(entry: Any, scenario: Any) -> Changed:
    """What an intervention of a scenario comes to, from the words of the scenario file."""
    words = entry.model_dump(by_alias=True)
    year = scenario.weeks_per_year
    first = ((words["from"] or scenario.first_year) - scenario.first_year) * year + words["week"] - 1
    past = ((words["until"] or scenario.first_year + scenario.years - 1) - scenario.first_year + 1) * year
    if "stop" in words:
        return Changed(words["stop"], 0.0, False, first, past)
    times = words["times"] is not None
    return Changed(words["change"], words["times"] if times else words["to"], times, first, past)


def small_country(people: int = 20_000, **changes: Any) -> Country:
    """Three unequal provinces, five years of 13 weeks, the third a famine: small enough to hold every person.

    All 72 kinds of person of the paper live in each province. The first has the border. Growth is a fraction.
    """
    kinds = [
        (
            (0.45, 0.35, 0.20)[province] * (0.46, 0.41, 0.13)[age] / 24,
            province,
            (3, 0, -3)[age] + 5 * sex + 5 * economy + (-2, 0, 3)[status] + 5 * (province == 0),
            (0, 0, -2)[age] + (-2, 0, 2)[status] - 2 * rural,
        )
        for province, age, sex, economy, status, rural in product(
            range(3), range(3), range(2), range(2), range(3), range(2)
        )
    ]
    share, province, ability, motivation = (np.array(column) for column in zip(*kinds, strict=True))
    totals = people * np.array([0.92, 0.94, 0.96, 0.98, 1.0])
    given: dict[str, Any] = {
        "heads": np.floor(np.outer(totals, share) + 0.5).astype(np.int64),
        "province": province.astype(np.int64),
        "ability": ability.astype(np.float64),
        "motivation": motivation.astype(np.float64),
        "growth": np.array([-0.07, -0.02, -0.06, 0.01, 0.06]),
        "famine": np.array([0.0, 0.0, 1.0, 0.0, 0.0]),
        "provinces": 3,
        "weeks_per_year": 13,
    }
    return Country(**(given | changes))
