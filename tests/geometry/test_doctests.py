"""The examples in the docstrings of the geometry package run."""

import doctest
import importlib
import pkgutil

import pytest

from gridmap import geometry

MODULES = [f"gridmap.geometry.{module.name}" for module in pkgutil.iter_modules(geometry.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    found = [doctest.DocTestFinder().find(importlib.import_module(name)) for name in MODULES]
    assert sum(bool(test.examples) for tests in found for test in tests) >= 4
