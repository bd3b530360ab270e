"""How the state behaves: one file a behaviour, and each gives the kernel the same three things.

COUNTED
    What `regime.counts` in a scenario may name, in the order of the numbers that `Inputs.counted` takes.

calm_below(point) -> float
    The rate of attempts in a week, of a Poisson number of them, up to which their number does not matter to the
    behaviour: then a province is calm, all its communities are, and its attempts need not be told apart from those of
    other calm provinces.
    A behaviour to which each attempt matters returns 0. Called once a run.

adjust(inputs, state, point, all_calm) -> None
    Sets ``state.repression``, (communities,), in force next week from what it was this week: one number for all of a
    province, whose communities ``inputs.home`` tells. What the state has seen
    of a community is `engine.kernel.attempts.seen_by_state`; of a calm community it has seen nothing that matters.
    Past the last community it must stay finite: sums over vectors run on there. Called once a week, after all attempts
    and before citizens learn of them.

``point`` holds the parameters in the order of engine.parameters.NAMES. Both functions are compiled: they call compiled
functions only, and draw no random number. The behaviour is chosen where engine/kernel/run.py imports it, and
engine/kernel_inputs.py its COUNTED.
"""
