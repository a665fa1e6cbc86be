"""The words of a refusal: some for every field that a form of a page can be refused for, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gridmap
from gridmap.maps.words.refusals import WORDS

PACKAGE = Path(gridmap.__file__).parent
MODULES = (
    *("cases/workflow", "cases/moving", "cases/dispatch", "cases/inspections/rounds"),
    *("reports/intake", "reports/corrections/__init__", "works/intake", "photos/developing"),
)
TEXTS = {module: (PACKAGE / f"{module}.py").read_text("utf-8") for module in MODULES}
# what no form of a page sends
NOT_SENT = {"at", "unit", "report_ids", "named_area", "datum", "accuracy_m"}
# mend_FIELD or mend_STATUS_FIELD
MENDED = {match[1] for key in WORDS if (match := re.fullmatch(r"mend_(?:\d+_)?(.+)", key))}


@pytest.mark.parametrize("module", MODULES)
def test_a_page_can_say_what_would_be_right(module) -> None:
    named = set(re.findall(r'field="(\w+)"', TEXTS[module]))
    assert named
    assert named - MENDED - NOT_SENT == set()


def test_no_word_is_of_a_field_that_nobody_names() -> None:
    every = "".join(TEXTS.values())
    assert {field for field in MENDED if f'"{field}"' not in every} == set()
