"""The evidence of the scenario lima-2023: collected facts up to November 2023, and rows of our own.

Facts keep their ids and addresses. Their notes are shortened where they named persons or quoted later counts.
Rows of our own (derived columns, decrees, literature) are written by hand in `lima_evidence.csv` beside this file;
`{name}` in a cell stands for a number that the derivation finds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

EVIDENCE_COLUMNS = (
    "id",
    "topic",
    "place",
    "period_start",
    "period_end",
    "quantity",
    "value",
    "unit",
    "low",
    "high",
    "source_name",
    "source_url",
    "source_date",
    "note",
)

LAST_DAY = "2023-11-30"
TOPICS = (
    "reports_annual",
    "data_quality",
    "reports_press",
    "underreporting",
    "prevalence",
    "payments",
    "targets_count",
    "methods",
    "homicides",
    "gangs",
    "police",
    "interventions",
    "community",
)
STRUCTURAL = "targets_count"

LEFT_OUT = (
    *("L0470", "L0508", "L0542", "L0550", "L0562", "L0566", "L0567", "L0569", "L0577", "L0578", "L0721"),
    *("L0761", "L0784", "L0788"),
)
"""Facts that no number of the scenario rests on: later counts of extortion, some surveys of attitudes."""

CHANGED: dict[str, dict[str, str]] = {
    "L0037": {"note": "computed; another register than the rows of 2018 and after"},
    "L0443": {"note": "0.139 (2018), 0.135 (2023): fits a remote wave on top of collection in person"},
    "L0503": {"note": "+830% between 2017 and 2022; the open data have 16067"},
    "L0505": {"note": "another register than the police's"},
    "L0571": {"note": ""},
    "L0574": {"note": "10000 formal + 9000 informal; a 2018 municipal study said 20000 needed"},
    "L0583": {"source_name": "El Comercio (a traders' association)"},
    "L0603": {"source_name": "Gestion (police)"},
    "L0604": {"source_name": "Infobae (police)"},
    "L0630": {"source_name": "Andina (police, Dirincri)"},
    "L0692": {"quantity": "Tren de Aragua: arrival (earliest police report 2016; first arrest August 2018)"},
    "L0693": {
        "quantity": "Los Gallegos: captured in Lima on 2022-11-10",
        "note": "14 premises; active in eight districts; watched since 2021; 3 rifles 8 pistols 4 grenades",
    },
    "L0695": {"quantity": "Dinastia Alayon: captured in San Juan de Lurigancho"},
    "L0710": {"note": "low count of large networks"},
    "L0731": {"quantity": "special police brigade, creation", "note": "size not given"},
    "L0762": {"note": ""},
    "L0766": {"quantity": "raid on a toll-taking gang of a market: detained"},
    "L0768": {
        "quantity": "clashes, expulsions of migrants, march to Congress",
        "note": "leaflets; a banner with a three-day ultimatum to leave; shops of Gamarra closed for fear",
    },
    "L0769": {
        "quantity": "grenade at a dance hall: injured",
        "note": "a band was asked for 30000; led to the first emergency",
    },
    "L0799": {"note": ""},
    "L0800": {"note": "rents were taken by local officials before the entrant groups came"},
}

GARBLED_SOURCES = {
    'computed from MININTER open data "Denuncias Policiales" (S and the press rows': (
        'computed from MININTER open data "Denuncias Policiales" (SIDPOL, D008)'
    ),
}
"""Names of sources that were cut off when the facts were collected, and what they say in full."""

_LATER = re.compile(r"\b202[456]\b")


def evidence_rows(
    facts: Sequence[Mapping[str, str]], own: Sequence[Mapping[str, str]], numbers: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return all rows of evidence.csv; raise ValueError for one that speaks of what came after the period."""
    rows = [_fact(row) for row in facts if row["topic"] in TOPICS and row["id"] not in LEFT_OUT]
    for row in rows:
        if row["topic"] != STRUCTURAL and row["period_end"] > LAST_DAY:
            raise ValueError(f"{row['id']} was recorded after {LAST_DAY}")
        if _LATER.search(row["note"]):
            raise ValueError(f"the note of {row['id']} quotes a later year: {row['note']}")
    return rows + [{column: cell.format_map(numbers) for column, cell in row.items()} for row in own]


def _fact(row: Mapping[str, str]) -> dict[str, str]:
    fact = {column: row[column] for column in EVIDENCE_COLUMNS} | CHANGED.get(row["id"], {})
    fact["source_name"] = GARBLED_SOURCES.get(fact["source_name"], fact["source_name"])
    return fact
