"""How many escapes a change makes or saves, and by which way, over draws and chance."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from analysis.counterfactual.worlds import (
    FACTUAL,
    HELD,
    HELD_BELIEFS,
    HELD_REPRESSION,
    OTHERWISE,
    worlds_of,
)
from analysis.posterior.sample import sample_of
from analysis.run_data.ranking import TOP, Ranking, ranked
from engine.cli.compile_notice import tell_of_compiling
from engine.counterfactual import live_in_each
from engine.errors import DataError
from engine.results.columns import POSTERIOR
from engine.results.run_record import Run
from engine.seeds import seed_from
from engine.types import Flags, Floats

#: The ways of an effect, which add up to all of it, the first.
WAYS = ("all", "direct", "beliefs", "repression")
INTERVAL = (0.05, 0.95)
FEWEST = 2  # runs of a draw that are stopped in no world, for its mean to count


class Spread(NamedTuple):
    """Means over draws and runs, an interval of the draws' means, and the standard error that chance leaves."""

    mean: Floats
    low: Floats
    high: Floats
    error: Floats


class Effect(NamedTuple):
    """Runs of some draws in the five worlds.

    # Choice: nobody escapes after a run is stopped, so the world that explodes would seem to have fewer escapes; and if
    none were stopped, a few explosions of millions would be all of the mean. So a run that is stopped in one of the
    worlds is left out in all of them, and how many are stopped in each is told beside the means.
    """

    entries: Sequence[Any]  # the interventions
    posterior: bool  # whether the draws are a posterior's, or a search's best
    escapes: Floats  # (draws, runs, worlds, years), NaN where the run is left out
    stopped: Flags  # (draws, runs, worlds)

    @property
    def left_out(self) -> float:
        """Return the share of runs that are left out."""
        return float(self.stopped.any(axis=2).mean())

    @property
    def stops(self) -> tuple[float, float]:
        """Return the share of runs that are stopped as it was and otherwise."""
        shares = self.stopped.mean(axis=(0, 1))
        return float(shares[FACTUAL]), float(shares[OTHERWISE])

    @property
    def saved(self) -> float:
        """Return the share of the variance of a difference that one chance for both worlds takes off, of all escapes.

        Beside the worlds' own variances, which it would have on chances of their own.
        """
        totals = self.escapes.sum(axis=3)
        was, other = totals[:, :, FACTUAL], totals[:, :, OTHERWISE]
        apart = np.nanvar(was, axis=1) + np.nanvar(other, axis=1)
        return 1.0 - float(np.nanvar(was - other, axis=1).mean() / apart.mean()) if apart.mean() > 0 else 0.0


def effect_of(
    run: Run, entries: Sequence[Any], draws: int, runs: int, seed: int = 0, ranking: Ranking | None = None
) -> Effect:
    """Return the effect of some interventions at draws of a run: of its posterior, or its best on fresh seeds."""
    worlds = worlds_of(run.scenario, entries)
    points = points_of(run, draws, ranking)
    # As in analysis.run_data.fresh_seeds, with a word more: no address is one that chose among the draws.
    own = seed_from(seed, run.record.seed, len(worlds))
    tell_of_compiling("run.run")
    lived = []
    for place, point in enumerate(tqdm(points, unit=" draws", disable=None, leave=False)):
        addresses = [(own, place, number) for number in range(runs)]
        lived.append(live_in_each(worlds, run.scenario.point(point), addresses))
    escapes = np.array([one.escapes for one in lived], dtype=np.float64)
    stopped = np.array([one.stopped for one in lived])
    escapes[stopped.any(axis=2)] = np.nan
    enough = (~stopped.any(axis=2)).sum(axis=1) >= FEWEST  # runs of each draw
    effect = Effect(entries, run.record.method == POSTERIOR, escapes[enough], stopped)
    if not enough.any():
        was, other = effect.stops
        raise DataError(
            f"{run.directory}: {was:.0%} of runs are stopped as it was and {other:.0%} otherwise (stop_above), and no "
            f"draw has {FEWEST} runs that none of the worlds stops; name a smaller change, or give more --runs"
        )
    return effect


def points_of(run: Run, draws: int, ranking: Ranking | None = None) -> Floats:
    """Return so many points of a run, (draws, parameters): spread evenly over its posterior, or its best."""
    if run.record.method == POSTERIOR:
        sample = sample_of(run)
        return sample.points[sample.some(draws)]
    best = ranking or ranked(run, max(TOP, draws))
    return best.draws.points[best.place[:draws]]


def ways(escapes: Floats) -> Floats:
    """Return by how many the escapes as it was exceed those otherwise, in all and by each way: (..., ways, years).

    ``escapes`` are (..., worlds, years). A way's part is the mean of what it adds before the other and after it, so
    that the parts add up to all. Paper: the "direct and indirect effects" of a famine.
    """
    was, other, held, held_repression, held_beliefs = (
        escapes[..., world, :].astype(np.float64) for world in (FACTUAL, OTHERWISE, HELD, HELD_REPRESSION, HELD_BELIEFS)
    )
    through_beliefs = 0.5 * ((held - held_repression) + (held_beliefs - other))
    through_repression = 0.5 * ((held - held_beliefs) + (held_repression - other))
    return np.stack([was - other, was - held, through_beliefs, through_repression], axis=-2)


def with_total(by_year: Floats) -> Floats:
    """Return figures by year with their sum as a last column: (..., years + 1)."""
    return np.concatenate([by_year, by_year.sum(axis=-1, keepdims=True)], axis=-1)


def spread(figures: Floats) -> Spread:
    """Return what figures, (draws, runs, ...), come to; NaN where a run is left out."""
    by_draw = np.nanmean(figures, axis=1)
    runs = np.isfinite(figures).sum(axis=1)
    chance = np.nanvar(figures, axis=1, ddof=1) / runs
    low, high = np.quantile(by_draw, INTERVAL, axis=0)
    return Spread(by_draw.mean(axis=0), low, high, np.sqrt(chance.sum(axis=0)) / len(figures))
