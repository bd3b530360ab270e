"""What a publication reports, claim by claim, held against good draws: each with a rule that was set before looking.

The claims are rows of the scenario's tables, ``reference.claims`` and ``reference.conclusions``; the rules stand here.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import spearmanr

from analysis.importance.table import order_of
from analysis.reproduction.evidence import Evidence
from analysis.run_data.ridge import line_of, ridge_of
from engine.scenario.reference import Claimed
from engine.types import Flags, Floats, Integers

YES, PARTLY, NO, UNTESTED = "yes", "partly", "no", "not tested"
MOST, HALF = 0.95, 0.5  # shares of the good draws
WIDER, LOOSE = 2.0, 5.0  # standard deviations may be so many times the paper's, or in part
REACH = 3.0  # standard deviations that the paper's region is taken to extend
NEAR = 0.05  # of repression, where the paper says "about"
RESAMPLES = 999
FEWEST_RANKED = 3
CORRELATED = 0.648  # Spearman's, of ten ranks: by chance below 5%
PERCENT = ("adjustment_rate",)  # parameters that are told in percent


class Claim(NamedTuple):
    """A claim of the paper, what we find, and whether it is reproduced: one line of the table."""

    claim: str
    paper: str
    ours: str
    reproduced: str
    why: str
    rule: str


def lines(evidence: Evidence) -> list[Claim]:
    """Return the claims of the publication, in the order of their table."""
    return [judged(evidence, claimed) for claimed in evidence.reference.claims or ()]


def conclusions(evidence: Evidence) -> list[Claim]:
    """Return our own conclusions of a case, by the rules that the publication's claims have."""
    return [judged(evidence, claimed) for claimed in evidence.reference.conclusions or ()]


