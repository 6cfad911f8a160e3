"""Figures of the documentation: what committed commands printed, kept as JSON beside the pages, and their tables.

`make docs-figures` runs the commands and refreshes the JSON; the tables are made from the JSON alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from docs_reference import Lines, table
from docs_tables import LIMA, lima

from racketsim.ensembles.difference import WHERE, signed, signed_share
from racketsim.results.identifiability import OBSERVABLES
from racketsim.results.vocabulary import CHANNELS
from racketsim.scenario.evidence import quantities
from racketsim.scenario.model import PolicySpec

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "figures"
RUN, COMPARISON = FOLDER / "lima-2023-run.json", FOLDER / "lima-2023-emergency.json"
ABLATION = FOLDER / "lima-2023-ablation.json"
REPLAY = FOLDER / "lima-2023-replay.json"
IDENTIFY = FOLDER / "lima-2023-identify.json"
VERIFICATION = FOLDER / "verification.json"
PACKAGE = FOLDER.parent.parent / "src" / "racketsim"
GOLDEN = FOLDER.parent.parent / "tests" / "golden"
_CENTURY = 1200
_WINDOWS = (("2018-01", "2020-02"), ("2018-01", "2021-06"), ("2022-09", "2023-11"))
_COUNTED_BY = {
    RUN: ("results/headline.py", "results/measures.py"),
    COMPARISON: ("ensembles/compare.py", "ensembles/difference.py", "results/measures.py"),
    ABLATION: ("ensembles/ablate.py", "results/measures.py"),
    IDENTIFY: ("ensembles/identify.py", "results/identifiability.py"),
    REPLAY: ("ensembles/replay.py", "results/chain.py", "results/happenings.py"),
}
"""The figures that `racketsim` has made of the scenario, each with the files that count what it shows."""


def numbers() -> str:
    """Return a digest of every number that lima-2023 gives to a simulation; notes and names do not count."""
    scenario = lima()
    told = [(key, quantity.value) for key, quantity in quantities(scenario)]
    shapes = (scenario.targets, scenario.districts.exposure, scenario.districts.officers, scenario.districts.population)
    whole = [told, *(array.tolist() for array in shapes), [_plain(policy) for policy in scenario.policies]]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:16]


def _plain(policy: PolicySpec) -> list[str]:
    values = {name: getattr(value, "value", value) for name, value in policy.arguments.items()}
    return [policy.kind, *(f"{name}={value}" for name, value in values.items())]


def made_from(figure: Path) -> dict[str, str]:
    """Return digests of what a figure is made from: the scenario's numbers, what the model does, who counts.

    What the model does is what its golden baselines say: a change of the code that moves no result makes nothing old.
    """
    counted = (PACKAGE / file for file in _COUNTED_BY[figure])
    return {"numbers": numbers(), "model": _digest(GOLDEN.glob("*.json")), "counting": _digest(counted)}


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def read_output(file: Path, figure: Path) -> dict[str, Any]:
    """Return what a command has printed as JSON, for a figure, with the digests of what it was made from."""
    return {**_read(file), "made_from": made_from(figure)}


def read_run(folder: Path) -> dict[str, Any]:
    """Return what the pages quote of a run directory."""
    import racketsim as rs

    run = rs.open_run(folder)
    about = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    kept = ("scenario", "scenario_sha256", "seed", "replicates", "period", "headline", "fit", "totals", "version")
    return {
        "command": f"racketsim run {LIMA} --seed {about['seed']} --replicates {about['replicates']}",
        **{name: about[name] for name in kept},
        "made_from": made_from(RUN),
        "windows": _windows([replicate.records for replicate in run.replicates]),
        "years": _years([replicate.records for replicate in run.replicates]),
        "paid": _paid([replicate.records for replicate in run.replicates]),
        "punishments_by_role": _punishments(run.replicates),
    }


def _windows(replicates: list[Any]) -> list[dict[str, Any]]:
    """Return how monthly totals correlate with the record in quiet times and in 2023, over the replicates."""
    scenario = lima()
    assert scenario.records is not None
    months, recorded = scenario.records.months, scenario.records.counts.sum(axis=1)
    row = [12 * (month.year - scenario.start.year) + month.month - 1 for month in months]
    simulated = np.array([r["recorded"].sum(axis=1)[row] for r in replicates])
    found = []
    for first, last in _WINDOWS:
        kept = [first <= month.isoformat()[:7] <= last for month in months]
        each = [float(np.corrcoef(one[kept], recorded[kept])[0, 1]) for one in simulated]
        low, median, high = np.percentile(each, (5, 50, 95))
        found.append({"first": first, "last": last, "median": median, "low": low, "high": high})
    return found


def _years(replicates: list[Any]) -> list[dict[str, Any]]:
    scenario = lima()
    assert scenario.records is not None
    regions = dict.fromkeys(scenario.districts.region)
    found = []
    for year in range(scenario.start.year, scenario.end.year + 1):
        months = slice(12 * (year - scenario.start.year), 12 * (year - scenario.start.year) + 12)
        sums = {
            name: np.array([r[name][months].sum() for r in replicates]) for name in ("demands", "reported", "recorded")
        }
        remote = np.array([r["demands"][months, ..., 1].sum() for r in replicates])
        rows = [place for place, month in enumerate(scenario.records.months) if month.year == year]
        by_region = {}
        for region in regions:
            mask = np.array([name == region for name in scenario.districts.region])
            through = slice(months.start, months.start + len(rows))
            simulated = [float(r["recorded"][through][:, mask].sum()) for r in replicates]
            by_region[region] = [float(np.median(simulated)), int(scenario.records.counts[rows][:, mask].sum())]
        found.append(
            {
                "year": year,
                "months_recorded": len(rows),
                "by_region": by_region,
                "cases": float(np.median(sums["demands"])),
                "remote_share": float(np.median(remote / sums["demands"])),
                "reported_share": float(np.median(sums["reported"] / sums["demands"])),
                "recorded_share": float(np.median(sums["recorded"] / sums["reported"])),
            }
        )
    return found


def _paid(replicates: list[Any]) -> dict[str, float]:
    """Return the share of demands that were met, by channel: the median over replicates."""
    found = {}
    for place, channel in enumerate(CHANNELS):
        shares = [r["paid"][..., place].sum() / max(r["demands"][..., place].sum(), 1) for r in replicates]
        found[channel] = float(np.median(shares))
    return found


def _punishments(replicates: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for replicate in replicates:
        counts = replicate.records["incidents_by_group"].sum(axis=(0, 2))
        for group, count in zip(replicate.groups, counts, strict=True):
            found[group.role] = found.get(group.role, 0) + int(count)
    return found


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def stale() -> list[str]:
    """Return the figures that another scenario, another model or another way of counting has made."""
    return [path.name for path in _COUNTED_BY if _read(path).get("made_from") != made_from(path)]


def _number(value: float | None, unit: str = "") -> str:
    if value is None:
        return "–"
    if unit == "ratio":
        return f"{value:.2f}"
    return f"{value / 1e6:,.0f} million" if abs(value) >= 1e7 else f"{value:,.0f}"


def provenance() -> Lines:
    """Return which run the figures come from."""
    run = _read(RUN)
    made = f"`{run['command']}` with racketsim {run['version']}, scenario `{run['scenario_sha256'][:16]}`"
    what = f"Median and the 5% and 95% points over {run['replicates']} replicates"
    return [f"{made}. {what}. `make docs-figures` makes them again."]


def headline() -> Lines:
    """Return the headline table of the run."""
    body = []
    for row in _read(RUN)["headline"]:
        unit, found = row["unit"], row["simulated"]
        low, high = (_number(found[end], unit) for end in ("low", "high"))
        body.append(
            (
                row["name"],
                _number(found["median"], unit),
                f"{low} to {high}",
                _number(row["recorded"], unit),
                row["source"] or "",
            )
        )
    return table(("", "median", "90% range", "recorded", "source"), body)


def outside() -> Lines:
    """Return the rows of the headline table whose recorded figure lies outside the 90% range, and how many do."""
    rows = [row for row in _read(RUN)["headline"] if row["recorded"] is not None]
    out = []
    for row in rows:
        found, unit, recorded = row["simulated"], row["unit"], row["recorded"]
        if not found["low"] <= recorded <= found["high"]:
            spread = f"{_number(found['low'], unit)} to {_number(found['high'], unit)}"
            side = "too low" if recorded > found["high"] else "too high"
            out.append((row["name"], spread, _number(recorded, unit), side))
    found_out = table(("outside", "90% range", "recorded", "the model is"), out) if out else []
    return [f"{len(out)} of the {len(rows)} rows that have a record:", "", *found_out] if out else ["None."]


def fit() -> Lines:
    """Return how near the run is to the record."""
    found = _read(RUN)["fit"]
    body = [
        (
            f"correlation of monthly totals ({found['months']} months)",
            f"{found['monthly']['median']:.3f}",
            f"{found['monthly']['low']:.3f} to {found['monthly']['high']:.3f}",
        ),
        (
            f"rank correlation of districts' totals, {found['year']}",
            f"{found['districts']['median']:.3f}",
            f"{found['districts']['low']:.3f} to {found['districts']['high']:.3f}",
        ),
    ]
    return table(("", "median", "90% range"), body)


def windows() -> Lines:
    """Return how monthly totals correlate with the record within quiet times and within 2023."""
    headings = ("correlation of monthly totals within", "median", "90% range")
    body = (
        (f"{one['first']} to {one['last']}", f"{one['median']:.2f}", f"{one['low']:.2f} to {one['high']:.2f}")
        for one in _read(RUN)["windows"]
    )
    return table(headings, body)


def years() -> Lines:
    """Return simulated and recorded cases by year and region."""
    found = _read(RUN)["years"]
    regions = list(found[0]["by_region"])
    head = ["year"]
    for region in regions:
        head += [f"{region}: simulated", "recorded", "ratio"]
    body = []
    for row in found:
        cells = [f"{row['year']}" + ("" if row["months_recorded"] == 12 else f" (to month {row['months_recorded']})")]
        for region in regions:
            simulated, recorded = row["by_region"][region]
            cells += [f"{simulated:,.0f}", f"{recorded:,}", f"{simulated / recorded:.2f}"]
        body.append(cells)
    return table(head, body)


def chain() -> Lines:
    """Return the chain from true to recorded cases by year."""
    body = [
        (
            row["year"],
            f"{row['cases']:,.0f}",
            f"{row['remote_share']:.0%}",
            f"{row['reported_share']:.1%}",
            f"{row['recorded_share']:.0%}",
        )
        for row in _read(RUN)["years"]
    ]
    return table(("year", "true cases", "of them by remote", "reported of true", "recorded of reported"), body)


def totals() -> Lines:
    """Return the totals over the period."""
    body = [
        (f"`{name}`", found["unit"], _number(found["median"]), f"{_number(found['low'])} to {_number(found['high'])}")
        for name, found in _read(RUN)["totals"].items()
    ]
    return table(("measure", "unit", "median", "90% range"), body)


def punishments() -> Lines:
    """Return punishments by role of the group, over all replicates."""
    found = _read(RUN)["punishments_by_role"]
    return table(("role", "punishments, all replicates"), [(role, f"{count:,}") for role, count in found.items()])


def paid() -> Lines:
    """Return the share of demands that were met, by channel."""
    found = _read(RUN)["paid"]
    return table(("channel", "demands met"), [(channel, f"{share:.0%}") for channel, share in found.items()])


def comparison() -> Lines:
    """Return what the emergency of the tutorial changes."""
    found = _read(COMPARISON)
    body = []
    for row in next(iter(found["alternatives"].values()))["differences"]:
        change = row["change"]
        relative = "" if row["relative"] is None else signed_share(row["relative"])
        spread = f"{signed(change['low'])} to {signed(change['high'])}"
        body.append(
            (
                row["label"] + WHERE[row.get("where", "city")],
                row["unit"],
                _number(row["baseline"]["median"]),
                signed(change["median"]),
                spread,
                relative,
            )
        )
    return table(("change in", "unit", "as it was", "change", "90% range", "relative"), body)


def ablation() -> Lines:
    """Return what leaving out each element changes, and the command that found it."""
    from racketsim.ensembles.ablate import markdown_table, read_changes

    found = _read(ABLATION)
    made = f"`racketsim ablate {LIMA} --seed {found['seed']} --replicates {found['replicates']}`"
    return [f"{made}, to {found['until']}.", "", *markdown_table(read_changes(found["changes"]))]


def replay() -> Lines:
    """Return in how many replicates the chain of events happens from inside, and the command that found it."""
    found = _read(REPLAY)

    def share(one: dict[str, float]) -> str:
        return f"{one['share']:.1%} ({one['low']:.1%}–{one['high']:.1%})"

    def days(one: dict[str, float] | None) -> str:
        return f"{one['median']:.0f} ({one['low']:.0f}–{one['high']:.0f})" if one else ""

    body = [
        (
            link["name"],
            *(share(link[name]) for name in ("happened", "in_order", "by_cause")),
            days(link["gap"]),
            "" if link["recorded_gap"] is None else str(link["recorded_gap"]),
        )
        for link in found["links"]
    ]
    made = f"`racketsim replay {LIMA} --seed {found['seed']} --replicates {found['replicates']}`, to {found['until']}."
    whole = (
        f"The whole chain stands in order in {share(found['whole_chain'])} of the replicates, by cause in "
        f"{share(found['whole_chain_by_cause'])}. In order it takes {days(found['span_days']) or 'no'} days from first "
        f"to last; on record it took {found['recorded_span_days']}."
    )
    headings = ("link", "happens", "in order up to here", "by cause up to here", "days since the link it follows")
    return [made, "", *table((*headings, "on record"), body), "", whole]


def identify() -> Lines:
    """Return what tells the settings of protest capture apart, and the command that found it."""
    found = _read(IDENTIFY)
    months = max(verdict["months"] for verdict in found["verdicts"])
    last = [verdict for verdict in found["verdicts"] if verdict["months"] == months]
    pairs = list(last[0]["pairs"])

    def told(one: dict[str, float | None]) -> str:
        needed = one["months_needed"]
        after = "never" if needed is None or needed > _CENTURY else f"{needed:,.0f} months"
        return f"{one['auc']:.2f}, {after}"

    body = [
        (
            OBSERVABLES.get(verdict["observable"], verdict["observable"]),
            f"{verdict['accuracy']:.0%} ({verdict['low']:.0%}–{verdict['high']:.0%})",
            *(told(verdict["pairs"][pair]) for pair in pairs),
        )
        for verdict in last
    ]
    made = (
        f"`racketsim identify {LIMA} --seed {found['seed']} --replicates {found['replicates']}`, to {found['until']}."
    )
    headings = ("observable", f"right after {months} months", *(f"{pair}: AUC, months needed" for pair in pairs))
    return [made, "", *table(headings, body)]


def verification() -> Lines:
    """Return a summary of the verification cases: rows that decide, rows that do not, and which of those differ."""
    body = []
    for case in _read(VERIFICATION)["cases"]:
        decide = [row for row in case["rows"] if not row["soft"]]
        shown = [row for row in case["rows"] if row["soft"]]
        passed, near = sum(row["passed"] for row in decide), sum(row["passed"] for row in shown)
        verdict = "pass" if case["passed"] else "**FAIL**"
        counts = (f"{passed} of {len(decide)}", f"{near} of {len(shown)}" if shown else "")
        body.append((case["id"], case["title"], case["source"], verdict, *counts))
    headings = ("case", "what it is", "source", "verdict", "deciding rows that pass", "soft rows within tolerance")
    return table(headings, body)


def verification_rows() -> Lines:
    """Return every row of every verification case."""
    lines: Lines = []
    for case in _read(VERIFICATION)["cases"]:
        rows = [
            (
                row["name"] + (" (soft)" if row["soft"] else ""),
                _verified(row["published"]),
                _verified(row["ours"]),
                *_distance(row),
                "pass" if row["passed"] else "differs" if row["soft"] else "**FAIL**",
                row["note"],
            )
            for row in case["rows"]
        ]
        headings = ("", "published", "racketsim", "difference", "tolerance", "", "")
        lines += [f"### {case['id']}: {case['title']}", "", *table(headings, rows), ""]
    return lines[:-1]


def _verified(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _distance(row: dict[str, Any]) -> tuple[str, str]:
    """Return difference and tolerance in the words of their scale."""
    difference, tolerance = row["difference"], row["tolerance"]
    if difference is None or row["scale"] == "exact":
        return "", "exact"
    if row["scale"] == "z":
        return f"z = {difference:+.2f}", f"z within ±{tolerance:g}"
    if row["scale"] == "relative":
        return f"{difference:+.2%}", f"±{tolerance:.2%}"
    return f"{difference:+.3g}", f"±{tolerance:.3g}"
