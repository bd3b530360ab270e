"""The draws of a run as the forests take them: the searched columns, a probe without effect, and what to hold out."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from analysis.importance.forest import Features, Ranks, as_ranks, stream
from analysis.importance.probe import DRAWINGS, company_without_effect, walk_without_effect
from analysis.run_data.candidates import starts_of
from calibrate.methods.population import Population
from calibrate.methods.registry import method_of, searcher
from calibrate.methods.restart import Restart
from calibrate.methods.tempered import Tempered, step_of
from calibrate.objective.further import floor_of
from calibrate.objective.likelihood import floor
from calibrate.objective.objectives import Objective, ranked_by
from engine.errors import DataError, UsageError, to_type
from engine.results.directory import RUN
from engine.results.provenance import differences
from engine.results.run_record import Run
from engine.types import Flags, Floats, Integers

FOLDS = 4
FEWEST_DRAWS = 20
PAIR = ("prior_alpha", "prior_beta")
DERIVED = ("prior_mean", "prior_strength")  # α0/(α0 + β0), and α0 + β0


class Range(NamedTuple):
    """What was searched of a parameter."""

    low: float
    high: float
    log: bool


class Draws(NamedTuple):
    """The draws that have a score, ready for the forests."""

    objective: Objective  # what the forests explain
    names: tuple[str, ...]  # the searched parameters
    columns: list[Floats]  # theirs
    probes: Ranks  # (drawings, draws)
    score: Floats
    chain: Integers
    iteration: Integers
    group: Integers  # of chains that met: a chain that met none is one
    screen: bool
    box: dict[str, Range]  # what was searched, by name

    def features(self) -> Features:
        """Return what the trees split on: the searched parameters and the probe."""
        return Features(as_ranks(self.columns), self.probes)

    @property
    def one_start(self) -> bool:
        """Return whether there are several chains and all of them met."""
        return len(np.unique(self.chain)) > 1 == len(np.unique(self.group))

    def derived(self) -> "Draws | None":
        """Return the same draws with DERIVED for PAIR, None unless both of these were searched."""
        if not set(PAIR) <= set(self.names):
            return None
        column = dict(zip(self.names, self.columns, strict=True))
        alpha, beta = (column.pop(name) for name in PAIR)
        column |= dict(zip(DERIVED, (alpha / (alpha + beta), alpha + beta), strict=True))
        return self._replace(names=tuple(column), columns=list(column.values()))


def load(run: Run, seed: int) -> Draws:
    """Return the draws of a run with the probe; raise DataError where no forest can grow."""
    results, names, scenario = run.directory, run.free_names, run.record.scenario
    if not names:
        raise DataError(f"{results / RUN}: holds every parameter fixed; free at least one in the scenario")
    screen = method_of(run.record).independent
    objective = ranked_by(run)
    table = run.draws(["iteration", "accepted", objective.column, *names])
    column = {name: np.asarray(table[name].to_numpy()) for name in table.column_names}
    scored = np.isfinite(column[objective.column])
    score = column[objective.column][scored].astype(np.float64)
    if objective.column == "log_likelihood":
        # Choice: a silent run's is a hundred times as low as that of one that explodes; forests would see nothing else.
        score = np.maximum(score, floor(run.scenario) + floor_of(run.scenario))
    if len(score) < FEWEST_DRAWS:
        there = f"holds {len(score)} draws with a {objective.words}"
        raise DataError(f"{results}: {there}; let the run reach {FEWEST_DRAWS} at least")
    if score.min() == score.max():
        same = f"every draw has the {objective.words} {score[0]:g}"
        raise DataError(f"{results}: {same}, there is nothing to explain; search wider ranges")
    probes = probes_of(run, column["chain"], column["accepted"], seed)[:, scored]
    columns = [column[name][scored].astype(np.float64) for name in names]
    chain, iteration = column["chain"][scored], column["iteration"][scored]
    box = box_of(scenario, names, results / RUN)
    group = chain // method_of(run.record).meets.group
    return Draws(objective, names, columns, probes, score, chain, iteration, group, screen, box)


def probes_of(run: Run, chain: Integers, accepted: Flags, seed: int) -> Ranks:
    """Return the probe, (DRAWINGS, draws), as the run's method would move it: of a screen, white noise."""
    method, parameters = method_of(run.record), len(run.free_names)
    streams = [stream(seed, 0, number) for number in range(DRAWINGS)]
    if method.independent:
        return np.array([each.random(len(chain)) for each in streams], dtype=np.float32)
    step, moving = moves(run.record.scenario, parameters, run.directory / RUN)
    if issubclass(method, Population):
        return company_without_effect(chain, accepted, step, moving, parameters, streams[0])
    if issubclass(method, Tempered):
        step *= float(np.mean([step_of(rung) for rung in range(method.meets.group)]))
    walks, rescore = chain.astype(np.int64), run.record.scenario["search"].get("rescore") or 0
    if issubclass(method, Restart):
        searched, rescore = searcher(run.record, run.scenario), 0
        worth = run.draws([searched.objective.column])[searched.objective.column].to_numpy()
        walks = starts_of(searched, walks, worth)
    found = [walk_without_effect(walks, accepted, step, moving, each, rescore) for each in streams]
    return np.array(found, dtype=np.float32)


