"""The figures of a run. Each takes the findings and a width in inches and returns a matplotlib Figure."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from racketsim.results.findings import Findings
from racketsim.results.rivals import between_groups
from racketsim.results.style import (
    FAINT,
    MUTED,
    RECORD,
    SIMULATED,
    WIDE,
    compact,
    count_axis,
    date_axis,
    fan,
    group_colours,
    new_figure,
    policy_spans,
    settle,
    sources,
    styled,
)
from racketsim.results.tilemap import maps, paint_cases, paint_control
from racketsim.results.vocabulary import CHANNELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DISTRICTS_SHOWN = 9
NO_BREAK = "\u00a0"
_ONE_LOOK = 15
"""Lines of a figure beyond which its axis is written above them as well as below."""


def paint_record(ax: Axes, findings: Findings) -> None:
    """Recorded cases by month: simulated fan, the record as points, policies as spans."""
    narrow = ax.get_figure(root=True).get_figwidth() <= 6  # type: ignore[union-attr]
    label = "simulated: median, 50% and 90% of replicates"
    fan(ax, findings, findings.city("recorded"), label=textwrap.fill(label, 20 if narrow else 60))
    months, counts = _recorded_months(findings)
    if len(months):
        ax.plot(months, counts, "o", color=RECORD, markersize=3, label="recorded", zorder=3)
    ax.set_title("Recorded cases a month")
    count_axis(ax)
    date_axis(ax, findings)
    policy_spans(ax, findings)
    ax.legend(loc="upper left")


def record(findings: Findings, width: float = WIDE) -> Figure:
    """Simulated against recorded cases, by month."""
    figure = new_figure(findings, width, 3.5 if width > 6 else 3.1, sources(findings, "simulation", "record"))
    paint_record(figure.subplots(), findings)
    return figure


def iceberg(findings: Findings, width: float = WIDE) -> Figure:
    """True, reported and recorded cases by month, on a logarithmic axis."""
    figure = new_figure(findings, width, 3.3, sources(findings, "simulation", "record"))
    ax = figure.subplots()
    for name, label, colour in (
        ("cases", "true cases", "#d55e00"),
        ("reported", "reported", "#e69f00"),
        ("recorded", "recorded (simulated)", SIMULATED),
    ):
        fan(ax, findings, np.maximum(findings.city(name), 0.5), colour, label)
    months, counts = _recorded_months(findings)
    if len(months):
        ax.plot(months, np.maximum(counts, 0.5), "o", color=RECORD, markersize=2.5, label="recorded (real)", zorder=3)
    ax.set_yscale("log")
    ax.set_title("Cases a month, logarithmic axis")
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, top * (3 if width > 6 else 12))  # room for the legend
    count_axis(ax, bottom=None)
    date_axis(ax, findings)
    policy_spans(ax, findings, labels=False)
    ax.legend(loc="upper left", ncols=2 if width > 6 else 1)
    return figure


def incidents(findings: Findings, width: float = WIDE) -> Figure:
    """Incidents by method, mildest first, one panel a method."""
    methods = findings.scenario.methods
    columns = min(len(methods), 3 if width > 6 else 2)
    rows = -(-len(methods) // columns)
    figure = new_figure(findings, width, 1.75 * rows, sources(findings, "simulation"))
    axes: Any = figure.subplots(rows, columns, squeeze=False, sharex=True)
    for place, ax in enumerate(axes.flat):
        if place >= len(methods):
            ax.set_axis_off()
            continue
        fan(ax, findings, findings.incidents[:, :, place], _method_colours(len(methods))[place])
        unit = ", incidents a month" if columns > 2 else ", a month"
        ax.set_title(methods[place].label.capitalize() + unit, fontsize=8.5)
        _small_dates(ax, findings)
        policy_spans(ax, findings, labels=False)
    return figure


def police(findings: Findings, width: float = WIDE) -> Figure:
    """Arrests a month and members held at the month's end."""
    stacked = width <= 6
    figure = new_figure(findings, width, 4.4 if stacked else 2.5, sources(findings, "simulation"))
    axes: Any = figure.subplots(2 if stacked else 1, 1 if stacked else 2)
    arrests, held = axes
    fan(arrests, findings, findings.city("arrests"), "#009e73")
    arrests.set_title("Arrests, people a month")
    fan(held, findings, findings.held, "#332288")
    held.set_title("Members held, people at the month's end")
    for ax in (arrests, held):
        count_axis(ax)
        date_axis(ax, findings)
        policy_spans(ax, findings, labels=False)
    return figure


