"""Who attempted and who escaped, cell by cell, from what a run records by group.

The kernel knows groups: cells of a community with equal sums of ability and of motivation. Within a group each person
is as likely as any other to have been the one, and nobody attempts twice in a week; so a week's attempts of a group
are dealt to its people without replacement. So are the fates that the record leaves open to the attempts.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import UsageError
from engine.kernel.recording import Record
from engine.kernel_inputs import groups_of
from engine.scenario.cells import Cells

Integers = NDArray[np.int64]
MOST_DEALT = 10**9  # NumPy's hypergeometric numbers end there


class Membership(NamedTuple):
    """Which cells make up each group; where a group has fewer than the largest, the rest is a cell of nobody."""

    cells: Integers  # (communities, groups, members): cells, the number of all cells for nobody
    heads: Integers  # (years, cells + 1): people, 0 for nobody


def make_membership(cells: Cells, communities: Sequence[Integers], groups: int, each: bool) -> Membership:
    """Return the cells of each of ``groups`` groups of each community, whose cells are given.

    With ``each`` every cell is a group of its own. Raises UsageError if a group has too many people to be dealt.
    """
    nobody = len(cells.province)
    lists: list[list[list[int]]] = [[[] for _ in range(groups)] for _ in communities]
    for community, here in enumerate(communities):
        for cell, group in zip(here, groups_of(cells, here, each)[1], strict=True):
            lists[community][group].append(int(cell))
    most = max(len(members) for groups_here in lists for members in groups_here)
    table = [[members + [nobody] * (most - len(members)) for members in groups_here] for groups_here in lists]
    membership = Membership(np.array(table), np.pad(cells.heads, ((0, 0), (0, 1))))
    largest = membership.heads[:, membership.cells].sum(axis=-1).max()
    if largest >= MOST_DEALT:
        raise UsageError(
            f"population.totals: {largest:,} people of one kind in a province cannot be told apart by cell; "
            f"give fewer than {MOST_DEALT:,}, or leave out by_cell"
        )
    return membership


def deal(rng: np.random.Generator, kinds: Integers, drawn: Integers) -> Integers:
    """Return how many of each kind, (rows, kinds), are among ``drawn`` people, (rows,), nobody drawn twice.

    ``kinds``, (rows, kinds), are the people there are.
    """
    dealt = np.zeros_like(kinds)
    left, beyond = drawn.copy(), kinds.sum(axis=1)
    for kind in range(kinds.shape[1]):
        beyond -= kinds[:, kind]
        dealt[:, kind] = rng.hypergeometric(kinds[:, kind], beyond, left)
        left -= dealt[:, kind]
    return dealt


def escapes_by_group(record: Record, rng: np.random.Generator) -> Integers:
    """Return the escapes of each group, (weeks, communities, groups), those of open fate dealt out."""
    undecided, escaped, _ = record.by_group
    left_open = record.escapes - escaped.sum(axis=2)
    rows = undecided.any(axis=2)
    found: Integers = escaped.copy()
    found[rows] += deal(rng, undecided[rows], left_open[rows])
    return found


def deal_to_cells(
    record: Record, membership: Membership, weeks_per_year: int, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Return the attempts and the escapes of a run by cell, (years, cells) each."""
    attempts = record.by_group.sum(axis=0)
    week, community, group = np.nonzero(attempts)
    escaped = escapes_by_group(record, rng)[week, community, group]
    cell = membership.cells[community, group]
    year = (week // weeks_per_year)[:, None]
    people = membership.heads[year, cell]
    gone = deal(rng, people, escaped)
    caught = deal(rng, people - gone, attempts[week, community, group] - escaped)
    found = np.zeros((2, *membership.heads.shape), np.int64)
    np.add.at(found[0], (year, cell), gone + caught)
    np.add.at(found[1], (year, cell), gone)
    return found[0, :, :-1], found[1, :, :-1]
