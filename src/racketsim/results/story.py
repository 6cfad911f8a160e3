"""What happened to one target or one group, in dated sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from racketsim.errors import InputError
from racketsim.results.log import Event, EventLog, Rows, because, harm, resolve_group
from racketsim.results.replicate import Columns, GroupLike
from racketsim.results.rivals import VIOLENT, told_of_group
from racketsim.results.words import long_date, money, plural
from racketsim.scenario.model import Scenario

_AFTERMATH = ("record", "case_opened", "case_cleared", "arrest", "leader_removed")
_TURNING_POINTS = ("arrival", "withdrawal", "fragmentation", "leader_removed", "takeover", "expulsion", "submission")
_TOLD_IN_PART = ("incident", "arrest", "expansion", "clash", "retaliation", "inter_group_threat", "dismissal")
_STREETS = ("public_threat", "ultimatum", "ultimatum_outcome", "protest", "riot", "vehicle_burnt")
_BEATEN = ("person_beaten", "vigilante_attack")
MOST_A_YEAR = 4
_IMPOSTURE = ("supply", "impostor_entry", "impostor_exit", "impostor_unmasked")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that happened, and when."""

    date: date
    text: str

    def __str__(self) -> str:
        return f"{long_date(self.date)}: {self.text}"


@dataclass(frozen=True, slots=True)
class Story:
    """A title and its sentences by date; printing it prints the story.

    Where the sentences are a selection, `selection` says which one and of how many; `years` are the years in figures,
    of all events and not of those alone that are told.
    """

    title: str
    sentences: tuple[Sentence, ...]
    selection: str = ""
    years: tuple[Sentence, ...] = ()

    def __iter__(self) -> Iterator[Sentence]:
        return iter(self.sentences)

    def __len__(self) -> int:
        return len(self.sentences)

    def __str__(self) -> str:
        lines = [self.title, *([f"  {self.selection}"] if self.selection else [])]
        lines += [f"  {sentence}" for sentence in self.sentences]
        if self.years:
            lines += ["  Years in figures, of all events:", *(f"    {year.text}" for year in self.years)]
        return "\n".join(lines)


def suggest_targets(log: Columns, count: int = 5) -> list[int]:
    """Return the ids of the targets with the most events, most first."""
    targets = np.asarray(log["target"])
    ids, events = np.unique(targets[np.greater_equal(targets, 0)], return_counts=True)
    return [int(ident) for ident in ids[np.argsort(-events, kind="stable")[:count]]]


def story_of_target(log: Columns, scenario: Scenario, groups: Sequence[GroupLike], target: int) -> Story:
    """Return what happened to a target, and what the police did about it.

    Raises:
        InputError: there is no target with that id, or nothing happened to it in this run.
    """
    total = int(scenario.targets.sum())
    tips = ", ".join(str(ident) for ident in suggest_targets(log))
    hint = f" Targets with the most events: {tips}." if tips else ""
    if not 0 <= target < total:
        raise InputError(f"target: {target} is out of range; ids go from 0 to {total - 1:,}.{hint}")
    reader = EventLog(log, scenario, groups)
    own = np.flatnonzero(reader.columns["target"] == target)
    if not own.size:
        raise InputError(f"target: nothing happened to target {target} in this run.{hint}")
    rows = np.union1d(own, reader.effects(own, _AFTERMATH))
    causes = reader.causes(rows, depth=1)
    events = [reader.event(int(row)) for row in rows]
    first = next((event for event in events if event.kind), events[0])
    place = f" in {first.district}" if first.district else ""
    title = f"Target {target}: {_article(first.kind or 'target')}{place}"
    before = [0, *(event.id for event in events)]  # a cause told in the sentence before needs no words
    told = [
        Sentence(event.date, _of_target(event, {} if event.caused_by == last else causes, scenario))
        for event, last in zip(events, before, strict=False)
    ]
    return Story(title, tuple(told))


