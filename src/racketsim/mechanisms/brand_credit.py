"""What a brand is known for, and what that is worth to its groups (A2, A19; see `brand`).

What group g of brand b is thought able to do in district d, apart from what it was seen to do there itself:
    P_b[d, g] = P[d, b] - P[d, g] + w * (P[b] - P[d, b]) + w * s * S[b],     R_b likewise without the last term,
with P and R the remembered punishments and refusals (`credibility`) summed over the groups of the brand in the district
or in the city, w the weight of what is seen elsewhere, S visible uses of the signature method and s what one adds to an
ordinary punishment (A19). They set the prior of belief, (prior * n0 + P_b) / (n0 + R_b), capped at one.

States and draws: none. Credibility earned by visible violence: Reuter (1983, Disorganized Crime).
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array


@kernel
def use_signature(
    count: Int,
    in_group: Array,
    in_method: Array,
    in_public: Array,
    signature: Array,
    brand_of: Array,
    arms: Array,
    seen: Array,
    attention: Array,
) -> None:
    """Take today's uses of signature methods from the stocks; count the public ones to the brand, seen and attended."""
    for n in range(count):
        group = np.int64(in_group[n])
        if signature[group] < 0 or in_method[n] != signature[group]:
            continue
        arms[group] = max(arms[group] - 1, 0)
        if in_public[n]:
            seen[brand_of[group]] += 1.0
            attention[brand_of[group]] += 1.0


@kernel
def share_evidence(
    brand_of: Array,
    credit: Array,
    city_weight: Real,
    signature_weight: Real,
    signature_seen: Array,
    refused: Array,
    punished: Array,
    brand_refused: Array,
    brand_punished: Array,
) -> None:
    """Set `brand_refused[D, G]` and `brand_punished[D, G]` by the equation of the module, times `credit[G]`.

    `refused` and `punished` [D, G] are the memories of what each group was seen to do itself.
    """
    districts, groups = refused.shape
    city_refused, city_punished = np.zeros(groups), np.zeros(groups)
    here_refused, here_punished = np.empty(groups), np.empty(groups)
    for group in range(groups):
        brand = brand_of[group]
        if brand >= 0:
            for district in range(districts):
                city_refused[brand] += refused[district, group]
                city_punished[brand] += punished[district, group]
    for district in range(districts):
        here_refused[:] = 0.0
        here_punished[:] = 0.0
        for group in range(groups):
            brand = brand_of[group]
            if brand >= 0:
                here_refused[brand] += refused[district, group]
                here_punished[brand] += punished[district, group]
        for group in range(groups):
            brand = brand_of[group]
            if brand < 0:
                brand_refused[district, group] = 0.0
                brand_punished[district, group] = 0.0
                continue
            local, other = here_refused[brand], here_punished[brand]
            held_out = local - refused[district, group] + city_weight * (city_refused[brand] - local)
            acted = other - punished[district, group] + city_weight * (city_punished[brand] - other)
            acted += city_weight * signature_weight * signature_seen[brand]
            brand_refused[district, group] = credit[group] * max(held_out, 0.0)
            brand_punished[district, group] = credit[group] * max(acted, 0.0)


@kernel
def brand_prior(prior: Real, prior_refusals: Real, refused: Real, punished: Real) -> Real:
    """Return the belief in a group of a brand where nothing is seen of the group itself; see the module's equation."""
    return min((prior * prior_refusals + punished) / (prior_refusals + refused), 1.0)


def brand_credibility(credibility: Array, members: Array, brand_of: Array) -> Array:
    """Return the credibility of each brand `[G]`, over districts and groups by members; 0 where it has none.

    `credibility[D, G]`, `members[G, D]`; the brand stands at the place of its first group.
    """
    total, weight = np.zeros(brand_of.size), np.zeros(brand_of.size)
    known = np.flatnonzero(brand_of >= 0)
    np.add.at(total, brand_of[known], (credibility.T * members).sum(axis=1)[known])
    np.add.at(weight, brand_of[known], members.sum(axis=1)[known].astype(np.float64))
    return np.divide(total, weight, out=np.zeros(brand_of.size), where=weight > 0)
