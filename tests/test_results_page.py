"""Figures and the page: drawn for any run, deterministic, self-contained, saying what is uncertain."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from racketsim.errors import InputError
from racketsim.results.codes import district_codes
from racketsim.results.district_table import district_rows
from racketsim.results.figures import FIGURES, overview, save_figure, svg
from racketsim.results.findings import gather
from racketsim.results.folder import finish, open_run, start, write_replicate
from racketsim.results.manifest import RunPlan
from racketsim.results.policies_run import spans
from racketsim.results.polygons import read_polygons
from racketsim.results.replicate import replicate_of
from racketsim.results.report import rebuild_report, render
from racketsim.results.style import NARROW, WIDE, group_colours
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
    assert "are in no other figure of this page" in text
    killed = np.median(FOUND.total("killed"))
    assert killed == np.median([sim.records["killed"].sum() for sim in SIMS]), "rivals are not in it"
    assert f"<b>{killed:,.0f}</b><span>people killed in punishments" in text


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
    assert [span.label for span in found] == ["lockdown", "state of emergency"]
    assert str(found[1].end) == "2023-11-18"


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
