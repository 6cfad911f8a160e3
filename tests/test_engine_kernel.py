"""Compiled kernels: the folder of their machine code follows every source that they may contain."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from racketsim.engine.kernel import cache_folder, kernel, kernel_of

_FIVE, _SIX = 5, 6
INNER = "from racketsim.engine.kernel import kernel\n@kernel\ndef inner(x):\n    return x + {added}\n"
MIDDLE = """
from racketsim.engine.kernel import kernel
from {inner} import inner
@kernel
def middle(x):
    return 2 * inner(x)
"""
OUTER = """
import {plain}
from racketsim.engine.kernel import kernel
from {middle} import middle
@kernel
def outer(x):
    return middle(x)
"""


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, ModuleType]]:
    """A folder and the module `outer` in it, whose kernel holds that of `middle`, which holds that of `inner`."""
    names = {name: f"kernels_{name}" for name in ("inner", "middle", "outer", "plain")}
    sources = {"inner": INNER.format(added=1), "middle": MIDDLE, "outer": OUTER, "plain": "A = 1\n"}
    for name, source in sources.items():
        text = source if name == "inner" else source.format_map(names)
        (tmp_path / f"{names[name]}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    importlib.invalidate_caches()
    yield tmp_path, importlib.import_module(names["outer"])
    for name in names.values():
        sys.modules.pop(name, None)


def test_the_folder_is_the_same_while_no_source_changes(chain: tuple[Path, ModuleType]) -> None:
    folder, outer = chain
    before = cache_folder(vars(outer))
    assert before == cache_folder(vars(outer))
    (folder / "kernels_plain.py").write_text("A = 2\n", encoding="utf-8")  # holds no kernel
    assert before == cache_folder(vars(outer))


@pytest.mark.parametrize("changed", ["inner", "middle", "outer"])
def test_the_folder_changes_with_the_source_of_every_kernel_that_may_be_inlined(
    chain: tuple[Path, ModuleType], changed: str
) -> None:
    folder, outer = chain
    before = cache_folder(vars(outer))
    source = folder / f"kernels_{changed}.py"
    source.write_text(source.read_text(encoding="utf-8") + "# another state\n", encoding="utf-8")
    after = cache_folder(vars(outer))
    assert after != before
    assert Path(after).name.startswith("kernels_outer-")


def test_a_change_of_an_inlined_kernel_is_seen_by_the_kernel_around_it(chain: tuple[Path, ModuleType]) -> None:
    """The machine code of `outer` is on disk; after a change of `inner` alone it must not be taken from there."""
    folder, outer = chain
    assert outer.outer(10) == 22
    source = folder / "kernels_inner.py"
    source.write_text(INNER.format(added=100), encoding="utf-8")
    for name in ("inner", "middle", "outer"):
        sys.modules.pop(f"kernels_{name}")
    importlib.invalidate_caches()
    assert importlib.import_module("kernels_outer").outer(10) == 220


def test_machine_code_is_kept_where_the_environment_says(chain: tuple[Path, ModuleType]) -> None:
    folder, outer = chain
    assert Path(cache_folder(vars(outer))).parent == folder / "kept"
    outer.outer(1)
    assert list((folder / "kept").rglob("*.nbc"))


def test_a_folder_that_cannot_be_written_is_replaced_by_one_at_home(
    chain: tuple[Path, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, outer = chain
    monkeypatch.setattr("racketsim.engine.kernel.os.access", lambda path, mode: False)
    monkeypatch.setenv("HOME", str(folder))
    assert Path(cache_folder(vars(outer))).parent == folder / ".cache" / "racketsim"


def test_a_kernel_has_a_machine_code_for_each_type_and_a_kernel_of_a_signature_has_one() -> None:
    @kernel
    def free(x: float) -> float:
        return x / 2

    @kernel_of("f8(u8)")
    def bound(x: float) -> float:
        return x / 2

    for number in (5, 5.0):
        assert free(number) == bound(number) == 2.5
    assert len(free.signatures) == 2  # type: ignore[attr-defined]
    assert len(bound.signatures) == 1  # type: ignore[attr-defined]


def test_constants_share_the_machine_code_of_their_type() -> None:
    @kernel
    def twice(x: int) -> int:
        return 2 * x

    @kernel
    def sum_of_constants() -> int:
        return twice(_FIVE) + twice(_SIX)

    assert sum_of_constants() == 22
    assert len(twice.signatures) == 1  # type: ignore[attr-defined]


def test_division_by_zero_follows_numpy_and_raises_nothing() -> None:
    @kernel
    def ratio(x: float, y: float) -> float:
        return x / y

    assert ratio(1.0, 0.0) == float("inf")


def _compiled_anew(name: str) -> Any:
    sys.modules.pop(name, None)
    return importlib.import_module(name).inner


def test_two_processes_that_compile_for_other_types_at_once_keep_their_machine_code_apart(
    chain: tuple[Path, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One looks at the empty index, then the other, which is done before the first writes its machine code."""
    name = "kernels_inner"
    slow, fast = _compiled_anew(name), _compiled_anew(name)
    write = slow._cache._cache_file._save_data
    monkeypatch.setattr(fast._cache._cache_file, "_load_index", dict)

    def write_late(*given: Any) -> None:
        assert fast(2.5) == 3.5
        write(*given)

    monkeypatch.setattr(slow._cache._cache_file, "_save_data", write_late)
    assert slow(2) == 3
    later = _compiled_anew(name)
    assert later(2.5) == 3.5
    assert later(2) == 3
