"""Who is asking? What a target believes about the sender of a demand, by Bayes' rule (A5).

Smith and Varese (2001, Rationality and Society 13:349): a demand of m is made in the name of a group that punishes a
refusal with damage D. With chance i the sender is genuine, else an impostor, who cannot punish.

    After n refusals without punishment, where a genuine sender punishes each with chance q:
        i_n = i (1 - q)**n / (i (1 - q)**n + 1 - i).
    Game of one period: paying costs m, refusing i q D, so the target pays from i = m / (q D) on.
    Game of T periods, in which who has punished is known to be genuine and is paid from then on: paying costs T m,
    refusing i (D + (T - 1) m). For T = 2 the target filters (refuses once, to see who is there) below
        i = 2 m / (m + D).
Both are one rule: refuse where belief * harm < 1, with harm = D / m in one period and (D / m + T - 1) / T in T.

States and draws: none. These functions are used by `decision`, `demand` and `impostors`.
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array


@kernel
def genuine_posterior(prior: Real, punish_chance: Real, refusals_unpunished: Int) -> Real:
    """Return the belief that a sender is genuine after refusals that were not punished; `prior` is that before them."""
    kept = prior * (1.0 - punish_chance) ** refusals_unpunished
    either = kept + 1.0 - prior
    return kept / either if either > 0.0 else 0.0


@kernel
def claim_belief(credibility: Real, doubt: Real, refusals_unpunished: Int) -> Real:
    """Return the perceived chance of punishment by whoever claims a name, given the target's own history.

    `credibility` is what the place has seen of all who claim the name, impostors among them (share `doubt`), so that a
    genuine sender is taken to punish with chance credibility / (1 - doubt).
    """
    if doubt <= 0.0 or refusals_unpunished <= 0:
        return credibility
    genuine = 1.0 - doubt
    if genuine <= 0.0:
        return 0.0
    punish = min(credibility / genuine, 1.0)
    return punish * genuine_posterior(genuine, punish, refusals_unpunished)


@kernel
def repeated_harm(harm_ratio: Real, periods: Real) -> Real:
    """Return the harm of refusing a genuine sender over the cost of paying throughout, in a game of `periods`.

    `harm_ratio` is D / m. One period gives D / m itself.
    """
    return (harm_ratio + periods - 1.0) / periods


@kernel
def filters(belief: Real, demand: Real, damage: Real) -> bool:
    """Whether a target refuses once, to see who is there, in the game of two periods: i < 2 m / (m + D)."""
    return bool(belief * (demand + damage) < 2.0 * demand)


@kernel
def draw_claim(draw: Real, running: Array, unnamed: Int) -> Int:
    """Return the group that an impostor claims to be, by running sums of weights; `unnamed` where no name is known."""
    last = running.size - 1
    if running[last] <= 0.0:
        return unnamed
    return min(np.int64(np.searchsorted(running, draw * running[last], side="right")), last)
