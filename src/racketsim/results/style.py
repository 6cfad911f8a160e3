"""How every figure looks: type, colours that colour-blind readers tell apart, dates, footers."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from racketsim.results.findings import Findings
from racketsim.results.policies_run import Span, spans
from racketsim.results.policy_words import policy_name
from racketsim.results.provenance import version
from racketsim.scenario.model import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from racketsim.results.measures import Array

WIDE, NARROW = 9.0, 4.2
"""Widths in inches: for a page, and for a phone."""

INK, MUTED, FAINT = "#1f2933", "#5f6b7a", "#d5dae1"
SIMULATED, RECORD, EMPTY = "#0072b2", "#000000", "#eef0f3"
_GROUPS = (
    "#e69f00", "#0072b2", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#332288",
    "#f0e442", "#882255", "#44aa99", "#999933", "#aa4499", "#117733", "#661100",
)  # fmt: skip
OTHERS = "#8a8f98"
"""Okabe and Ito's colours, then Tol's muted ones; grey for splinter groups and for groups beyond the palette."""

RC: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlecolor": INK,
    "axes.titley": 1.0,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e8ebef",
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "text.color": INK,
    "figure.facecolor": "white",
    "svg.fonttype": "path",
    "path.simplify": True,
}
_LINE, _LETTER = 0.13, 0.054
"""Height of a line and width of a letter of the footer, in inches."""
_LABEL_LETTER, _TOGETHER = 0.056, 0.1
"""Width of a letter of a policy's label, in inches; the part of the axis within which policies share a label."""


def group_colours(scenario: Scenario) -> list[str]:
    """Return a colour for every group of the scenario, and a last one for splinter groups."""
    own = [_GROUPS[place] if place < len(_GROUPS) else OTHERS for place in range(len(scenario.groups))]
    return [*own, OTHERS]


def styled(**extra: Any) -> AbstractContextManager[None]:
    """Return the context in which figures are drawn and saved."""
    import matplotlib as mpl

    settings: Any = {**RC, **extra}
    return mpl.rc_context(settings)


def new_figure(findings: Findings, width: float, height: float, source: str) -> Figure:
    """Return an empty figure with its footer: the source, and version, scenario, seed, replicates."""
    from matplotlib.figure import Figure

    lines = textwrap.wrap(source, int(width / _LETTER)) or [""]
    footer = 0.22 + _LINE * len(lines)
    figure = Figure(figsize=(width, height + footer), layout="constrained")
    foot = footer / (height + footer)
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0, foot, 1, 1 - foot), h_pad=0.06, w_pad=0.06)
    many = "1 replicate" if findings.replicates == 1 else f"{findings.replicates} replicates"
    stamp = f"racketsim {version()} · {findings.scenario.id} · seed {findings.seed} · {many}"
    inch = foot / footer
    for place, line in enumerate([stamp, *reversed(lines)]):
        figure.text(0.08 / width, (0.05 + _LINE * place) * inch, line, fontsize=6.8, color=MUTED, va="bottom")
    return figure


def settle(figure: Figure) -> None:
    """Lay the figure out and round where its axes stand: the solver of layouts differs in the last bit between runs."""
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    figure.set_layout_engine("none")
    for ax in figure.axes:
        ax.set_position([round(side, 6) for side in ax.get_position(original=True).bounds])  # type: ignore[arg-type]


def fan(ax: Axes, findings: Findings, draws: Array, colour: str = SIMULATED, label: str | None = None) -> None:
    """Draw draws [R, T] by month: median line, and bands that hold 50% and 90% of the replicates."""
    months: Any = findings.months
    median = np.median(draws, axis=0)
    if len(draws) > 1:
        for low, high, alpha in ((5, 95, 0.18), (25, 75, 0.3)):
            bottom, top = np.percentile(draws, (low, high), axis=0)
            ax.fill_between(months, bottom, top, color=colour, alpha=alpha, linewidth=0)
    ax.plot(months, median, color=colour, linewidth=1.6, label=label)


def date_axis(ax: Axes, findings: Findings) -> None:
    """Label years on the time axis, which needs no name: its place is fixed, so that it is not sought at every turn."""
    from matplotlib import dates, ticker

    first, last = (int(str(month)[:4]) for month in (findings.months[0], findings.months[-1]))
    if last > first:
        step = 1 if last - first < 9 else 2
        januaries = [f"{year}-01-01" for year in range(first, last + 2) if year % step == 0]
        ax.xaxis.set_major_locator(ticker.FixedLocator(dates.datestr2num(januaries)))  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_formatter(dates.DateFormatter("%Y"))  # type: ignore[no-untyped-call]
    else:
        locator = dates.AutoDateLocator(maxticks=7)  # type: ignore[no-untyped-call]
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    end = findings.months[-1].astype("datetime64[M]") + 1
    limits: Any = (findings.months[0], end.astype("datetime64[D]"))
    ax.set_xlim(*limits)
    ax.xaxis.set_label_coords(0.5, 0.0)


