"""The parameters of the countries that tests run, in the order of a point: all have one event, a famine."""

from engine.parameters import names_of, required

NAMES = names_of(["famine"])
REQUIRED = required(NAMES)  # those that a scenario must name: the paper's
TRAITS = ("age", "sex", "economy", "status", "residence")
MISS = len(NAMES)  # the place of the miss in a point of a posterior, which has SIZE numbers
SIZE = MISS + 1
