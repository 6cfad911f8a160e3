"""The event log and the claims as tables with readable columns, and as Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from racketsim.errors import InputError
from racketsim.results.replicate import Columns, GroupLabel, GroupLike
from racketsim.results.vocabulary import CHANNELS, EVENT_TYPES
from racketsim.results.whole import whole_file
from racketsim.scenario.model import Scenario

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_A_GROUP = 1 << 16


def events_table(log: Columns, scenario: Scenario, groups: Sequence[GroupLike]) -> pa.Table:
    """Return the event log with dates, names and amounts that people read, one row an event, in the log's order.

    Columns: event_id, date, type, district, kind, group, rival (the other group, of what groups do to
    each other), claimed (the group in whose name it was asked), target, channel, method, amount (decimal, in the
    scenario's currency), count, injured, killed, caused_by (null where nothing caused it).
    """
    caused_by: npt.NDArray[Any] = log["caused_by"]
    target: npt.NDArray[Any] = log["target"]
    names = [group.name for group in groups]
    columns: dict[str, Any] = {
        "event_id": _numbers(log["event_id"]),
        "date": _dates(log["day"], scenario),
        "type": _named(log["type"], EVENT_TYPES),
        "district": _named(log["district"], scenario.districts.name),
        "kind": _named(log["kind"], [kind.label for kind in scenario.kinds]),
        "group": _named(log["group"], names),
        "rival": _named(log["rival"], names),
        "claimed": _named(log["claimed"], names),
        "target": _numbers(target, target < 0),
        "channel": _named(log["channel"], CHANNELS),
        "method": _named(log["method"], [method.label for method in scenario.methods]),
        "amount": _money(log["amount"]),
        "count": _numbers(log["count"]),
        "injured": _numbers(log["injured"]),
        "killed": _numbers(log["killed"]),
        "caused_by": _numbers(caused_by, caused_by == 0),
    }
    return _described(columns, scenario)


def claims_table(claims: Columns, scenario: Scenario, groups: Sequence[GroupLike]) -> pa.Table:
    """Return what outlets claimed: one row a claim, joined to its event by `event_id`.

    Columns: claim_id, event_id, date (of publication), outlet, type and district (of the event), group (as attributed:
    who did it, or whose vehicles were burnt; null where none was named), true_group, sponsor (who is said to be behind
    a protest); as claimed: injured, killed, vehicles (burnt) and people (protesters, officers, arrested).
    """
    names = [group.name for group in groups]
    columns: dict[str, Any] = {
        "claim_id": _numbers(claims["claim_id"]),
        "event_id": _numbers(claims["event_id"]),
        "date": _dates(claims["day"], scenario),
        "outlet": _named(claims["outlet"], [outlet.label for outlet in scenario.outlets]),
        "type": _named(claims["type"], EVENT_TYPES),
        "district": _named(claims["district"], scenario.districts.name),
        "group": _named(claims["group"], names),
        "true_group": _named(claims["true_group"], names),
        "sponsor": _named(claims["sponsor"], names),
        "injured": _numbers(claims["injured"]),
        "killed": _numbers(claims["killed"]),
        "vehicles": _numbers(claims["vehicles"]),
        "people": _numbers(claims["people"]),
    }
    return _described(columns, scenario)


def write_table(
    path: Path,
    columns: Columns,
    scenario: Scenario,
    groups: Sequence[GroupLike],
    make: Callable[[Columns, Scenario, Sequence[GroupLike]], pa.Table],
) -> None:
    """Write events or claims as Parquet (zstd), whole or not at all; the same columns give the same bits.

    `make` is `events_table` or `claims_table`; it is given a stretch of rows at a time, to save memory.

    Raises:
        InputError: the place cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = len(next(iter(columns.values())))
    with whole_file(path) as temporary:
        first = make(_stretch(columns, 0), scenario, groups)
        with pq.ParquetWriter(temporary, first.schema, **_packing(first.schema)) as writer:
            writer.write_table(first)
            for start in range(ROWS_A_GROUP, rows, ROWS_A_GROUP):
                writer.write_table(make(_stretch(columns, start), scenario, groups))
    pa.default_memory_pool().release_unused()


def _packing(schema: pa.Schema) -> dict[str, Any]:
    """Return how columns are packed: words by dictionary; numbers are mostly unlike, and one would only add to them."""
    import pyarrow as pa

    return {"compression": "zstd", "use_dictionary": [f.name for f in schema if pa.types.is_dictionary(f.type)]}


def _stretch(columns: Columns, start: int) -> Columns:
    return {name: column[start : start + ROWS_A_GROUP] for name, column in columns.items()}


def join_tables(path: Path, parts: Sequence[tuple[int, Path]]) -> None:
    """Write the tables of several replicates as one with a first column `replicate`, a replicate at a time.

    `parts` are (replicate, Parquet file) in the order they shall have.

    Raises:
        InputError: the place cannot be written.
    """
    import pyarrow.parquet as pq

    with whole_file(path) as temporary:
        writer: pq.ParquetWriter | None = None
        try:
            for replicate, part in parts:
                held = pq.ParquetFile(part)
                for place in range(held.num_row_groups):
                    table = held.read_row_group(place)
                    column = _numbers(np.full(table.num_rows, replicate, dtype=np.int32))
                    table = table.add_column(0, "replicate", column)
                    if writer is None:
                        writer = pq.ParquetWriter(temporary, table.schema, **_packing(table.schema))
                    writer.write_table(table.cast(writer.schema))
        finally:
            if writer is not None:
                writer.close()


def read_columns(path: Path, scenario: Scenario, groups: Sequence[GroupLabel]) -> Columns:
    """Return a table of events or claims as the columns of codes that it was made from.

    The inverse of `events_table` and `claims_table`, for stories and chronicles of a run that was saved.

    Raises:
        InputError: the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid:
        raise InputError(f"{path}: the table is damaged. Make the run again.") from None
    names = [group.name for group in groups]
    coded = {
        "type": EVENT_TYPES,
        "district": scenario.districts.name,
        "kind": [kind.label for kind in scenario.kinds],
        "group": names,
        "rival": names,
        "claimed": names,
        "true_group": names,
        "sponsor": names,
        "channel": CHANNELS,
        "method": [method.label for method in scenario.methods],
        "outlet": [outlet.label for outlet in scenario.outlets],
    }
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for name in table.column_names:
        column = table[name].combine_chunks()
        if name in coded:
            place = pc.index_in(column.cast(pa.string()), value_set=pa.array(coded[name], pa.string()))
            columns[name] = pc.fill_null(place, -1).to_numpy(zero_copy_only=False)
        elif name == "date":
            days = column.cast(pa.int32()).to_numpy(zero_copy_only=False)
            columns["day"] = days - np.int32(scenario.start.toordinal() - 719163)
        elif name == "amount":
            columns[name] = (
                (pc.multiply(column.cast(pa.float64()), 100.0)).to_numpy(zero_copy_only=False).round().astype(np.int64)
            )
        else:
            missing = -1 if name == "target" else 0
            columns[name] = pc.fill_null(column, missing).to_numpy(zero_copy_only=False)
    return columns


def _numbers(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None, kind: Any = None) -> Any:
    """Return numbers as a column, of `kind` or of their own type, that is null where they are `missing`.

    `pyarrow.array` would do, but imports pandas to see whether an array is a series of it, while a user waits.
    """
    import pyarrow as pa

    if not (values.dtype.isnative and values.dtype.kind in "iuf"):
        raise TypeError(f"numbers in the order of bytes of this machine are needed, not {values.dtype}")
    held = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind or pa.from_numpy_dtype(values.dtype), len(values), [held, pa.py_buffer(values)])


def _words(words: Sequence[str]) -> Any:
    """Return words as a column, without pandas as well."""
    import pyarrow as pa

    encoded = [word.encode() for word in words]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def _dates(days: npt.NDArray[np.generic], scenario: Scenario) -> Any:
    import pyarrow as pa

    epoch_day = np.int32(scenario.start.toordinal() - 719163)  # 1970-01-01 is ordinal 719163
    return _numbers(np.asarray(days).astype(np.int32) + epoch_day, kind=pa.date32())


def _named(codes: npt.NDArray[Any], names: Sequence[str]) -> Any:
    import pyarrow as pa

    codes = codes.astype(np.int32)
    if len(set(names)) < len(names):  # a dictionary holds each word once
        unique = list(dict.fromkeys(names))
        place = np.array([unique.index(name) for name in names], dtype=np.int32)
        codes, names = np.where(codes < 0, np.int32(-1), place[codes]), unique
    return pa.DictionaryArray.from_arrays(_numbers(codes, codes < 0), _words(names))


def _money(centimos: npt.NDArray[np.generic]) -> Any:
    """Reinterpret 64-bit hundredths as decimal128(18, 2) without a pass over Python objects."""
    import pyarrow as pa

    low = np.asarray(centimos).astype(np.int64)
    words = np.empty((len(low), 2), dtype=np.int64)
    words[:, 0] = low
    words[:, 1] = low >> 63
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(low), [None, pa.py_buffer(words)])


def _described(columns: dict[str, Any], scenario: Scenario) -> pa.Table:
    import pyarrow as pa

    about = {"scenario": scenario.id, "scenario_digest": scenario.digest, "currency": scenario.currency}
    return pa.table(columns).replace_schema_metadata(about)
