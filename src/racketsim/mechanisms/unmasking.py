"""How impostors are found out, and what that does to the names that they used (A5; see `impostors`)."""

from __future__ import annotations

import numpy as np

from racketsim.engine.cells import anything, fire_cells
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.mechanism import Array
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.decision import REFUSE

_UNMASKING, _WAIT = int(Stream.UNMASKING), int(Stream.UNMASKING_WAIT)


@kernel
def learn(
    keep: Real,
    dilution: Real,
    face_value: Real,
    unmasked: Array,
    refused: Array,
    diluted: Array,
    seen: Array,
    doubt: Array,
) -> None:
    """Turn `unmasked[G, D]` into refusals charged to names, `diluted[D, G]`, remember them, and form `doubt[D, G]`."""
    found_out = anything(unmasked)
    for district in range(seen.shape[0]):
        for group in range(seen.shape[1]):
            diluted[district, group] = dilution * unmasked[group, district] if found_out else 0.0
            seen[district, group] = keep * seen[district, group] + diluted[district, group]
            doubt[district, group] = min(
                seen[district, group] / (face_value + diluted[district, group] + refused[district, group]), 1.0
            )


@kernel
def expose(
    seed: Int,
    kinds: Int,
    impostor: Int,
    chance: Real,
    count: Int,
    target_: Array,
    class_: Array,
    group_: Array,
    claim_: Array,
    ordinal_: Array,
    action: Array,
    exposed: Array,
) -> Int:
    """Add today's refusals that expose an impostor to `exposed[G, D]`, by the group claimed; return their number."""
    total = 0
    for n in range(count):
        if group_[n] != impostor or action[n] != REFUSE:
            continue
        if uniform(seed, target_[n], _UNMASKING, ordinal_[n]) < chance:
            exposed[np.int64(claim_[n]), class_[n] // kinds] += 1.0
            total += 1
    return total


@kernel
def await_unmasking(
    seed: Int,
    kinds: Int,
    impostor: Int,
    chance: Real,
    rate: Real,
    count: Int,
    target_: Array,
    class_: Array,
    group_: Array,
    claim_: Array,
    ordinal_: Array,
    action: Array,
    exposed: Array,
    hazard: Array,
    threshold: Array,
    unmaskings: Array,
    fired: Array,
) -> Int:
    """Expose by today's refusals, let all that is `exposed[G, D]` be found out at a `rate`; return how many fire."""
    expose(seed, kinds, impostor, chance, count, target_, class_, group_, claim_, ordinal_, action, exposed)
    for group in range(exposed.shape[0]):
        for district in range(exposed.shape[1]):
            hazard[group, district] = exposed[group, district] * rate
    return fire_cells(seed, _WAIT, hazard, threshold, unmaskings, fired)


@kernel
def unmask(fired: Array, present: Array, left: Array, unmasked: Array) -> Int:
    """Unmask who is due by `fired[G, D]`, as far as anybody is left; add those driven out to `left[D]`."""
    total = 0
    for group in range(fired.shape[0]):
        for district in range(fired.shape[1]):
            if fired[group, district] == 0:
                continue
            found = min(fired[group, district], present[district] - left[district])
            if found > 0:
                left[district] += found
                unmasked[group, district] = found
                total += found
    return total
