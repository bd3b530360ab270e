"""How the state behaves. The run asks `behaviour`, which asks the others by what the scenario names.

set_tolerance(inputs, state, year, moved) -> None
    Sets ``state.tolerance``, (provinces,), and ``state.calm_below``: the rate of attempts in a week, of a Poisson
    number of them, up to which their number does not matter to the state. Then a province is calm, all its communities
    are, and its attempts need not be told apart from those of other calm provinces. Where each attempt matters it is 0.
    Called at the beginning of each year, and where a parameter changes within it.

adjust(inputs, state, point, all_calm) -> None
    Sets ``state.repression``, (provinces,), in force next week from what it was this week. What the state has seen of
    a province is `engine.kernel.attempts.seen_in_province`; of a calm one it has seen nothing that matters. Past the
    last province it must stay finite: sums over vectors run on there. Called once a week, after all attempts
    and before citizens learn of them.

happen(inputs, state, week) -> None
    Lets the events that are dated to a week move repression as the week begins: `schedule`, whatever the behaviour.

``point`` holds the parameters in the order of engine.parameters.NAMES. All are compiled: they call compiled functions
only, and draw no random number. What `regime.counts` in a scenario may name is `safety_valve.COUNTED`.
"""
