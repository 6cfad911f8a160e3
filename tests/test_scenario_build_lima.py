"""The derivation of Lima's tables: shares that add up, and shrinkage that does what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.lima_city import District, exposures, spread, tiles


@given(
    st.integers(min_value=0, max_value=10**7),
    st.lists(st.floats(min_value=0.01, max_value=1e6), min_size=1, max_size=30),
)
def test_shares_add_up_and_are_near_their_weights(total: int, weights: list[float]) -> None:
    shares = spread(total, {f"{n:02}": weight for n, weight in enumerate(weights)})
    assert sum(shares.values()) == total
    for share, weight in zip(shares.values(), weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1 + 1e-6 * total


def city_of(number: int) -> list[District]:
    return [District(f"{n:06}", f"D{n}", "Z", 1000, 1000, 10.0, 0, "0", "0", "1", "") for n in range(number)]


def susceptibility(reports: list[int], targets: list[int]) -> dict[str, float]:
    city = city_of(len(reports))
    counts = {"shop": {d.id: n for d, n in zip(city, targets, strict=True)}}
    rows = [{"ubigeo": d.id, "month": "2019-05", "reports": str(n)} for d, n in zip(city, reports, strict=True)]
    later = [{"ubigeo": city[0].id, "month": "2022-01", "reports": "100000"}]
    found = exposures(city, counts, rows + later)
    assert found.reports == sum(reports)
    return dict(found.by_district)


def test_exposure_has_mean_one_over_targets() -> None:
    targets = [100, 2000, 50, 700]
    exposure = susceptibility([10, 90, 9, 20], targets)
    assert sum(x * n for x, n in zip(exposure.values(), targets, strict=True)) / sum(targets) == pytest.approx(1.0)


def test_small_districts_are_drawn_to_the_mean_more() -> None:
    """Both have twice the city's rate of reports; the smaller is believed less."""
    small, large, *_ = susceptibility([4, 400, 10, 186, 100], [100, 10_000, 1000, 18_000, 10_000]).values()
    assert 1.0 < small < 0.9 * large


def test_equal_rates_give_equal_exposure() -> None:
    assert {round(x, 2) for x in susceptibility([10, 20, 30, 40], [100, 200, 300, 400]).values()} == {1.0}


def test_tile_map_has_fifty_squares_of_their_own() -> None:
    squares = tiles()
    assert len(squares) == len(set(squares.values())) == 50
