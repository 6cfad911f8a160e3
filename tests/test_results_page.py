"""Figures and the page: drawn for any run, deterministic, self-contained, saying what is uncertain."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markupsafe import escape
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG

from racketsim.errors import InputError
from racketsim.policies.triggered import Triggered
from racketsim.results.codes import district_codes
from racketsim.results.district_table import district_rows
from racketsim.results.figures import FIGURES, overview, record, save_figure, svg, uncertainty
from racketsim.results.findings import gather
from racketsim.results.folder import finish, open_run, start, write_replicate
from racketsim.results.headline import Range, Row
from racketsim.results.manifest import RunPlan
from racketsim.results.policies_run import described_policies, spans
from racketsim.results.policy_words import in_words, title
from racketsim.results.polygons import read_polygons
from racketsim.results.replicate import replicate_of
from racketsim.results.report import HARM, rebuild_report, render
from racketsim.results.style import NARROW, WIDE, group_colours, settle, styled
from racketsim.results.words import count
from racketsim.scenario.load import load_scenario
from tests import synthetic_results as synthetic

SMALL = synthetic.scenario()
SIMS = [synthetic.sim(SMALL, seed, demands=40) for seed in (1, 2)]
FOUND = gather(SMALL, [replicate_of(sim, index) for index, sim in enumerate(SIMS)])


class Page(HTMLParser):
    """Collects what a browser would load, and the ids and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.loads += [value for key, value in found.items() if key in {"src", "srcset", "data", "action"} and value]
        if tag == "link" and found.get("href"):
            self.loads.append(str(found["href"]))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag not in {"meta", "img", "br", "source", "link", "input", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "run"
    started = start(out, RunPlan(SMALL, 1, "racketsim run three-districts --seed 1 --replicates 2"))
    for index, sim in enumerate(SIMS):
        write_replicate(started.path, index, sim, started.keeps_tables(index))
    return finish(started, planned=2)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_drawn_the_same_twice(name: str) -> None:
    first = svg(name, FOUND, NARROW)
    assert first == svg(name, FOUND, NARROW)
    assert first.lstrip().startswith("<?xml")


@pytest.mark.parametrize("name", FIGURES)
def test_figures_stand_a_run_of_one_month_without_records_or_members(name: str) -> None:
    sim = synthetic.sim(SMALL, months=1, demands=5)
    sim.records["members"][:] = 0
    bare = replace(SMALL, records=None, policies=(), headlines=())
    assert svg(name, gather(bare, [replicate_of(sim)]), WIDE)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_labels_of_the_uncertainty_stay_on_a_figure_of_less_than_a_page(width: float) -> None:
    name = "Recorded cases 2023 to November in a district with a long name: San Martín de Porres"
    rows = [Row(str(n), name, "cases", Range(600.0, 550.0, 711.0), 487.0, None) for n in range(33)]
    with styled():
        figure = uncertainty(replace(FOUND, rows=rows), width)
        FigureCanvasSVG(figure)
        figure.set_dpi(72)
        settle(figure)
        ax: Any = figure.axes[0]
        renderer = RendererAgg(figure.bbox.width, figure.bbox.height, 72)
        boxes = [label.get_window_extent(renderer) for label in (*ax.get_yticklabels(), *ax.texts, ax.title)]
    assert len(boxes) > 33
    assert all(box.x0 >= 0.0 for box in boxes)
    assert all(one.y0 >= other.y1 for one, other in pairwise(boxes[:33]))
    assert figure.get_figheight() < (11.0 if width == WIDE else 15.0)
    assert ax.xaxis.get_tick_params()["labeltop"]


def test_a_page_without_a_record_speaks_of_none(run: Path, tmp_path: Path) -> None:
    bare = replace(SMALL, records=None, headlines=())
    started = start(tmp_path / "run", RunPlan(bare, 1, "racketsim run three-districts"))
    write_replicate(started.path, 0, SIMS[0], started.keeps_tables(0))
    without, with_record = ((place / "report.html").read_text() for place in (finish(started, planned=1), run))
    for told in ("month of the police record", "Points: the record", "A diamond", "the real record as points"):
        assert told in with_record
        assert told not in without


def test_overview_is_saved_as_a_picture(tmp_path: Path) -> None:
    save_figure(overview(FOUND), tmp_path / "overview.png")
    assert (tmp_path / "overview.png").read_bytes().startswith(b"\x89PNG")


def test_page_loads_nothing_from_anywhere(run: Path) -> None:
    text = (run / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert page.loads
    assert all(load.startswith("data:image/") for load in page.loads)
    assert not re.search(r"@import|url\(", text)
    assert "default-src 'none'" in text
    assert len(page.ids) == len(set(page.ids))


def test_page_answers_what_an_analyst_asks(run: Path) -> None:
    text = (run / "report.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "2 simulations of" in text
    assert 'id="row-lima-jan-aug-2022"' in text
    for name in SMALL.districts.name:
        assert name in text
    for phrase in (
        "Under-reporting cannot be told from counts alone",
        "Nobody records who belongs to a group",
        "The priors are wide",
        "What is this model not for?",
        "racketsim run three-districts --seed 1 --replicates 2",
        "person-days",
        "replicate 0 only",
        SMALL.digest,
    ):
        assert phrase in text


def test_page_counts_those_killed_between_groups_apart(run: Path) -> None:
    text = (run / "report.html").read_text(encoding="utf-8")
    for row in (
        "people killed in punishments",
        "people killed between groups, counted apart",
        "clashes between groups",
        "acts of retaliation between groups",
        "concentration of control (Herfindahl index",
    ):
        assert f"<tr><td>{row}" in text, row
    assert "only figures of people killed in all count them together" in text
    assert "in no other figure" not in text, "the page has tiles, rows and a chart of them"
    killed = np.median(FOUND.total("killed"))
    assert killed == np.median([sim.records["killed"].sum() for sim in SIMS]), "rivals are not in it"
    assert f"<b>{killed:,.0f}</b><span>people killed in punishments" in text


NO_HARM = {"recorded", "reported", "refused", "arrests", "displaced", "deterred"}
"""Totals of a run that are no harm; the cost of emergency powers has a row of its own, where there were any."""


def test_every_harm_in_the_totals_of_a_run_stands_in_the_table_of_harm(run: Path) -> None:
    totals = json.loads((run / "summary.json").read_text())["totals"]
    assert set(HARM) == set(totals) - NO_HARM - {"emergency_days", "emergency_person_days"}
    text = (run / "report.html").read_text(encoding="utf-8")
    table = text[text.index('<table class="harm">') :].partition("</table>")[0]
    rows = dict(re.findall(r'<tr><td>(.*?)</td><td class="n">(.*?)</td></tr>', table))
    for name, label in HARM.items():
        found = totals[name]
        assert rows[escape(label)].startswith(f"{count(found['median'])} [{count(found['low'])} to"), name
    assert f"{count(totals['emergency_person_days']['median'])} person-days" in table


def test_concentration_is_the_mean_over_the_districts_where_anybody_is() -> None:
    sim = synthetic.sim(SMALL, months=12, demands=5)
    sim.records["concentration"][:] = 0.0
    sim.records["concentration"][3, :2] = (1.0, 0.5)
    assert gather(SMALL, [replicate_of(sim)]).concentration[0, 2:5].tolist() == [0.0, 0.75, 0.0]


def test_page_of_an_interrupted_run_says_so(run: Path) -> None:
    about = open_run(run).manifest | {"replicates_planned": 20}
    assert "The run was interrupted: 2 of 20" in render(FOUND, about)


def test_page_escapes_what_comes_from_files(tmp_path: Path) -> None:
    hostile = replace(SMALL, title="<script>alert(1)</script>")
    started = start(tmp_path / "run", RunPlan(hostile, 1, "x"))
    write_replicate(started.path, 0, replace(SIMS[0], scenario=hostile))
    text = (finish(started, planned=1) / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "One replicate only" in text


def test_report_is_made_again_from_the_folder(run: Path) -> None:
    before = (run / "report.html").read_bytes()
    (run / "report.html").unlink()
    assert rebuild_report(run, SMALL).read_bytes() == before
    with pytest.raises(InputError, match="different now"):
        rebuild_report(run, replace(SMALL, digest="cd" * 32))
    assert open_run(run).manifest["replicates"] == 2


def test_district_codes_are_short_different_and_recognisable() -> None:
    names = synthetic.scenario(large=True).districts.name
    codes = dict(zip(names, district_codes(names), strict=True))
    assert len(set(codes.values())) == 50
    assert all(len(code) == 3 for code in codes.values())
    assert codes["San Juan de Lurigancho"] == "SJL"
    assert codes["La Victoria"] == "LVI"
    assert codes["Carmen de la Legua Reynoso"] == "CLR"
    assert codes["Ancón"] == "ANC"
    assert len(set(district_codes(["A", "A", "Aa", "X Y", "Ñ", ""]))) == 6


def test_groups_keep_their_colours_and_splinters_share_grey() -> None:
    colours = group_colours(SMALL)
    assert len(set(colours)) == len(SMALL.groups) + 1
    fewer = replace(SMALL, groups=SMALL.groups[:2])
    assert group_colours(fewer)[:2] == colours[:2]


def test_dominant_group_is_one_group_not_all_splinters_together() -> None:
    sim = synthetic.sim(SMALL, splinters=2, demands=5)
    sim.records["members"][-1] = 0
    sim.records["members"][-1, 0, [1, 5, 6]] = (4, 3, 3)
    rows = {row["name"]: row for row in district_rows(gather(SMALL, [replicate_of(sim)]))}
    assert rows[SMALL.districts.name[0]]["leader"] == "La Vieja Guardia"
    assert rows[SMALL.districts.name[0]]["share"] == pytest.approx(0.4)
    assert rows[SMALL.districts.name[1]]["leader"] == "none"


def test_policies_are_spans_with_dates() -> None:
    found = spans(FOUND.policies)
    assert [span.kind for span in found] == ["lockdown", "state_of_emergency"]
    assert str(found[1].end) == "2023-11-18"
    standing = {"kind": "triggered", "start": "2023-12-01", "end": None}
    assert spans([standing]) == [], "a rule that stands puts nothing in force"


def _labelled(policies: list[dict[str, Any]], width: float) -> tuple[list[str], Any]:
    figure = record(replace(FOUND, policies=policies), width)
    (ax,) = figure.axes
    return [text.get_text().replace("\n", " ") for text in ax.texts], figure


@pytest.mark.parametrize("width", [WIDE, 6.4, NARROW])
def test_policies_that_begin_close_together_share_a_label_that_stays_on_the_figure(width: float) -> None:
    """Seven policies of one autumn, of four kinds, and one long before: two labels, none of which covers another."""
    months = FOUND.months
    kinds = ("state_of_emergency", "state_of_emergency", "capture", "mega_operation", "special_unit", "special_unit")
    late = [{"kind": kind, "start": str(months[-2]), "end": None} for kind in kinds]
    texts, figure = _labelled([{"kind": "lockdown", "start": str(months[2]), "end": None}, *late], width)
    assert texts == ["lockdown", "states of emergency, capture, mega-operation, special units"]
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert not boxes[0].overlaps(boxes[1])
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height for box in boxes)


def test_the_legend_of_incidents_by_method_stands_above_them() -> None:
    figure = overview(FOUND)
    figure.canvas.draw()
    stack = figure.axes[-1]
    legend = stack.get_legend()
    assert legend is not None
    peak = FOUND.incidents.mean(axis=0).sum(axis=1).max()
    assert legend.get_window_extent().y0 >= stack.transData.transform((0.0, peak))[1]


def test_titles_of_the_overview_stay_on_it() -> None:
    figure = overview(FOUND)
    figure.canvas.draw()
    for ax in figure.axes:
        box = ax._left_title.get_window_extent()  # type: ignore[attr-defined]
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width


def test_arguments_of_policies_are_words_with_units() -> None:
    lima = load_scenario("lima-2023")
    said = {title(policy): in_words(policy, lima) for policy in described_policies(lima, ())}
    assert said["lockdown"] == "street activity at 35% of normal; access to police stations at 50% of normal"
    assert said["capture"] == "against Dinastía Alayón; 32 members; the leader too"
    assert said["mega-operation"] == "700 officers"
    assert said["special unit"] == "GRECCO; 100 investigators"
    assert said["state of emergency"] == ""
    assert said["rule: mega-operation"] == (
        "set off by public threats by groups (1 or more in a district within a day); begins after 1 day, lasts 6 days, "
        "there and around; then at rest for 30 days; 700 officers"
    )
    assert said["rule: state of emergency"] == (
        "set off by people hurt in one public incident (10 or more in a district within a day); begins after 5 days, "
        "lasts 60 days, there; then at rest for 30 days"
    )
    frugal = Triggered("killed", "mega_operation", threshold=2, window=30, uses=3, officer_days=500, districts=["Ate"],
                       arguments={"officers": 50}).describe()  # fmt: skip
    assert in_words(frugal, lima) == (
        "set off by people killed by groups (2 or more in a district within 30 days); begins after 1 day, "
        "lasts 30 days; 3 times at most; 500 officer-days at most; 50 officers"
    )
    truce = {"kind": "truce", "groups": ["gallegos", "nobody"], "kept": 0.5, "odd_number": 2.5, "odd": True}
    assert in_words(truce, lima) == "between Los Gallegos, nobody; 50% of attacks given up; odd number 2.5; odd"


def test_the_page_tells_rules_in_words(run: Path) -> None:
    lima = load_scenario("lima-2023")
    rules = [policy for policy in described_policies(lima, ()) if policy["kind"] == "triggered"]
    html = render(replace(FOUND, policies=rules), open_run(run).manifest)
    assert "rule: mega-operation" in html
    assert "700 officers" in html
    assert "{&#39;" not in html
    assert "triggered" not in html


def test_polygons_are_matched_by_name_and_drawn(tmp_path: Path) -> None:
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float)
    features = [
        {"type": "Feature", "properties": {"nombre": name.upper()},
         "geometry": {"type": "Polygon", "coordinates": [(square + place).tolist()]}}
        for place, name in enumerate(SMALL.districts.name)
    ]  # fmt: skip
    path = tmp_path / "boundaries.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    own = replace(SMALL, boundaries=path)
    polygons = read_polygons(own)
    assert polygons is not None
    assert polygons[1][0][0].tolist() == [1, 1]
    assert svg("maps", gather(own, [replicate_of(SIMS[0])]), WIDE)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features[1:]}), encoding="utf-8")
    assert read_polygons(own) is None, "a map that leaves a district out falls back to tiles"