def judged(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return a claim and what good draws say to it."""
    if claimed.parameter and claimed.parameter not in evidence.scenario.names:
        why = f"The scenario has no parameter {claimed.parameter}."
        return Claim(claimed.claim, claimed.printed, "-", UNTESTED, why, f"needs {claimed.parameter}")
    return RULES[claimed.rule](evidence, claimed)


def a_value(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of a parameter for which there are a mean and a standard deviation."""
    name, mean, sd = claimed.parameter, claimed.value or 0.0, claimed.spread or 0.0
    values, searched = evidence.column(name), evidence.scenario.parameters[name]
    low, high = np.quantile(values, [0.025, 0.975])
    rule = (
        f"the paper's mean within our 95% interval, our sd at most {WIDER:g} times the paper's; partly: {LOOSE:g} times"
    )
    if (searched.high - searched.low) / np.sqrt(12) <= WIDER * sd:
        verdict, why = UNTESTED, f"The search was told to stay between {searched.low:g} and {searched.high:g}."
    elif not low <= mean <= high:
        below = float((values < mean).mean())
        side, share = ("below", below) if below > HALF else ("above", 1 - below)
        verdict, why = NO, f"{share:.0%} of our good draws lie {side} the paper's mean."
    elif values.std() > WIDER * sd:
        verdict = PARTLY if values.std() <= LOOSE * sd else NO
        why = f"The paper's mean is among ours, but good draws spread {values.std() / sd:.0f} times as wide."
    else:
        verdict, why = YES, "Our good draws lie about the paper's mean and spread no wider than twice as far."
    return Claim(claimed.claim, claimed.printed, summary(values), verdict, why, rule)


def a_share(claimed: Claimed, values: Floats, held: Flags, told: bool = False) -> Claim:
    """Return the line of a claim that each good draw keeps or not; ``told`` if the ranges allow nothing else."""
    share = float(held.mean())
    verdict = UNTESTED if told else YES if share >= MOST else PARTLY if share >= HALF else NO
    why = f"{share:.0%} of our good draws keep it" + (
        ", as the ranges that were searched allow nothing else." if told else "."
    )
    rule = f"at least {MOST:.0%} of our good draws keep it; partly: {HALF:.0%}"
    return Claim(claimed.claim, claimed.printed, summary(values), verdict, why, rule)


def a_bound(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of a parameter that is said to be at most, or at least, at a value."""
    name, bound = claimed.parameter, claimed.value or 0.0
    values, searched = evidence.column(name), evidence.scenario.parameters[name]
    most = claimed.rule == "at_most"
    told = searched.high <= bound if most else searched.low >= bound
    return a_share(claimed, in_units(name, values), values <= bound if most else values >= bound, told)


def a_typical_value(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of a parameter that is said to be typically at a value."""
    name, typical = claimed.parameter, claimed.value or 0.0
    values = evidence.column(name)
    low, high = in_units(name, np.quantile(values, [0.25, 0.75]))
    inside = low <= in_units(name, np.array([typical]))[0] <= high
    sign = "%" if name in PERCENT else ""
    return Claim(
        claimed.claim,
        claimed.printed,
        f"median {np.median(in_units(name, values)):.3g}",
        YES if inside else NO,
        f"The middle half of our good draws lies between {low:.3g} and {high:.3g}{sign}.",
        "the paper's value in the middle half of our good draws",
    )


def in_units(name: str, values: Floats) -> Floats:
    """Return the values of a parameter as they are told."""
    return 100 * values if name in PERCENT else values


def a_ridge(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of the regression of prior_alpha on prior_beta, its intervals by bootstrap over chains."""
    alpha, beta = evidence.column("prior_alpha"), evidence.column("prior_beta")
    claim, paper = claimed.claim, claimed.printed
    paper_intercept, paper_slope, paper_error = (cell or 0.0 for cell in (claimed.value, claimed.other, claimed.spread))
    rule = (
        "the paper's line within our 95% intervals, residual s.e. at most twice its; partly: the first, and ours rises"
    )
    ridge = ridge_of(evidence.points)
    if ridge is None or len(np.unique(beta)) < 3:
        return Claim(claim, paper, "-", UNTESTED, "The good draws have too few values of prior_beta.", rule)
    intercept, slope, error = ridge
    rng = np.random.default_rng((0, 1))
    bags = [resampled(evidence.chains, rng) for _ in range(RESAMPLES)]
    fits = np.array([line_of(beta[bag], alpha[bag]) for bag in bags if np.ptp(beta[bag]) > 0])
    (s_low, i_low), (s_high, i_high) = np.quantile(fits, [0.025, 0.975], axis=0)
    line, tight = i_low <= paper_intercept <= i_high and s_low <= paper_slope <= s_high, error <= WIDER * paper_error
    verdict = YES if line and tight else PARTLY if line and s_low > 0 else NO
    wide = f"scatter is {error / paper_error:.1f} times as wide"
    why = f"Our intervals {'' if line else 'do not '}hold the paper's line; {wide}."
    if s_low <= 0.0:
        why = f"Our good draws lie on no line that surely rises; {wide}."
    fitted = f"{intercept:.0f} {'-' if slope < 0 else '+'} {abs(slope):.2f} prior_beta"
    interval = f"95%: {i_low:.0f} to {i_high:.0f}, {s_low:.2f} to {s_high:.2f}"
    return Claim(claim, paper, f"{fitted} ({interval}), residual s.e. {error:.1f}", verdict, why, rule)


def resampled(chains: Integers, rng: np.random.Generator) -> Integers:
    """Return places of draws: as many chains as there are, drawn with replacement, whole; of one chain, its draws."""
    numbers = np.unique(chains)
    if len(numbers) == 1:
        return rng.integers(len(chains), size=len(chains))
    return np.concatenate([np.flatnonzero(chains == number) for number in rng.choice(numbers, len(numbers))])


def a_prior(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of the prior mean of repression."""
    mean = evidence.prior_mean()
    return a_share(claimed, mean, (mean >= (claimed.value or 0.0)) & (mean <= (claimed.other or 1.0)))


def optimism(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of what the paper concludes: that people first thought their chances better than they were."""
    gap = evidence.column("initial_repression") - evidence.prior_mean()
    return a_share(claimed, gap, gap > 0)


def levels_of_best(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of where repression begins and ends in the two best runs."""
    best = evidence.best
    first, last = claimed.value or 0.0, claimed.other or 0.0
    near = (np.abs(best.first - first) <= NEAR) & (np.abs(best.last - last) <= NEAR)
    change = "falls" if (best.last < best.first).all() else "does not fall"
    return Claim(
        claimed.claim,
        claimed.printed,
        best.levels,
        YES if near.all() else PARTLY if near.any() else NO,
        f"Repression {change} in both; near the paper's: {int(near.sum())} of the two.",
        f"both ends within {NEAR:.0%} of the paper's in both runs; partly: in one",
    )


def tolerance_of_best(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of whether the tolerance is ever reached in the two best runs."""
    above = evidence.best.above
    never = not above.any()
    return Claim(
        claimed.claim,
        claimed.printed,
        "; ".join(f"exceeded in {share:.2%} of weeks and provinces" for share in above),
        YES if never else PARTLY if not above.all() else NO,
        "The state has nothing to react to." if never else "The state does react in our best runs.",
        "never exceeded in both; partly: in one",
    )


def fall_of_best(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of whether repression is lower at the end than at first in the two best runs."""
    fell = evidence.best.last < evidence.best.first
    verdict = YES if fell.all() else PARTLY if np.any(fell) else NO
    rule = "in both of the best runs; partly: in one"
    return Claim(claimed.claim, claimed.printed, evidence.best.levels, verdict, "", rule)


def ranks(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of the order of importance."""
    claim, rule = claimed.claim, "the same two first; partly: ranks correlate (5% level)"
    paper, order = order_of(evidence.reference.importance or {}), evidence.importance
    if len(paper) < FEWEST_RANKED:
        return Claim(claim, claimed.printed, "-", UNTESTED, "The scenario names no table of importance.", rule)
    if not order:
        why = f"Importance cannot be measured: {evidence.no_importance}."
        return Claim(claim, ", ".join(paper), "-", UNTESTED, why, rule)
    ours = [name for name in order if name in paper]
    if len(ours) < len(paper):
        why = f"Not all {len(paper)} of them were searched."
        return Claim(claim, ", ".join(paper), ", ".join(ours), UNTESTED, why, rule)
    correlation = float(spearmanr(range(len(paper)), [ours.index(name) for name in paper])[0])
    leaders = set(ours[:2]) == set(paper[:2])
    verdict = YES if leaders else PARTLY if correlation >= CORRELATED else NO
    why = f"The two that matter most are {'the same' if leaders else 'others'}; ranks correlate at {correlation:.2f}."
    return Claim(claim, ", ".join(paper), ", ".join(ours), verdict, why, rule)


def size(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of how much was simulated."""
    why = "A difference of effort, not of result."
    return Claim(claimed.claim, claimed.printed, f"{evidence.draws:,}", "-", why, "none: nothing to reproduce")


def one_region(evidence: Evidence, claimed: Claimed) -> Claim:
    """Return the line of the paper's conclusion that its region, of all claims of mean and spread, is the only one."""
    spans = {
        one.parameter: (one.value or 0.0, REACH * (one.spread or 0.0))
        for one in evidence.reference.claims or ()
        if one.rule == "mean_and_spread" and one.parameter in evidence.scenario.names
    }
    sides = [np.abs(evidence.column(name) - mean) <= most for name, (mean, most) in spans.items()]
    inside = int(np.all(sides, axis=0).sum())
    # A hundredth more for ranges that were rounded.
    ranges = [(evidence.scenario.parameters[name], mean, 1.01 * most) for name, (mean, most) in spans.items()]
    told = all(searched.low >= mean - most and searched.high <= mean + most for searched, mean, most in ranges)
    count = len(evidence.points)
    why = "The ranges that were searched hold nothing else." if told else "Good draws lie outside it."
    return Claim(
        claimed.claim,
        claimed.printed,
        f"{inside} of {count} good draws inside; {evidence.regions}",
        UNTESTED if told else YES if inside == count else PARTLY if inside else NO,
        "All our good draws lie in it." if inside == count and not told else why,
        f"all good draws within {REACH:g} sd of the paper's {', '.join(spans)}; partly: some",
    )


def summary(values: Floats) -> str:
    """Return mean, standard deviation and 95% interval in words."""
    low, high = np.quantile(values, [0.025, 0.975])
    return f"{values.mean():.3g}, sd {values.std():.3g} (95%: {low:.3g} to {high:.3g})"


RULES: dict[str, Callable[[Evidence, Claimed], Claim]] = {
    "mean_and_spread": a_value,
    "at_most": a_bound,
    "at_least": a_bound,
    "typically": a_typical_value,
    "line": a_ridge,
    "prior_mean": a_prior,
    "optimism": optimism,
    "repression_in_best_runs": levels_of_best,
    "tolerance_in_best_runs": tolerance_of_best,
    "importance": ranks,
    "simulations": size,
    "only_region": one_region,
    "repression_falls": fall_of_best,
}
