"""A run that stops at a year's end and goes on from a copy is the run that did not stop."""

from collections.abc import Callable

import numpy as np
import pytest
from support.busy_country import BUSY, corners, random_points, scenario
from support.names import NAMES
from support.stops import Stops, equal

from engine.kernel.shelf import Shelf

UNEVEN = f"regime.initial={dict(zip(scenario().provinces, np.linspace(0.2, 2.0, 10).tolist(), strict=True))}"
READINGS = [
    (),
    ("belief.scope=nation",),
    ("regime.counts=escapes",),
    ("regime.counts=repressed", "belief.scope=nation"),
    ("stop_above=null",),
    ("target.compares=attempts", "stop_counts=attempts", UNEVEN),
    ("belief.scope=category", "belief.threshold=utility"),
    ("belief.scope=category_nation",),
    ("attempts.number=rounded", "attempts.known=rounded_down"),
    ("population.leavers=go",),
    ("regime.behaviour=valve_of_discontent",),
    ("regime.behaviour=schedule",),
]
# So many attempts a week that who they were is asked in every run: the clock of the looks matters.
MANY = BUSY | {"prior_alpha": 177.136, "prior_beta": 128.502, "utility_intercept": -0.12, "utility_slope": 3.8195}
MANY |= {"tolerance": 382.63, "adjustment_rate": 2e-4, "initial_repression": 0.9969, "visibility": 0.0012}
MANY |= {"memory_weeks": 562, "famine_effect": 0.0411, "demographic_scale": 0.4868}


def vector(point: dict[str, float], **changes: float) -> np.ndarray:
    return np.array([(point | changes)[name] for name in NAMES])


def eventful(rng: np.random.Generator) -> list[np.ndarray]:
    """Busy points with memories short and long, a binding tolerance, and one of many attempts."""
    weeks = (0, 30, 52, 200, 1195)
    busy = [vector(BUSY, memory_weeks=memory, visibility=rng.uniform(0.05, 1.0)) for memory in weeks]
    other = {"schedule_effect": 0.7, "discontent": 5.0}  # each acts in one of the readings
    return [*busy, vector(BUSY, tolerance=1.0, adjustment_rate=0.02, **other), vector(MANY, **other)]


@pytest.mark.parametrize("reading", READINGS, ids=" ".join)
def test_a_run_that_stops_is_the_run_that_does_not(seed: int, reading: tuple[str, ...]) -> None:
    """Every week, community and group; with other runs, early stops among them, in its place meanwhile."""
    rng, country = np.random.default_rng([seed, 71]), Stops(*reading)
    others = random_points(rng, 20)
    limited = "stop_above=null" not in reading
    points = eventful(rng)
    if limited:  # without a stop explosions take long
        points += [*random_points(rng, 8), *corners(rng, 4)]
    stopped = 0
    for number, point in enumerate(points):
        whole = country.at_once(point, seed + number)
        stopped += whole[0].stopped
        for ends in (range(1, country.years), np.sort(rng.choice(np.arange(1, country.years), 3, replace=False))):
            assert equal(country.in_pieces(point, seed + number, list(ends), others), whole), number
    assert (stopped > 0) == limited


def _no_entries(shelf: Shelf, row: int) -> None:
    shelf.entries[row, :, 2:] = 0


def _a_week_later(shelf: Shelf, row: int) -> None:
    shelf.entries[row, :, 0] += 1


def _of_the_first(shelf: Shelf, row: int) -> None:
    shelf.entries[row, :, 1] = 0


def _one_unknown(shelf: Shelf, row: int) -> None:
    shelf.known[row] = max(shelf.known[row] - 1, 0)


def _laxer(shelf: Shelf, row: int) -> None:
    shelf.repression[row] *= 0.999


def _known_sooner(shelf: Shelf, row: int) -> None:
    shelf.known_clock[row] *= 0.9


def _unseen_sooner(shelf: Shelf, row: int) -> None:
    shelf.clocks[row, 0] *= 0.9


def _looked_at_once(shelf: Shelf, row: int) -> None:
    shelf.clocks[row, 1] = 0.0


def _other_chance(shelf: Shelf, row: int) -> None:
    shelf.rng[row, 0] ^= np.uint64(1)


def _come_back(shelf: Shelf, row: int) -> None:
    shelf.gone[row] = 0


@pytest.mark.parametrize(
    "spoil",
    [
        _no_entries,
        _a_week_later,
        _of_the_first,
        _one_unknown,
        _laxer,
        _known_sooner,
        _unseen_sooner,
        _looked_at_once,
        _other_chance,
        _come_back,
    ],
)
def test_all_of_the_copy_matters(seed: int, spoil: Callable[[Shelf, int], None]) -> None:
    """The control: with any part of it changed a little, some run is another."""
    country = Stops(*(["population.leavers=go"] if spoil is _come_back else []))
    points = eventful(np.random.default_rng([seed, 72]))
    ends = list(range(1, country.years, 2))
    others = np.array(points)
    assert not all(
        equal(country.in_pieces(point, seed, ends, others, spoil), country.at_once(point, seed)) for point in points
    )


def test_a_copy_takes_what_is_remembered_and_no_more(seed: int) -> None:
    """An entry for each week and community of which something is still known in the year's last week."""
    country = Stops()
    others, ends = np.array([vector(BUSY)]), list(range(1, country.years))
    for memory in (0, 52, 1195):
        held: list[int] = []
        spoil = lambda shelf, row, held=held: held.append(int(shelf.known[row]))  # noqa: E731
        _, _, record = country.in_pieces(vector(BUSY, memory_weeks=memory), seed, ends, others, spoil)
        lasts = [52 * end - 1 for end in ends]
        assert held == [np.count_nonzero(record.known[max(0, last - memory) : last + 1]) for last in lasts]
        assert max(held) > 0
    assert max(held) > 50
