"""The page of a run: one self-contained report.html that makes no request when it is opened."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from racketsim.errors import InputError
from racketsim.policies.triggered import by_rule
from racketsim.results.district_table import district_rows, district_table_period
from racketsim.results.figures import svg
from racketsim.results.findings import Findings, gather
from racketsim.results.folder import open_run
from racketsim.results.headline import range_of
from racketsim.results.measures import MEASURES
from racketsim.results.policy_words import in_words, title
from racketsim.results.style import NARROW, WIDE
from racketsim.results.whole import write_text
from racketsim.results.words import (
    count,
    currency_name,
    evidence_of,
    figure,
    long_date,
    number,
    range_text,
    source_text,
    unit_text,
)
from racketsim.scenario.model import Scenario

_HALF = 6.4
_DESKTOP = {"record": _HALF, "iceberg": _HALF}
_ALT = {
    "record": "Recorded cases by month: simulated median with 50% and 90% bands, and the real record as points",
    "maps": "Tile maps of the districts: the dominant group, and true cases for every 1,000 targets",
    "iceberg": "True, reported and recorded cases by month on a logarithmic axis",
    "incidents": "Incidents by method and month, with 50% and 90% bands",
    "districts": "Recorded against simulated cases in the nine districts with the most cases",
    "groups": "Members at large by group, and demands by channel, by month",
    "between_groups": "Clashes, retaliation and those killed in them since the start; the concentration of control",
    "police": "Arrests by month and members held, with 50% and 90% bands",
    "uncertainty": "Headline figures: 90% range relative to the median, and the recorded figure",
}
_ALT_WITHOUT_RECORD = {
    "record": "Recorded cases by month: simulated median with 50% and 90% bands",
    "districts": "Simulated recorded cases in the districts with the most cases",
    "uncertainty": "Headline figures: 90% range relative to the median",
}
HARM = {
    "killed_total": "people killed in all: in punishments, between groups, by crowds and vigilantes, in backlash",
    "killed": "people killed in punishments",
    "injured": "people injured in punishments",
    "rival_killed": "people killed between groups, counted apart",
    "rival_injured": "people injured between groups, counted apart",
    "crowd_killed": "people killed by crowds and vigilantes, counted apart",
    "crowd_injured": "people injured by crowds and vigilantes, counted apart",
    "lynched": "of those killed by crowds and vigilantes, members of groups",
    "beaten": "people beaten by crowds and vigilantes",
    "beaten_innocent": "of these, people with no part in extortion",
    "backlash": "attacks on innocents who share a label",
    "backlash_killed": "innocents killed in backlash",
    "backlash_injured": "innocents injured in backlash",
    "withheld": "reports withheld out of fear of hostility",
    "trafficking_harm": "people harmed by trafficking",
    "protests": "peaceful protests",
    "riots": "riots",
    "vigilante_attacks": "attacks by vigilantes",
    "vehicles_burnt": "vehicles burnt by crowds",
    "vehicles_innocent": "of these, vehicles that were no group's",
    "incidents": "punishments carried out",
    "clashes": "clashes between groups",
    "retaliations": "acts of retaliation between groups",
    "takeovers": "districts that passed to another group",
    "closed": "targets that closed",
    "cases": "demands made",
    "agreed": "demands paid",
    "paid": "tribute paid",
}
"""Rows of the table of harm: the measure summed over city and period, and what it is called."""
PRIORS_SHOWN = 8


def write_report(path: Path, findings: Findings, about: Mapping[str, Any]) -> None:
    """Write the page for findings and the run's manifest.

    Raises:
        InputError: the place cannot be written.
    """
    write_text(path, render(findings, about))


def rebuild_report(folder: str | Path, scenario: Scenario) -> Path:
    """Write the report of a finished run directory again, from its replicates, and return its path.

    Raises:
        InputError: the folder is not a finished run, or was made from another scenario or other files of it.
    """
    run = open_run(folder)
    made_from = run.manifest["scenario"]
    if made_from["sha256"] != scenario.digest:
        raise InputError(
            f"{run.path}: was made from the scenario '{made_from['id']}' as it was then ({made_from['sha256'][:12]}); "
            f"the files of '{scenario.id}' are different now ({scenario.digest[:12]}). Run the simulation again."
        )
    scenario = by_rule(scenario) if run.manifest.get("by_rule") else scenario
    added = [policy for policy in run.manifest["policies"] if policy.get("stated_in") == "command"]
    path = run.path / "report.html"
    write_report(path, gather(scenario, run.replicates, added, run.manifest["seed"]), run.manifest)
    return path


def render(findings: Findings, about: Mapping[str, Any]) -> str:
    """Return the page as HTML text."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("racketsim.results"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment.get_template("report.html.j2").render(_context(findings, about))


