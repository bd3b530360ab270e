"""The people of a scenario as cells, each one kind of person of one province, and their number by year."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import fsum, prod

import numpy as np
from numpy.typing import NDArray

from engine.scenario.kept import kept
from engine.scenario.people import Impact, Province
from engine.scenario.schema import Scenario


@dataclass(frozen=True)
class Cells:
    """All kinds of person: provinces outermost, then the traits in the scenario's order. Arrays are (cells,).

    ``level`` has the province and each trait, as indices into ``labels``. ability and motivation are the sums of
    Figure 2 (a_c, m_c) with the border and without growth and events, before demographic_scale. heads are people,
    (years, cells).
    """

    level: dict[str, NDArray[np.int64]]
    ability: NDArray[np.float64]
    motivation: NDArray[np.float64]
    heads: NDArray[np.int64]
    labels: dict[str, tuple[str, ...]]

    @property
    def province(self) -> NDArray[np.int64]:
        """Return the place of each cell's province, (cells,)."""
        return self.level["province"]

    def are(self, trait: str, levels: Iterable[str]) -> NDArray[np.bool_]:
        """Return which cells are of one of these levels of a trait, or of these provinces."""
        return np.isin(self.level[trait], [self.labels[trait].index(level) for level in levels])


@kept
def build_cells(scenario: Scenario) -> Cells:
    """Return the cells of a scenario, made once; the heads of a year add up to that year's population exactly."""
    traits = scenario.population.traits
    labels = {"province": scenario.provinces, **traits}
    kinds = np.array(list(product(*(range(len(levels)) for levels in labels.values()))), dtype=np.int64)
    provinces = scenario.population.provinces
    weights = _normalised(province.population for province in provinces)
    shares = [
        share
        for province, weight in zip(provinces, weights, strict=True)
        for share in _shares(scenario, province, weight)
    ]
    impacts = [impact for province in provinces for impact in _impacts(scenario, province)]
    heads = [largest_remainder(total, shares) for total in scenario.population_totals().tolist()]
    arrays = {
        "ability": np.array([ability for ability, _ in impacts]),
        "motivation": np.array([motivation for _, motivation in impacts]),
        "heads": np.array(heads, dtype=np.int64),
    }
    level = dict(zip(labels, kinds.T.copy(), strict=True))
    for array in (*arrays.values(), *level.values()):
        array.flags.writeable = False
    return Cells(level, **arrays, labels=labels)


def largest_remainder(total: int, shares: list[Fraction]) -> list[int]:
    """Return ``total`` people dealt out by shares that add up to 1; ties go to the first cell."""
    quotas = [share * total for share in shares]
    heads = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(shares)), key=lambda cell: heads[cell] - quotas[cell])
    for cell in by_remainder[: total - sum(heads)]:
        heads[cell] += 1
    return heads


def _normalised(weights: Iterable[float]) -> list[Fraction]:
    # Exact fractions of the figures as written, so that ties are ties and every machine deals alike.
    fractions = [Fraction(str(weight)) for weight in weights]
    return [fraction / sum(fractions) for fraction in fractions]


def _shares(scenario: Scenario, province: Province, weight: Fraction) -> Iterable[Fraction]:
    by_trait = []
    for trait, levels in scenario.population.traits.items():
        shares = [scenario.population.shares[trait][level] for level in levels]
        by_trait.append(_normalised(share if isinstance(share, float) else share[province.name] for share in shares))
    return (prod(combination, start=weight) for combination in product(*by_trait))


def _impacts(scenario: Scenario, province: Province) -> Iterable[tuple[float, float]]:
    nothing = Impact(ability=0.0, motivation=0.0)
    border = scenario.impacts.border if province.on_border else nothing
    by_trait = [
        [scenario.impacts.of(trait).get(level, nothing) for level in levels]
        for trait, levels in scenario.population.traits.items()
    ]
    for combination in product([border], *by_trait):
        yield (
            fsum(impact.ability for impact in combination),
            fsum(impact.motivation for impact in combination),
        )
