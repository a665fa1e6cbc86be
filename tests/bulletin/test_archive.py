"""What is published stays as it was; changed data make another number, the same data nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.bulletin.archive import store
from gridmap.bulletin.archive.publishing import publish
from gridmap.bulletin.packing.model import Package

JUNE = date(2023, 6, 1)


def made(text: bytes = b"one", **changes: object) -> Package:
    files = {"bulletin-test-2023-06.pdf": text, "manifest.json": b"{}"}
    manifest = {"reports": 1, "files": [{"name": "bulletin-test-2023-06.pdf", "bytes": len(text)}]}
    plain = Package("test", JUNE, "zh", datetime(2023, 7, 1, tzinfo=UTC), manifest, files)
    return replace(plain, **changes)


def test_it_is_found_byte_for_byte(connection, jurisdiction) -> None:
    package = made(bytes(range(256)) * 1000)
    bulletin, new = publish(connection, package, "who")
    assert (bulletin.number, new, bulletin.published_by) == (1, True, "who")
    found = store.find(connection, "test", JUNE, "zh")
    assert found == bulletin
    assert store.files(connection, found) == package.files
    assert list(store.files(connection, found)) == list(package.files)
    assert found.as_of == package.read_at


def test_the_same_again_adds_nothing_and_another_is_the_next(connection, jurisdiction) -> None:
    first, _ = publish(connection, made(), "a")
    assert publish(connection, made(), "b") == (first, False)
    second, new = publish(connection, made(b"two"), "c")
    assert (second.number, new) == (2, True)
    third, new = publish(connection, made(), "d")
    assert (third.number, new) == (3, True), "it is compared with the last, not with any"
    assert store.files(connection, first)["bulletin-test-2023-06.pdf"] == b"one"
    assert store.find(connection, "test", JUNE, "zh") == third
    assert store.find(connection, "test", JUNE, "zh", 2) == second
    assert store.find(connection, "test", JUNE, "zh", 4) is None
    assert [each.number for each in store.bulletins(connection, "test")] == [3, 2, 1]


def test_months_and_languages_are_counted_apart(connection, jurisdiction) -> None:
    for changes in ({}, {"lang": "en"}, {"month": date(2023, 7, 1)}):
        assert publish(connection, made(**changes), "a")[0].number == 1
    assert [(b.month.month, b.lang) for b in store.bulletins(connection, "test")] == [
        *((7, "zh"), (6, "zh"), (6, "en"))
    ]


def test_two_who_publish_at_once_make_one(database) -> None:
    with database.writing() as connection:
        areas.add_jurisdiction(connection, Jurisdiction("test", "测试街道"))
    told: list[tuple[int, bool]] = []

    def work() -> None:
        with database.writing() as connection:
            bulletin, new = publish(connection, made(), "a")
        told.append((bulletin.number, new))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [(1, False)] * 3 + [(1, True)]


def test_what_breaks_on_the_way_leaves_nothing(database) -> None:
    with database.writing() as connection:
        areas.add_jurisdiction(connection, Jurisdiction("test", "测试街道"))

    def broken() -> None:
        with database.writing() as connection:
            publish(connection, made(), "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    with database.reading() as connection:
        assert store.bulletins(connection, "test") == []