def story_of_group(
    log: Columns, scenario: Scenario, groups: Sequence[GroupLike], group: str, most_a_year: int = MOST_A_YEAR
) -> Story:
    """Return the turning points of a group, its worst attacks and clashes, its largest arrests, and years in figures.

    The story says how many events of how many it tells; the years in figures count them all. `most_a_year` limits the
    attacks, arrests, expansions, clashes, acts of retaliation, threats, ultimatums, dismissals, protests that it paid
    for, what crowds did to it, supplies from a parent brand, and comings, goings and unmaskings of impostors that are
    told one by one.

    Raises:
        InputError: no group has that id or name.
    """
    place = resolve_group(group, groups)
    reader = EventLog(log, scenario, groups)
    about = groups[place]
    mine = np.flatnonzero((reader.columns["group"] == place) | (reader.columns["rival"] == place))
    years = _years(reader, mine, scenario)
    told = [np.intersect1d(mine, reader.rows_of(_TURNING_POINTS))]
    posing = np.intersect1d(np.flatnonzero(reader.columns["claimed"] == place), reader.rows_of(["impostor_unmasked"]))
    found = len(told[0])
    for name in (*_TOLD_IN_PART, *_STREETS, *_BEATEN, *_IMPOSTURE):
        of_name = np.intersect1d(np.union1d(mine, posing), reader.rows_of([name]))
        years_of_name = _years(reader, of_name, scenario)
        found += len(of_name)
        for year in np.unique(years_of_name):
            rows = of_name[years_of_name == year]
            told.append(_weightiest(reader, name, rows)[:most_a_year])
    rows = np.unique(np.concatenate(told)).astype(np.intp)
    causes = reader.causes(rows, depth=3)
    sentences = [
        Sentence(event.date, _of_group(event, causes, about.name)) for event in (reader.event(int(row)) for row in rows)
    ]
    sentences.sort(key=lambda sentence: sentence.date)
    in_figures = [
        Sentence(min(date(int(year), 12, 31), scenario.end), _year_in_figures(reader, mine[years == year], int(year)))
        for year in np.unique(years)
    ]
    brand = f", brand {about.brand}" if about.brand else ""
    title = f"{about.name} ({about.role}{brand})"
    return Story(title, tuple(sentences), _selected(len(rows), found, most_a_year), tuple(in_figures))


def _selected(told: int, found: int, most: int) -> str:
    """Return which events are told one by one; "" where all are."""
    if told == found:
        return ""
    return (
        f"A selection, {told:,} of {found:,} events: all turning points, and of each other sort of event the {most} "
        "most severe of a year at most; attacks that hurt nobody are left out."
    )


def _weightiest(reader: EventLog, name: str, rows: Rows) -> Rows:
    """Return the rows of one type of events with those that weigh most first; without attacks that hurt nobody."""
    columns = reader.columns
    weight = columns["injured"] + 3 * columns["killed"]
    if name in ("arrest", "dismissal", *_IMPOSTURE):
        weight = columns["count"]
    if name in ("incident", "arrest"):
        rows = rows[weight[rows] > 0]
    return rows[np.argsort(-weight[rows], kind="stable")]


def _of_target(event: Event, causes: dict[int, Event], scenario: Scenario) -> str:
    who = event.group or "An unknown group"
    amount = money(event.amount, scenario.currency) if event.amount else ""
    a_day = "" if event.remote else " a day"
    after = because(event, causes)
    match event.type:
        case "demand":
            how = "by phone or message" if event.remote else "in person"
            return f"{who} demanded {amount + a_day if amount else 'money'}, {how}{_in_the_name(event)}."
        case "payment_agreed":
            return f"The target agreed to pay {who}{f' {amount}{a_day}' if amount else ''}{after}."
        case "refusal":
            return f"The target refused{after}."
        case "incident":
            return f"{who} attacked the target ({event.method or 'method unknown'}): {harm(event)}{after}."
        case "closure":
            return f"The target closed down{after}."
        case "reopening":
            return f"The target opened again{after}."
        case "switch":
            return f"The target began to pay {who} in place of another group{after}."
        case "double_payment":
            return f"The target began to pay {who} as well as another group{after}."
        case "relation_end":
            return f"The target stopped paying {who}{after}."
        case "report":
            return f"The target reported it to the police{after}."
        case "record":
            return f"The police recorded the report{after}."
        case "report_withheld":
            return (
                "Out of fear of hostility the target, who shares a label with those blamed, did not report after all."
            )
    return _by_police(event) + after + "."


def _of_group(event: Event, causes: dict[int, Event], name: str) -> str:
    where = f" in {event.district}" if event.district else ""
    after = because(event, causes, depth=3)
    between = told_of_group(event, name)
    if between:
        return f"{between}{after}."
    match event.type:
        case "arrival":
            return f"Arrived{where}{_with_members(event)}{after}."
        case "expansion":
            return f"Moved into {event.district or 'a new district'}{_with_members(event)}{after}."
        case "withdrawal":
            return f"Left {event.district or 'a district'}{after}."
        case "fragmentation":
            left = f": {plural(event.count, 'member')} left" if event.count else ""
            return f"Broke up{where}{left}{after}."
        case "takeover":
            return f"Took control of {event.district or 'a district'}{_with_members(event)}{after}."
        case "dismissal":
            return f"Dismissed {plural(max(event.count, 1), 'member')}{where}, whom takings could not pay{after}."
        case "supply":
            return f"Received {plural(max(event.count, 1), 'member')}{where} from the parent brand{after}."
        case "impostor_entry" | "impostor_exit" | "impostor_unmasked":
            return f"{_of_impostors(event, where, name)}{after}."
        case "public_threat":
            return f"Threatened in public{where}{after}."
        case "ultimatum":
            return f"{_of_ultimatum(event, name)}{where}, with a deadline in {plural(event.count, 'day')}{after}."
        case "ultimatum_outcome":
            return f"{_of_deadline(event, name)}{where}{after}."
        case "protest" | "riot":
            paid = f"Paid people to be at a {event.type} of {plural(event.count, 'person', 'people')}"
            return f"{paid}{where}{after}."
        case "vehicle_burnt":
            return f"A crowd burnt a vehicle of the group{where}{after}."
        case "person_beaten" | "vigilante_attack":
            who = "A crowd" if event.type == "person_beaten" else "Vigilantes"
            return f"{who} beat a member{where}: {harm(event)}{after}."
        case "incident":
            victim = f" on {_article(event.kind)}" if event.kind else ""
            return f"Attack{victim}{where} ({event.method or 'method unknown'}): {harm(event)}{after}."
    return _by_police(event) + after + "."


