"""What tells hypotheses apart: how well data of some months says under which setting of a switch they arose (A20).

Every replicate is summarised by square roots of counts over a window of months (which have nearly the same variance
whatever their mean). A replicate is put to the setting whose mean is nearest in units of the spread within settings,
with the replicate itself left out of means and spread (nearest mean, the likelihood ratio of normal summaries). Chance
alone gives 1 / settings.

Two settings whose means lie d spreads apart are told apart by that rule with chance Phi(d / 2). d ** 2 grows like the
number of months, from which the months that would be needed are read where the data of a run are too few. d ** 2
is corrected for the error of means over few replicates; where nothing is left, the settings are not told apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from racketsim.results.records import Records
from racketsim.results.replicate import Columns, GroupLike
from racketsim.results.vocabulary import EVENT_CODE
from racketsim.scenario.model import Scenario

Floats = npt.NDArray[np.float64]

OBSERVABLES: dict[str, str] = {
    "recorded": "recorded cases",
    "protests": "peaceful protests: number, people, number where entrants are known",
    "riots": "violent protests: number, people, number where entrants are known",
    "vehicles": "vehicles burnt, by reported owner: incumbents, entrants, innocents",
    "claims": "claims of the press, by whom they name: incumbents, entrants, nobody",
    "clashes": "clashes between groups",
}
"""What can be observed, with the series it is made of; nothing in it needs knowledge of who paid whom."""

EVERYTHING = "all of them"
SURE = 0.9
"""Settings count as told apart where nine replicates in ten are put to the right one."""

_LEAST_SPREAD = 0.1
_TWO_SIDED_90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well one observable tells settings apart with the data of `months` months.

    `accuracy` is the share of replicates put to the right setting, with its 90% interval (Wilson); `auc` gives, for
    each pair of settings, the chance that a replicate of the second looks more like the second than one of the first.
    `needed` gives the months after which a pair would be told apart nine times in ten, infinite where never; a number
    above `months` is extrapolated.
    """

    observable: str
    months: int
    accuracy: float
    low: float
    high: float
    auc: Mapping[tuple[str, str], float]
    needed: Mapping[tuple[str, str], float]


def observe(
    scenario: Scenario, groups: Sequence[GroupLike], months: int, records: Records, log: Columns, claims: Columns
) -> dict[str, Floats]:
    """Return each observable of one run by month, [T, series], over the city."""
    month = _months_of_days(scenario)
    role = np.array([_side(group.role) for group in groups] + [2])
    kept = {name: log["type"] == EVENT_CODE[name] for name in ("protest", "riot", "owner_reported", "clash")}

    def count(chosen: npt.NDArray[np.bool_], weight: npt.NDArray[np.generic] | None = None) -> Floats:
        days = np.asarray(log["day"])[chosen]
        weights = None if weight is None else np.asarray(weight)[chosen].astype(np.float64)
        counted: Floats = np.bincount(month[days], weights, months)[:months].astype(np.float64)
        return counted

    def by_side(days: npt.NDArray[np.generic], whose: npt.NDArray[np.generic]) -> Floats:
        inside = np.asarray(days) < len(month)
        at, side = month[np.asarray(days)[inside]], role[np.asarray(whose)[inside]]
        counted = [np.bincount(at[side == s], minlength=months)[:months] for s in range(3)]
        return np.stack(counted, axis=1).astype(np.float64)

    known = sorted({place for group in scenario.groups if group.role == "entrant" for place in group.districts})
    there = np.isin(log["district"], known)

    def crowds(chosen: npt.NDArray[np.bool_]) -> Floats:
        return np.stack([count(chosen), count(chosen, log["count"]), count(chosen & there)], axis=1)

    owners = kept["owner_reported"]
    return {
        "recorded": np.asarray(records["recorded"]).sum(axis=1, keepdims=True)[:months] * 1.0,
        "protests": crowds(kept["protest"]),
        "riots": crowds(kept["riot"]),
        "vehicles": by_side(log["day"][owners], log["group"][owners]),
        "claims": by_side(claims["day"], claims["group"]),
        "clashes": count(kept["clash"])[:, None],
    }


def _side(role: str) -> int:
    """Return 0 for an incumbent, 1 for an entrant, 2 for who is neither (index -1, nobody, is 2 too)."""
    return {"incumbent": 0, "entrant": 1}.get(role, 2)


def _months_of_days(scenario: Scenario) -> npt.NDArray[np.int64]:
    first = np.datetime64(scenario.start, "D")
    days = np.arange(first, np.datetime64(scenario.end, "D") + 1)
    months: npt.NDArray[np.int64] = (days.astype("datetime64[M]") - first.astype("datetime64[M]")).astype(np.int64)
    return months


