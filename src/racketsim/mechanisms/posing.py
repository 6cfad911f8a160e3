"""What posing as a group brings and risks, and where impostors enter and leave (A5; see `impostors`).

For one demand in district d (the rate of demands is on both sides and cancels):
    take = days * sum_k w_k P(pay | c of the best name, kind k) a_k,      w_k share of demands on kind k, a_k sum a day,
and while take > risk people enter, while take <= risk impostors leave. A name is weighed by c[d, g] ** e * n[b(g)]: its
credibility in the district times the presence of its brand in the news.

States and draws: none. Smith and Varese (2001, Rationality and Society 13:349): payment attracts fakers.
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.cells import anything, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.streams import Stream
from racketsim.mechanisms.decision import PAY, choose, pay_chance
from racketsim.mechanisms.senders import repeated_harm

_ENTRY, _EXIT = int(Stream.IMPOSTOR_ENTRY), int(Stream.IMPOSTOR_EXIT)
_SHARP = 1e-6
_TIE_PAYS = 0.75


def pays(belief: float, demand: float, damage: float, periods: int = 1) -> bool:
    """Whether a target that weighs without noise pays a demand: the choice of `decision`, a tie goes to paying.

    `belief` is the chance that refusing is punished with `damage`, by a sender who is then known to be genuine.
    """
    harm = repeated_harm(damage / demand, float(periods))
    return bool(choose(_TIE_PAYS, belief, harm, np.inf, True, _SHARP) == PAY)


@kernel
def enters(take: Real, risk: Real) -> bool:
    """Whether posing as a group pays: the expected take of a demand exceeds what it risks."""
    return bool(take > risk)


@kernel
def expected_take(
    weights: Array,
    asked: Array,
    earns: Array,
    closing_cost: Array,
    belief: Array,
    harm: Real,
    horizon: Real,
    noise: Real,
    collecting: Real,
    take: Array,
) -> None:
    """Set `take[D]`, in the unit of `asked[K]`: what a demand on a target of median size and stake brings.

    `weights[D, K]` are the shares of demands by kind, `belief[D]` the perceived chance of punishment, `asked[K]` and
    `earns[K]` whole centimos a day, `closing_cost[K]` days of profit.
    """
    for district in range(belief.size):
        total = 0.0
        for kind in range(asked.size):
            chance = pay_chance(belief[district], harm, closing_cost[kind], earns[kind], asked[kind], horizon, noise)
            total += weights[district, kind] * chance * asked[kind]
        take[district] = collecting * total


@kernel
def known_names(
    credibility: Array,
    news: Array,
    brand_of: Array,
    genuine: Array,
    elasticity: Real,
    running: Array,
    best: Array,
    presence: Array,
) -> None:
    """Set `running[D, G]` (sums of the weights of names), `best[D]` (-1 where no name is known) and `presence[D]`.

    `news[G]` are recent claims of the press by group, summed over the groups of a brand; `genuine[G]` marks the groups
    whose name can be used; `presence` is the news of the best name.
    """
    groups = news.size
    of_brand = np.zeros(groups)
    for group in range(groups):
        if brand_of[group] >= 0:
            of_brand[brand_of[group]] += news[group]
    for district in range(credibility.shape[0]):
        total, largest = 0.0, 0.0
        best[district] = -1
        presence[district] = 0.0
        for group in range(groups):
            if genuine[group] and brand_of[group] >= 0 and of_brand[brand_of[group]] > 0.0:
                weight = credibility[district, group] ** elasticity * of_brand[brand_of[group]]
                total += weight
                if weight > largest:
                    largest = weight
                    best[district] = group
                    presence[district] = of_brand[brand_of[group]]
            running[district, group] = total


@kernel
def weigh(
    settings: tuple[Real, Real, Real, Real],
    harm: Real,
    horizon: Real,
    noise: Real,
    nameless: Array,
    weights: Array,
    asked: Array,
    earns: Array,
    closing_cost: Array,
    ten_thousands: Array,
    alive: Array,
    members: Array,
    news: Array,
    credibility: Array,
    brand_of: Array,
    patrols: Array,
    base_patrols: Array,
    running: Array,
    best: Array,
    presence: Array,
    take: Array,
    owners: Array,
    risk: Array,
) -> None:
    """Set what names bring and risk in every district: `running[D, G]`, `best[D]`, `presence[D]`, `take[D]`, `risk[D]`.

    `settings` are name_weight, police_risk, owner_risk, and the days of tribute that are expected, in hundredths.
    A group can be posed as if it is there or in the news, and not `nameless[G]`; `owners[D]` are the members of the
    brand of the best name for each 10,000 targets.
    """
    elasticity, police_risk, owner_risk, collecting = settings
    groups, districts = members.shape
    genuine, belief = np.zeros(groups, dtype=np.bool_), np.zeros(districts)
    for group in range(groups):
        if alive[group] == 1 and not nameless[group]:
            genuine[group] = news[group] > 0.0 or anything(members[group : group + 1])
    known_names(credibility, news, brand_of, genuine, elasticity, running, best, presence)
    for district in range(districts):
        belief[district] = credibility[district, best[district]] if best[district] >= 0 else 0.0
    expected_take(weights, asked, earns, closing_cost, belief, harm, horizon, noise, collecting, take)
    for district in range(districts):
        count = 0
        if best[district] < 0:
            take[district] = 0.0
        else:
            for group in range(groups):
                if genuine[group] and brand_of[group] == brand_of[best[district]]:
                    count += members[group, district]
        owners[district] = count / ten_thousands[district]
        watch = patrols[district] / base_patrols[district] if base_patrols[district] > 0.0 else 1.0
        risk[district] = police_risk * watch + owner_risk * owners[district]


@kernel
def set_hazards(
    take: Array,
    risk: Array,
    presence: Array,
    owners: Array,
    pool: Array,
    present: Array,
    settings: tuple[Real, Real, Real, Real],
    entry: Array,
    leaving: Array,
) -> None:
    """Set the hazards of entry and exit of every district; `settings` are entry, exit, owner_exit and news_half."""
    entry_rate, exit_rate, owner_exit, news_half = settings
    for district in range(take.size):
        entry[district] = 0.0
        leaving[district] = owner_exit * owners[district] * present[district]
        if enters(take[district], risk[district]):
            known = presence[district] / (presence[district] + news_half)
            entry[district] = entry_rate * known * max(pool[district] - present[district], 0.0)
        else:
            leaving[district] += exit_rate * present[district]


@kernel
def enter_and_leave(
    seed: Int,
    settings: tuple[Real, Real, Real, Real],
    take: Array,
    risk: Array,
    presence: Array,
    owners: Array,
    pool: Array,
    arrested: Array,
    present: Array,
    left: Array,
    exit_threshold: Array,
    exits: Array,
    entry_threshold: Array,
    entries: Array,
    exposed: Array,
    impostors: Array,
    hazard: Array,
    leaving: Array,
    entered: Array,
    gone: Array,
) -> Int:
    """Let impostors leave and enter: set `gone[1, D]` and `entered[1, D]`, and move `impostors[D]`.

    `left[D]` counts the unmasked, who leave too; `hazard[1, D]` and `leaving[1, D]` are overwritten. Returns whether
    anybody went (1), came (2), both (3) or neither.
    """
    set_hazards(take, risk, presence, owners, pool, present, settings, hazard[0], leaving[0])
    moved = 0
    if fire_cells(seed, _EXIT, leaving, exit_threshold, exits, gone):
        for district in range(left.size):
            gone[0, district] = min(gone[0, district], present[district] - left[district])
            left[district] += gone[0, district]
            if gone[0, district] > 0:
                moved = 1
    fewer = False
    for district in range(left.size):
        fewer |= left[district] != 0 or arrested[district] != 0
    if fewer:
        # Impostors are alike: what is exposed leaves with those who leave, in proportion.
        for district in range(left.size):
            kept = (present[district] - left[district]) / max(impostors[district], 1)
            for group in range(exposed.shape[0]):
                exposed[group, district] *= kept
            impostors[district] = present[district] - left[district]
    if fire_cells(seed, _ENTRY, hazard, entry_threshold, entries, entered):
        moved += 2
        for district in range(left.size):
            impostors[district] += entered[0, district]
    return moved
