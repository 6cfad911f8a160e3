"""Violence between groups in words and in a figure: clashes, expulsions, threats, retaliation, concentration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from racketsim.results.findings import Findings
from racketsim.results.log import Event, harm
from racketsim.results.style import WIDE, count_axis, date_axis, fan, new_figure, policy_spans, sources
from racketsim.results.words import plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VIOLENT = ("clash", "retaliation")
BETWEEN_GROUPS = (*VIOLENT, "expulsion", "submission", "inter_group_threat")
"""Events that have a group and its rival."""


def told_of_group(event: Event, name: str) -> str | None:
    """Return what happened between the group called `name` and a rival, without a full stop; None for other events."""
    where = f" in {event.district}" if event.district else ""
    group, rival = event.group or "an unknown group", event.rival or "an unknown group"
    first = group == name
    out = f"out of {event.district}" if event.district else "out"
    hurt, members = harm(event), f", {plural(event.count, 'member')}" if event.count else ""
    match event.type:
        case "clash":
            return f"Attacked {rival}{where}: {hurt}" if first else f"Attacked by {group}{where}: {hurt}"
        case "retaliation":
            return f"Took revenge on {rival}{where}: {hurt}" if first else f"{group} took revenge{where}: {hurt}"
        case "expulsion":
            return f"Driven {out} by {rival}{members}" if first else f"Drove {group} {out}{members}"
        case "submission":
            return f"Submitted to {rival}{where}{members}" if first else f"{group} submitted{where}{members}"
        case "inter_group_threat":
            return f"Threatened {rival}{where}" if first else f"Threatened by {group}{where}"
    return None


def between_groups(findings: Findings, width: float = WIDE) -> Figure:
    """Clashes, retaliation and people killed in them since the start, and the concentration of control, by month."""
    stacked = width <= 6
    figure = new_figure(findings, width, 6.0 if stacked else 2.3, sources(findings, "simulation"))
    axes: Any = figure.subplots(3 if stacked else 1, 1 if stacked else 3)
    acts, killed, control = axes
    fan(acts, findings, findings.city("clashes").cumsum(axis=1), "#882255", "clashes")
    fan(acts, findings, findings.city("retaliations").cumsum(axis=1), "#e69f00", "retaliation")
    acts.set_title("Clashes and retaliation, total so far")
    acts.legend(loc="upper left")
    fan(killed, findings, findings.city("rival_killed").cumsum(axis=1), "#d55e00")
    killed.set_title("Killed between groups, total so far")
    fan(control, findings, findings.concentration, "#332288")
    control.set_title("Concentration of control (HHI)")
    for ax in axes:
        count_axis(ax)
        date_axis(ax, findings)
        policy_spans(ax, findings, labels=False)
        if not stacked and len(findings.months) > 24:
            _short_years(ax)
    control.set_ylim(0, 1.05)
    return figure


def _short_years(ax: Any) -> None:
    from matplotlib import dates

    ax.xaxis.set_major_formatter(dates.DateFormatter("'%y"))  # type: ignore[no-untyped-call]
    ax.title.set_fontsize(8.5)
