"""A forecast beside what came and beside its rivals."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.common.exhibit import Cell, Exhibit, Table
from analysis.common.panels import WIDTH, mark_years
from analysis.forecast.rivals import DRAWS, FEWEST, RIVALS
from analysis.forecast.scores import Scored, scored
from analysis.posterior.exhibits import by_likelihood
from analysis.posterior.pictures import band, band_handles
from analysis.posterior.predictive import new_records
from analysis.posterior.sample import Sample, sample_of
from analysis.run_data.made_by import line_of
from engine.errors import DataError, counted
from engine.plot_style import CONTEXT, OURS, PAPER, our_style, short
from engine.results.run_record import Run
from engine.scenario import Scenario
from engine.types import Floats

MODEL = "the model"
CENTRAL = (0.05, 0.5, 0.95)
STYLES = ("--", ":", "-.")


def exhibits_of(run: Run, until: int | None) -> list[Exhibit]:
    """Return the forecast and how good it was, scored up to the year ``until``, or to the last.

    Raises DataError for a run that foretells nothing.
    """
    sample = sample_of(run)
    if not by_likelihood(run):
        remedy = "forecast by a run of posterior.rule=likelihood"
        raise DataError(f"{run.directory}: is by the energy score, which has no law of a record around a run; {remedy}")
    scenario = sample.scenario
    fitted = scenario.fitted_years
    if fitted == scenario.years:
        raise DataError(
            f"{run.directory}: was fitted to all of its years; make one that is not, with --set target.until=YEAR"
        )
    record = scenario.yearly_target()
    forecasts = {MODEL: foretold(sample)}
    for name, rival in RIVALS.items() if fitted >= FEWEST else ():
        rng = np.random.default_rng([run.record.seed, 3])
        forecasts[name] = rival(record[:fitted], scenario.years - fitted, rng)
    last = scenario.calendar[-1] if until is None else min(until, scenario.calendar[-1])
    count = last - scenario.calendar[fitted] + 1
    if count < 1:
        raise DataError(f"--until {until}: the first year foretold is {scenario.calendar[fitted]}; give it or a later")
    told = record[fitted : fitted + count]
    scores = {name: scored(draws[:, :count], told) for name, draws in forecasts.items()}
    command = line_of(run, "forecast", "" if until is None else f" --until {until}")
    return [years_of(scenario, forecasts, scores, count, command), scores_of(scores, count, command)]


def foretold(sample: Sample) -> Floats:
    """Return new records of the years that the posterior was not shown, (DRAWS, years): its own runs go on there."""
    chain, draw = sample.some(DRAWS)
    rng = np.random.default_rng([sample.run.record.seed, 4])
    ahead = sample.means[chain, draw, sample.scenario.fitted_years :]
    return new_records(rng, ahead, sample.miss[chain, draw]).astype(np.float64)


def verdict(scores: dict[str, Scored]) -> str:
    """Return in a sentence who foretold best, by both scores, and by how much."""
    if len(scores) == 1:
        return f"The model stands alone: rivals need a record of {FEWEST} years to go by."
    by_log = sorted(scores, key=lambda name: -scores[name].log_score)
    by_crps = sorted(scores, key=lambda name: scores[name].crps)
    lead = scores[by_log[0]].log_score - scores[by_log[1]].log_score
    people = scores[by_crps[1]].crps - scores[by_crps[0]].crps
    log_lead, crps_lead = f"{lead:.2f} ahead of {by_log[1]}", f"{people:,.0f} ahead of {by_crps[1]}"
    if by_log[0] == by_crps[0]:
        best = f"{by_log[0][0].upper()}{by_log[0][1:]}"
        return f"{best} foretold best, by log score ({log_lead}) and by CRPS ({crps_lead})."
    return f"By log score {by_log[0]} foretold best ({log_lead}), by CRPS {by_crps[0]} ({crps_lead})."


def years_of(
    scenario: Scenario, forecasts: dict[str, Floats], scores: dict[str, Scored], count: int, command: str
) -> Exhibit:
    """Return the forecasts year by year, with their picture."""
    fitted, record = scenario.fitted_years, scenario.yearly_target()
    rows: list[list[Cell]] = []
    for name, draws in forecasts.items():
        ends = np.quantile(draws, CENTRAL, axis=0)
        rows += [
            [name, year, float(record[fitted + place]), *map(float, ends[:, place]), place < count]
            for place, year in enumerate(scenario.calendar[fitted:])
        ]
    said = (
        f"{verdict(scores)} Fitted to {scenario.calendar[0]}–{scenario.calendar[fitted - 1]}, foretold from "
        f"{scenario.calendar[fitted]} on; {counted(count, 'year')} scored."
    )
    head = ("forecast", "year", "record", "p05", "p50", "p95", "scored")
    return Exhibit(
        "forecast", "Foretold and come", said, command, picture(scenario, forecasts, count), Table(head, rows)
    )


def scores_of(scores: dict[str, Scored], count: int, command: str) -> Exhibit:
    """Return how good each forecast was."""
    rows: list[list[Cell]] = [[name, *one] for name, one in scores.items()]
    said = (
        f"Over {counted(count, 'year')}. The log score is the log density of log(1 + people), the higher the better; "
        "CRPS is in people, the lower the better, and in logarithms; inside counts the years in the central half and "
        "nine tenths."
    )
    return Exhibit(
        "forecast_scores", "How good it was", said, command, None, Table(("forecast", *Scored._fields), rows)
    )


def picture(scenario: Scenario, forecasts: dict[str, Floats], count: int) -> Figure:
    """Return the model's fan beside what came, with the medians of its rivals."""
    fitted, record = scenario.fitted_years, scenario.yearly_target()
    years = np.array(scenario.calendar) + 0.5
    with our_style():
        figure = Figure(figsize=(WIDTH, 4.4), layout="constrained")
        axes = figure.subplots()
        band(axes, years[fitted:], forecasts[MODEL], OURS)
        handles: list[Artist] = [
            Line2D([], [], color=PAPER, marker="o", linestyle="", label=short(scenario.target.series)),
            *band_handles("the model"),
        ]
        for (name, draws), style in zip(list(forecasts.items())[1:], STYLES, strict=False):
            handles += axes.plot(
                years[fitted:], np.median(draws, axis=0), style, color=CONTEXT, label=f"{name}, median"
            )
        axes.plot(years, record, "o", color=PAPER, markersize=4)
        axes.axvline(scenario.first_year + fitted, color=CONTEXT, linewidth=1)
        if fitted + count < scenario.years:
            axes.axvspan(scenario.first_year + fitted + count, years[-1] + 0.5, color=CONTEXT, alpha=0.15, linewidth=0)
        highest = max(record.max(), float(np.quantile(forecasts[MODEL], 0.95, axis=0).max()))
        axes.set_ylim(0, min(1.05 * highest, 3 * record.max()))
        axes.set_ylabel("people a year")
        mark_years([axes], scenario, 12)
        figure.legend(handles=handles, loc="outside upper left", ncols=3)
        return figure
