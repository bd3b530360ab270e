"""The parts of the page in their order. What several of them need is made once and handed to each."""

from collections.abc import Callable
from functools import partial

from analysis import best
from analysis.common.exhibit import Exhibit
from analysis.common.once import Once
from analysis.counterfactual import exhibits as counterfactual
from analysis.counterfactual.worlds import happening
from analysis.diagnostics import exhibits as diagnostics
from analysis.figures import exhibits as figures
from analysis.forecast import exhibits as forecast
from analysis.importance import exhibits as importance
from analysis.leavers import exhibits as leavers
from analysis.posterior import exhibits as posterior
from analysis.regions import exhibits as regions
from analysis.regions.search import Regions
from analysis.regions.table import in_words, unseen
from analysis.report import run_facts
from analysis.reproduction import exhibits as reproduction
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fair, Fresh
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import rank
from analysis.run_data.reference import reference_of
from analysis.unseen import exhibits as unseen_records
from engine.errors import counted
from engine.results.columns import POSTERIOR
from engine.results.run_record import Run

PROVENANCE = "What was run"  # folded, at the end
MOST_NAMED = 3  # parameters
Sections = list[tuple[str, Callable[[], list[Exhibit]]]]


def sections_of(run: Run, screen: Run | None) -> Sections:
    """Return the parts of the page, title and maker; ``screen`` are independent draws of the case, if there are."""
    fresh = Once(lambda: Fresh(run))
    ranking = Once(lambda: rank(recorded(run), fresh.get()))
    found = Once(lambda: regions.found_in(ranking.get(), fresh.get()))
    measured = Once(lambda: importance.measured_in(run, screen))
    posteriors: Sections = []
    if run.record.method == POSTERIOR:
        posteriors.append(("The posterior", lambda: posterior.exhibits_of(run)))
        if run.scenario.fitted_years < run.scenario.years and posterior.by_likelihood(run):
            posteriors.append(("Years foretold", lambda: forecast.exhibits_of(run, None)))
    never_fitted: Sections = []
    if reference_of(run).unseen:
        never_fitted.append(("What was never fitted", lambda: unseen_records.exhibits_of(run, ranking=ranking.get())))
    publication: Sections = []
    if (reference := reference_of(run)).claims:
        claims = partial(reproduction.exhibits, run, importance=measured, regions=found, reference=reference)
        publication.append(("The paper beside us", lambda: claims(ranking=ranking.get())))
    without: Sections = []
    if events := happening(run.scenario):
        without.append((f"Without {' and '.join(events)}", lambda: counterfactual.without(run, events, ranking.get())))
    return [
        ("What was found", lambda: [*best.found(run, ranking.get()), in_short(run, found, measured)]),
        *posteriors,
        *never_fitted,
        ("The best draws", lambda: [best.exhibit_of(run, ranking.get())]),
        ("Regions of good draws", lambda: regions.exhibits_of(*found.get(), 0, regions.command_for(run, None))),
        ("Figures", lambda: figures.exhibits(run, ranking=ranking.get())),
        (
            "What decides the score",
            lambda: importance.exhibits_of(measured.get(), importance.command_for(run, screen)),
        ),
        *without,
        ("Who leaves", lambda: leavers.exhibits(run, ranking=ranking.get())),
        *publication,
        ("How the chains behaved", lambda: diagnostics.exhibits(run)),
        (PROVENANCE, partial(run_facts.exhibits, run)),
    ]


def in_short(run: Run, found: Once[tuple[Regions, Fair]], measured: Once[list[importance.Measured]]) -> Exhibit:
    """Return how many regions there are and which parameters matter, or why that cannot be said, in two sentences."""
    regions_told = f"Regions: {found.problem()}."
    if not found.problem():
        words, starts = in_words(found.get()[0]), found.get()[0].starts
        regions_told = (
            f"{words}; {counted(starts, 'independent start')}, so that a region that less than "
            f"{100 * unseen(starts):.2g}% of starts lead to may be missed."
        )
    told = f"Importance: {measured.problem()}."
    if not measured.problem():
        judged = measured.get()[-1].weighed  # of the screen, if there is one
        told = f"A forest has an R² of {judged.r_squared:.2f} on draws that it has not seen"
        surely = [line for line in judged.lines if line.kind == "parameter" and line.above]
        first = [line.name for line in sorted(surely, key=lambda line: -line.purity)][:MOST_NAMED]
        if not judged.r_squared > 0:
            told += ": which parameters matter cannot be said."
        elif first:
            told += f"; most of the score is decided by {', '.join(first)}."
        else:
            told += "; no parameter surely matters more than a column without effect."
    command = line_of(run, "report")
    return Exhibit("in_short", "In short", f"{regions_told} {told}", command)
