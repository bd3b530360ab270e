"""The people of a scenario as cells, each one kind of person of one province, and their number by year."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import fsum, prod

import numpy as np
from numpy.typing import NDArray

from engine.scenario.kept import kept
from engine.scenario.people import LEVELS, Impact, Province
from engine.scenario.schema import Scenario


@dataclass(frozen=True)
class Cells:
    """All kinds of person: provinces outermost, then the traits in the order of LEVELS. Arrays are (cells,).

    Traits are indices into ``labels``. ability and motivation are the sums of Figure 2 (a_c, m_c) with the
    border and without growth and famine, before demographic_scale. heads are people, (years, cells).
    """

    province: NDArray[np.int64]
    age: NDArray[np.int64]
    sex: NDArray[np.int64]
    economy: NDArray[np.int64]
    status: NDArray[np.int64]
    residence: NDArray[np.int64]
    ability: NDArray[np.float64]
    motivation: NDArray[np.float64]
    heads: NDArray[np.int64]
    labels: dict[str, tuple[str, ...]]


@kept
def build_cells(scenario: Scenario) -> Cells:
    """Return the cells of a scenario, made once; the heads of a year add up to that year's population exactly."""
    labels = {"province": scenario.provinces, **LEVELS}
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
    arrays = dict(zip(labels, kinds.T.copy(), strict=True))
    arrays |= {"ability": np.array([ability for ability, _ in impacts])}
    arrays |= {"motivation": np.array([motivation for _, motivation in impacts])}
    arrays |= {"heads": np.array(heads, dtype=np.int64)}
    for array in arrays.values():
        array.flags.writeable = False
    return Cells(**arrays, labels=labels)


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
    for trait, levels in LEVELS.items():
        shares = [getattr(scenario.population.shares, trait)[level] for level in levels]
        by_trait.append(_normalised(share if isinstance(share, float) else share[province.name] for share in shares))
    return (prod(combination, start=weight) for combination in product(*by_trait))


def _impacts(scenario: Scenario, province: Province) -> Iterable[tuple[float, float]]:
    nothing = Impact(ability=0.0, motivation=0.0)
    border = scenario.impacts.border if province.borders_china else nothing
    by_trait = [
        [getattr(scenario.impacts, trait).get(level, nothing) for level in levels] for trait, levels in LEVELS.items()
    ]
    for combination in product([border], *by_trait):
        yield (
            fsum(impact.ability for impact in combination),
            fsum(impact.motivation for impact in combination),
        )
