"""What the paper reports, claim by claim, held against good draws: each with a rule that was set before looking."""

from typing import NamedTuple

import numpy as np
from scipy.stats import spearmanr

from analysis.importance.table import PAPER
from analysis.reproduction.evidence import Evidence, TwoBest
from analysis.run_data.ridge import ridge_of
from engine.types import Flags, Floats, Integers

YES, PARTLY, NO, UNTESTED = "yes", "partly", "no", "not tested"
MOST, HALF = 0.95, 0.5  # shares of the good draws
WIDER, LOOSE = 2.0, 5.0  # standard deviations may be so many times the paper's, or in part
REACH = 3.0  # standard deviations that the paper's region is taken to extend
NEAR = 0.05  # of repression, where the paper says "about"
RESAMPLES = 999
CORRELATED = 0.648  # Spearman's, of ten ranks: by chance below 5%
# Mean and standard deviation of the paper's high scores, and how both are printed.
VALUES = {
    "famine_effect": (0.84, 0.04, "0.84, sd 0.04"),
    "memory_weeks": (380.0, 53.0, "about 380, sd 53"),
    "visibility": (0.5, 0.044, "about 0.50, sd 0.044"),
    "tolerance": (180.0, 5.64, "180, sd 5.64"),
}


class Claim(NamedTuple):
    """A claim of the paper, what we find, and whether it is reproduced: one line of the table."""

    claim: str
    paper: str
    ours: str
    reproduced: str
    why: str
    rule: str


def lines(evidence: Evidence) -> list[Claim]:
    """Return the table, in the order of the paper's results."""
    return [
        a_value(evidence, "famine_effect"),
        *a_rate(evidence),
        a_ridge(evidence),
        a_prior(evidence),
        a_value(evidence, "memory_weeks"),
        a_value(evidence, "visibility"),
        a_start(evidence),
        a_value(evidence, "tolerance"),
        optimism(evidence),
        *two_best(evidence.best),
        ranks(evidence),
        size(evidence),
        one_region(evidence),
    ]


def a_value(evidence: Evidence, name: str) -> Claim:
    """Return the line of a parameter for which the paper gives a mean and a standard deviation."""
    mean, sd, paper = VALUES[name]
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
    return Claim(f"{name} among high scores", paper, summary(values), verdict, why, rule)


def a_share(claim: str, paper: str, values: Floats, held: Flags, told: bool) -> Claim:
    """Return the line of a claim that each good draw keeps or not; ``told`` if the ranges allow nothing else."""
    share = float(held.mean())
    verdict = UNTESTED if told else YES if share >= MOST else PARTLY if share >= HALF else NO
    why = f"{share:.0%} of our good draws keep it" + (
        ", as the ranges that were searched allow nothing else." if told else "."
    )
    rule = f"at least {MOST:.0%} of our good draws keep it; partly: {HALF:.0%}"
    return Claim(claim, paper, summary(values), verdict, why, rule)


def a_rate(evidence: Evidence) -> list[Claim]:
    """Return the lines of the rate of adjustment, in percent a week."""
    rate = 100 * evidence.column("adjustment_rate")
    told = evidence.scenario.parameters["adjustment_rate"].high <= 0.001
    low, high = np.quantile(rate, [0.25, 0.75])
    inside = low <= 0.05 <= high
    why = f"The middle half of our good draws lies between {low:.3g} and {high:.3g}%."
    return [
        a_share("adjustment_rate, % a week, at most", "0.1", rate, rate <= 0.1, told),
        Claim(
            "adjustment_rate, % a week, typically",
            "0.05",
            f"median {np.median(rate):.3g}",
            YES if inside else NO,
            why,
            "the paper's value in the middle half of our good draws",
        ),
    ]


def a_ridge(evidence: Evidence) -> Claim:
    """Return the line of the regression of prior_alpha on prior_beta, its intervals by bootstrap over chains."""
    alpha, beta = evidence.column("prior_alpha"), evidence.column("prior_beta")
    claim, paper = "prior_alpha on prior_beta", "26 + 0.66 prior_beta, residual s.e. 4.01"
    rule = (
        "the paper's line within our 95% intervals, residual s.e. at most twice its; partly: the first, and ours rises"
    )
    ridge = ridge_of(evidence.points)
    if ridge is None or len(np.unique(beta)) < 3:
        return Claim(claim, paper, "-", UNTESTED, "The good draws have too few values of prior_beta.", rule)
    intercept, slope, error = ridge
    rng = np.random.default_rng((0, 1))
    bags = [resampled(evidence.chains, rng) for _ in range(RESAMPLES)]
    fits = np.array([np.polyfit(beta[bag], alpha[bag], 1) for bag in bags if np.ptp(beta[bag]) > 0])
    (s_low, i_low), (s_high, i_high) = np.quantile(fits, [0.025, 0.975], axis=0)
    line, tight = i_low <= 26 <= i_high and s_low <= 0.66 <= s_high, error <= WIDER * 4.01
    verdict = YES if line and tight else PARTLY if line and s_low > 0 else NO
    wide = f"scatter is {error / 4.01:.1f} times as wide"
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


