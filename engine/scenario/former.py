"""Words of earlier scenario files and runs, put in today's; here alone are they known.

They date from when the program knew one country: its border with China, its famine, and the traits of its people.
"""

from typing import Any

Keys = tuple[str, ...]

MOVED = {"famine": ("events", "famine")}  # a key at the top, and where it stands today
BORDER, ON_BORDER = "borders_china", "on_border"
REFERENCE = "dukalskis-2017"  # said whose results stand beside a run; today their tables are named
#: The traits of every scenario then, in the order of its cells.
TRAITS = {
    "age": ["young", "middle", "old"],
    "sex": ["male", "female"],
    "economy": ["primary", "secondary"],
    "status": ["low", "middle", "high"],
    "residence": ["urban", "rural"],
}


def today(keys: Keys) -> Keys:
    """Return where the key that ``keys`` lead to stands today."""
    return (*MOVED.get(keys[0], keys[:1]), *keys[1:])


def brought_up(values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the values of a scenario in today's words, before tables are put in, and a line for each former one.

    What stands there in both words stays as it is: the former is then told as unknown.
    """
    told = []
    for key, (above, below) in MOVED.items():
        events = values.get(above, {})
        if key in values and isinstance(events, dict) and below not in events:
            values = {name: value for name, value in values.items() if name != key} | {
                above: {below: values[key]} | events
            }
            told.append(f"{key}: a former word; today it is {above}.{below}")
    population = values.get("population")
    if isinstance(population, dict) and "traits" not in population and "shares" in population:
        values = values | {"population": {"traits": TRAITS} | population}
        listed = ", ".join(f"{trait}: [{', '.join(levels)}]" for trait, levels in TRAITS.items())
        told.append(f"population.traits: missing, as in former files, so they are {{{listed}}}")
    if values.get("reference", "") is None:  # as runs of a scenario without one kept it
        values = {name: value for name, value in values.items() if name != "reference"}
    if values.get("reference") == REFERENCE:
        values = {name: value for name, value in values.items() if name != "reference"}
        told.append("reference: a former word; today it names tables, as in configs/dprk.yaml, and here none is taken")
    return values, told


def provinces_brought_up(values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the values of a scenario with today's word for the border in its provinces, and a line if it was not."""
    population = values.get("population")
    provinces = population.get("provinces") if isinstance(population, dict) else None
    if not isinstance(provinces, list):
        return values, []
    renamed = [_renamed(province) for province in provinces]
    if renamed == provinces or not isinstance(population, dict):
        return values, []
    told = f"population.provinces: {BORDER}: a former word; today it is {ON_BORDER}"
    return values | {"population": population | {"provinces": renamed}}, [told]


def _renamed(province: Any) -> Any:
    if not isinstance(province, dict) or BORDER not in province or ON_BORDER in province:
        return province
    return {ON_BORDER if key == BORDER else key: value for key, value in province.items()}
