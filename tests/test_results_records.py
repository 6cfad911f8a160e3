"""Series, tables and replicate files: labelled, joined, the same bits for the same input, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from racketsim.errors import InputError
from racketsim.mechanisms.registry import RECORDED
from racketsim.results.records import VARIABLES, month_starts, months_complete
from racketsim.results.replicate import load_replicate, read_replicates, replicate_of, save_replicate
from racketsim.results.series import dataset, read_series, write_series
from racketsim.results.tables import claims_table, events_table, join_tables, read_columns, write_table
from racketsim.results.vocabulary import EVENT_TYPES
from tests import synthetic_results as synthetic

SMALL = synthetic.scenario()


def test_every_variable_of_the_dataset_says_its_unit_and_meaning() -> None:
    found = dataset(SMALL, [replicate_of(synthetic.sim(SMALL))])
    assert set(VARIABLES) <= set(found.data_vars)
    for name in VARIABLES:
        assert found[name].attrs["units"]
        assert found[name].attrs["long_name"]
        assert found[name].attrs["description"]
    assert found.sizes["time"] == 72
    assert "replicate" not in found.dims
    assert list(found["district"].values) == list(SMALL.districts.name)


def test_no_record_is_an_index_that_means_nothing_to_a_reader() -> None:
    assert not {"holder", "m_holder"} & set(VARIABLES)
    assert all(variable.units != "group" for variable in VARIABLES.values())


def test_records_described_are_those_that_a_run_keeps() -> None:
    assert set(RECORDED) == set(VARIABLES)
    for name, variable in VARIABLES.items():
        assert RECORDED[name].dims == ("month", *variable.dims), name
    assert set(synthetic.sim(SMALL, months=12).records) == set(VARIABLES)


def test_values_are_reached_by_label() -> None:
    sim = synthetic.sim(SMALL)
    found = dataset(SMALL, [replicate_of(sim)])
    one = found["demands"].sel(time="2022-05-01", district="La Victoria", kind="shop", channel="remote")
    place = SMALL.districts.name.index("La Victoria")
    assert int(one) == sim.records["demands"][52, place, 0, 1]


def test_replicates_with_different_groups_are_joined_and_padded_with_zeros() -> None:
    one, two = synthetic.sim(SMALL, 1, splinters=0), synthetic.sim(SMALL, 2, splinters=2)
    found = dataset(SMALL, [replicate_of(one, 0), replicate_of(two, 1)])
    assert found["members"].dims == ("replicate", "time", "district", "group")
    assert found.sizes["group"] == 7
    assert found["group_present"].values.tolist() == [[True] * 5 + [False] * 2, [True] * 7]
    assert not found["members"].isel(replicate=0, group=[5, 6]).any()
    np.testing.assert_array_equal(found["members"].isel(replicate=1).values, two.records["members"])


def test_replicates_of_different_lengths_are_refused() -> None:
    parts = [replicate_of(synthetic.sim(SMALL, months=months)) for months in (12, 24)]
    with pytest.raises(ValueError, match="one length"):
        dataset(SMALL, parts)


def test_series_file_holds_the_dataset_and_has_the_same_bits_twice(tmp_path: Path) -> None:
    parts = [replicate_of(synthetic.sim(SMALL, seed), seed) for seed in (0, 1)]
    for name in ("a.nc", "b.nc"):
        write_series(tmp_path / name, SMALL, parts)
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()
    with read_series(tmp_path / "a.nc") as stored:
        whole = dataset(SMALL, parts)
        assert stored.drop_vars("group_present").equals(whole.drop_vars("group_present"))
        assert stored["recorded"].attrs == whole["recorded"].attrs
        assert stored.attrs["scenario_digest"] == SMALL.digest


def test_event_table_reads_in_words_and_soles() -> None:
    sim = synthetic.sim(SMALL)
    table = events_table(sim.log, SMALL, sim.groups)
    assert table.num_rows == len(sim.log["day"])
    place = int(np.flatnonzero(sim.log["type"] == EVENT_TYPES.index("payment_agreed"))[0])
    row = table.slice(place, 1).to_pylist()[0]
    assert row["type"] == "payment_agreed"
    assert row["district"] in SMALL.districts.name
    assert row["date"].toordinal() == SMALL.start.toordinal() + sim.log["day"][place]
    assert int(row["amount"] * 100) == sim.log["amount"][place]
    assert row["caused_by"] == sim.log["caused_by"][place]
    clash = table.slice(int(np.flatnonzero(sim.log["type"] == EVENT_TYPES.index("clash"))[0]), 1).to_pylist()[0]
    assert (clash["group"], clash["rival"]) == ("Los Nuevos", "La Vieja Guardia")
    assert row["rival"] is None
    policy = table.slice(int(np.flatnonzero(sim.log["type"] == EVENT_TYPES.index("policy_start"))[0]), 1).to_pylist()[0]
    assert policy["district"] is None
    assert policy["target"] is None
    assert policy["caused_by"] is None


def test_tables_have_the_same_bits_twice_and_give_their_columns_back(tmp_path: Path) -> None:
    sim = synthetic.sim(SMALL)
    for name, columns, make in (("events", sim.log, events_table), ("claims", sim.claims, claims_table)):
        paths = [tmp_path / f"{name}{copy}.parquet" for copy in (1, 2)]
        for path in paths:
            write_table(path, columns, SMALL, sim.groups, make)
        assert paths[0].read_bytes() == paths[1].read_bytes()
        back = read_columns(paths[0], SMALL, replicate_of(sim).groups)
        for key, values in back.items():
            np.testing.assert_array_equal(values, columns[key], err_msg=key)


def test_tables_of_several_replicates_are_joined_with_a_replicate_column(tmp_path: Path) -> None:
    parts = []
    for index in (0, 3):
        sim = synthetic.sim(SMALL, index, demands=100, splinters=index)
        path = tmp_path / f"{index}.parquet"
        write_table(path, sim.log, SMALL, sim.groups, events_table)
        parts.append((index, path))
    join_tables(tmp_path / "all.parquet", parts)
    joined = pq.read_table(tmp_path / "all.parquet")
    assert joined.column_names[0] == "replicate"
    assert joined.num_rows == sum(pq.read_table(path).num_rows for _, path in parts)
    assert sorted(set(joined["replicate"].to_pylist())) == [0, 3]


def test_groups_of_one_name_keep_one_word_in_tables() -> None:
    sim = synthetic.sim(SMALL, demands=50, splinters=2)
    sim.groups[5], sim.groups[6] = (replace(group, name="Los Nuevos") for group in sim.groups[5:7])
    words = events_table(sim.log, SMALL, sim.groups)["group"].combine_chunks().dictionary.to_pylist()
    assert len(words) == len(set(words))


def test_replicate_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    kept = replicate_of(synthetic.sim(SMALL), 7)
    assert save_replicate(tmp_path, kept).name == "0007.npz"
    (found,) = read_replicates(tmp_path)
    assert (found.index, found.seed, found.reached, found.groups) == (7, kept.seed, kept.reached, kept.groups)
    assert dict(found.timing) == dict(kept.timing)
    assert set(found.records) == set(kept.records)
    for name, values in kept.records.items():
        np.testing.assert_array_equal(found.records[name], values)


@pytest.mark.parametrize("damage", ["cut", "text", "empty"])
def test_damaged_replicate_is_one_clear_error(tmp_path: Path, damage: str) -> None:
    path = save_replicate(tmp_path, replicate_of(synthetic.sim(SMALL, months=12)))
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[: len(whole) // 2], "text": b"hello", "empty": b""}[damage])
    with pytest.raises(InputError, match=r"0000\.npz.*Delete it"):
        load_replicate(path)


def test_months_are_complete_once_their_last_day_is_reached() -> None:
    assert [str(month) for month in month_starts(SMALL.start, 2)] == ["2018-01-01", "2018-02-01"]
    assert months_complete(SMALL.start, SMALL.start.replace(day=30), 1) == 0
    assert months_complete(SMALL.start, SMALL.start.replace(day=31), 1) == 1
    assert months_complete(SMALL.start, SMALL.end, 72) == 72


def test_numbers_that_a_column_cannot_take_as_they_lie_in_memory_are_refused() -> None:
    sim = synthetic.sim(SMALL)
    for dtype in (">i4", "?"):
        with pytest.raises(TypeError, match="order of bytes of this machine"):
            events_table({**sim.log, "count": np.asarray(sim.log["count"]).astype(dtype)}, SMALL, sim.groups)


def test_writing_tables_leaves_pandas_out(tmp_path: Path) -> None:
    written = (
        "import sys\nfrom pathlib import Path\n"
        "from racketsim.results.tables import claims_table, events_table, write_table\n"
        "from tests import synthetic_results as synthetic\n"
        "small = synthetic.scenario()\nsim = synthetic.sim(small)\n"
        "for columns, make in ((sim.log, events_table), (sim.claims, claims_table)):\n"
        "    write_table(Path(sys.argv[1]) / make.__name__, columns, small, sim.groups, make)\n"
        "print('pyarrow' in sys.modules, 'pandas' in sys.modules)\n"
    )
    command = [sys.executable, "-c", written, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent.parent)
    assert done.stdout == "True False\n"
