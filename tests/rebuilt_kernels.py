"""Compile a kernel anew with a rule broken that it calls, itself or through other kernels: for mutation tests."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numba
from numba.core.dispatcher import Dispatcher


def rebuilt(kernel: Any, rule: str, broken: Callable[..., Any]) -> Callable[..., Any]:
    """Return `kernel` with the rule named `rule` replaced, wherever below it the rule is called."""
    copy = _rebuilt(kernel, rule, numba.njit(broken), {})
    assert copy is not kernel, f"{rule} is not called"
    return copy  # type: ignore[no-any-return]


def _rebuilt(kernel: Any, rule: str, broken: Any, done: dict[Any, Any]) -> Any:
    if kernel not in done:
        function = kernel.py_func
        called = {name: function.__globals__.get(name) for name in function.__code__.co_names}
        replaced = {
            name: broken if name == rule else _rebuilt(other, rule, broken, done)
            for name, other in called.items()
            if isinstance(other, Dispatcher)
        }
        changed = {name: other for name, other in replaced.items() if other is not called[name]}
        done[kernel] = kernel
        if changed:
            names = function.__globals__ | changed
            done[kernel] = numba.njit(types.FunctionType(function.__code__, names, function.__name__))
    return done[kernel]
