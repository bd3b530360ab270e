"""What a run came to, read back from its draws: summary.json, and the table that closes it on the screen."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from calibrate.objective.objectives import OBJECTIVES, Objective, objective_of
from calibrate.store.directory import SUMMARY
from engine.results.run_record import Run

WORTHS = tuple(objective.column for objective in OBJECTIVES.values())
BEST = tuple(f"best_{column}" for column in (*WORTHS, "iteration"))
SHOWN = 40  # chains in the table on the screen
LISTED = 100  # addresses of failed draws in summary.json; all of them are in the parts
FAILED_SHARE = 0.01  # more of the draws than this end a run


def summarize(run: Run, session_draws: int, session_seconds: float) -> dict[str, Any]:
    """Return the best draw, acceptance and early stops of each chain and of all; shares are of the draws.

    The best is that of the scenario's objective; its score and its log-likelihood are both given.

    ``failed`` counts the draws whose worth is no finite number; ``failed_draws`` has the addresses of the first.

    The speed is that of the last session: the time of a session that was killed is not known.
    """
    failed_draws: list[list[int]] = []
    chains = []
    objective = objective_of(run.scenario)
    tables = run.tables(["iteration", *(name for name in WORTHS if name not in run.absent), "accepted", "stopped"])
    found = dict.fromkeys(sorted({*range(run.record.chains), *run.parts}), _tally(iter(()), objective))
    for chain, parts in groupby(tables, key=lambda part: part[0]):
        found[chain] = _tally((table for _, table in parts), objective)
    for chain, (row, failed) in found.items():
        chains.append({"chain": chain, **row})
        failed_draws += [[chain, iteration] for iteration in failed[: LISTED - len(failed_draws)]]
    draws = sum(row["draws"] for row in chains)
    scored = [row for row in chains if row["best_iteration"] is not None]
    best = max(scored, key=lambda row: row[f"best_{objective.column}"], default=dict.fromkeys(("chain", *BEST)))
    return {
        "chains": chains,
        "all": {
            "draws": draws,
            **{name: best[name] for name in BEST},
            "best_chain": best["chain"],
            "acceptance": sum(row["acceptance"] * row["draws"] for row in chains) / max(draws, 1),
            "stopped_share": sum(row["stopped_share"] * row["draws"] for row in chains) / max(draws, 1),
            "failed": sum(row["failed"] for row in chains),
        },
        "failed_draws": failed_draws,
        "session_draws": session_draws,
        "wall_seconds": round(session_seconds, 3),
        "simulations_per_second": round(session_draws / max(session_seconds, 1e-9), 1),
    }


def too_many_failed(failed: int, draws: int) -> bool:
    """Return whether a run with so many ``failed`` among its ``draws`` is to end."""
    return failed > FAILED_SHARE * draws


def _tally(tables: Iterator[pa.Table], objective: Objective) -> tuple[dict[str, Any], list[int]]:
    """Return what summary.json says of a chain, and the iterations of its first failed draws."""
    draws = accepted = stopped = failed = 0
    failed_first: list[int] = []
    highest, best = float("-inf"), dict.fromkeys(BEST)
    for table in tables:
        worth = table[objective.column].to_numpy()
        finite = np.isfinite(worth)
        worth = np.where(finite, worth, -np.inf)
        place = int(np.argmax(worth))
        if worth[place] > highest:
            highest = float(worth[place])
            row = table.slice(place, 1).to_pylist()[0]
            best = {name: row.get(name.removeprefix("best_")) for name in BEST}
        draws += table.num_rows
        failed += table.num_rows - int(np.count_nonzero(finite))
        failed_first += table["iteration"].to_numpy()[~finite][: LISTED - len(failed_first)].tolist()
        accepted += int(np.count_nonzero(table["accepted"].to_numpy()))
        stopped += int(np.count_nonzero(table["stopped"].to_numpy()))
    row = {
        "draws": draws,
        **best,
        "acceptance": accepted / max(draws, 1),
        "stopped_share": stopped / max(draws, 1),
        "failed": failed,
    }
    return row, failed_first


def closing_table(summary: dict[str, Any], objective: Objective) -> str:
    """Return ``summary`` as lines for the screen: one a chain, one for all."""
    key, title = f"best_{objective.column}", f"best {objective.words}"
    wide = len(title) + 1
    failed = f" {'failed':>8}" if summary["all"]["failed"] else ""
    head = f"{'chain':>5} {'draws':>12} {title:>{wide}} {'at iteration':>13} {'accepted':>9} {'stopped':>8}"
    lines = [head + failed]
    rows = [(str(row["chain"]), row) for row in summary["chains"]]
    left_out = [f"  ... and {len(rows) - SHOWN:,} chains more, in {SUMMARY}"] if len(rows) > SHOWN else []
    for name, row in [*rows[:SHOWN], ("all", summary["all"])]:
        best = "-" if row[key] is None else f"{row[key]:.2f}"
        where = "-" if row["best_iteration"] is None else f"{row['best_iteration']:,}"
        lines.append(
            f"{name:>5} {row['draws']:>12,} {best:>{wide}} {where:>13} "
            f"{row['acceptance']:>9.1%} {row['stopped_share']:>8.1%}" + (f" {row['failed']:>8,}" if failed else "")
        )
    return "\n".join([*lines[:-1], *left_out, lines[-1]])
