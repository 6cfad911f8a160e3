"""Maps of the districts: a tile grid, one square a district, or the user's own polygons where there are any."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from racketsim.results.codes import district_codes
from racketsim.results.findings import Findings
from racketsim.results.measures import Array
from racketsim.results.polygons import Rings, read_polygons
from racketsim.results.style import EMPTY, INK, WIDE, compact, group_colours, luminance, new_figure, sources

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def maps(findings: Findings, width: float = WIDE) -> Figure:
    """Control (dominant group by members) and cases for every 1,000 targets, side by side or one below the other."""
    stacked = width <= 6
    side = min(width if stacked else width / 2, 5.0)
    rows, columns = _grid_shape(findings)
    entries = len(set(findings.share_at_end.argmax(axis=1).tolist())) + 2
    legend = 0.25 + 0.16 * (entries if stacked else -(-entries // 2))
    tall = side * min(max(rows / columns, 0.6), 1.5)
    heights = (tall + legend, tall + 0.45)
    figure = new_figure(findings, width, sum(heights) if stacked else heights[0], sources(findings, "simulation"))
    axes: Any = figure.subplots(2, 1, gridspec_kw={"height_ratios": heights}) if stacked else figure.subplots(1, 2)
    left, right = axes
    paint_control(left, findings, legend_columns=1 if stacked else 2)
    paint_cases(right, findings)
    return figure


def paint_control(ax: Axes, findings: Findings, legend_columns: int = 2, title_letters: int = 60) -> None:
    """Colour each district by the group with the most members in the last month, the lighter the smaller its share.

    A title of more than `title_letters` is broken: a map that keeps its shape may be narrower than its title.
    """
    from matplotlib.colors import to_rgb
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    palette = np.array([to_rgb(colour) for colour in group_colours(findings.scenario)])
    shares = findings.share_at_end
    dominant, share = np.argmax(shares, axis=1), np.max(shares, axis=1)
    strength = (0.25 + 0.75 * share)[:, None]
    colours = np.where(share[:, None] > 0, 1 - strength * (1 - palette[dominant]), to_rgb(EMPTY))
    texts = [f"{value:.0%}" if value > 0 else "none" for value in share]
    _paint(ax, findings, colours, texts)
    names = [*(group.name for group in findings.scenario.groups), "splinter groups"]
    present = sorted(set(dominant[share > 0].tolist()))
    handles: list[Any] = [Patch(color=palette[place], label=names[place]) for place in present]
    if (share == 0).any():
        handles.append(Patch(color=EMPTY, label="no group in person"))
    if len(set(findings.scenario.districts.region)) > 1 and read_polygons(findings.scenario) is None:
        handles.append(Line2D([], [], color=INK, linewidth=1.4, label="border of regions"))
    month = str(findings.months[-1].astype("datetime64[M]"))
    ax.set_title(textwrap.fill(f"Dominant group and share of members, {month}", title_letters), fontsize=8.6)
    place: Any = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0)}
    ax.legend(handles=handles, ncols=legend_columns, fontsize=7.2, handlelength=1, **place)


def paint_cases(ax: Axes, findings: Findings, title_letters: int = 60) -> None:
    """Colour each district by true cases for every 1,000 targets in the last twelve months (median of replicates)."""
    import matplotlib as mpl
    from matplotlib.colors import LogNorm

    cases = cases_per_thousand(findings)
    positive = cases[cases > 0]
    low, high = (positive.min(), positive.max()) if positive.size else (0.1, 1.0)
    norm = LogNorm(low, max(high, low * 1.5))
    ramp = mpl.colormaps["viridis_r"]
    colours = np.array([ramp(norm(max(value, low)))[:3] for value in cases])
    _paint(ax, findings, colours, [compact(round(value, 1) if value < 10 else round(value)) for value in cases])
    first = str(findings.months[-min(12, len(findings.months))].astype("datetime64[M]"))
    ax.set_title(textwrap.fill(f"True cases for every 1,000 targets, from {first}", title_letters), fontsize=8.6)
    _paint_scale(ax, ramp, norm, low, max(high, low * 1.5))


def cases_per_thousand(findings: Findings) -> Array:
    """Return true cases for every 1,000 targets in the last twelve months: median over replicates, [D]."""
    recent = findings.measured["cases"][:, -12:].sum(axis=1)
    targets = np.maximum(findings.scenario.targets.sum(axis=1), 1)
    rate: Array = np.median(recent, axis=0) / targets * 1000
    return rate


def _paint(ax: Axes, findings: Findings, colours: npt.NDArray[np.float64], texts: list[str]) -> None:
    ax.set_axis_off()
    ax.set_aspect("equal", anchor="N")
    polygons = read_polygons(findings.scenario)
    if polygons is not None:
        _paint_polygons(ax, findings, polygons, colours)
    else:
        _paint_tiles(ax, findings, colours, texts)


def _paint_tiles(ax: Axes, findings: Findings, colours: npt.NDArray[np.float64], texts: list[str]) -> None:
    from matplotlib.patches import Rectangle

    places = findings.scenario.districts
    for (row, column), code, colour, text in zip(places.tile, district_codes(places.name), colours, texts, strict=True):
        words: Any = {"ha": "center", "va": "center", "color": INK if luminance(colour) > 0.25 else "white"}
        words["in_layout"] = False  # it lies in its tile
        ax.add_patch(Rectangle((column + 0.03, row + 0.03), 0.94, 0.94, facecolor=tuple(colour), linewidth=0))
        ax.text(column + 0.5, row + 0.4, code, fontsize=7.4, fontweight="bold", **words)
        ax.text(column + 0.5, row + 0.73, text, fontsize=6, **words)
    _region_borders(ax, findings)
    rows, columns = _grid_shape(findings)
    ax.set_xlim(places.tile[:, 1].min() - 0.1, places.tile[:, 1].min() + columns + 0.1)
    ax.set_ylim(places.tile[:, 0].min() + rows + 0.1, places.tile[:, 0].min() - 0.1)


def _region_borders(ax: Axes, findings: Findings) -> None:
    """Draw a line where two neighbouring tiles belong to different regions."""
    places = findings.scenario.districts
    region = {(int(r), int(c)): name for (r, c), name in zip(places.tile, places.region, strict=True)}
    for (row, column), name in region.items():
        if region.get((row, column + 1), name) != name:
            ax.plot([column + 1] * 2, [row, row + 1], color=INK, linewidth=1.4)
        if region.get((row + 1, column), name) != name:
            ax.plot([column, column + 1], [row + 1] * 2, color=INK, linewidth=1.4)


def _paint_polygons(ax: Axes, findings: Findings, polygons: list[Rings], colours: npt.NDArray[np.float64]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    latitude = float(np.mean(findings.scenario.districts.latitude))
    for rings, colour, code in zip(polygons, colours, district_codes(findings.scenario.districts.name), strict=True):
        path = Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))
        ax.add_patch(PathPatch(path, facecolor=tuple(colour), edgecolor="white", linewidth=0.6))
        largest = max(rings, key=len)
        x, y = largest.mean(axis=0)
        ax.text(x, y, code, ha="center", va="center", fontsize=5.5, color=INK if luminance(colour) > 0.25 else "white")
    ax.autoscale_view()
    ax.set_aspect(1 / np.cos(np.radians(latitude)))


def _paint_scale(ax: Axes, ramp: Any, norm: Any, low: float, high: float) -> None:
    """Draw the colour scale under a map, from plain bars: matplotlib's own differs in its ids from run to run."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    scale = ax.inset_axes((0.2, -0.05, 0.6, 0.025))
    edges = np.geomspace(low, high, 65)
    scale.bar(edges[:-1], 1.0, width=np.diff(edges) * 1.02, align="edge", color=ramp(norm(edges[:-1])), linewidth=0)
    scale.set_xscale("log")
    scale.set_xlim(low, high)
    scale.set_ylim(0, 1)
    scale.set_yticks([])
    scale.set_xticks(_steps(low, high))
    scale.xaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    scale.xaxis.set_minor_formatter(NullFormatter())
    scale.tick_params(labelsize=7.2)
    scale.tick_params(which="minor", length=0)
    scale.grid(visible=False)
    for spine in scale.spines.values():
        spine.set_visible(False)


def _steps(low: float, high: float) -> list[float]:
    """Return the round numbers 1, 2, 5 times powers of ten from `low` to `high`."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    steps = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    return [step for step in steps if low <= step <= high]


def _grid_shape(findings: Findings) -> tuple[int, int]:
    tile: Any = findings.scenario.districts.tile
    rows, columns = tile.max(axis=0) - tile.min(axis=0) + 1
    return int(rows), int(columns)
