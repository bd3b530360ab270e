"""The parameters of the countries that tests run, in the order of a point: all have one event, a famine."""

from engine.parameters import names_of

NAMES = names_of(["famine"])
