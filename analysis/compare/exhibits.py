"""Runs side by side as tables and pictures, with what each of them shows."""

from collections.abc import Callable, Sequence

import numpy as np

from analysis.common.bars import Bar, bars
from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.libraries import arviz
from analysis.compare import pictures
from analysis.compare.claims import claims, of_the_paper
from analysis.compare.differences import how_searched, lines_of
from analysis.compare.seen import RUNS, Seen, simulated, worths
from analysis.forecast import exhibits as forecast
from analysis.posterior.exhibits import by_likelihood
from analysis.posterior.sample import MISS, sample_of
from analysis.posterior.table import Line
from analysis.posterior.table import lines_of as posterior_lines
from analysis.regions import table as regions
from analysis.run_data.skill import skill
from calibrate.objective.objectives import OBJECTIVES
from engine.cli.yearly_table import BAND
from engine.parameters import names_of
from engine.results.columns import POSTERIOR
from engine.scenario import Scenario

SAME = "Their scenarios are the same."
Parts = list[tuple[str, Callable[[], list[Exhibit]]]]


def parts_of(seen: Sequence[Seen], command: str) -> Parts:
    """Return the parts of the page, title and maker; those that no run has are left out."""
    parts: Parts = [
        ("What differs", lambda: [scenarios(seen, command)]),
        ("How good they are", lambda: [objectives(seen, command), exchanged(seen, command)]),
        ("Curves", lambda: [curves(seen, command)]),
        ("Where good draws lie", lambda: [values(seen, command)]),
        ("Regions of good draws", lambda: [regions_of(seen, command)]),
    ]
    papers = of_the_paper(seen)
    if papers:
        parts.append(("The paper's claims", lambda: [claims(papers, command)]))
    posteriors = [one for one in seen if one.run.record.method == POSTERIOR]
    if posteriors:
        parts.append(("Posteriors", lambda: [posterior_of(posteriors, command)]))
    foretelling = [
        one for one in posteriors if one.scenario.fitted_years < one.scenario.years and by_likelihood(one.run)
    ]
    if foretelling:
        parts.append(("Years foretold", lambda: [foretold(foretelling, command)]))
    return parts


def scenarios(seen: Sequence[Seen], command: str) -> Exhibit:
    """Return what differs between the scenarios and the searches, key by key."""
    runs = [one.run for one in seen]
    found, searched = lines_of(runs), how_searched(runs)
    said = SAME if not found else f"Their scenarios differ in {len(found)} keys or tables."
    if searched:
        said += " In brackets: how they were searched."
    head = ("key", *(one.label for one in seen))
    return Exhibit(
        "compare_scenarios", "What differs between the runs", said, command, None, Table(head, found + searched)
    )


def objectives(seen: Sequence[Seen], command: str) -> Exhibit:
    """Return what the best point of each run is worth, by both objectives and as a share of the record."""
    rows: list[list[Cell]] = []
    for one in seen:
        draws, worth = one.ranking.draws, worths(one.scenario, one.runs)
        missed = np.abs(np.nan_to_num(one.curve[0]) - one.scenario.yearly_target()).mean()
        address = OBJECTIVES[one.run.objective].words, *one.address
        numbers = (
            float(one.ranking.recorded[0]),
            *worth["score"],
            *worth["likelihood"],
            skill(one.scenario, one.curve[0]),
        )
        rows.append([one.label, len(draws.score), *address, *numbers, float(missed)])
    head = (
        *("run", "draws", "ranked_by", "chain", "iteration", "recorded"),
        *("mean_score", "score_error", "log_likelihood", "likelihood_error", "skill", "missed_a_year"),
    )
    return Exhibit(
        "compare_objectives",
        "What the best points are worth",
        f"The best draw of each run on fresh seeds, simulated {RUNS} times more.{who_leads(seen)} Skill is the share "
        "of its record that the mean curve accounts for (1: all, 0: as far off as nobody leaving); missed a year, in "
        "people.",
        command,
        None,
        Table(head, rows),
        incomparable(seen),
    )


