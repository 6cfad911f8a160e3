"""One decorator for every compiled function, so that all of them share the same, deterministic settings."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

import numba
from llvmlite.binding import parse_assembly
from numba.core.dispatcher import Dispatcher

Int: TypeAlias = Any
"""A whole number of a kernel; numba checks it, with the machine type that the caller passes."""

Real: TypeAlias = Any
"""A real number of a kernel; numba checks it."""

_F = TypeVar("_F", bound=Callable[..., Any])
_BESIDE_SOURCES = Path(__file__).resolve().parent / "__pycache__"


def _sources(namespace: Mapping[str, Any], found: set[Path]) -> set[Path]:
    """Add to `found` the file of a module and those of all modules whose kernels it may have inlined."""
    file = Path(namespace["__file__"])
    if file not in found:
        found.add(file)
        for value in namespace.values():
            if isinstance(value, Dispatcher):
                _sources(value.py_func.__globals__, found)
    return found


@cache
def _digest(source: Path, _changed: int, _size: int) -> bytes:
    return hashlib.sha256(source.read_bytes()).digest()


def cache_folder(namespace: Mapping[str, Any]) -> str:
    """Return where the compiled kernels of a module are kept: a folder for this state of its sources.

    numba looks at the file of a kernel alone; a kernel that has another one inlined would go on with its old code.
    """
    digest = hashlib.sha256()
    for source in sorted(_sources(namespace, set())):
        state = source.stat()
        digest.update(_digest(source, state.st_mtime_ns, state.st_size))
    home = Path(os.environ.get("NUMBA_CACHE_DIR") or _BESIDE_SOURCES)
    if not os.access(home if home.exists() else home.parent, os.W_OK):
        home = Path.home() / ".cache" / "racketsim"
    return str(home / f"{Path(namespace['__file__']).stem}-{digest.hexdigest()[:16]}")


def kernel(function: _F) -> _F:
    """Compile `function` with numba on its first call, for the types that it is called with.

    No fast-math (results must not depend on how a compiler reorders sums), no implicit threads (the engine decides),
    the lock of the interpreter released, and the machine code cached on disk.
    """
    return compiled(function)


def kernel_of(signature: str) -> Callable[[_F], _F]:
    """Compile a function once, for one signature; callers' numbers are converted to it.

    For small functions that many kernels call with all sorts of whole numbers: one machine code instead of twenty.
    """
    return lambda function: compiled(function, signature)


def compiled(function: _F, signature: str | None = None, *, inlined: bool = True, **options: bool | str) -> _F:
    """Compile `function` with the settings of all kernels; `options` are further ones of numba.

    Of a kernel that is not to be `inlined`, because no other calls it, only what runs is kept.
    """
    settings: Any = numba.config
    held = settings.CACHE_DIR
    settings.CACHE_DIR = cache_folder(function.__globals__)
    try:
        shared: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": False}
        shared |= {"no_cfunc_wrapper": True, **options}
        made: Any = numba.njit(signature, **shared)(function) if signature else numba.njit(**shared)(function)
    finally:
        settings.CACHE_DIR = held
    made.get_call_template = partial(_without_literals, made.get_call_template)
    kept = made._cache._cache_file
    kept.save = partial(_save_by_types, kept, inlined)
    return cast("_F", made)


def _without_literals(template: Callable[..., Any], arguments: Any, named: Mapping[str, Any]) -> Any:
    """Let a kernel that others call with constants be compiled once for the type, not again for every constant."""
    return template(tuple(map(_unliteral, arguments)), {name: _unliteral(value) for name, value in named.items()})


def _save_by_types(kept: Any, inlined: bool, key: Any, machine_code: Any) -> None:
    """Keep machine code in a file named after the types that it is for, and enter it in the index of a kernel.

    numba counts the files of a kernel. Two processes that compile it for different types at once then take the same
    number, and a later one loads, by the index of one, the machine code of the other.
    """
    if not inlined:
        machine_code = _without_bitcode(machine_code)
    name = kept._data_name(int(hashlib.sha256(repr(key).encode()).hexdigest()[:16], 16))
    kept._save_data(name, machine_code)
    kept._save_index({**kept._load_index(), key: name})


def _without_bitcode(machine_code: Any) -> Any:
    """Replace the bitcode that callers would inline by empty functions of the same names, which load in no time."""
    (library, kind, (code, _)), described, *more = machine_code
    names = (described.llvm_func_name, described.llvm_cpython_wrapper_name)
    empty = parse_assembly("\n".join(f'define void @"{name}"() {{ ret void }}' for name in names))
    return (library, kind, (code, empty.as_bitcode())), described, *more


_unliteral: Callable[[Any], Any] = numba.types.unliteral
