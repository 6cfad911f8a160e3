"""Interventions: each a small class with dates and places, or any function `policy(city, day)`."""

from racketsim.policies.base import Policy as Policy
from racketsim.policies.capture import Capture as Capture
from racketsim.policies.cut_affiliation import CutAffiliation as CutAffiliation
from racketsim.policies.lockdown import Lockdown as Lockdown
from racketsim.policies.mega_operation import MegaOperation as MegaOperation
from racketsim.policies.registry import POLICIES as POLICIES
from racketsim.policies.special_unit import SpecialUnit as SpecialUnit
from racketsim.policies.state_of_emergency import StateOfEmergency as StateOfEmergency
from racketsim.policies.triggered import Triggered as Triggered
from racketsim.policies.truce import Truce as Truce
