"""Combinations of readings: which readings a scenario can take, and which combinations are drawn."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from scipy.stats import qmc

from analysis.specifications.choices import AS_IT_IS, Choice, Reading, choices_of
from analysis.variants.study import REPEATS, Study, Variant, as_it_is
from engine.errors import UsageError

ITSELF = Reading(AS_IT_IS, ())
MOST_REFUSED = 8  # points looked at for each combination wanted


class Specification(NamedTuple):
    """A combination: the variant that is searched, and its reading of every choice."""

    variant: Variant
    readings: dict[str, str]  # label, by the choice's name


class Drawn(NamedTuple):
    """What is searched, and what was left out on the way."""

    choices: tuple[Choice, ...]  # with the readings that the scenario can take, itself first
    specifications: list[Specification]  # the scenario as it is, REPEATS times, then combinations
    cannot: list[str]  # readings that the scenario cannot take, and why
    refused: int  # combinations that were skipped


def usable(study: Study) -> tuple[tuple[Choice, ...], list[str]]:
    """Return the choices with the readings that the scenario can take, itself first, and why it cannot take the others.

    A reading that leaves the scenario as it is, is no other reading; a choice that has none is left out.
    """
    itself, cannot, found = study.scenario(), [], []
    for choice in choices_of(itself):
        others = []
        for reading in choice.readings:
            try:
                changed = study.scenario(changes_of(study, (), reading))
            except UsageError as error:
                first = str(error).partition("\n")[0]
                for change in reading.changes:  # the label stands for it
                    first = first.removeprefix(f"--set {change}: ")
                cannot.append(f"{choice.name}: {reading.label}: {first}")
            else:
                if changed != itself:
                    others.append(reading)
        if others:
            found.append(choice._replace(readings=(ITSELF, *others)))
    return tuple(found), cannot


def changes_of(study: Study, before: Sequence[str], reading: Reading) -> tuple[str, ...]:
    """Return what --set makes a reading of, after the changes ``before``."""
    made = () if reading.made is None else reading.made(study.scenario(before))
    return (*reading.changes, *made)


def drawn(study: Study, runs: int) -> Drawn:
    """Return the scenario as it is and ``runs`` combinations; the first of more are the same.

    Combinations are the points of a scrambled Sobol sequence, a dimension a choice, so that each reading comes about as
    often as the others of its choice. One that the scenario refuses is skipped, and the next point takes its place.
    """
    choices, cannot = usable(study)
    if not choices:
        raise UsageError(f"{study.config}: can take no other reading of any choice, so there is nothing to combine")
    specifications = [
        Specification(variant, dict.fromkeys([c.name for c in choices], AS_IT_IS)) for variant in as_it_is()
    ]
    points = qmc.Sobol(len(choices), seed=study.seed).random_base2(math.ceil(math.log2(MOST_REFUSED * max(runs, 1))))
    refused = 0
    for point in points:
        if len(specifications) == REPEATS + runs:
            break
        readings = {
            choice.name: choice.readings[int(share * len(choice.readings))]
            for choice, share in zip(choices, point, strict=True)
        }
        changes: tuple[str, ...] = ()
        try:
            for reading in readings.values():
                changes += changes_of(study, changes, reading)
            study.scenario(changes)
        except UsageError:
            refused += 1
            continue
        labels = {name: reading.label for name, reading in readings.items()}
        specifications.append(Specification(Variant(len(specifications), changes), labels))
    if len(specifications) < REPEATS + runs:
        raise UsageError(
            f"{study.config}: refuses nearly every combination of readings ({refused:,} of {len(points):,}), so "
            f"{runs:,} are not to be had; give fewer --runs"
        )
    return Drawn(choices, specifications, cannot, refused)