def who_leads(seen: Sequence[Seen]) -> str:
    """Return in sentences whose best point is best by the objectives that mean the same for all runs."""
    told = []
    for name in OBJECTIVES:
        if len({measure_of(one.scenario, name) for one in seen}) > 1:
            continue
        found = sorted(((*worths(one.scenario, one.runs)[name], one.label) for one in seen), reverse=True)
        (first, error, label), (second, other, next_label) = found[:2]
        apart = first - second > 2 * np.hypot(error, other)
        lead = f"{first - second:.2f} {OBJECTIVES[name].unit}"
        told.append(
            f" By {OBJECTIVES[name].fair} {label} leads {next_label} by {lead}."
            if apart
            else f" By {OBJECTIVES[name].fair} {label} and {next_label} are not to be told apart ({lead})."
        )
    return "".join(told)


def measure_of(scenario: Scenario, objective: str) -> str:
    """Return all that decides what a point of the objective is: two scenarios with the same can be compared by it."""
    values = scenario.resolved()
    target = values["target"] | {"tables": None, "record": scenario.yearly_target().tolist()}
    if objective == "likelihood":
        return str((target | {"smoothing_weeks": None, "series": None}, values["likelihood"]))
    return str((target | {"series": None}, values["score"], values["weeks_per_year"]))


def incomparable(seen: Sequence[Seen]) -> tuple[str, ...]:
    """Return a warning for each objective whose points are not the same for all runs."""
    return tuple(
        f"the {OBJECTIVES[name].words} of these runs is of unlike records or weights, so its points cannot be compared"
        for name in OBJECTIVES
        if len({measure_of(one.scenario, name) for one in seen}) > 1
    )


def exchanged(seen: Sequence[Seen], command: str) -> Exhibit:
    """Return what the best point of each run is worth in the scenario of each other."""
    rows: list[list[Cell]] = []
    for point in seen:
        row: list[Cell] = [point.label]
        for place in seen:
            runs = place.runs if place is point else simulated(place.scenario, held(place.scenario, point), 0)
            row.append(worths(place.scenario, runs)[place.run.objective][0])
        rows.append(row)
    return Exhibit(
        "compare_exchanged",
        "Each best point in the others' scenarios",
        "A row for the best point of each run, a column for the scenario that it is simulated in, worth as that run "
        "ranks its draws. A parameter that a scenario holds is held, and an event that a run does not know has no "
        "effect. Where a column hardly changes, the scenarios differ little at these points; where only the diagonal "
        "is good, each needed a search of its own.",
        command,
        None,
        Table(("point_of", *(f"in {one.label}" for one in seen)), rows),
    )


def held(scenario: Scenario, point: Seen) -> np.ndarray:
    """Return the best point of a run as a point of ``scenario``, (parameters,), with what that holds held.

    An event that the run does not know has no effect.
    """
    known = dict(zip(point.scenario.names, point.best.tolist(), strict=True))
    given = {name: entry.fixed for name, entry in scenario.parameters.items() if entry.fixed is not None}
    return np.array([given.get(name, known.get(name, 0.0)) for name in scenario.names])


def curves(seen: Sequence[Seen], command: str) -> Exhibit:
    """Return people by year beside the record, and repression, of each run's best point."""
    head = ("run", "year", "record", "mean", *(f"p{100 * share:02.0f}" for share in BAND), "repression")
    rows: list[list[Cell]] = []
    for one in seen:
        told = zip(one.scenario.calendar, one.scenario.yearly_target(), one.curve.T, one.repression[0], strict=True)
        for year, record, column, level in told:
            numbers = (None if np.isnan(number) else float(number) for number in (*column, level))
            rows.append([one.label, year, float(record), *numbers])
    return Exhibit(
        "compare_curves",
        "The best points beside their records",
        f"The best point of each run, simulated {RUNS} times on fresh seeds: people a year beside the record that the "
        "run was held against, and repression, the mean over provinces.",
        command,
        pictures.curves(seen),
        Table(head, rows),
    )


def all_names(seen: Sequence[Seen]) -> tuple[str, ...]:
    """Return the parameters that any of the runs has, each once."""
    return names_of(dict.fromkeys(event for one in seen for event in one.scenario.events))


