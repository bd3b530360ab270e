"""What differs between the scenarios of some runs, key by key, and between how they were searched."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from analysis.common.exhibit import Cell
from engine.results.run_record import Run

ABSENT = "not there"
FEW = 4  # figures of a table that are told one by one
MARK = "…"  # stands for the key of each of several figures


def lines_of(runs: Sequence[Run]) -> list[list[Cell]]:
    """Return a row for each key that differs: the key, and what each run has there; none if the scenarios are equal."""
    flat = [dict(leaves(run.record.scenario)) for run in runs]
    keys = list(dict.fromkeys(key for one in flat for key in one))
    differing = [key for key in keys if len({_text(one.get(key, ABSENT)) for one in flat}) > 1]
    rows: list[list[Cell]] = []
    told: set[tuple[str, ...]] = set()
    for key in differing:
        family = [other for other in differing if other[:-1] == key[:-1]]
        if len(family) <= FEW:
            rows.append([".".join(key), *(_text(one.get(key, ABSENT)) for one in flat)])
        elif key[:-1] not in told:
            told.add(key[:-1])
            rows.append([".".join((*key[:-1], MARK)), *(in_short(one, family, key[:-1]) for one in flat)])
    return rows


def leaves(node: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every figure or word of a resolved scenario with the keys that lead to it."""
    if isinstance(node, dict) and node:
        for key, below in node.items():
            yield from leaves(below, (*keys, str(key)))
    elif isinstance(node, list) and any(isinstance(item, dict) for item in node):
        for item in node:  # a list of provinces is known by their names
            name = item.get("name", str(node.index(item))) if isinstance(item, dict) else str(item)
            yield from leaves(item, (*keys, str(name)))
    else:
        yield keys, node


def in_short(flat: dict[tuple[str, ...], Any], family: list[tuple[str, ...]], above: tuple[str, ...]) -> str:
    """Return the first of several figures that differ, and how many there are, for a cell of a table."""
    there = [key for key in family if key in flat]
    if not there:
        # A whole mapping may be one value here: held or searched, null or a table.
        return _text(flat.get(above, ABSENT))
    first = there[0]
    more = f", and {len(there) - 1} more" if len(there) > 1 else ""
    return f"{first[-1]}: {_text(flat[first])}{more}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def how_searched(runs: Sequence[Run]) -> list[list[Cell]]:
    """Return a row for each fact of the searches that differs: method, chains, draws, seed, version of the code."""
    facts: dict[str, list[str]] = {
        "method": [run.record.method for run in runs],
        "chains": [f"{run.record.chains:,}" for run in runs],
        "draws of a chain": [f"{run.record.iters:,}" for run in runs],
        "seed": [str(run.record.seed) for run in runs],
        "status": [run.record.status for run in runs],
        "digest of the sources": [run.record.source_digest[:16] for run in runs],
    }
    return [[f"({name})", *values] for name, values in facts.items() if len(set(values)) > 1]
