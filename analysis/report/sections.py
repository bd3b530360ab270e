"""The parts of the page in their order. What several of them need is made once and handed to each."""

from collections.abc import Callable
from functools import partial

from analysis import best
from analysis.common.exhibit import Exhibit
from analysis.common.once import Once
from analysis.diagnostics import exhibits as diagnostics
from analysis.figures import exhibits as figures
from analysis.importance import exhibits as importance
from analysis.leavers import exhibits as leavers
from analysis.regions import exhibits as regions
from analysis.report import run_facts
from analysis.reproduction import exhibits as reproduction
from analysis.run_data.candidates import recorded
from analysis.run_data.fresh_seeds import Fresh
from analysis.run_data.ranking import rank
from engine.results.run_record import Run

Sections = list[tuple[str, Callable[[], list[Exhibit]]]]


def sections_of(run: Run, screen: Run | None) -> Sections:
    """Return the parts of the page, title and maker; ``screen`` are independent draws of the case, if there are."""
    fresh = Once(lambda: Fresh(run))
    ranking = Once(lambda: rank(recorded(run), fresh.get()))
    found = Once(lambda: regions.found_in(ranking.get(), fresh.get()))
    measured = Once(lambda: importance.measured_in(run, screen))
    return [
        ("What was run", partial(run_facts.exhibits, run)),
        ("The best draws", lambda: [best.exhibit_of(run, ranking.get())]),
        ("Regions of good draws", lambda: regions.exhibits_of(*found.get(), 0, regions.command_for(run, None))),
        ("Figures", lambda: figures.exhibits(run, ranking=ranking.get())),
        (
            "What decides the score",
            lambda: importance.exhibits_of(measured.get(), importance.command_for(run, screen)),
        ),
        ("Who leaves", lambda: leavers.exhibits(run, ranking=ranking.get())),
        ("The paper beside us", lambda: reproduction.exhibits(run, ranking.get(), measured, found)),
        ("How the chains behaved", lambda: diagnostics.exhibits(run)),
    ]
