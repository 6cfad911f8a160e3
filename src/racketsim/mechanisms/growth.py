"""Growth of criminal groups: the four flows of Prieto-Curiel, Campedelli and Hope (2023, doi:10.1126/science.adh2888).

Equation, for group i with C_i members:
    dC_i/dt = rho C_i  -  eta C_i / sum_j C_j  -  theta sum_j S_ij C_i C_j  -  omega C_i ** 2
              recruits    incapacitation          conflict                     saturation
with rho the recruits that a member brings, eta the arrests that the state can make, S who fights whom, and omega how
fast a group sheds members as it fills its room.

A cell of the city (`membership`) has the same recruits and saturation. Its room is the capacity K of the district, and
whoever is there takes from it: m recruits rho m, and sheds (rho / K) m x crowd, which together are the logistic
rho m (1 - crowd / K). `net_flows` cancels those who would join and drop out on one day, so that whole-number events
follow the net flow without the noise of gross turnover. Incapacitation and conflict of the city are its own
mechanisms (`policing`, and the contest for territory); the four flows together run verification case V2.
"""

from __future__ import annotations

import numpy as np

from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array


@kernel
def recruits(rate: Real, members: Real, participation: Real) -> Real:
    """Return the recruits of `members` (a number or an array), `rate` each, scaled by how many of those asked join."""
    return rate * participation * members


@kernel
def saturation_losses(members: Real, crowd: Real, omega: Real) -> Real:
    """Return the members (a number or an array) who drop out as the `crowd` fills the room: omega * members * crowd."""
    return omega * members * crowd


@kernel
def incapacitation(capacity: Real, members: Array) -> Array:
    """Return the members arrested: `capacity` of them, shared over groups by their members[N]."""
    total = 0.0
    for i in range(members.size):
        total += members[i]
    return members * (capacity / total if total > 0.0 else 0.0)


@kernel
def conflict_losses(theta: Real, rivalry: Array, members: Array) -> Array:
    """Return the members killed in each group: theta * members_i * sum_j rivalry[i, j] * members_j."""
    killed = np.empty(members.size)
    for i in range(members.size):
        rivals = 0.0
        for j in range(members.size):
            rivals += rivalry[i, j] * members[j]
        killed[i] = theta * members[i] * rivals
    return killed


@kernel
def net_flows(gained: Real, lost: Real) -> tuple[Real, Real]:
    """Return what is left of a gain and a loss after they cancel: at least one of the two is zero."""
    return max(gained - lost, 0.0), max(lost - gained, 0.0)


@kernel
def growth_hazards(
    members: Array,
    crowd: Array,
    capacity: Array,
    participation: Array,
    posts: Array,
    leaderless_until: Array,
    day: Int,
    recruitment: Real,
    leaving: Real,
    joining: Array,
    quitting: Array,
) -> None:
    """Set `joining[G, D]` and `quitting[G, D]`, the recruits and leavers that each cell can expect today.

    Recruits less saturation, in proportion to `participation[G]` (see `recruitment`); a gain needs a post that is
    paid (`posts[G, D]`, from 0 to 1). A group without a leader neither gains nor sheds. All lose `leaving` a member.
    """
    for group in range(members.shape[0]):
        led = leaderless_until[group] <= day
        for district in range(members.shape[1]):
            m = members[group, district]
            joining[group, district] = 0.0
            quitting[group, district] = 0.0
            if m == 0:
                continue
            shed = 0.0
            if led:
                asked = recruits(recruitment, m, participation[group])
                turned_away = saturation_losses(m, crowd[group, district], recruitment / max(capacity[district], 1e-9))
                gained, shed = net_flows(asked, turned_away)
                joining[group, district] = gained * posts[group, district]
            quitting[group, district] = leaving * m + shed
