"""The user's own district boundaries: a GeoJSON file read with the standard library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from racketsim.results.codes import plain_letters
from racketsim.scenario.model import Scenario

Rings = list[npt.NDArray[np.float64]]
"""The rings of one district, each [points, 2] as (longitude, latitude)."""


def read_polygons(scenario: Scenario) -> list[Rings] | None:
    """Return the rings of every district in order, or None where the tile grid is to be drawn.

    A feature belongs to a district if one of its properties, or its id, is the district's id or name (accents and
    capitals do not matter). None if the scenario has no boundaries or they leave a district out.
    """
    if scenario.boundaries is None:
        return None
    found = _features(scenario.boundaries)
    rings = []
    for ident, name in zip(scenario.districts.id, scenario.districts.name, strict=True):
        match = found.get(plain_letters(ident)) or found.get(plain_letters(name))
        if not match:
            return None
        rings.append(match)
    return rings


def _features(path: Path) -> dict[str, Rings]:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        found: dict[str, Rings] = {}
        for feature in features:
            rings = _rings(feature["geometry"])
            labels = [feature.get("id"), *(feature.get("properties") or {}).values()]
            for label in labels:
                if isinstance(label, str | int):
                    found.setdefault(plain_letters(str(label)), rings)
        return found
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return {}


def _rings(geometry: dict[str, Any]) -> Rings:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [np.array(ring, dtype=np.float64)[:, :2] for part in parts for ring in part]
