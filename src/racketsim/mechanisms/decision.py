"""Decision of the target: pay, refuse, close down, or between two groups that claim it (A1, A11, A22).

Random utility (McFadden 1974) over what the demand costs, in units of the sum asked:
    U(pay) = -1 (not open to a target whose profit does not cover the sum),
    U(refuse) = -c * D_i,                      c perceived chance of punishment, D_i harm relative to the sum,
    U(close) = -closing cost / (sum asked until the next review),
so that P(choice) is proportional to exp(U / noise). Without noise this is the threshold rule of Smith and Varese
(2001, Rationality and Society 13:349): pay when c >= m / D. A target that was itself punished n times holds
c_i = 1 - (1 - c)(1 - w) ** n. Targets differ in what they have at stake: D_i = D * exp(sigma * z_i), z_i standard
normal, so some always pay and most never do. A target that already pays h times the sum to another group weighs
    U(stay) = -h - c_new * D_i,  U(change) = -1 - c_old * D_i,  U(pay both) = -1 - h,  U(close) as above:
whom it leaves unpaid may punish it, and two collectors are too much for most. A target that pays two others goes on
paying the second h' times the sum unless it closes: U(stay) and U(change) are less by h', which profit has to cover.
Whether it reports is decided apart (`reporting`), by what it chose here.
Here c is what was seen (`credibility`) and what was threatened in public (`signals`), 1 - (1 - seen)(1 - threatened).
Where merchants refuse in company (`crowd`), those among them who are asked in person refuse whatever it costs.
A one-off sum asked by remote is weighed against `remote_horizon` days of profit, and nobody closes over it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np

from racketsim.engine.bound import LATE, bind
from racketsim.engine.kernel import Int, Real, kernel
from racketsim.engine.log import stream_bits, type_codes
from racketsim.engine.mechanism import Array, Mechanism, Variable
from racketsim.engine.philox import uniform
from racketsim.engine.streams import Stream
from racketsim.mechanisms.crowd_rules import refuses_together
from racketsim.mechanisms.event_rows import DEMAND_COLUMNS, put_demands
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.senders import claim_belief, repeated_harm
from racketsim.mechanisms.signal_rules import perceived_punishment

_DECISION, _SENDER = int(Stream.DECISION), int(Stream.SENDER)
REFUSE, PAY, CLOSE, CHANGE, BOTH = 0, 1, 2, 3, 4
_EVENTS = ("refusal", "payment_agreed", "closure", "switch", "double_payment")


class DecisionParameters(Parameters):
    """What targets weigh."""

    harm_ratio: float = parameter("1", "D: harm of a punishment in person, relative to the sum asked", gt=0.0, le=1e3)
    remote_harm_ratio: float = parameter("1", "D of a remote threat, relative to the sum asked", gt=0.0, le=1e3)
    harm_sigma: float = parameter("log units", "sigma: standard deviation of the log of D over targets", ge=0.0, le=4.0)
    noise: float = parameter("1", "scale of the noise in utilities, relative to the sum asked", gt=0.0, le=100.0)
    own_weight: float = parameter("probability", "w: added belief in punishment for each one suffered", ge=0.0, le=1.0)
    horizon: float = parameter("days", "days of tribute that a target compares with closing down", gt=0.0, le=1e4)
    remote_horizon: float = parameter("days", "days of profit from which a one-off sum can be paid", gt=0.0, le=1e4)
    periods: float = parameter(
        "periods", "T: periods that a target looks ahead when it filters who asks (see `senders`)", ge=1.0, le=100.0
    )


@kernel
def _weigh(belief: Real, harm_ratio: Real, closing: Real, payable: bool, noise: Real) -> tuple[Real, Real, Real]:
    """Return the weights of paying, refusing and closing, the cheapest at one, so that none underflows."""
    held_out = belief * harm_ratio
    least = min(held_out, closing)
    if payable:
        least = min(least, 1.0)
    pay = math.exp((least - 1.0) / noise) if payable else 0.0
    return pay, math.exp((least - held_out) / noise), math.exp((least - closing) / noise)


@kernel
def choose(draw: Real, belief: Real, harm_ratio: Real, closing: Real, payable: bool, noise: Real) -> Int:
    """Return PAY, REFUSE or CLOSE for a uniform `draw`; `closing` is the cost of closing over the sum (inf: never)."""
    pay, refuse, close = _weigh(belief, harm_ratio, closing, payable, noise)
    mark = draw * (pay + refuse + close)
    if mark < refuse:
        return REFUSE
    return PAY if mark < refuse + pay else CLOSE


@kernel
def choose_between(
    draw: Real,
    new: Real,
    old: Real,
    harm_ratio: Real,
    held: Real,
    third: Real,
    closing: Real,
    payable: bool,
    both: bool,
    noise: Real,
) -> Int:
    """Return REFUSE (and stay with the other), CHANGE, BOTH or CLOSE for a uniform `draw`.

    `new` and `old` are the chances that a refusal is punished by who asks and by who is paid, `held` is what is paid
    to the latter over the sum asked, `third` what is paid to yet another and stays; `payable` says whether profit
    covers what it would pay after a change, `both` whether it covers the two.
    """
    stay, change, two = third + held + new * harm_ratio, third + 1.0 + old * harm_ratio, third + 1.0 + held
    least = min(stay, closing)
    if payable:
        least = min(least, change)
    if both:
        least = min(least, two)
    to_refuse = math.exp((least - stay) / noise)
    to_change = math.exp((least - change) / noise) if payable else 0.0
    to_both = math.exp((least - two) / noise) if both else 0.0
    to_close = math.exp((least - closing) / noise)
    mark = draw * (to_refuse + to_change + to_both + to_close)
    if mark < to_refuse:
        return REFUSE
    if mark < to_refuse + to_change:
        return CHANGE
    return BOTH if mark < to_refuse + to_change + to_both else CLOSE


@kernel
def pay_chance(
    belief: Real, harm_ratio: Real, closing_cost: Real, earns: Real, asked: Int, horizon: Real, noise: Real
) -> Real:
    """Return the chance that a target which earns `earns` a day agrees to pay `asked` a day in person."""
    pay, refuse, close = _weigh(belief, harm_ratio, closing_cost * earns / (asked * horizon), asked <= earns, noise)
    return pay / (pay + refuse + close)


@kernel
def decide(
    seed: Int,
    kinds: Int,
    count: Int,
    target_: Array,
    class_: Array,
    claim_: Array,
    group_: Array,
    channel_: Array,
    ordinal_: Array,
    amount_: Array,
    size_: Array,
    stake_: Array,
    rival_: Array,
    payee: Array,
    second: Array,
    tribute: Array,
    second_tribute: Array,
    credibility: Array,
    threatened: Array,
    doubt: Array,
    company: Array,
    punished: Array,
    profit: Array,
    closing_cost: Array,
    utility: Array,
    refusals: Array,
    action: Array,
) -> None:
    """Decide every demand of the day; `profit[k]` is in centimos a day at the median size.

    `threatened[D, G]` is the belief that public threats have added, `company[D]` the share that refuses together.
    """
    mean_harm, mean_harm_remote, sigma, noise, own, horizon, horizon_remote, periods = utility
    for n in range(count):
        target, kind, district = target_[n], class_[n] % kinds, class_[n] // kinds
        draw = uniform(seed, target, _DECISION, ordinal_[n])
        spared = (1.0 - own) ** punished[target]
        unpunished = max(np.int64(refusals[target]) - np.int64(punished[target]), 0)
        said = perceived_punishment(credibility[district, claim_[n]], threatened[district, claim_[n]])
        claimed = claim_belief(said, doubt[district, claim_[n]], unpunished)
        belief = 1.0 - (1.0 - claimed) * spared
        spread = math.exp(sigma * stake_[n])
        harm, harm_remote = repeated_harm(mean_harm * spread, periods), mean_harm_remote * spread
        earns = profit[kind] * size_[n]
        if channel_[n] == 0 and company[district] > 0.0 and refuses_together(seed, target, company[district]):
            act = REFUSE
        elif channel_[n] == 1:
            act = choose(draw, belief, harm_remote, math.inf, amount_[n] <= earns * horizon_remote, noise)
        elif rival_[n] >= 0:
            known = perceived_punishment(credibility[district, rival_[n]], threatened[district, rival_[n]])
            old = 1.0 - (1.0 - known) * spared
            closing = closing_cost[kind] * earns / (amount_[n] * horizon)
            paid = tribute[target] if payee[target] == rival_[n] else second_tribute[target]
            room = second[target] < 0 or group_[n] in (payee[target], second[target])
            third = 0 if room else tribute[target] + second_tribute[target] - paid
            act = choose_between(
                draw,
                belief,
                old,
                harm,
                paid / amount_[n],
                third / amount_[n],
                closing,
                amount_[n] + third <= earns,
                room and amount_[n] + paid <= earns,
                noise,
            )
        else:
            closing = closing_cost[kind] * earns / (amount_[n] * horizon)
            act = choose(draw, belief, harm, closing, amount_[n] <= earns, noise)
        action[n] = act
        if act == REFUSE and refusals[target] < 255:
            refusals[target] += 1


class Decision(Mechanism):
    """Let each target that is asked decide."""

    name = "decision"
    elements = ("A1", "A4", "A8", "A11", "A22")
    summary = "each target that is asked pays, refuses, closes, or between two groups changes or pays both"
    reads = (
        "demand_count",
        "demand_target",
        "demand_class",
        "demand_group",
        "demand_channel",
        "demand_ordinal",
        "demand_amount",
        "demand_size",
        "demand_stake",
        "demand_rival",
        "demand_key",
        "demand_claim",
        "credibility",
        "threat_credibility",
        "doubt",
        "collective_refusal",
        "punished",
        "payee",
        "second",
        "tribute",
        "second_tribute",
    )
    writes = {
        "action": Variable(("demand",), "i1", "1", "0 refuse, 1 pay, 2 close, 3 change to who asks, 4 pay both"),
        "utility": Variable(
            ("utility",), "f8", "mixed", "weights of the utilities: D, remote D, sigma, noise, w, horizons, T"
        ),
        "refusals": Variable(("target",), "u1", "1", "refusals of a target so far"),
    }
    draws = (Stream.DECISION,)
    emits = _EVENTS
    Parameters = DecisionParameters

    def accept(self, parameters: DecisionParameters) -> None:
        """Keep the parameters and the profits of the kinds."""
        self.p = parameters
        self._profit = 100.0 * self.city.column("size_median")
        self._codes = type_codes(_EVENTS)
        self._closing = self.city.column("closing_cost")

    def prepare(self) -> None:
        """Lay out the weights of the utilities."""
        p = self.p
        self.v.utility[:] = (
            p.harm_ratio,
            p.remote_harm_ratio,
            p.harm_sigma,
            p.noise,
            p.own_weight,
            p.horizon,
            p.remote_horizon,
            p.periods,
        )

    def step(self, day: int) -> None:
        """Decide the demands of the day."""
        n = int(self.v.demand_count[0])
        self._decide(n)
        if n:
            self._report(n, day)

    @cached_property
    def _decide(self) -> Callable[..., None]:
        v = self.v
        return bind(
            decide,
            self.seed,
            self.city.kinds,
            LATE,
            v.demand_target,
            v.demand_class,
            v.demand_claim,
            v.demand_group,
            v.demand_channel,
            v.demand_ordinal,
            v.demand_amount,
            v.demand_size,
            v.demand_stake,
            v.demand_rival,
            v.payee,
            v.second,
            v.tribute,
            v.second_tribute,
            v.credibility,
            v.threat_credibility,
            v.doubt,
            v.collective_refusal,
            v.punished,
            self._profit,
            self._closing,
            v.utility,
            v.refusals,
            v.action,
        )

    @cached_property
    def _report(self) -> Callable[..., None]:
        v = self.v
        return self.log.writer(
            put_demands,
            self._codes,
            v.action,
            stream_bits(_DECISION),
            stream_bits(_SENDER),
            self.city.kinds,
            v.demand_key,
            v.demand_class,
            v.demand_group,
            v.demand_claim,
            v.demand_target,
            v.demand_channel,
            v.demand_amount,
            columns=DEMAND_COLUMNS,
        )
