"""How the cost of a busy run grows with the weeks, the provinces, the groups of cells and the attempts."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from benchmark_kernel import Effort, Engine, milliseconds, timed
from benchmark_points import BUSY, load
from benchmark_rows import Row

from engine import Parameters
from engine.kernel.inputs import NEVER_STOP, Inputs
from engine.kernel_inputs import earlier_of, make_inputs

Country = tuple[Inputs, Parameters]
STEADY = BUSY.replaced(adjustment_rate=0.0)  # or a longer history would be another country, not more of the same
LINEAR = 1.05  # a power of the size; above 1 by what neighbours on the machine may add to a measurement


class Curve(NamedTuple):
    """Milliseconds of a run by size."""

    axis: str
    sizes: list[float]
    costs: list[Row]  # one a size

    @property
    def power(self) -> Row:
        """Return the power of the size that the cost grows with, by least squares on logarithms."""
        logs = np.log([cost.values for cost in self.costs])
        powers = np.polyfit(np.log(self.sizes), logs, 1)[0]
        return Row(f"growth: power of the {self.axis}", "power", powers.tolist(), at_most=LINEAR)


def more_weeks(inputs: Inputs, factor: int) -> Country:
    """Return the country whose history repeats ``factor`` times."""
    return inputs._replace(
        heads=np.tile(inputs.heads, (factor, 1, 1)),
        ability_growth=np.tile(inputs.ability_growth, factor),
        motivation_growth=np.tile(inputs.motivation_growth, factor),
        events=np.tile(inputs.events, (factor, 1)),
        schedule=np.tile(inputs.schedule, factor),
        course=inputs.course._replace(
            first_span=np.arange(factor * len(inputs.heads) + 1),
            begins=inputs.weeks_per_year * np.arange(factor * len(inputs.heads) + 1),
            factor=np.tile(inputs.course.factor, (factor, 1)),
            shift=np.tile(inputs.course.shift, (factor, 1)),
        ),
    ), STEADY


def more_provinces(inputs: Inputs, factor: int) -> Country:
    """Return the country with each province ``factor`` times."""
    provinces, kind = np.arange(factor * inputs.kind.size), np.tile(inputs.kind, factor)
    return inputs._replace(
        heads=np.tile(inputs.heads, (1, factor, 1)),
        kind=kind,
        earlier=earlier_of(kind),
        learner=provinces,
        province=provinces,
        home=np.arange(len(provinces) + 1),
        initial=np.tile(inputs.initial, factor),
        course=inputs.course._replace(
            told=np.zeros((0, len(provinces), 2), np.int64), held=np.zeros((0, len(provinces)))
        ),
    ), STEADY


def more_groups(inputs: Inputs, factor: int) -> Country:
    """Return the same people in ``factor`` times as many groups."""
    return inputs._replace(
        heads=np.tile(inputs.heads / factor, (1, 1, factor)),
        ability=np.tile(inputs.ability, (1, factor)),
        motivation=np.tile(inputs.motivation, (1, factor)),
    ), STEADY


def more_attempts(inputs: Inputs, factor: int) -> Country:
    """Return ``factor`` times as many people, of whose attempts as many become known and too many as before."""
    point = STEADY.replaced(visibility=STEADY.visibility / factor, tolerance=STEADY.tolerance * factor)
    return inputs._replace(heads=inputs.heads * factor), point


MORE: dict[str, tuple[Callable[[Inputs, int], Country], tuple[int, ...]]] = {
    "weeks": (more_weeks, (1, 2, 4, 8)),
    "provinces": (more_provinces, (1, 2, 4, 8)),
    "groups": (more_groups, (1, 2, 4, 8)),
    "attempts": (more_attempts, (1, 8, 64, 512, 4096)),
}


def curve(axis: str, effort: Effort) -> Curve:
    """Return the cost of a busy run at each size along an axis, sizes interleaved."""
    more, factors = MORE[axis]
    inputs = make_inputs(load())._replace(stop_above=NEVER_STOP)
    countries = [more(inputs, factor) for factor in factors]
    engines = [Engine(country) for country, _ in countries]
    points = [engine.enough(point, effort.seconds) for engine, (_, point) in zip(engines, countries, strict=True)]
    seconds = np.zeros((len(factors), effort.rounds))
    attempts = np.zeros((len(factors), effort.rounds))
    for number in range(effort.rounds):
        for size, (engine, many) in enumerate(zip(engines, points, strict=True)):
            seconds[size, number], attempts[size, number] = timed(engine.replay, many, number * len(many))
    counts = {
        "weeks": [country.weeks for country, _ in countries],
        "provinces": [country.kind.size for country, _ in countries],
        "groups": [country.ability.shape[1] for country, _ in countries],
        "attempts": [total.mean() / len(many) for total, many in zip(attempts, points, strict=True)],
    }
    sizes = [float(size) for size in counts[axis]]
    costs = [
        milliseconds(f"growth: {size:,.0f} {axis}", values.tolist(), len(many))
        for size, values, many in zip(sizes, seconds, points, strict=True)
    ]
    return Curve(axis, sizes, costs)


def plot(curves: list[Curve], path: Path) -> None:
    """Write a figure of the curves, each beside the line of a cost that grows as its size."""
    import matplotlib

    matplotlib.use("Agg")  # a figure for a file needs no screen
    from matplotlib import pyplot
    from matplotlib.ticker import EngFormatter, LogLocator, NullLocator

    short = EngFormatter(sep="")
    figure, axes = pyplot.subplots(2, 2, figsize=(8, 6), layout="constrained")
    for axis, each in zip(axes.flat, curves, strict=True):
        costs = [cost.median for cost in each.costs]
        spread = np.array([(cost.median - min(cost.values), max(cost.values) - cost.median) for cost in each.costs])
        axis.plot(each.sizes, [costs[0] * size / each.sizes[0] for size in each.sizes], "--", color="0.6")
        axis.errorbar(each.sizes, costs, spread.T, marker="o", capsize=3)
        axis.set(xscale="log", yscale="log", ylabel="milliseconds a run")
        axis.set_xlabel(f"{each.axis} (power {each.power.median:.2f})")
        axis.set_xticks(each.sizes, [short(float(f"{size:.3g}")) for size in each.sizes])
        axis.xaxis.set_minor_locator(NullLocator())
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_locator(NullLocator())
    figure.suptitle("A busy run; dashed: in proportion to the size")
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
