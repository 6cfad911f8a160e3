"""A small valid scenario folder and a registry of its own, for tests that break it one way at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

from racketsim.errors import InputError
from racketsim.mechanisms.parameters import Parameters, parameter
from racketsim.mechanisms.quantities import (
    GROUP_QUANTITIES,
    KIND_QUANTITIES,
    METHOD_QUANTITIES,
    OUTLET_QUANTITIES,
    Declared,
)
from racketsim.scenario.model import Districts, PolicySpec, Quantity
from racketsim.scenario.registry import Registry


class DemandParameters(Parameters):
    rate: float = parameter("demands per member-day", "how often a member demands", ge=0.0, le=10.0)
    share: float = parameter("probability", "a share", gt=0.0, lt=1.0)
    spell: int = parameter("days", "a whole number of days", ge=1)


class NoParameters(Parameters):
    pass


@dataclass(frozen=True)
class Curfew:
    start: date
    districts: tuple[str, ...]
    end: date | None = None
    strength: float = field(default=0.5, metadata={"unit": "1", "lowest": 0.0, "highest": 1.0})
    group: str = ""
    strict: bool = False
    label: str = "night"

    @classmethod
    def from_spec(cls, spec: PolicySpec, districts: Districts) -> Self:
        given: dict[str, Any] = {
            key: value.value if isinstance(value, Quantity) else value for key, value in spec.arguments.items()
        }
        if given.get("label") == "never":
            raise InputError("a curfew is never called never")
        return cls(**given)


REGISTRY = Registry({"demand": DemandParameters, "calendar": NoParameters}, {"curfew": Curfew})

EVIDENCE = """\
id,topic,place,period_start,period_end,quantity,value,unit,low,high,source_name,source_url,source_date,note
E1,invented,Testville,2020,2021,everything,3,districts,,,the tests,,2023-01-01,
E2,invented,Testville,2020,2021,a tariff,5,PEN/day,2,9,the tests,https://example.org,2023-01-02,"a note, quoted"
"""

DISTRICTS = """\
id,name,region,zone,population,latitude,longitude,area_km2,officers,exposure,tile_row,tile_column,neighbours,source
d1,Centro,Testville,Inner,1000,-12.0,-77.0,2.5,10,1.5,0,0,d2,E1
d2,Peñón,Testville,Inner,2000,-12.1,-77.1,3.5,12,1.0,0,1,d1 d3,E1 E2
d3,Sur,Testshire,Outer,3000,-12.2,-77.2,4.5,14,0.5,1,1,d2,E1
"""

TARGETS = """\
district,kind,count,source
Centro,shop,100,E1
Centro,stall,50,E1
Peñón,shop,80,E1
d3,stall,70,E1 E2
"""

REPORTS = """\
district,month,count,source
Centro,2020-01,4,E1
Peñón,2020-01,3,E1
Sur,2020-01,2,E1
Centro,2020-03,1,E1
"""

HEAD = """\
[scenario]
title = "Testville"
summary = "A town for tests."
currency = "PEN"
start = 2020-01-01
end = 2021-12-31
"""

TAIL = """\
[parameters.demand]
rate = { value = 0.2, unit = "demands per member-day", prior = "lognormal", low = 0.1, high = 0.4 }
share = { value = 0.5, unit = "probability", source = "E1" }
spell = { value = 30, unit = "days", source = "E1", prior = "uniform", low = 10, high = 60, note = "a month" }

[[policies]]
kind = "curfew"
start = 2020-03-16
end = 2020-06-30
districts = ["Testville", "d3"]
source = "E1"
note = "it happened"
strength = { value = 0.4, unit = "1", prior = "uniform", low = 0.2, high = 0.8 }
group = "gang"
strict = true

[[headline]]
id = "january"
name = "January 2020"
kind = "sum"
measure = "recorded"
region = "Testville"
first = "2020-01"
last = "2020-01"
source = "reports.csv"

[[headline]]
id = "spring"
name = "January to March 2020"
kind = "sum"
measure = "recorded"
first = "2020-01"
last = "2020-03"

[[headline]]
id = "all-january"
name = "January 2020, all"
kind = "sum"
measure = "recorded"
first = "2020-01"
last = "2020-01"

[[headline]]
id = "share"
name = "Testville's share"
kind = "ratio"
ratio_of = ["january", "all-january"]

[[headline]]
id = "arrests"
name = "Arrests"
kind = "sum"
measure = "arrests"
first = "2020-01"
last = "2020-12"
recorded = 7
source = "E1"

[[headline]]
id = "top"
name = "Most recorded"
kind = "top-districts"
measure = "recorded"
first = "2020-01"
last = "2020-12"
top = 2

[[chain]]
id = "march"
name = "a peaceful protest"
event = "protest"
at_least = { value = 50, unit = "people", source = "E1" }
date = 2020-02-01
source = "E1"

[[chain]]
id = "answer"
name = "a curfew"
event = "curfew"
at_least = { value = 2, unit = "districts", source = "E1" }
within = { value = 30, unit = "days", source = "E1" }

[[chain]]
id = "papers"
name = "papers contradict each other"
event = "contradictory_claims"
after = "march"
about = ["protest", "riot"]
at_least = { value = 3, unit = "versions", source = "E1" }
within = { value = 7, unit = "days", prior = "uniform", low = 3, high = 14 }
"""


def block(header: str, declared: dict[str, Declared], *lines: str) -> str:
    """Return a section with every declared quantity at a value that is allowed."""
    text = [f"[{header}]", *lines]
    for name, entry in declared.items():
        value = min(max(0.5, entry.lowest), entry.highest)
        text.append(f'{name} = {{ value = {value}, unit = "{entry.unit}", source = "E1" }}')
    return "\n".join(text) + "\n"


MAIN = "\n".join(
    [
        HEAD,
        block("kinds.shop", KIND_QUANTITIES, 'label = "shop"'),
        block("kinds.stall", KIND_QUANTITIES, 'label = "stall"'),
        block("methods.threat", METHOD_QUANTITIES, 'label = "threat"'),
        block("methods.arson", METHOD_QUANTITIES, 'label = "arson"'),
        block("outlets.paper", OUTLET_QUANTITIES, 'label = "paper"'),
        block(
            "groups.gang", GROUP_QUANTITIES["incumbent"], 'name = "Gang"', 'role = "incumbent"', 'districts = ["Inner"]'
        ),
        block(
            "groups.comers",
            GROUP_QUANTITIES["entrant"],
            'name = "Comers"',
            'role = "entrant"',
            'brand = "Brand"',
            'origin_label = "elsewhere"',
            "arrival = 2020-05-01",
            'districts = ["Sur"]',
            'signature = "arson"',
        ),
        block(
            "groups.callers", GROUP_QUANTITIES["remote"], 'name = "Callers"', 'role = "remote"', "arrival = 2020-02-01"
        ),
        TAIL,
    ]
)

FILES = {
    "scenario.toml": MAIN,
    "districts.csv": DISTRICTS,
    "targets.csv": TARGETS,
    "reports.csv": REPORTS,
    "evidence.csv": EVIDENCE,
}


def write_scenario(folder: Path) -> Path:
    """Write the small scenario to a new folder and return it."""
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def line_of(name: str, start: str, text: str | None = None) -> int:
    """Return the line of a file that starts with `start`, counted from 1."""
    lines = (FILES[name] if text is None else text).splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(start))
