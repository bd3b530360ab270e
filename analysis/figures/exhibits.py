"""Pictures of a run: the paper's, and those that it does not show."""

from collections.abc import Callable, Sequence
from functools import cache

from analysis.common.exhibit import Exhibit
from analysis.figures import belief, chains, inputs, provinces
from analysis.run_data.best_draws import Best, Replay, best_of_chains, replay, traces_of
from analysis.run_data.made_by import line_of
from analysis.run_data.ranking import Ranking, ranked
from calibrate.methods.registry import method_of
from engine.results.run_record import Run

# By name, in the order of the page; those of one draw take --draw.
OF_ONE_DRAW = ("belief", "repression_by_province", "known_by_province", "escapes_by_province")
OF_ONE_BELIEF = ("belief",)
OF_A_WALK = ("traces", "acceptance")
NAMES = ("record", "impacts", "best_runs", *OF_ONE_DRAW, *OF_A_WALK)


def exhibits(
    run: Run,
    only: Sequence[str] = NAMES,
    week: int | None = None,
    draw: tuple[int, int] | None = None,
    ranking: Ranking | None = None,
) -> list[Exhibit]:
    """Return the pictures named in ``only``, in the order of NAMES; of a screen none of how the chains walked, of
    beliefs by category none of a province's one belief.

    ``week`` (1 is the first) is that of the belief, ``draw`` the chain and iteration of the run that is shown, by
    default the best one on fresh seeds: by ``ranking``, which is made where a picture needs it and it is not given.
    Raises DataError for a run without draws, UsageError for a week or draw that it does not hold.
    """
    traces, record = traces_of(run), run.record
    by_score = best_of_chains(traces, None)  # as recorded, which is what the chains went by
    seed = (record.seed + 1) % 2**63  # another than the run's, so that its chance is fresh

    @cache
    def best() -> list[Best]:
        return best_of_chains(traces, ranking or ranked(run))

    @cache
    def shown() -> Replay:
        return replay(run, *(draw or (best()[0].chain, best()[0].iteration)))

    def command(name: str) -> str:
        options = f" --draw {draw[0]} {draw[1]}" if draw and name in OF_ONE_DRAW else ""
        options += f" --week {week}" if week is not None and name == "belief" else ""
        return line_of(run, "figures", f" --only {name}{options}")

    makers: dict[str, Callable[[str], Exhibit]] = {
        "record": lambda line: inputs.record(run.scenario, line),
        "impacts": lambda line: inputs.impacts(run.scenario, line),
        "best_runs": lambda line: chains.best_runs(run, seed, best(), line),
        "belief": lambda line: belief.belief(shown(), week, line),
        "repression_by_province": lambda line: provinces.repression(shown(), line),
        "known_by_province": lambda line: provinces.known(shown(), line),
        "escapes_by_province": lambda line: provinces.escapes(shown(), line),
        "traces": lambda line: chains.climb(traces, by_score, line),
        "acceptance": lambda line: chains.acceptance(traces, by_score, line),
    }
    left_out = {*(OF_A_WALK if method_of(record).independent else ())}
    left_out |= {*(OF_ONE_BELIEF if run.scenario.belief.by_category else ())}

    def made(name: str) -> Exhibit:
        warnings = (shown().note,) if name in OF_ONE_DRAW and shown().note else ()
        return makers[name](command(name))._replace(warnings=warnings)

    return [made(name) for name in NAMES if name in only and name not in left_out]
