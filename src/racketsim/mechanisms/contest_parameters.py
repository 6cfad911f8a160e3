"""The parameters of `contest`."""

from __future__ import annotations

from racketsim.mechanisms.parameters import Parameters, parameter


class ContestParameters(Parameters):
    """How often rivals clash, what it costs them, and what the loser does."""

    clash_rate: float = parameter(
        "1/member-day", "kappa: opportunities to attack where all others are rivals", ge=0, le=1
    )
    contested_weight: float = parameter("1", "w: how much contestedness adds to the rate", ge=0.0, le=100.0)
    vacuum: float = parameter("1", "how much more a group without a leader is attacked", ge=0.0, le=20.0)
    threat_share: float = parameter("probability", "that an opportunity is a threat and no clash", ge=0.0, le=1.0)
    threat_effect: float = parameter(
        "share", "part of the rate that a sure threat by the stronger takes", ge=0.0, le=1.0
    )
    threat_half_life: float = parameter("days", "half-life of the dread of a threat", gt=0.0, le=1e4)
    threat_prior: float = parameter("threats", "weight of the first belief that threats are kept", gt=0.0, le=1e4)
    mu: float = parameter("1", "decisiveness of strength in a clash", ge=0.0, le=10.0)
    arms: float = parameter("1", "power of a group's violence in its strength", ge=0.0, le=5.0)
    lethality: float = parameter("share", "fallen members for each unit of relative strength of the weaker", ge=0, le=1)
    injured: float = parameter("people", "mean number of members injured in a clash", ge=0.0, le=100.0)
    bystanders: float = parameter("people", "mean number of bystanders injured in a clash", ge=0.0, le=100.0)
    bystanders_killed: float = parameter("people", "mean number of bystanders killed in a clash", ge=0.0, le=100.0)
    ceded_limit: float = parameter("relations", "most relations that the loser of a clash cedes", ge=0.0, le=1e6)
    yield_ratio: float = parameter("1", "strength relative to the winner's under which the loser yields", ge=0.0, le=10)
    submission: float = parameter("probability", "that a loser who yields submits and does not leave", ge=0.0, le=1.0)
    joining: float = parameter("share", "share of the members of who submits that join the winner", ge=0.0, le=1.0)
    memory: float = parameter("days", "half-life of the memory of clashes", gt=0.0, le=1e4)
    quiet: float = parameter("share", "part of contestedness that rests on clashes in memory", ge=0.0, le=1.0)
    tribute_elasticity: float = parameter("1", "elasticity of tribute to one minus contestedness", ge=0.0, le=5.0)
    roving: float = parameter("1", "one-off takings of a group with no horizon, as a share of takings", ge=0.0, le=1.0)