def groups(findings: Findings, width: float = WIDE) -> Figure:
    """Members at large by group, and demands by channel."""
    stacked = width <= 6
    figure = new_figure(findings, width, 5.6 if stacked else 3.1, sources(findings, "simulation"))
    axes: Any = figure.subplots(2 if stacked else 1, 1 if stacked else 2)
    left, right = axes
    names = [*(group.name for group in findings.scenario.groups), "splinter groups"]
    months: Any = findings.months
    ever = [place for place in range(len(names)) if findings.members[:, :, place].any()]
    for place in ever:
        median = np.median(findings.members[:, :, place], axis=0)
        style = "--" if place == len(names) - 1 else "-"
        left.plot(
            months, median, style, color=group_colours(findings.scenario)[place], linewidth=1.5, label=names[place]
        )
    left.set_title("Members at large, people (median)")
    for place, colour in enumerate((SIMULATED, "#d55e00")):
        fan(right, findings, findings.channels[:, :, place], colour, CHANNELS[place])
    right.set_title("Demands a month, by channel")
    for ax in (left, right):
        count_axis(ax)
        date_axis(ax, findings)
    if ever:
        left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, fontsize=7.2, handlelength=1.4)
    right.legend(loc="upper left")
    return figure


def districts(findings: Findings, width: float = WIDE) -> Figure:
    """Recorded against simulated cases in the districts with the most recorded (else simulated) cases."""
    observed = findings.observed
    simulated = findings.measured["recorded"]
    known = np.maximum(observed, 0).sum(axis=0) if observed is not None else np.zeros(simulated.shape[2])
    weight = known if known.any() else np.median(simulated.sum(axis=1), axis=0)
    chosen = np.argsort(-weight, kind="stable")[:DISTRICTS_SHOWN]
    columns = min(len(chosen), 3 if width > 6 else 2)
    rows = -(-len(chosen) // columns)
    figure = new_figure(findings, width, 1.6 * rows, sources(findings, "simulation", "record"))
    axes: Any = figure.subplots(rows, columns, squeeze=False, sharex=True)
    for ax in axes.flat[len(chosen) :]:
        ax.set_axis_off()
    for ax, district in zip(axes.flat, chosen, strict=False):
        fan(ax, findings, simulated[:, :, district])
        if observed is not None:
            seen = observed[:, district] >= 0
            ax.plot(findings.months[seen], observed[seen, district], "o", color=RECORD, markersize=1.8, zorder=3)
        ax.set_title(findings.scenario.districts.name[district], fontsize=8.5 if columns > 2 else 7.4)
        _small_dates(ax, findings)
    figure.suptitle("Recorded cases a month", fontsize=8.5, color=MUTED, x=0.01, ha="left")
    return figure


def uncertainty(findings: Findings, width: float = WIDE) -> Figure:
    """The 90% range of each headline row relative to its median, with the recorded figure where there is one."""
    wide = width > 6
    rows = [(row, row.simulated) for row in findings.rows if row.simulated and row.simulated.median > 0]
    pitch = 0.28 if wide else 0.4
    figure = new_figure(findings, width, 0.9 + pitch * max(len(rows), 1), sources(findings, "simulation", "record"))
    ax = figure.subplots()
    texts = []
    for line, (row, found) in enumerate(rows):
        low, high = max(found.low / found.median, 1e-3), found.high / found.median
        ax.plot([low, high], [line, line], color=SIMULATED, linewidth=5, alpha=0.35, solid_capstyle="butt")
        ax.plot(1, line, "|", color=SIMULATED, markersize=9, markeredgewidth=2)
        if row.recorded:
            ax.plot(row.recorded / found.median, line, "D", color=RECORD, markersize=4)
        texts.append(f"{compact(found.median)} [{compact(found.low)} to {compact(found.high)}]")
    if wide:
        labels = [
            textwrap.fill(f"{row.name}: {text.replace(' ', NO_BREAK)}", 70)
            for (row, _), text in zip(rows, texts, strict=True)
        ]
        ax.set_yticks(range(len(rows)), labels, fontsize=6.8)
    else:
        ax.set_yticks([])
        for line, ((row, _), text) in enumerate(zip(rows, texts, strict=True)):
            name = textwrap.shorten(row.name, 46, placeholder=" …")
            place: Any = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
            ax.annotate(f"{name}: {text}", (0, line), (2, 6), fontsize=7, **place).set_in_layout(False)
    ax.set_ylim(len(rows) - 0.4, -0.9)
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False, axis="y")
    _ratio_axis(ax)
    long = len(rows) > _ONE_LOOK
    ax.tick_params(axis="x", top=long, labeltop=long)
    known = ", diamond: recorded" if any(row.recorded for row, _ in rows) else ""
    title = f"Relative to the median (bar: 90%{known})"
    ax.set_title(title, fontsize=9.5 if wide else 7.4, pad=20 if long else 6)
    return figure


