"""The places of a city that people name: a district, its id, a zone, a region, or all of it."""

from __future__ import annotations

from collections.abc import Iterable

from racketsim.errors import InputError, did_you_mean
from racketsim.scenario.model import Districts

EVERYWHERE = "all"


def resolve_place(districts: Districts, place: str) -> tuple[int, ...]:
    """Return the indices of the districts that `place` names, in order.

    A place is a district's name or id, a zone, a region, or "all". Raises `InputError` (without a file and line) where
    there is no such place.
    """
    if place == EVERYWHERE:
        return tuple(range(len(districts)))
    for names in (districts.name, districts.id, districts.zone, districts.region):
        found = tuple(index for index, name in enumerate(names) if name == place)
        if found:
            return found
    known = (*districts.name, *districts.id, *districts.zone, *districts.region)
    raise InputError(
        f"unknown district '{place}'. Allowed: the name or id of a district, a zone, a region, or '{EVERYWHERE}'."
        f"{did_you_mean(place, known)}"
    )


def resolve_places(districts: Districts, places: Iterable[str]) -> tuple[int, ...]:
    """Return the indices of the districts that `places` name together, each once, in the order of the city."""
    return tuple(sorted({index for place in places for index in resolve_place(districts, place)}))
