"""The day in its order: every mechanism of a run, and the parameters that a scenario must give."""

from __future__ import annotations

from racketsim.engine.mechanism import Mechanism, Variable
from racketsim.mechanisms.allocation import Allocation
from racketsim.mechanisms.backlash import Backlash
from racketsim.mechanisms.brand import Brand
from racketsim.mechanisms.collection import Collection
from racketsim.mechanisms.collusion import Collusion
from racketsim.mechanisms.contest import Contest
from racketsim.mechanisms.credibility import Credibility
from racketsim.mechanisms.crowd import Crowd
from racketsim.mechanisms.crowd_violence import CrowdViolence
from racketsim.mechanisms.custody import Custody
from racketsim.mechanisms.decision import Decision
from racketsim.mechanisms.demand import Demand
from racketsim.mechanisms.deterrence import Deterrence
from racketsim.mechanisms.diffusion import Diffusion
from racketsim.mechanisms.expansion import Expansion
from racketsim.mechanisms.impostors import Impostors
from racketsim.mechanisms.leadership import Leadership
from racketsim.mechanisms.membership import Membership
from racketsim.mechanisms.parameters import Parameters
from racketsim.mechanisms.policies import Policies
from racketsim.mechanisms.policing import Policing
from racketsim.mechanisms.portfolio import Portfolio
from racketsim.mechanisms.press import Press
from racketsim.mechanisms.punishment import Punishment
from racketsim.mechanisms.records import Records
from racketsim.mechanisms.recruitment import Recruitment
from racketsim.mechanisms.reporting import Reporting
from racketsim.mechanisms.retaliation import Retaliation
from racketsim.mechanisms.signals import Signals
from racketsim.mechanisms.state import State
from racketsim.mechanisms.street_records import StreetRecords
from racketsim.mechanisms.territory import Territory
from racketsim.mechanisms.ultimatums import Ultimatums

DAY: tuple[type[Mechanism], ...] = (
    Policies,
    Expansion,
    Deterrence,
    Allocation,
    Diffusion,
    Demand,
    Decision,
    Collection,
    Punishment,
    Brand,
    Credibility,
    Reporting,
    Collusion,
    Policing,
    Custody,
    Leadership,
    Impostors,
    Contest,
    Retaliation,
    Portfolio,
    Recruitment,
    Crowd,
    CrowdViolence,
    Membership,
    Territory,
    Signals,
    Ultimatums,
    Backlash,
    State,
    Press,
    Records,
    StreetRecords,
)
"""The mechanisms in the order in which a day runs through them."""

PREPARATION: tuple[type[Mechanism], ...] = (
    Policies,
    Leadership,
    Brand,
    Impostors,
    Membership,
    Territory,
    Expansion,
    Deterrence,
    Allocation,
    Diffusion,
    Demand,
    Decision,
    Credibility,
    Collection,
    Recruitment,
    Portfolio,
    Punishment,
    Reporting,
    Collusion,
    Policing,
    Custody,
    Contest,
    Retaliation,
    Crowd,
    CrowdViolence,
    Signals,
    Ultimatums,
    Backlash,
    State,
    Press,
    Records,
    StreetRecords,
)
"""The same in the order in which they fill the first day: members before rates, rates and beliefs before relations."""

PARAMETERS: dict[str, type[Parameters]] = {
    mechanism.name: mechanism.Parameters for mechanism in DAY if mechanism.Parameters.model_fields
}
"""The parameters of every mechanism that has any, by the name of the mechanism."""

RECORDED: dict[str, Variable] = {
    name.removeprefix("m_"): variable
    for mechanism in (Records, StreetRecords)
    for name, variable in mechanism.writes.items()
}
"""The monthly records of a run by name, as variables of the state (where their names begin with `m_`)."""
