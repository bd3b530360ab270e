"""The parameters of the countries that tests run, in the order of a point: all have one event, a famine."""

from engine.parameters import domain_of, names_of, required

NAMES = names_of(["famine"])
REQUIRED = required(NAMES)  # those that a scenario must name: the paper's
TRAITS = ("age", "sex", "economy", "status", "residence")
MISS = len(NAMES)  # the place of the miss in a point of a posterior, which has SIZE numbers
SIZE = MISS + 1
# The parameters of the paper's own regime; the others have no part in it, and are held at 0.
PLAIN = tuple(name for name in NAMES if domain_of(name).default != 0)
