"""A scenario as the numbers that the kernel takes, made here only: so the kernel is compiled for one signature."""

import numpy as np

from engine.kernel.inputs import LANES, NEVER_STOP, Course, Inputs
from engine.kernel.regimes.safety_valve import COUNTED
from engine.parameters import domain_of
from engine.scenario import Scenario
from engine.scenario.cells import Cells, build_cells
from engine.scenario.kept import kept
from engine.scenario.observed import Who, asked_about
from engine.types import Flags, Floats, Integers


@kept
def make_inputs(scenario: Scenario) -> Inputs:
    """Return the kernel's inputs for a scenario, made once.

    People of a community with equal sums of ability and of motivation leave with equal probability in every week, so
    their cells are one group (43 of 72 with the paper's coefficients, if the community is the province); where the
    scenario draws attempts by kind of person, each cell is one. Communities with the same list of sums are of one kind
    (those on the border, and the others).
    """
    cells = build_cells(scenario)
    homes = communities_of(scenario)
    sums = [groups_of(cells, members, scenario.by_kind) for members in homes]
    groups = max(len(table) for table, _ in sums)
    padded = 1 if groups == 1 else -(-groups // LANES) * LANES
    tables = [_padded(table, padded) for table, _ in sums]
    kinds = sorted({table.tobytes(): table for table in tables}.values(), key=lambda table: table.tobytes())
    number = {table.tobytes(): place for place, table in enumerate(kinds)}
    kind = np.array([number[table.tobytes()] for table in tables])
    heads = np.zeros((scenario.years, len(homes), padded))
    for community, (members, (_, group)) in enumerate(zip(homes, sums, strict=True)):
        for year in range(scenario.years):
            heads[year, community] = np.bincount(group, cells.heads[year, members], minlength=padded)
    places = np.arange(len(homes))
    province = np.repeat(np.arange(len(scenario.provinces)), np.diff(home_of(scenario)))
    growth = scenario.growth()
    coefficients = scenario.impacts.growth
    return Inputs(
        heads=heads,
        ability=np.ascontiguousarray(np.array([table[:, 0] for table in kinds])),
        motivation=np.ascontiguousarray(np.array([table[:, 1] for table in kinds])),
        ability_growth=coefficients.ability * growth,
        motivation_growth=coefficients.motivation * growth,
        events=scenario.event_years(),
        kind=kind,
        earlier=earlier_of(kind),
        learner=places % learners_of(scenario),
        province=province,
        home=home_of(scenario),
        initial=np.array([(scenario.regime.initial or {}).get(name, 1.0) for name in scenario.provinces]),
        reacts=scenario.regime.behaviour != "schedule",
        by_discontent=scenario.regime.behaviour == "valve_of_discontent",
        schedule=scenario.regime.steps(scenario.first_year, scenario.years, scenario.weeks_per_year),
        by_payoff=1.0 if scenario.belief.threshold == "payoff" else 0.0,
        by_kind=scenario.by_kind,
        number_rounded=scenario.attempts.number == "rounded",
        known_rounded_down=scenario.attempts.known == "rounded_down",
        leavers_go=scenario.population.leavers == "go",
        compares_attempts=scenario.target.compares == "attempts",
        weeks_per_year=scenario.weeks_per_year,
        stop_above=NEVER_STOP if scenario.stop_above is None else scenario.stop_above,
        stops_by_attempts=scenario.stop_counts == "attempts",
        counted=COUNTED.index(scenario.regime.counts),
        course=course_of(scenario, len(homes)),
    )


def course_of(scenario: Scenario, communities: int) -> Course:
    """Return the parameters that the scenario changes from a week on; nothing is held, and chance is opened once."""
    year = scenario.weeks_per_year
    changes = scenario.changes()
    years = range(0, scenario.weeks + 1, year)
    begins = sorted({*years, *(week for change in changes for week in (change.first, change.past))})
    names = scenario.names
    factor, shift = np.ones((len(begins) - 1, len(names))), np.zeros((len(begins) - 1, len(names)))
    for change in changes:
        spans, parameter = slice(begins.index(change.first), begins.index(change.past)), names.index(change.name)
        factor[spans, parameter] *= change.times
        shift[spans, parameter] = shift[spans, parameter] * change.times + change.plus
    return Course(
        first_span=np.array([begins.index(week) for week in years]),
        begins=np.array(begins),
        factor=factor,
        shift=shift,
        lowest=np.array([domain_of(name).low for name in names]),
        highest=np.array([domain_of(name).high for name in names]),
        told=np.zeros((0, communities, 2), np.int64),
        held=np.zeros((0, len(scenario.provinces))),
        by_week=False,
    )


@kept
def people_asked_about(scenario: Scenario) -> Floats:
    """Return the people of each kind that target.also asks about in each group, made once.

    (kinds, years, communities, groups), the kinds in the order of ``asked_about``; of none where nothing is asked.
    """
    cells, inputs = build_cells(scenario), make_inputs(scenario)
    kinds = asked_about(scenario.target.also.values())
    there = np.array([_is_one(cells, who) for who in kinds], np.bool_).reshape(len(kinds), len(cells.province))
    found = np.zeros((len(kinds), *inputs.heads.shape))
    for community, members in enumerate(communities_of(scenario)):
        _, group = groups_of(cells, members, scenario.by_kind)
        for kind, ones in enumerate(there[:, members]):
            for year, heads in enumerate(cells.heads[:, members]):
                found[kind, year, community] = np.bincount(group, heads * ones, minlength=found.shape[3])
    return found


def _is_one(cells: Cells, who: Who) -> Flags:
    """Return which cells are people of this kind."""
    found = np.ones(len(cells.province), np.bool_)
    for trait, levels in who:
        found &= cells.are(trait, levels)
    return found


def earlier_of(kind: Integers) -> Integers:
    """Return the last place before each of the same kind, -1 for none."""
    places = range(len(kind))
    return np.array([max(np.flatnonzero(kind[:place] == kind[place]), default=-1) for place in places], np.int64)


def communities_of(scenario: Scenario) -> list[Integers]:
    """Return the cells of each community, the communities of a province in a row, its kinds of person in one order."""
    cells = build_cells(scenario)
    if scenario.belief.by_category:
        return list(np.arange(len(cells.province))[:, None])
    return [np.flatnonzero(cells.province == province) for province in range(len(scenario.provinces))]


def home_of(scenario: Scenario) -> Integers:
    """Return the first community of each province, and one past the last, (provinces + 1,)."""
    cells, provinces = build_cells(scenario), len(scenario.provinces)
    each = len(cells.province) // provinces if scenario.belief.by_category else 1
    return np.arange(provinces + 1) * each


def learners_of(scenario: Scenario) -> int:
    """Return how many beliefs there are."""
    communities, provinces = len(communities_of(scenario)), len(scenario.provinces)
    return {"nation": 1, "category_nation": communities // provinces}.get(scenario.belief.scope, communities)


def groups_of(cells: Cells, members: Integers, each: bool) -> tuple[Floats, Integers]:
    """Return the distinct (ability, motivation) of these cells, largest sum first, and the group of each cell.

    With ``each`` every cell is a group of its own.
    """
    here = members
    pairs = np.round(np.stack([cells.ability[here], cells.motivation[here]], axis=1), 9) + 0.0
    table, group = (pairs, np.arange(len(here))) if each else np.unique(pairs, axis=0, return_inverse=True)
    order = np.argsort(-table.sum(axis=1), kind="stable")
    return table[order], np.argsort(order)[group.ravel()]


def _padded(table: Floats, length: int) -> Floats:
    """Return ``table`` with its first row repeated at the end: groups of nobody, which change no sum or maximum."""
    return np.concatenate([table, np.repeat(table[:1], length - len(table), axis=0)])
