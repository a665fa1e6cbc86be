"""Reading ahead: the same items in the same order, the reader's errors raised, no thread left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from gridmap.tabular import read_ahead


class Broken(Exception): ...


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "read-ahead"]


class Source:
    """Numbers from 0, and how many were made; raises at `breaks`."""

    def __init__(self, count: int, breaks: int | None = None):
        self.count, self.breaks, self.made = count, breaks, 0
        self.closed = False

    def items(self) -> Iterator[int]:
        try:
            for number in range(self.count):
                if number == self.breaks:
                    raise Broken(number)
                self.made += 1
                yield number
        finally:
            self.closed = True


@pytest.mark.parametrize("depth", [1, 2, 7])
def test_all_items_come_in_order(depth) -> None:
    with read_ahead(Source(500).items(), depth) as items:
        assert list(items) == list(range(500))
    assert readers() == []


def test_nothing_is_nothing() -> None:
    with read_ahead(Source(0).items()) as items:
        assert list(items) == []


@pytest.mark.parametrize("breaks", [0, 3])
def test_what_the_reader_raises_comes_after_what_it_made(breaks) -> None:
    with read_ahead(Source(10, breaks).items()) as items:
        assert [next(items) for _ in range(breaks)] == list(range(breaks))
        with pytest.raises(Broken) as caught:
            next(items)
    assert caught.value.args == (breaks,)
    assert readers() == []


def test_no_more_is_made_than_may_wait() -> None:
    source = Source(1_000)
    with read_ahead(source.items(), 2) as items:
        assert next(items) == 0
        deadline = time.monotonic() + 20
        while source.made < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)  # for more than that, if there were more to come
        assert source.made == 4  # one used, two waiting, one in hand
    assert readers() == []


@pytest.mark.parametrize("stop", ["break", "raise", "untouched"])
def test_the_thread_ends_with_the_block(stop) -> None:
    source = Source(10**9)

    def use() -> None:
        with read_ahead(source.items()) as items:
            if stop != "untouched":
                next(items)
            if stop == "raise":
                raise Broken

    if stop == "raise":
        with pytest.raises(Broken):
            use()
    else:
        use()
    assert readers() == []
    assert source.made < 10


def test_what_makes_the_items_may_be_interrupted() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), read_ahead(items()) as read:
        list(read)
