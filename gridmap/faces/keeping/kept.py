"""Finished texts and answers, kept by everything that they were made from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sized
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V", bound=Sized)


class Kept(Generic[V]):
    """What was asked for last, `most` in all as `len` counts it; what is longer than that is not kept.

    A key must change whenever its value would, or the value be able to tell.
    """

    def __init__(self, most: int):
        self._most = most
        self._size = 0
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Hashable) -> V | None:
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def keep(self, key: Hashable, value: V) -> None:
        """Under `key`, in place of what was there; what was longest not asked for goes to make room."""
        with self._lock:
            if (before := self._values.pop(key, None)) is not None:
                self._size -= len(before)
            if len(value) > self._most:
                return
            self._values[key] = value
            self._size += len(value)
            while self._size > self._most:
                self._size -= len(self._values.popitem(last=False)[1])

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value kept under `key`, else a new one. Two callers at once may both make it."""
        value = self.find(key)
        if value is None:
            value = make()
            self.keep(key, value)
        return value