def a_prior(evidence: Evidence) -> Claim:
    """Return the line of the prior mean of repression."""
    mean = evidence.prior_mean()
    return a_share("prior mean of repression", "0.47 to 0.65", mean, (mean >= 0.47) & (mean <= 0.65), False)


def a_start(evidence: Evidence) -> Claim:
    """Return the line of the initial repression."""
    start = evidence.column("initial_repression")
    told = evidence.scenario.parameters["initial_repression"].low >= 0.8
    return a_share("initial_repression in the best results", "0.8 or more", start, start >= 0.8, told)


def optimism(evidence: Evidence) -> Claim:
    """Return the line of what the paper concludes: that people first thought their chances better than they were."""
    gap = evidence.column("initial_repression") - evidence.prior_mean()
    return a_share("initial_repression minus prior mean", "above 0: people are optimistic", gap, gap > 0, False)


def two_best(best: TwoBest) -> list[Claim]:
    """Return the lines of the paper's two best runs (Figure 5, note 8)."""
    near = (np.abs(best.first - 0.85) <= NEAR) & (np.abs(best.last - 0.44) <= NEAR)
    levels = "; ".join(f"{first:.0%} to {last:.0%}" for first, last in zip(best.first, best.last, strict=True))
    change = "falls" if (best.last < best.first).all() else "does not fall"
    reached = "; ".join(f"exceeded in {share:.2%} of weeks and provinces" for share in best.above)
    why = f"Repression {change} in both; near the paper's: {int(near.sum())} of the two."
    never = not best.above.any()
    return [
        Claim(
            "repression in the two best runs",
            "from about 85% to about 44%",
            levels,
            YES if near.all() else PARTLY if near.any() else NO,
            why,
            f"both ends within {NEAR:.0%} of the paper's in both runs; partly: in one",
        ),
        Claim(
            "tolerance in the two best runs",
            "never reached",
            reached,
            YES if never else PARTLY if not best.above.all() else NO,
            "The state has nothing to react to." if never else "The state does react in our best runs.",
            "never exceeded in both; partly: in one",
        ),
    ]


def ranks(evidence: Evidence) -> Claim:
    """Return the line of the order of importance."""
    claim, rule = "importance (IncNodePurity), first to last", "the same two first; partly: ranks correlate (5% level)"
    paper, order = list(PAPER), evidence.importance
    if not order:
        why = f"Importance cannot be measured: {evidence.no_importance}."
        return Claim(claim, ", ".join(paper), "-", UNTESTED, why, rule)
    ours = [name for name in order if name in PAPER]
    if len(ours) < len(paper):
        return Claim(claim, ", ".join(paper), ", ".join(ours), UNTESTED, "Not all ten were searched.", rule)
    correlation = float(spearmanr(range(len(paper)), [ours.index(name) for name in paper])[0])
    leaders = set(ours[:2]) == set(paper[:2])
    verdict = YES if leaders else PARTLY if correlation >= CORRELATED else NO
    why = f"The two that matter most are {'the same' if leaders else 'others'}; ranks correlate at {correlation:.2f}."
    return Claim(claim, ", ".join(paper), ", ".join(ours), verdict, why, rule)


def size(evidence: Evidence) -> Claim:
    """Return the line of how much was simulated."""
    why = "A difference of effort, not of result."
    return Claim("simulations", "close to 100,000", f"{evidence.draws:,}", "-", why, "none: nothing to reproduce")


def one_region(evidence: Evidence) -> Claim:
    """Return the line of the paper's conclusion that its region is the only one."""
    sides = [np.abs(evidence.column(name) - mean) <= REACH * sd for name, (mean, sd, _) in VALUES.items()]
    inside = int(np.all(sides, axis=0).sum())
    # A hundredth more for ranges that were rounded.
    ranges = [(evidence.scenario.parameters[name], mean, 1.01 * REACH * sd) for name, (mean, sd, _) in VALUES.items()]
    told = all(searched.low >= mean - most and searched.high <= mean + most for searched, mean, most in ranges)
    count = len(evidence.points)
    why = "The ranges that were searched hold nothing else." if told else "Good draws lie outside it."
    return Claim(
        "the only region with good results?",
        '"certainly suggest this is the case", but not "certain"',
        f"{inside} of {count} good draws inside; {evidence.regions}",
        UNTESTED if told else YES if inside == count else PARTLY if inside else NO,
        "All our good draws lie in it." if inside == count and not told else why,
        f"all good draws within {REACH:g} sd of the paper's {', '.join(VALUES)}; partly: some",
    )


def summary(values: Floats) -> str:
    """Return mean, standard deviation and 95% interval in words."""
    low, high = np.quantile(values, [0.025, 0.975])
    return f"{values.mean():.3g}, sd {values.std():.3g} (95%: {low:.3g} to {high:.3g})"
