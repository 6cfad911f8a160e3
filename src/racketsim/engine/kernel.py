"""One decorator for every compiled function, so that all of them share the same, deterministic settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numba

Int: TypeAlias = Any
"""A whole number of a kernel; numba checks it, with the machine type that the caller passes."""

Real: TypeAlias = Any
"""A real number of a kernel; numba checks it."""

_F = TypeVar("_F", bound=Callable[..., Any])


def kernel(function: _F) -> _F:
    """Compile `function` with numba on its first call.

    No fast-math (results must not depend on how a compiler reorders sums), no implicit threads (the engine decides),
    the lock of the interpreter released, and the machine code cached on disk beside the source.
    """
    compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath=False)(function)
    return cast("_F", compiled)
