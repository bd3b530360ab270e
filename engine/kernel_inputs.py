"""A scenario as the numbers that the kernel takes, made here only: so the kernel is compiled for one signature."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.scenario import Scenario
from engine.scenario.cells import Cells, build_cells
from engine.scenario.kept import kept

LANES = 8  # groups are padded to whole vectors of this many doubles
NEVER_STOP = np.iinfo(np.int64).max
COUNTED = (
    "attempts",
    "escapes",
    "repressed",
)  # what the state holds against its tolerance, in the kernel's coding


class Inputs(NamedTuple):
    """What a run needs besides its parameters and its chance."""

    heads: NDArray[np.float64]  # (years, provinces, groups): people
    ability: NDArray[np.float64]  # (kinds, groups): sum of Figure 2 without growth
    motivation: NDArray[np.float64]  # (kinds, groups): sum of Figure 2 without growth and famine
    ability_growth: NDArray[np.float64]  # (years,): growth times its coefficient
    motivation_growth: NDArray[np.float64]  # (years,)
    famine: NDArray[np.float64]  # (years,): 1 in a famine year
    kind: NDArray[np.int64]  # (provinces,): which row of ability and motivation
    learner: NDArray[np.int64]  # (provinces,): which row of the memory a province learns in
    weeks_per_year: int
    stop_above: int  # escapes of the country in a week
    counted: int  # index into COUNTED

    @property
    def weeks(self) -> int:
        """Return the number of weeks of a full run."""
        return int(self.heads.shape[0]) * self.weeks_per_year


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


def groups_of(cells: Cells, province: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the distinct (ability, motivation) of a province, largest sum first, and the group of each cell."""
    here = cells.province == province
    pairs = np.round(np.stack([cells.ability[here], cells.motivation[here]], axis=1), 9) + 0.0
    table, group = np.unique(pairs, axis=0, return_inverse=True)
    order = np.argsort(-table.sum(axis=1), kind="stable")
    return table[order], np.argsort(order)[group.ravel()]


def _padded(table: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return ``table`` with its first row repeated at the end: groups of nobody, which change no sum or maximum."""
    return np.concatenate([table, np.repeat(table[:1], length - len(table), axis=0)])