def box_of(scenario: dict[str, Any], names: tuple[str, ...], label: Path) -> dict[str, Range]:
    """Return what was searched of each parameter; raise DataError where run.json does not say it."""
    box = {}
    for name in names:
        entry = scenario["parameters"][name]
        low, high, log = entry.get("low"), entry.get("high"), entry.get("scale") == "log"
        if not (isinstance(low, float | int) and isinstance(high, float | int) and low < high and (low > 0 or not log)):
            raise DataError(f"{label}: scenario.parameters.{name} gives no range; put back a copy of the file")
        box[name] = Range(float(low), float(high), log)
    return box


def moves(scenario: dict[str, Any], parameters: int, label: Path) -> tuple[float, float]:
    """Return a parameter's step in a search, as a share of its range, and the chance that a proposal moves it."""
    search = scenario.get("search")
    if not isinstance(search, dict) or not all(isinstance(search.get(key), float | int) for key in ("step", "subset")):
        raise DataError(f"{label}: scenario.search gives no step and subset; put back a copy of the file")
    # calibrate.methods.moves.propose: each moves with probability ``subset``; if none would, one picked evenly does.
    subset = float(search["subset"])
    return float(search["step"]), subset + (1.0 - subset) ** parameters / parameters


def folds_of(draws: Draws) -> tuple[Integers, str]:
    """Return the fold in which each draw is held out, and the words for it.

    Of a search whole chains together, and with them those they met: draws of a chain resemble their neighbours, and a
    forest that has seen some has all but seen the others.
    """
    if draws.screen:
        return np.arange(len(draws.score)) % FOLDS, f"one in {FOLDS} draws in turn"
    if len(np.unique(draws.chain)) == 1:
        late = draws.iteration >= np.quantile(draws.iteration, 0.75)
        return np.where(late, 0, -1), "the last quarter of the only chain (weaker: run more chains)"
    place = units_of(draws)
    units = int(place.max()) + 1
    what = "chains" if draws.one_start or len(np.unique(draws.chain)) == units else "groups of chains that met"
    met = ", which met: one start" if draws.one_start else ""
    count = min(FOLDS, units)
    return place % count, f"whole {what} in turn, {units} {what} in {count} folds{met}"


def units_of(draws: Draws) -> Integers:
    """Return the number of the unit that each draw belongs to: what is independent of the rest, draw, chain or group.

    # Choice: of a lone group its chains are taken, which is told: they are not independent, but all that there is.
    """
    if draws.screen:
        return np.arange(len(draws.score))
    place: Integers = np.unique(draws.chain if draws.one_start else draws.group, return_inverse=True)[1]
    return place


def check_same_case(run: Run, screen: Run) -> None:
    """Return if ``screen`` is a screen of the case, and the box, that ``run`` searched; else raise UsageError."""
    if not method_of(screen.record).independent:
        raise UsageError(
            f"--screen {screen.directory}: is no screen; make one with: {to_type('calibrate')} --screen 65536 --out DIR"
        )
    searched, screened = (
        {**each.record.scenario, "search": None, "objective": None, "reference": None} for each in (run, screen)
    )
    if lines := differences(searched, screened):
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        raise UsageError(
            f"--screen {screen.directory}: is of another scenario than {run.directory}: {lines[0]}{more}; "
            "screen the one that was searched, with the same --config and --set"
        )
