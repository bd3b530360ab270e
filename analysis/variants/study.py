"""A scenario and what is changed in it, variant by variant; each is searched by calibrate's own door and kept on disk.

A variant's search is a run like any other, in a directory of its own below that of the study: looked at, verified or
made again by the commands that take a run. It depends on the study's seed and on its own number alone.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

import calibrate
from analysis.common import kept_lines
from analysis.variants.found import Found, found_in, measured
from calibrate.settings import COMMAND
from calibrate.store.directory import one_owner
from engine.errors import DataError
from engine.results.atomic_write import make_folder
from engine.results.directory import LOCK, RUN
from engine.results.provenance import OUR_CODE
from engine.results.run_record import Run
from engine.scenario import Scenario, load_scenario
from engine.seeds import seed_from

SEARCHES, FILE = "searches", "variants.jsonl"
OTHER = "of another study: of another scenario, seed or code, or with other --set, --chains or --iters"
REPEATS = 4  # variants that change nothing: by how much they differ is what the search's own chance does


class Study(NamedTuple):
    """What all variants share."""

    out: Path
    config: str
    overrides: tuple[str, ...]
    chains: int
    iters: int
    seed: int

    def scenario(self, changes: Sequence[str] = ()) -> Scenario:
        """Return the scenario with these changes; raise UsageError if it cannot be had so."""
        return load_scenario(self.config, (*self.overrides, *changes))

    def seed_of(self, number: int) -> int:
        """Return the seed of a variant's search."""
        return seed_from(self.seed, number, 15)

    def place(self, number: int) -> Path:
        """Return the directory of a variant's search."""
        return self.out / SEARCHES / f"{number:04d}"

    def command(self, variant: "Variant") -> str:
        """Return what to type to search a variant again."""
        sets = [word for text in (*self.overrides, *variant.changes) for word in ("--set", text)]
        size = ["--chains", str(self.chains), "--iters", str(self.iters), "--seed", str(self.seed_of(variant.number))]
        words = ["--config", self.config, *sets, *size, "--out", f"{self.place(variant.number)}-again/"]
        return f"{COMMAND} {shlex.join(words)}"


class Variant(NamedTuple):
    """One way to change the scenario."""

    number: int
    changes: tuple[str, ...]  # as --set takes them


def as_it_is() -> list[Variant]:
    """Return the variants that change nothing, each with a search of its own."""
    return [Variant(number, ()) for number in range(REPEATS)]


def heading(study: Study) -> dict[str, object]:
    """Return what the variants' results depend on, beside their changes."""
    size = {"seed": study.seed, "chains": study.chains, "iters": study.iters}
    return {"scenario": study.scenario().resolved(), "code": OUR_CODE, **size}


def carried_out(study: Study, variants: Sequence[Variant], workers: int | None, scheduler: str | None) -> list[Found]:
    """Return what each variant came to, in their order; those that are on disk are not searched again.

    Killed at any time, what was drawn stays: the next call goes on in the middle of a search.
    """
    make_folder(study.out)
    with one_owner(study.out, study.out / LOCK):
        return _carried_out(study, variants, workers, scheduler)


def _carried_out(study: Study, variants: Sequence[Variant], workers: int | None, scheduler: str | None) -> list[Found]:
    file, head = study.out / FILE, heading(study)
    known = {one.number: one for one in kept_lines.read_lines(file, head, OTHER, found_in)}
    for variant in variants:
        if variant.number in known and known[variant.number].changes != list(variant.changes):
            raise DataError(f"{file}: variant {variant.number} is another one; give another --out, or remove it")
    kept_lines.begin(file, head)
    with tqdm(total=len(variants), initial=sum(one.number in known for one in variants), unit="search") as bar:
        for variant in variants:
            if variant.number not in known:
                known[variant.number] = measured(searched(study, variant, workers, scheduler), variant)
                kept_lines.add(file, known[variant.number]._asdict())
                bar.update()
    return [known[variant.number] for variant in variants]


def searched(study: Study, variant: Variant, workers: int | None, scheduler: str | None) -> Run:
    """Return the run of a variant, finished; one that was cut goes on."""
    place = study.place(variant.number)
    return calibrate.search(
        study.config,
        overrides=(*study.overrides, *variant.changes),
        out=place,
        chains=study.chains,
        iters=study.iters,
        seed=study.seed_of(variant.number),
        resume=(place / RUN).exists(),
        workers=workers,
        scheduler=scheduler,
    )