def _of_ultimatum(event: Event, name: str) -> str:
    return "Told the protesters to give way" if event.group == name else "Was told by a crowd to leave"


def _of_deadline(event: Event, name: str) -> str:
    """Tell what became of an ultimatum (`signal_rules.MET`, `CARRIED_OUT` or `LET_PASS`, in the event's count)."""
    own = event.group == name
    return (
        ("The protesters gave way" if own else "Was gone when the deadline of a crowd came"),
        ("Answered a deadline that had passed with violence" if own else "The crowd turned violent at its deadline"),
        ("Let a deadline pass without an act" if own else "A crowd let its deadline pass without an act"),
    )[event.count]


def _of_impostors(event: Event, where: str, name: str) -> str:
    """Tell who began or ceased to pose, or was unmasked, in the story of the group called `name`."""
    some = plural(max(event.count, 1), "impostor")
    match event.type:
        case "impostor_entry":
            return f"{some} began to ask for money{where}"
        case "impostor_exit":
            return f"{some} gave up{where}"
    whose = ", in the name of this group" if event.claimed == name != event.group else _in_the_name(event)
    return f"{some} unmasked{where}{whose}"


def _in_the_name(event: Event) -> str:
    return f", in the name of {event.claimed}" if event.claimed not in (None, event.group) else ""


def _by_police(event: Event) -> str:
    where = f" in {event.district}" if event.district else ""
    of_group = f" of {event.group}" if event.group else ""
    match event.type:
        case "case_opened":
            return "The police opened an investigation"
        case "case_cleared":
            return "The police cleared the investigation"
        case "arrest":
            return f"The police arrested {plural(max(event.count, 1), 'member')}{of_group}{where}"
        case "release":
            return f"{plural(max(event.count, 1), 'member')}{of_group} came out of prison{where}"
        case "leader_removed":
            return f"The leader{of_group} was taken{where}"
    return event.type.replace("_", " ").capitalize() + where


def _with_members(event: Event) -> str:
    return f" with {plural(event.count, 'member')}" if event.count else ""


def _article(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def _years(reader: EventLog, rows: Rows, scenario: Scenario) -> npt.NDArray[np.int64]:
    days = reader.columns["day"][rows]
    dates = np.datetime64(scenario.start.isoformat(), "D") + days.astype("timedelta64[D]")
    return dates.astype("datetime64[Y]").astype(np.int64) + 1970


def _year_in_figures(reader: EventLog, rows: Rows, year: int) -> str:
    columns = reader.columns

    def of(name: str) -> Rows:
        return np.intersect1d(rows, reader.rows_of([name]))

    demands, attacks, arrests = of("demand"), of("incident"), of("arrest")
    districts = columns["district"][demands]
    parts = [f"{plural(len(demands), 'demand')} in {plural(len(np.unique(districts)), 'district')}"]
    if len(demands) and districts.max() >= 0:
        top = int(np.bincount(districts[districts >= 0]).argmax())
        share = np.mean(districts == top)
        parts[0] += f" ({share:.0%} of them in {reader.scenario.districts.name[top]})"
    parts.append(f"{plural(len(of('payment_agreed')), 'target')} agreed to pay")
    hurt = int(columns["injured"][attacks].sum()), int(columns["killed"][attacks].sum())
    parts.append(f"{plural(len(attacks), 'attack')}, {hurt[0]} injured and {hurt[1]} killed")
    parts.append(f"{plural(int(columns['count'][arrests].sum()), 'arrest')}")
    fights = np.intersect1d(rows, reader.rows_of(VIOLENT))
    if len(fights):
        killed = plural(int(columns["killed"][fights].sum()), "person", "people")
        parts.append(f"{plural(len(fights), 'fight')} with other groups, {killed} killed")
    return f"The year {year} in figures: {'; '.join(parts)}."