def values(seen: Sequence[Seen], command: str) -> Exhibit:
    """Return the best value of each parameter, and where nine in ten of the good draws of each run lie."""
    head = ("parameter", "run", "best", "p05", "p95", "searched_from", "searched_to")
    rows: list[list[Cell]] = []
    by_name: dict[str, list[Bar | None]] = {}
    for name in all_names(seen):
        entries = [one.scenario.parameters.get(name) for one in seen]
        if (held := {entry and entry.fixed for entry in entries}) != {None} and len(held) == 1:
            continue
        for one, entry in zip(seen, entries, strict=True):
            if entry is None:  # a run whose scenario has no such event
                by_name.setdefault(name, []).append(None)
                continue
            best = float(one.best[one.scenario.names.index(name)])
            low, high = one.good(name)
            rows.append([name, one.label, best, low, high, entry.low, entry.high])
            by_name.setdefault(name, []).append(Bar(low, best, high))
    log = [name for name in by_name if is_log(seen, name)]
    legend = "dot: the best point; bar: nine in ten of the good draws"
    return Exhibit(
        "compare_values",
        "Where good draws lie",
        "Of each run the best point on fresh seeds, and where nine in ten of its good draws lie: the better half of "
        "the best recorded ones, on fresh seeds. Bars that do not meet say that the runs found other places.",
        command,
        bars([one.label for one in seen], by_name, log, legend),
        Table(head, rows),
    )


def regions_of(seen: Sequence[Seen], command: str) -> Exhibit:
    """Return the regions of good draws of each run."""
    wanted = ("region", "points", "starts_hit", "mean", "standard_error", "prior_mean_lowest", "prior_mean_highest")
    places = [regions.SUMMARY.index(name) for name in wanted]
    rows: list[list[Cell]] = []
    told = []
    for one in seen:
        if problem := one.regions.problem():
            told.append(f"{one.label}: {problem}")
            continue
        found, again = one.regions.get()
        told.append(f"{one.label}: {regions.in_words(found)} (good: {found.threshold:.2f} or more)")
        rows += [[one.label, *(row[place] for place in places)] for row in regions.summary(found, again).rows]
    return Exhibit(
        "compare_regions",
        "Regions of good draws",
        f"{'; '.join(told)}. What is good is another threshold for each run, four fifths of the way to its best.",
        command,
        None,
        Table(("run", *wanted), rows),
    )


def posterior_of(seen: Sequence[Seen], command: str) -> Exhibit:
    """Return the parameters of each posterior."""
    library, wanted = arviz(), ("median", "p05", "p95", "prior_p05", "prior_p95", "narrower", "rhat")
    found = {one.label: {line.parameter: line for line in posterior_lines(sample_of(one.run), library)} for one in seen}
    names = [name for name in (*all_names(seen), MISS) if any(name in lines for lines in found.values())]
    rows: list[list[Cell]] = [
        [name, label, *(getattr(lines[name], column) for column in wanted)]
        for name in names
        for label, lines in found.items()
        if name in lines
    ]
    by_name = {name: [bar_of(lines.get(name)) for lines in found.values()] for name in names}
    log = [name for name in names if name == MISS or is_log(seen, name)]
    rough = [label for label, lines in found.items() if not all(line.settled for line in lines.values())]
    return Exhibit(
        "compare_posteriors",
        "What the record tells of the parameters",
        "Median and central 90 % of each posterior; narrower says how many times that is narrower than the prior's.",
        command,
        bars(list(found), by_name, log, "dot: median; bar: nine in ten draws of the posterior"),
        Table(("parameter", "run", *wanted), rows),
        tuple(f"the chains of {label} have not settled in every parameter" for label in rough),
    )


def is_log(seen: Sequence[Seen], name: str) -> bool:
    """Return whether one of the runs searched a parameter by its logarithm; one that has no such event did not."""
    entries = (one.scenario.parameters.get(name) for one in seen)
    return any(entry is not None and entry.scale == "log" for entry in entries)


def bar_of(line: Line | None) -> Bar | None:
    """Return the bar of a parameter's posterior."""
    return None if line is None else Bar(line.p05, line.median, line.p95)


def foretold(seen: Sequence[Seen], command: str) -> Exhibit:
    """Return how good the forecast of each run was, beside its rivals."""
    head: tuple[str, ...] = ()
    rows: list[list[Cell]] = []
    told = []
    for one in seen:
        years, scores = forecast.exhibits_of(one.run, None)
        assert scores.table is not None
        head = ("run", *scores.table.head)
        rows += [[one.label, *row] for row in scores.table.rows]
        told.append(f"{one.label}: {years.sentence}")
    return Exhibit(
        "compare_forecasts", "How well years were foretold", " ".join(told), command, None, Table(head, rows)
    )
