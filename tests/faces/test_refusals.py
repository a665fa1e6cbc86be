"""The words of a refusal: there are some for every field that a page's forms can be refused for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gridmap
from gridmap.maps.words.refusals import WORDS

PACKAGE = Path(gridmap.__file__).parent
# what no form of a page sends
NOT_SENT = {"id", "at", "unit", "report_ids", "named_area", "datum", "accuracy_m"}


@pytest.mark.parametrize(
    "module",
    [
        *("cases/workflow", "cases/moving", "cases/dispatch", "cases/inspections/rounds"),
        *("reports/intake", "reports/corrections/__init__", "works/intake"),
    ],
)
def test_a_page_can_say_what_would_be_right(module) -> None:
    named = set(re.findall(r'field="(\w+)"', (PACKAGE / f"{module}.py").read_text("utf-8")))
    assert named
    known = {key.split("_", 2)[-1] if key[5:8].isdigit() else key[5:] for key in WORDS if key[:5] == "mend_"}
    assert named - known - NOT_SENT == set()
