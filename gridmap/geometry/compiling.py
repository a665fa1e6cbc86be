"""Compiling kernels: types of their arguments, and a cache that may be missing.

Kernels have explicit signatures, so that all of them are compiled, or read from numba's cache, when their
module is imported, and none at some later call with other types. numba takes a fifth of a second to import
and the kernels, the very first time, some seconds to compile: their modules are imported where a kernel is
first needed, not above.

numba checks a cached function by its own file only: a kernel calls nothing that lies in another file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

import numba
from numba import types

__all__ = ["array", "kernel", "part", "types", "warm"]


def array(dtype: Any, dimensions: int = 1, *, writes: bool = False) -> types.Array:
    """A C-contiguous array argument; without `writes`, read-only arrays are taken as well."""
    return types.Array(dtype, dimensions, "C", readonly=not writes)


def kernel(signature: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function for one or several signatures, without the interpreter's lock.

    Arithmetic is IEEE's, as written: `fastmath` is never set. Kept in numba's cache (beside the source, or
    where NUMBA_CACHE_DIR says, or in the user's cache folder); where none of these can be written, compiled
    anew in every process.
    """

    def compiled(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(signature, cache=True, nogil=True, **options)(function)
        except RuntimeError as error:
            if "cannot cache function" not in str(error):
                raise
            return numba.njit(signature, nogil=True, **options)(function)

    return compiled


def part(function: Callable[..., Any]) -> Any:
    """A function that kernels of the same file call; compiled with each of them."""
    return numba.njit(function, nogil=True)


def warm(modules: Iterable[str]) -> None:
    """Import these modules of kernels now, so that none is compiled while somebody waits for an answer."""
    for name in modules:
        import_module(name)