def overview(findings: Findings, width: float = 10.0) -> Figure:
    """Recorded against simulated, control and case maps, and incidents by method on one sheet: `Sim.plot()`."""
    with styled():
        figure = new_figure(findings, width, 8.6, sources(findings, "simulation", "record"))
        grid = figure.add_gridspec(3, 2, height_ratios=(1.0, 1.75, 0.8))
        paint_record(figure.add_subplot(grid[0, :]), findings)
        paint_control(figure.add_subplot(grid[1, 0]), findings, title_letters=30)
        paint_cases(figure.add_subplot(grid[1, 1]), findings, title_letters=30)
        _paint_stack(figure.add_subplot(grid[2, :]), findings)
    return figure


FIGURES: dict[str, Callable[[Findings, float], Figure]] = {
    "record": record,
    "maps": maps,
    "iceberg": iceberg,
    "incidents": incidents,
    "districts": districts,
    "groups": groups,
    "between_groups": between_groups,
    "police": police,
    "uncertainty": uncertainty,
}


def svg(name: str, findings: Findings, width: float) -> str:
    """Return a figure of `FIGURES` as SVG text; the same findings give the same text."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    with styled(**{"svg.hashsalt": f"{name}-{width}"}):
        buffer = io.StringIO()
        figure = FIGURES[name](findings, width)
        canvas: Any = FigureCanvasSVG(figure)
        figure.set_dpi(72)  # laid out as it is printed: another resolution rounds the widths of letters otherwise
        settle(figure)
        canvas.print_svg(buffer, metadata={"Date": None, "Creator": None})  # `savefig` draws twice
    return buffer.getvalue()


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as the suffix of `path` says (.png, .svg, .pdf), whole or not at all."""
    from racketsim.results.whole import whole_file

    with whole_file(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lstrip(".") or "png", dpi=160)


def _recorded_months(findings: Findings) -> tuple[Any, Any]:
    observed = findings.observed
    if observed is None:
        return np.array([]), np.array([])
    known: Any = np.any(observed >= 0, axis=1)
    return findings.months[known], np.maximum(observed, 0).sum(axis=1)[known]


def _method_colours(count: int) -> list[Any]:
    import matplotlib as mpl

    return list(mpl.colormaps["viridis_r"](np.linspace(0.25, 1.0, count)))


def _paint_stack(ax: Axes, findings: Findings) -> None:
    months: Any = findings.months
    mean = findings.incidents.mean(axis=0).T
    labels = [method.label for method in findings.scenario.methods]
    ax.stackplot(months, mean, labels=labels, colors=_method_colours(len(labels)), linewidth=0)
    ax.set_title("Incidents a month by method (mean of replicates)")
    count_axis(ax)
    ax.set_ylim(top=max(mean.sum(axis=0).max(), 1.0) * 1.35)  # room for the legend
    date_axis(ax, findings)
    ax.legend(loc="upper left", ncols=len(labels))


def _small_dates(ax: Axes, findings: Findings) -> None:
    from matplotlib import dates

    count_axis(ax)
    date_axis(ax, findings)
    if len(findings.months) > 24:
        ax.xaxis.set_major_formatter(dates.DateFormatter("'%y"))  # type: ignore[no-untyped-call]
    ax.tick_params(labelsize=7.5)


def _ratio_axis(ax: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, NullFormatter

    ax.set_xscale("log")
    low, high = ax.get_xlim()
    low, high = min(low, 0.5), max(high, 2.0)
    steps = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10] if high / low < 30 else [0.01, 0.1, 1, 10, 100]
    ax.set_xlim(low, high)
    ax.set_xticks([step for step in steps if low <= step <= high])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} x"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.axvline(1, color=FAINT, linewidth=1, zorder=0.5)
