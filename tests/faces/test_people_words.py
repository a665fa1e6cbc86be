"""The words of the page of people: each one is used by its scripts or template, none is missing."""

from __future__ import annotations

import re

from gridmap.faces.pages import files, people
from gridmap.maps.words.people import WORDS
from gridmap.people.exporting import DUTY, PARTY, PERSON

SCRIPTS = "\n".join(path.read_text("utf-8") for path in (files.STATIC / "people").glob("*.js"))
TEMPLATE = (files.STATIC.parent / "templates" / "people.html").read_text("utf-8")
# words that a script puts together: word("right_" + field) and the like
FAMILIES = ("right_", "clash_", "not_yours_", "field_", "subject_", "count_")
COMPOSED = {"disable_lead", "enable_lead"}


def test_what_is_asked_for_is_there() -> None:
    asked = set(re.findall(r'\bword\("([a-z_]+)"', SCRIPTS)) | set(re.findall(r"\btext\.([a-z_]+)", TEMPLATE))
    assert len(asked) > 100
    assert asked - set(FAMILIES) <= WORDS.keys()
    assert {key for key, _ in people.DOWNLOADS} | set(people.PARTS) <= WORDS.keys()


def test_none_is_idle_and_both_languages_are_filled() -> None:
    used = SCRIPTS + TEMPLATE + " ".join(people.PARTS) + " ".join(key for key, _ in people.DOWNLOADS)
    plain = {key for key in WORDS if not key.startswith(FAMILIES)} - COMPOSED
    assert [key for key in plain if not re.search(rf"\b{key}\b", used)] == []
    assert all(
        zh and en and not re.search("[\u4e00-\u9fff]", en.replace("网格长", "")) for zh, en in WORDS.values()
    )


def test_every_column_of_a_table_can_be_refused() -> None:
    readers = {"person_name", "post_name", "area_name"}  # columns that are not read
    for field in {*PERSON, *PARTY, *DUTY} - readers:
        assert {f"field_{field}", f"right_{field}"} <= WORDS.keys()