def summarise(monthly: Floats, window: int) -> Floats:
    """Return the square roots of sums over the last `window` months: [..., T, F] becomes [..., F]."""
    rooted: Floats = np.sqrt(monthly[..., -window:, :].sum(axis=-2))
    return rooted


def standardised(summaries: Floats) -> Floats:
    """Return the summaries [S, R, F] in units of their pooled spread within settings."""
    within = summaries - summaries.mean(axis=1, keepdims=True)
    degrees = summaries.shape[0] * (summaries.shape[1] - 1)
    spread = np.sqrt((within**2).sum(axis=(0, 1)) / max(degrees, 1))
    scaled: Floats = summaries / np.maximum(spread, _LEAST_SPREAD)
    return scaled


def put(summaries: Floats) -> npt.NDArray[np.int64]:
    """Return to which setting each replicate of `summaries` [S, R, F] is put when it is left out, [S, R]."""
    settings, replicates, _ = summaries.shape
    found = np.empty((settings, replicates), dtype=np.int64)
    for setting in range(settings):
        for replicate in range(replicates):
            distance = _distances(summaries, setting, replicate)
            found[setting, replicate] = int(np.argmin(distance))
    return found


def _distances(summaries: Floats, setting: int, replicate: int) -> Floats:
    """Return the squared distance of one replicate to the mean of each setting, with it left out."""
    within, sums, squares, counts = _without(summaries, setting, replicate)
    means = sums / counts[:, None]
    spread = np.sqrt(np.maximum(squares - (counts[:, None] * means**2), 0.0).sum(axis=0) / max(within, 1))
    scaled = (summaries[setting, replicate] - means) / np.maximum(spread, _LEAST_SPREAD)
    total: Floats = (scaled**2).sum(axis=1)
    return total


def _without(summaries: Floats, setting: int, replicate: int) -> tuple[int, Floats, Floats, Floats]:
    """Return degrees of freedom, sums and sums of squares by setting, and replicates left, without one replicate."""
    settings, replicates, _ = summaries.shape
    sums, squares = summaries.sum(axis=1), (summaries**2).sum(axis=1)
    counts = np.full(settings, float(replicates))
    sums[setting] -= summaries[setting, replicate]
    squares[setting] -= summaries[setting, replicate] ** 2
    counts[setting] -= 1
    return settings * replicates - 1 - settings, sums, squares, counts


def area_under_curve(first: Floats, second: Floats) -> float:
    """Return the chance that a score of the second exceeds one of the first, ties counted half (Mann and Whitney)."""
    above = (second[:, None] > first[None]).mean() + 0.5 * (second[:, None] == first[None]).mean()
    return float(above)


def pair_auc(summaries: Floats, one: int, other: int) -> float:
    """Return how well the leave-one-out likelihood ratio of two settings ranks their replicates."""
    pair = summaries[[one, other]]
    scores = np.empty(pair.shape[:2])
    for setting in range(2):
        for replicate in range(pair.shape[1]):
            distance = _distances(pair, setting, replicate)
            scores[setting, replicate] = distance[0] - distance[1]
    return area_under_curve(scores[0], scores[1])


def separation(summaries: Floats, one: int, other: int) -> float:
    """Return d ** 2 between two settings, corrected for the error of their means; zero where nothing is left."""
    scaled = standardised(summaries[[one, other]])
    difference: Floats = scaled[0].mean(axis=0) - scaled[1].mean(axis=0)
    error = 2.0 * difference.size / int(scaled.shape[1])
    return max(float((difference**2).sum()) - error, 0.0)


def months_needed(squared: float, months: int, sure: float = SURE) -> float:
    """Return the months after which two settings with d ** 2 = `squared` after `months` are told apart with `sure`."""
    if squared <= 0.0:
        return math.inf
    wanted = 2.0 * NormalDist().inv_cdf(sure)
    return float(months * wanted * wanted / squared)


def wilson(right: int, total: int) -> tuple[float, float]:
    """Return the 90% interval of a share (Wilson 1927)."""
    share, z = right / total, _TWO_SIDED_90
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return middle - half, middle + half


def judge(observable: str, monthly: Floats, settings: Sequence[str], window: int) -> Verdict:
    """Return how well `monthly` [S, R, T, F] tells the settings apart by its last `window` months."""
    summaries = summarise(monthly, window)
    right = put(summaries) == np.arange(len(settings))[:, None]
    low, high = wilson(int(right.sum()), right.size)
    pairs = [(a, b) for b in range(len(settings)) for a in range(b)]
    return Verdict(
        observable,
        window,
        float(right.mean()),
        low,
        high,
        {(settings[a], settings[b]): pair_auc(summaries, a, b) for a, b in pairs},
        {(settings[a], settings[b]): months_needed(separation(summaries, a, b), window) for a, b in pairs},
    )