def count_axis(ax: Axes, bottom: float | None = 0.0) -> None:
    """Write counts with thousands separators, from zero unless told otherwise; the axis needs no name either."""
    from matplotlib.ticker import FuncFormatter

    ax.yaxis.set_label_coords(0.0, 0.5)

    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    if bottom is not None:
        ax.set_ylim(bottom=bottom)


def compact(value: float) -> str:
    """Return a number as people read it: 1,234; 45.6k; 7.8M; small fractions with two digits."""
    size = abs(value)
    if size >= 1e9:
        return f"{value / 1e9:.3g}bn"
    if size >= 1e6:
        return f"{value / 1e6:.3g}M"
    if size >= 1e5:
        return f"{value / 1e3:.0f}k"
    if size >= 10 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def policy_spans(ax: Axes, findings: Findings, labels: bool = True) -> None:
    """Shade the days of each policy, with names above the axes; policies that begin close together share a label."""
    first = findings.months[0].astype(object)
    last = (findings.months[-1].astype("datetime64[M]") + 1).astype("datetime64[D]").astype(object)
    length = (last - first).days
    shown = [span for span in spans(findings.policies) if span.start < last and (span.end or last) >= first]
    for span in shown:
        _shade(ax, span.start, min(span.end or last, last))
    if not labels:
        return
    width = max(ax.get_figure(root=True).get_figwidth() - 0.8, 1.0)  # type: ignore[union-attr]
    letters = int(width / _LABEL_LETTER)
    lanes: list[tuple[int, float, float]] = []
    for start, text in _labels(shown, first, length):
        lines = textwrap.wrap(text, letters)
        needed = max(map(len, lines)) * _LABEL_LETTER / width
        to_left = start + needed > 1
        left, right = (1 - needed, 1.0) if to_left else (start, start + needed)
        lane = 0
        while any(lane <= n < lane + len(lines) and right > a and left < b for n, a, b in lanes):
            lane += 1
        lanes += [(lane + n, left, right) for n in range(len(lines))]
        place: Any = {"xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}
        side = "right" if to_left else "left"
        where = (1.0 if to_left else start, 1)
        ax.annotate("\n".join(lines), where, (0, 2 + 9 * lane), fontsize=7, color=MUTED, ha=side, va="bottom", **place)
    ax.set_title(ax.get_title(loc="left"), pad=6 + 9 * max((n + 1 for n, _, _ in lanes), default=0))


def _labels(shown: Sequence[Span], first: date, length: int) -> list[tuple[float, str]]:
    """Return where on the axis (0 to 1) the labels of policies begin, and what they say; kinds are named once."""
    clusters: list[tuple[float, list[str]]] = []
    for span in shown:
        start = max(0.0, (span.start - first).days / length)
        if not clusters or start - clusters[-1][0] > _TOGETHER:
            clusters.append((start, []))
        clusters[-1][1].append(span.kind)
    return [
        (start, ", ".join(policy_name(kind, kinds.count(kind) > 1) for kind in dict.fromkeys(kinds)))
        for start, kinds in clusters
    ]


def _shade(ax: Axes, start: date, end: date) -> None:
    if (end - start).days < 10:  # a day or two would not be seen as an area
        ax.axvline(start, color="#9aa5b1", linewidth=1, linestyle=(0, (3, 2)), zorder=0.5)  # type: ignore[arg-type]
    else:
        ax.axvspan(start, end + timedelta(days=1), color="#9aa5b1", alpha=0.22, linewidth=0, zorder=0.5)  # type: ignore[arg-type]


def sources(findings: Findings, *parts: str) -> str:
    """Return the source line of a figure: the simulation, and the record where it is shown."""
    record = findings.scenario.records
    known = {e.id: e.source_name for e in findings.scenario.evidence}
    named = {"simulation": "simulation", "record": known.get(record.source, record.source) if record else ""}
    return "Source: " + "; ".join(named.get(part, part) for part in parts if named.get(part, part))


def luminance(colour: Sequence[float]) -> float:
    """Return the relative luminance of an sRGB colour (WCAG 2), to choose dark or white text on it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