def _context(findings: Findings, about: Mapping[str, Any]) -> dict[str, Any]:
    scenario = findings.scenario
    headline, notes = _headline(findings)
    return {
        "scenario": scenario,
        "about": about,
        "replicates": findings.replicates,
        "targets": int(scenario.targets.sum()),
        "start": long_date(scenario.start),
        "end": long_date(date.fromisoformat(about["period"]["end"])),
        "tiles": _tiles(findings),
        "headline": headline,
        "notes": notes,
        "fit": findings.fit,
        "figures": {name: _picture(name, findings) for name in _ALT},
        "districts": district_rows(findings),
        "district_period": district_table_period(findings),
        "harm": [(label, _total(findings, name)) for name, label in HARM.items()],
        "concentration": _concentration(findings),
        "emergency": _emergency(findings),
        "policies": [_policy(policy, scenario) for policy in findings.policies],
        "priors": _widest_priors(about["parameters"]),
        "record_source": source_text(scenario, scenario.records.source) if scenario.records else None,
    }


def _headline(findings: Findings) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Return the rows with the number of their source's note, and the notes."""
    notes: dict[str, dict[str, str]] = {}
    rows = []
    for row in findings.rows:
        if row.source and row.source not in notes:
            cited = evidence_of(findings.scenario, row.source)
            url = cited.source_url if cited and cited.source_url.startswith(("https://", "http://")) else ""
            notes[row.source] = {"text": source_text(findings.scenario, row.source), "url": url}
        found = row.simulated
        rows.append(
            {
                "id": row.id,
                "name": row.name,
                "unit": unit_text(row),
                "median": figure(found.median, row.unit) if found else "not covered",
                "range": f"{figure(found.low, row.unit)} to {figure(found.high, row.unit)}" if found else "",
                "recorded": figure(row.recorded, row.unit) if row.recorded is not None else "",
                "note": list(notes).index(row.source) + 1 if row.source else None,
            }
        )
    return rows, list(notes.values())


def _picture(name: str, findings: Findings) -> dict[str, str]:
    def data(width: float) -> str:
        text = svg(name, findings, width).encode()
        return "data:image/svg+xml;base64," + base64.b64encode(text).decode("ascii")

    alt = _ALT if findings.observed is not None else {**_ALT, **_ALT_WITHOUT_RECORD}
    return {"alt": alt[name], "wide": data(_DESKTOP.get(name, WIDE)), "narrow": data(NARROW)}


def _total(findings: Findings, measure: str) -> str:
    unit = MEASURES[measure].unit
    text = range_text(range_of(findings.total(measure)))
    return f"{text} {currency_name(findings.scenario.currency)}" if unit == "currency" else text


def _tiles(findings: Findings) -> list[tuple[str, str, str]]:
    """Return the figures at the top of the page: label, median, 90% range."""
    shown = (
        ("recorded", "recorded cases"),
        ("cases", "true cases behind them"),
        ("paid", f"{currency_name(findings.scenario.currency)} paid"),
        ("killed", "people killed in punishments"),
        ("injured", "people injured in punishments"),
        ("rival_killed", "people killed between groups"),
    )
    tiles = []
    for measure, label in shown:
        found = range_of(findings.total(measure))
        if found:
            spread = f"{count(found.low)} to {count(found.high)}" if findings.replicates > 1 else ""
            tiles.append((label, count(found.median), spread))
    return tiles


def _concentration(findings: Findings) -> tuple[str, str]:
    """Return the median concentration of control in the first and in the last month."""
    first, last = (float(np.median(findings.concentration[:, month])) for month in (0, -1))
    return f"{first:.2f}", f"{last:.2f}"


def _emergency(findings: Findings) -> dict[str, str] | None:
    days = range_of(findings.total("emergency_days"))
    people = range_of(findings.total("emergency_person_days"))
    if not people or not days or people.high == 0:
        return None
    return {"district_days": count(days.median), "person_days": count(people.median)}


def _policy(policy: Mapping[str, Any], scenario: Scenario) -> dict[str, str]:
    start, end = policy.get("start"), policy.get("end")
    places = policy.get("districts") or []
    return {
        "kind": title(policy),
        "start": long_date(date.fromisoformat(start)) if start else "",
        "end": long_date(date.fromisoformat(end)) if end else "",
        "places": ", ".join(places) if places else ("" if "when" in policy else "the whole city"),
        "numbers": in_words(policy, scenario),
        "source": source_text(scenario, policy.get("source")) or f"added by the {policy.get('stated_in', 'user')}",
        "note": str(policy.get("note") or ""),
    }


def _widest_priors(parameters: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the numbers whose priors span the largest ratio of high to low."""
    spans = []
    for key, given in parameters.items():
        prior = given.get("prior")
        if prior and prior["low"] > 0 and prior["high"] > prior["low"]:
            spans.append((prior["high"] / prior["low"], key, given))
    spans.sort(key=lambda item: (-item[0], item[1]))
    return [
        {
            "key": key.removeprefix("parameters."),
            "value": f"{given['value']:g}",
            "unit": "" if given["unit"] == "1" else given["unit"],
            "range": f"{given['prior']['low']:g} to {given['prior']['high']:g}",
            "factor": f"{factor:,.0f}" if factor >= 10 else f"{factor:.1f}",
        }
        for factor, key, given in spans[:PRIORS_SHOWN]
    ]
