"""A scenario as the numbers that the kernel takes, made here only: so the kernel is compiled for one signature."""

import numpy as np

from engine.kernel.inputs import LANES, NEVER_STOP, Inputs
from engine.kernel.regimes.safety_valve import COUNTED
from engine.scenario import Scenario
from engine.scenario.cells import Cells, build_cells
from engine.scenario.kept import kept
from engine.types import Floats, Integers


@kept
def make_inputs(scenario: Scenario) -> Inputs:
    """Return the kernel's inputs for a scenario, made once.

    People of a province with equal sums of ability and of motivation leave with equal probability in every week, so
    their cells are one group (43 of 72 with the paper's coefficients). Provinces with the same list of sums are of one
    kind (with the paper's coefficients: those at the Chinese border, and the others).
    """
    cells = build_cells(scenario)
    provinces = len(scenario.provinces)
    sums = [groups_of(cells, province) for province in range(provinces)]
    groups = max(len(table) for table, _ in sums)
    padded = -(-groups // LANES) * LANES
    tables = [_padded(table, padded) for table, _ in sums]
    kinds = sorted({table.tobytes(): table for table in tables}.values(), key=lambda table: table.tobytes())
    heads = np.zeros((scenario.years, provinces, padded))
    for province, (_, group) in enumerate(sums):
        people = cells.heads[:, cells.province == province]
        for year in range(scenario.years):
            heads[year, province] = np.bincount(group, people[year], minlength=padded)
    growth = scenario.growth()
    coefficients = scenario.impacts.growth
    return Inputs(
        heads=heads,
        ability=np.ascontiguousarray(np.array([table[:, 0] for table in kinds])),
        motivation=np.ascontiguousarray(np.array([table[:, 1] for table in kinds])),
        ability_growth=coefficients.ability * growth,
        motivation_growth=coefficients.motivation * growth,
        famine=np.array(scenario.famine(), dtype=np.float64),
        kind=np.array([[table.tobytes() for table in kinds].index(table.tobytes()) for table in tables]),
        learner=np.arange(provinces) if scenario.belief.scope == "province" else np.zeros(provinces, np.int64),
        weeks_per_year=scenario.weeks_per_year,
        stop_above=NEVER_STOP if scenario.stop_above is None else scenario.stop_above,
        counted=COUNTED.index(scenario.regime.counts),
    )


def groups_of(cells: Cells, province: int) -> tuple[Floats, Integers]:
    """Return the distinct (ability, motivation) of a province, largest sum first, and the group of each cell."""
    here = cells.province == province
    pairs = np.round(np.stack([cells.ability[here], cells.motivation[here]], axis=1), 9) + 0.0
    table, group = np.unique(pairs, axis=0, return_inverse=True)
    order = np.argsort(-table.sum(axis=1), kind="stable")
    return table[order], np.argsort(order)[group.ravel()]


def _padded(table: Floats, length: int) -> Floats:
    """Return ``table`` with its first row repeated at the end: groups of nobody, which change no sum or maximum."""
    return np.concatenate([table, np.repeat(table[:1], length - len(table), axis=0)])
